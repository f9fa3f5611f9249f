"""What is not read is listed: by a scan, the report, the digest, status and doctor, and by a running daemon."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemons import photos, running, wait_until
from homes import Home, tree_hash
from scenes import save_photo, scene

NOON = datetime(2026, 7, 1, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the test a folder with a photo, two links, and a library of Apple's program."""
    made, elsewhere = tmp_path / "Pictures", tmp_path / "elsewhere"
    save_photo(elsewhere / "a.jpg", scene(1, (320, 240)), NOON)
    save_photo(made / "mine.jpg", scene(3, (320, 240)), NOON + timedelta(hours=1))
    save_photo(
        made / "Photos Library.photoslibrary" / "originals" / "0" / "x.jpeg",
        scene(3, (320, 240)),
        NOON + timedelta(hours=1),
    )
    (made / "Norway").symlink_to(elsewhere)
    (made / "alias.jpg").symlink_to(elsewhere / "a.jpg")
    return made


EXPECTED = [
    ("folder_link", 1, ["Norway"]),
    ("link", 1, ["alias.jpg"]),
    ("package", 1, ["Photos Library.photoslibrary"]),
]


def test_scan_report_status_and_doctor_list_what_was_left_out(home: Home, folder: Path) -> None:
    before = tree_hash(folder)
    body = home.json("scan", folder)
    assert [p["path"] for p in body["photos"]] == ["mine.jpg"]
    for report in (body, home.json("scan", folder), home.json("report")):
        assert [(p["reason"], p["count"], p["paths"]) for p in report["left_out"]] == EXPECTED
        assert (report["totals"]["not_looked_at"], report["totals"]["left_out"]) == (3, 0)
    lines = [
        "link to a folder, not followed",
        "link to a file, not followed",
        "package of another program, not entered",
    ]
    text, status, doctor = (
        home.run(*command).stdout for command in (("scan", "--all", folder), ("status",), ("doctor",))
    )
    for line in lines:
        assert f"  1 {line}: " in text
        assert f"1 {line}" in status
        assert f"not looked at: 1 {line}" in doctor
    assert all(len(line) <= 80 for line in (*text.splitlines(), *status.splitlines()))
    listed = home.json("status")["left_out"]
    assert [(p["reason"], p["paths"]) for p in listed] == [
        (why, [str(folder / p) for p in paths]) for why, _, paths in EXPECTED
    ]
    assert tree_hash(folder) == before


def test_a_folder_inside_a_package_is_refused_with_a_remedy(home: Home, folder: Path) -> None:
    inside = folder / "Photos Library.photoslibrary" / "originals"
    for command, status in (("scan", 2), ("run", 78)):
        done = home.run(command, inside)
        assert done.returncode == status
        assert "belongs to another program" in done.stderr
        assert "Export" in done.stderr
    home.configure(f"folders = [{json.dumps(str(inside))}]\n")
    for command in (("config", "check"), ("doctor",)):
        assert "another program" in home.run(*command).stdout


def test_a_daemon_finds_pictures_of_any_name_and_lists_what_it_leaves_out(
    home: Home, folder: Path, tmp_path: Path
) -> None:
    aside = save_photo(tmp_path / "aside.jpg", scene(6, (320, 240)), NOON + timedelta(hours=2))
    with running(home, folder, config="[watch]\nquiet_s = 0.2\nreconcile_s = 10\n"):
        wait_until(lambda: photos(home) == 1, "the first photo is there")
        assert [p["reason"] for p in home.status()["left_out"]] == ["folder_link", "link", "package"]
        shutil.copy(aside, folder / "IMG_20240409011411932")
        (folder / "run").write_text("#!/bin/sh")
        (folder / "mystery.xyz").write_bytes(bytes(range(128, 160)))
        wait_until(lambda: photos(home) == 2, "the one without an ending is there")
        wait_until(
            lambda: "unknown_kind" in {p["reason"] for p in home.status()["left_out"]}, "the unknown kind is counted"
        )

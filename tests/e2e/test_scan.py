"""The command, as a person runs it: scan, report, similar, status, config."""

import json
import os
import shutil
import subprocess
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from homes import Home, tree_hash
from scenes import save_photo, scene


def test_scan_separates_the_takes_of_one_shot_from_the_rest_of_the_minute(home: Home, busy_minute: Path) -> None:
    before = tree_hash(busy_minute)
    body = home.json("scan", busy_minute)
    assert [p["path"] for p in body["photos"]] == [f"IMG_000{n}.jpg" for n in range(1, 6)]
    assert [(p["a"], p["b"], p["gap_s"], p["same_shot"]) for p in body["pairs"]] == [
        ("IMG_0001.jpg", "IMG_0002.jpg", 4.0, True),
        ("IMG_0002.jpg", "IMG_0003.jpg", 5.0, True),
        ("IMG_0003.jpg", "IMG_0004.jpg", 12.0, False),
    ]
    (group,) = body["groups"]
    assert group["photos"] == ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"]
    assert group["kind"] == "similar"
    assert "IMG_0002.jpg" not in group["keepers"]
    assert group["reclaimable_bytes"] == sum(
        (busy_minute / p).stat().st_size for p in group["photos"] if p not in group["keepers"]
    )
    assert all(p["place"] is None for p in body["photos"])
    assert body["photos"][0]["taken_at"] == "2026-07-01T12:00:00.000+02:00"
    assert tree_hash(busy_minute) == before


def test_a_second_scan_reads_nothing_again(home: Home, busy_minute: Path) -> None:
    first = home.json("scan", busy_minute)
    for file in busy_minute.iterdir():
        file.chmod(0o000)
    again = home.json("scan", busy_minute)
    assert again["groups"] == first["groups"]
    assert again["skipped"] == []


def test_the_interval_decides_what_is_compared(home: Home, busy_minute: Path) -> None:
    assert len(home.json("scan", busy_minute, "--interval", "4s")["pairs"]) == 1
    assert len(home.json("scan", busy_minute, "-i", "3h")["pairs"]) == 4
    done = home.run("scan", busy_minute, "--interval", "soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not a length of time" in done.stderr


def test_the_table_is_for_people_and_silent_about_progress_in_a_pipe(home: Home, busy_minute: Path) -> None:
    done = home.run("scan", busy_minute)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "5 photos · 1 group of the same shot" in done.stdout
    assert "★" in done.stdout
    assert "IMG_0002.jpg" not in done.stdout, "one line a group, with what stays of it"
    assert "    IMG_0002.jpg" in home.run("report", "--all").stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


def test_reports_are_written_where_asked(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    for form in ("json", "html", "csv", "table"):
        target = tmp_path / f"report.{form}"
        done = home.run("scan", busy_minute, "--format", form, "--output", target)
        assert (done.returncode, done.stdout) == (0, "")
        assert target.stat().st_size > 200
    assert (tmp_path / "report.html").read_text().count("data:image/jpeg;base64") == 3
    page = home.run("scan", busy_minute, "--format", "html", LANG="de_AT.UTF-8").stdout
    assert page.startswith('<!doctype html>\n<html lang="de-AT">'), "a page is in the owner's language"
    assert "1. Juli 2026, 12:00:00" in page
    assert "1 July 2026, 12:00:00" in home.run("report", LANG="de_AT.UTF-8").stdout, "the command line is in English"
    assert home.run("report", "--format", "csv").stdout == (tmp_path / "report.csv").read_text()
    assert home.run("report", "--format", "csv", "--interval", "60s").stdout == (tmp_path / "report.csv").read_text()
    done = home.run("scan", busy_minute, "--output", tmp_path / "no" / "where.txt")
    assert done.returncode == 2
    assert "folder that exists" in done.stderr


def test_a_report_never_takes_the_place_of_a_picture(home: Home, busy_minute: Path) -> None:
    before = tree_hash(busy_minute)
    for command in (
        ("scan", busy_minute, "-o", busy_minute / "IMG_0001.jpg"),
        ("scan", busy_minute, "-f", "json", "-o", busy_minute / "new.HEIC"),
        ("config", "init", "--force", "--config", busy_minute / "IMG_0001.jpg"),
    ):
        done = home.run(*command)
        assert done.returncode == 2, done.stdout
    assert tree_hash(busy_minute) == before


def test_unreadable_folders_are_reported(home: Home, busy_minute: Path) -> None:
    (busy_minute / "locked").mkdir()
    (busy_minute / "locked").chmod(0)
    command = home.command("scan", busy_minute, "--format", "json")
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root sees everything, and setpriv is not installed")
        command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", *command]
    done = subprocess.run(command, env=home.environment, capture_output=True, text=True)
    (busy_minute / "locked").chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert "locked" in json.loads(done.stdout)["folders"][0]["trouble"]


def test_a_folder_that_we_write_in_is_not_watched(home: Home, busy_minute: Path) -> None:
    home.configure(f'folders = ["{busy_minute}/digests/photos"]\n[digest]\nfolder = "{busy_minute}/digests"\n')
    (busy_minute / "digests" / "photos").mkdir(parents=True)
    for command, status in ((("config", "check"), 1), (("run",), 78)):
        done = home.run(*command)
        assert done.returncode == status
        assert "where Dejashot itself writes" in done.stdout + done.stderr


def test_what_we_write_below_a_watched_folder_is_left_alone(home: Home, busy_minute: Path) -> None:
    home.configure(f'[digest]\nfolder = "{busy_minute}/digests"\n[library]\nfolder = "{busy_minute}/library"\n')
    for place in ("digests", "library/deep", "library2"):
        (busy_minute / place).mkdir(parents=True)
        shutil.copy(busy_minute / "IMG_0004.jpg", busy_minute / place / "copy.jpg")
    paths = {p["path"] for p in home.json("scan", busy_minute)["photos"]}
    assert paths == {*(f"IMG_000{n}.jpg" for n in range(1, 6)), "library2/copy.jpg"}


def test_the_exit_status_shows_what_happened(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert home.run("scan", tmp_path / "empty").returncode == 1
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.jpg").write_bytes(b"not a photo")
    done = home.run("scan", tmp_path / "bad", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["skipped"] == [{"path": "x.jpg", "reason": "not_an_image", "detail": ""}]
    done = home.run("scan", tmp_path / "none")
    assert done.returncode == 2
    assert "there is no folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert home.run("scan").returncode == 2
    assert home.run("nonsense").returncode == 2


def test_several_folders_are_one_timeline(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (busy_minute / "IMG_0002.jpg").rename(tmp_path / "other" / "IMG_0002.jpg")
    body = home.json("scan", busy_minute, tmp_path / "other", busy_minute / ".")
    assert body["groups"][0]["photos"] == ["minute/IMG_0001.jpg", "other/IMG_0002.jpg", "minute/IMG_0003.jpg"]
    assert body["root"] == str(tmp_path)


def test_odd_names_reach_every_form_of_the_report(home: Home, busy_minute: Path) -> None:
    odd = ["IMG\udcff.jpg", "new\nline.jpg", "[red]bold.jpg", "esc\x1b[31m.jpg", "<b>.jpg", "日本 語.jpg"]
    for name in odd:
        shutil.copy(busy_minute / "IMG_0001.jpg", busy_minute / name)
    for n, name in enumerate(odd):
        with (busy_minute / name).open("ab") as out:
            out.write(bytes([n]))
    body = home.json("scan", busy_minute)
    assert {os.fsencode(n) for n in odd} <= {os.fsencode(p["path"]) for p in body["photos"]}
    for form in ("table", "html"):
        done = home.run("scan", busy_minute, "--all", "--format", form)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert "日本 語.jpg" in done.stdout
    assert "[red]bold.jpg" in home.run("report", "--all").stdout


def test_a_folder_inside_a_scanned_one_counts_no_photo_twice(home: Home, busy_minute: Path) -> None:
    (busy_minute / "inner").mkdir()
    (busy_minute / "IMG_0001.jpg").rename(busy_minute / "inner" / "IMG_0001.jpg")
    outer = home.json("scan", busy_minute)
    home.json("scan", busy_minute / "inner")
    known = home.json("report")
    assert len(known["photos"]) == 5
    assert known["totals"]["reclaimable_bytes"] == outer["totals"]["reclaimable_bytes"]


def test_a_missing_folder_is_left_out_and_reported(home: Home, busy_minute: Path) -> None:
    home.json("scan", busy_minute)
    busy_minute.rename(busy_minute.with_name("gone"))
    done = home.run("report", "--format", "json")
    assert done.returncode == 1
    body = json.loads(done.stdout)
    assert body["photos"] == []
    assert "left out" in body["folders"][0]["trouble"]
    busy_minute.with_name("gone").rename(busy_minute)
    assert len(home.json("report")["photos"]) == 5


def test_far_dates_and_hard_links_are_taken_as_they_are(home: Home, busy_minute: Path) -> None:
    os.utime(busy_minute / "IMG_0001.jpg", (13_600_000_000, 13_600_000_000))
    (busy_minute / "link.jpg").hardlink_to(busy_minute / "IMG_0004.jpg")
    body = home.json("scan", busy_minute)
    assert len(body["photos"]) == 6
    (linked,) = [g for g in body["groups"] if "link.jpg" in g["photos"]]
    assert (linked["kind"], linked["reclaimable_bytes"]) == ("duplicate", 0)
    assert home.json("scan", busy_minute)["groups"] == body["groups"]


def test_impossible_options_are_refused_with_a_message(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    home.json("scan", busy_minute)
    os.mkfifo(tmp_path / "pipe.jpg")
    for command in (
        ("report", "--since", "0001-01-01"),
        ("report", "--since", "99999999d"),
        ("similar", tmp_path / "pipe.jpg"),
        ("scan", "~nobody-at-all/x"),
    ):
        done = home.run(*command)
        assert "Traceback" not in done.stderr, command
        assert done.returncode in (0, 2), command
    device = home.run("report", "--output", "/dev/null")
    assert device.returncode == 0
    assert Path("/dev/null").is_char_device()
    home.configure('[digest]\nschedule = "70 * * * *"')
    done = home.run("config", "check")
    assert done.returncode == 1
    assert "70 * * * *" in done.stdout


def test_any_terminal_encoding_will_do(home: Home, busy_minute: Path) -> None:
    done = home.run("scan", busy_minute, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_similar_shows_paths_as_they_are_and_follows_a_link_it_is_given(
    home: Home, busy_minute: Path, tmp_path: Path
) -> None:
    named = busy_minute / ":heart:"
    named.mkdir()
    (busy_minute / "IMG_0002.jpg").rename(named / "IMG_0002.jpg")
    home.json("scan", busy_minute)
    (tmp_path / "link.jpg").symlink_to(busy_minute / "IMG_0001.jpg")
    assert ":heart:/IMG_0002.jpg" in home.run("similar", tmp_path / "link.jpg", COLUMNS="300").stdout


def test_report_answers_from_what_is_known(home: Home, busy_minute: Path) -> None:
    done = home.run("report")
    assert done.returncode == 2
    assert "no library yet" in done.stderr
    scanned = home.json("scan", busy_minute)
    shutil.rmtree(home.path / "cache")
    known = home.json("report")
    assert known["pairs"] == scanned["pairs"]
    assert known["groups"] == scanned["groups"]
    assert [p["path"] for p in home.json("report", "--since", "2026-07-01T13:00")["photos"]] == ["IMG_0005.jpg"]
    assert home.run("report", "--since", "1h").returncode == 1
    place = home.json("report", "--place")["photos"][-1]["place"]
    assert place | {"latitude": pytest.approx(54.18), "longitude": pytest.approx(7.88), "altitude_m": None} == place
    assert (place["name"], place["from"], place["apart_s"]) == (None, None, None)


def test_similar_finds_the_nearest_anywhere_or_in_a_span(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    later = save_photo(busy_minute / "a year later.jpg", scene(1), datetime(2027, 7, 1, 12), quality=60)
    later.rename(busy_minute / "IMG_20250701_120000.jpg")
    home.json("scan", busy_minute)
    found = home.json("similar", busy_minute / "IMG_0001.jpg")
    assert found["taken_at"].startswith("2026-07-01T12:00:00")
    names = [Path(m["path"]).name for m in found["matches"]]
    assert set(names[:3]) == {"IMG_0002.jpg", "IMG_0003.jpg", "IMG_20250701_120000.jpg"}
    cosines = [m["cosine"] for m in found["matches"]]
    assert cosines == sorted(cosines, reverse=True)
    near = home.json("similar", busy_minute / "IMG_0001.jpg", "--within", "10s")
    assert {Path(m["path"]).name for m in near["matches"]} == {"IMG_0002.jpg", "IMG_0003.jpg"}
    stranger = save_photo(tmp_path / "elsewhere" / "x.jpg", scene(6))
    (best, *_) = home.json("similar", stranger, "--limit", 1)["matches"]
    assert Path(best["path"]).name == "IMG_0004.jpg"
    table = home.run("similar", busy_minute / "IMG_0001.jpg", COLUMNS="300")
    assert "IMG_0003.jpg" in table.stdout
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    for bad in (tmp_path / "bad.jpg", tmp_path / "none.jpg"):
        done = home.run("similar", bad)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_status_before_and_after(home: Home, busy_minute: Path) -> None:
    assert home.json("status")["photos"] == 0
    home.json("scan", busy_minute)
    body = home.json("status")
    assert (body["running"], body["photos"], body["backlog"], body["last_digest"], body["next_digest"]) == (
        False,
        5,
        0,
        None,
        None,
    )
    assert body["folders"][0]["photos"] == 5
    assert "not running" in home.run("status").stdout


def test_the_configuration_is_made_shown_and_checked(home: Home, tmp_path: Path) -> None:
    path = Path(home.run("config", "path").stdout.strip())
    assert path == home.path / "config" / "dejashot" / "dejashot.toml"
    assert home.run("config", "init").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    again = home.run("config", "init")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert home.run("config", "init", "--force").returncode == 0
    assert home.run("config", "check").returncode == 0
    home.configure('[sifting]\ninterval_s = 30\n[digest]\nschedule = "weekly"')
    assert tomllib.loads(home.run("config", "show").stdout)["sifting"]["interval_s"] == 30
    home.configure("[sifting]\ninterval_s = -1")
    for command in (("config", "check"), ("scan", tmp_path), ("run", tmp_path), ("status",)):
        done = home.run(*command)
        assert done.returncode == (78 if command[0] == "run" else 2), command
        assert "sifting.interval_s" in done.stderr


def test_every_command_has_help_within_80_columns(home: Home) -> None:
    for command in (
        (),
        ("scan",),
        ("run",),
        ("report",),
        ("similar",),
        ("eval",),
        ("tune",),
        ("status",),
        ("config",),
        ("config", "init"),
        ("config", "check"),
    ):
        done = home.run(*command, "--help")
        assert done.returncode == 0
        assert max(map(len, done.stdout.splitlines())) <= 80
    assert home.run("--version").stdout.startswith("dejashot ")


def test_the_library_is_for_its_owner_only(home: Home, busy_minute: Path) -> None:
    home.run("scan", busy_minute)
    for path in home.library.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    for path in (home.path / "cache").rglob("*.jpg"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_full_disk_is_reported_and_nothing_is_lost(home: Home, busy_minute: Path) -> None:
    home.library.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k,mode=700", "tmpfs", home.library], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs privileges")
    try:
        (home.library / "ballast").write_bytes(bytes(590_000))
        done = home.run("scan", busy_minute)
        assert done.returncode == 2, done.stdout
        assert "Traceback" not in done.stderr
        assert "space" in done.stderr
        (home.library / "ballast").unlink()
        assert len(home.json("scan", busy_minute)["photos"]) == 5
    finally:
        subprocess.run(["umount", home.library], check=True)

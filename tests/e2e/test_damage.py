"""A damaged copy is shown as damaged and never kept before the sound one; one without a sound copy is reported."""

import io
import os
import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

import raws
from damages import damaged
from dejashot.errors import Reason
from dejashot.models.photo import THUMBNAIL_DIFFERS
from dejashot.reading.decode.damage import OVERWRITTEN
from heifs import coded, heif
from homes import Home, tree_hash
from scenes import save_photo, scene


def photo(folder: Path, seed: int, hour: int = 10) -> bytes:
    return save_photo(folder / "made.jpg", scene(seed, (1600, 1200)), datetime(2026, 7, 1, hour)).read_bytes()


PHOTOGRAPHED = (0, 3, 5, 6, 8)  # scenes that nobody takes for pages


def scanned(home: Home, folder: Path) -> dict[str, object]:
    before = tree_hash(folder)
    body = home.json("scan", folder)
    assert tree_hash(folder) == before
    return body


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Return a folder of sound photos with damaged copies, each pair under names of either order."""
    folder, drawn = tmp_path / "copies", tmp_path / "drawn"
    folder.mkdir()
    drawn.mkdir()
    for n, way in enumerate(("hole", "flips", "shift", "noise", "flip")):
        data = photo(drawn, PHOTOGRAPHED[n], 10 + n)
        for order in ("ab", "ba"):
            whole = data + order.encode()  # a file of its own
            (folder / f"{n}{order[0]}-{way}-sound-{order}.jpg").write_bytes(whole)
            (folder / f"{n}{order[1]}-{way}-torn-{order}.jpg").write_bytes(damaged(whole, way, 0.6, seed=n))
    return folder


def test_no_damaged_copy_is_kept_before_its_sound_one(home: Home, copies: Path) -> None:
    body = scanned(home, copies)
    torn = {p["path"]: p["damage"] for p in body["photos"] if "torn" in p["path"]}
    assert all(damage for path, damage in torn.items() if "-flip-" not in path)
    assert not any(p["damage"] for p in body["photos"] if "sound" in p["path"])
    assert body["groups"]
    for group in body["groups"]:
        kept = set(group["keepers"])
        assert any("sound" in path for path in kept)
        assert not any(torn.get(path) for path in kept)
    assert {d["path"] for d in body["damaged"]} == {path for path, damage in torn.items() if damage}
    assert {d["reason"] for d in body["damaged"]} == {Reason.DAMAGED}
    grouped = {path for group in body["groups"] for path in group["photos"]}
    assert all("sound" in d["sound"] if d["path"] in grouped else d["sound"] is None for d in body["damaged"])


def test_a_damaged_photo_without_a_sound_copy_is_reported_by_itself(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "torn.jpg").write_bytes(damaged(photo(tmp_path, 1), "noise", 0.7))
    out = io.BytesIO()
    scene(2, (800, 600)).save(out, "PNG")
    (folder / "never seen.png").write_bytes(damaged(out.getvalue(), "noise", 0.3))
    body = scanned(home, folder)
    assert [(d["path"], d["sound"]) for d in body["damaged"]] == [("torn.jpg", None)]
    assert body["totals"]["damaged"] == 1
    assert [(s["path"], s["reason"]) for s in body["skipped"]] == [("never seen.png", "damaged")]
    text = home.run("report", "--all").stdout
    assert "Damaged, and no sound copy is here: 1 photo" in text
    assert "torn.jpg: a part of its picture data is broken" in text
    assert "a part of the picture is damaged" in text
    assert max(map(len, text.splitlines())) <= 80
    page = home.run("report", "--format", "html").stdout
    assert "Damaged, and no sound copy is here" in page


def test_half_a_raw_and_one_full_of_zeros_yield_to_the_whole_one(home: Home, tmp_path: Path) -> None:
    picture, folder = scene(5, (800, 600)), tmp_path / "raws"
    folder.mkdir()
    for n, way in enumerate(("zeros", "half")):
        whole = raws.nef(picture, datetime(2026, 7, 1, 10 + n))
        at = whole.index(raws.sensor())
        torn = whole[:at] + bytes(4096) + whole[at + 4096 :] if way == "zeros" else whole[: at + 100]
        for order in ("ab", "ba"):
            (folder / f"{n}{order[0]}-sound-{order}.nef").write_bytes(whole + order.encode())
            (folder / f"{n}{order[1]}-torn-{order}.nef").write_bytes(torn + order.encode())
    body = scanned(home, folder)
    assert len([p for p in body["photos"] if "sound" in p["path"]]) == 4
    for group in body["groups"]:
        assert any("sound" in path for path in group["keepers"])
        assert not any("torn" in path for path in group["keepers"])
    seen = {p["path"]: p["damage"] for p in body["photos"] if "torn" in p["path"]}
    assert all(seen.values())
    assert len(seen) + len(body["skipped"]) == 4


def test_a_thumbnail_of_something_else_costs_no_photo(home: Home, tmp_path: Path) -> None:
    folder, mine, theirs = tmp_path / "photos", scene(5, (640, 480)), scene(6, (640, 480))
    folder.mkdir()
    thumbnail = coded(mine.resize((320, 240)), hidden=True, thmb=[0])
    retake = coded(mine.resize((660, 495)).crop((10, 8, 650, 488)))
    files = {"mine.heic": coded(mine), "retake.heic": retake, "theirs.heic": coded(theirs)}
    for n, (name, picture) in enumerate(files.items()):
        (folder / name).write_bytes(heif([picture, thumbnail]))
        os.utime(folder / name, (1_782_900_000 + n, 1_782_900_000 + n))
    noise = random.Random(1).randbytes(len(coded(mine).data))
    (folder / "broken.heic").write_bytes(heif([replace(coded(mine), data=noise), thumbnail]))
    os.utime(folder / "broken.heic", (1_782_900_003, 1_782_900_003))
    body = scanned(home, folder)
    (group,) = body["groups"]
    assert set(group["photos"]) == {"mine.heic", "retake.heic", "broken.heic"}
    assert "broken.heic" not in group["keepers"]
    damage = {p["path"]: p["damage"] or "" for p in body["photos"]}
    assert damage == {
        "mine.heic": "",
        "retake.heic": "",
        "theirs.heic": THUMBNAIL_DIFFERS,
        "broken.heic": OVERWRITTEN,
    }
    assert [p["width"] for p in body["photos"]] == [640] * 4
    again = home.json("report", "--all")
    assert [g["photos"] for g in again["groups"]] == [group["photos"]]


def test_a_date_behind_the_picture_changes_nothing_about_it(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    data = photo(tmp_path, 3)
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(data + name.encode())
    (group,) = scanned(home, folder)["groups"]
    assert group["reasons"] == {"a.jpg": ["the same picture to the bit; the files differ in their tags alone"]}
    assert Image.open(folder / "a.jpg").size == (1600, 1200)


def test_of_a_raw_file_and_its_picture_the_sound_one_stands_for_the_shot(home: Home, tmp_path: Path) -> None:
    folder, drawn, taken = tmp_path / "photos", scene(5, (800, 600)), datetime(2026, 7, 1, 10)
    folder.mkdir()
    picture = save_photo(tmp_path / "made.jpg", drawn, taken, camera=("Testcam", "T-1 Raw")).read_bytes()
    whole = raws.nef(drawn, taken)
    at = whole.index(raws.sensor())
    (folder / "IMG_1.jpg").write_bytes(damaged(picture, "noise", 0.6))
    (folder / "IMG_1.nef").write_bytes(whole)
    (folder / "IMG_2.jpg").write_bytes(picture + b"2")
    (folder / "IMG_2.nef").write_bytes(whole[:at] + bytes(4096) + whole[at + 4096 :] + b"2")
    body = scanned(home, folder)
    shots = {p["path"]: p["companions"] for p in body["photos"]}
    assert shots == {"IMG_1.nef": ["IMG_1.jpg"], "IMG_2.jpg": ["IMG_2.nef"]}
    assert {d["path"]: d["sound"] for d in body["damaged"]} == {"IMG_1.jpg": "IMG_1.nef", "IMG_2.nef": None}

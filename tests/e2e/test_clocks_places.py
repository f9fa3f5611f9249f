"""Wrong clocks, time zones, guessed times and places, from real files through the real command."""

import os
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

import exports
from daemons import photos, running, wait_until
from homes import Home, tree_hash
from scenes import moved, save_photo, scene

PHONE, CAMERA = ("Google", "Pixel 8"), ("Canon", "Canon EOS 80D")
NOON = datetime(2026, 7, 1, 12, 0, 0)
SLOW = timedelta(hours=1, minutes=3)


@pytest.fixture
def two_cameras(tmp_path: Path) -> Path:
    """Give the test five scenes over some days, each by a phone and by a camera whose clock is slow."""
    folder = tmp_path / "photos"
    for n in range(5):
        at = NOON + timedelta(days=2 * n, hours=n)
        save_photo(folder / f"PXL_{n}.jpg", scene(n + 1), at, camera=PHONE)
        save_photo(
            folder / f"IMG_{n}.jpg",
            moved(scene(n + 1), 0.02, 0.01),
            at + timedelta(seconds=7) - SLOW,
            camera=CAMERA,
            offset=None,
        )
    for n in range(3):
        save_photo(folder / f"PXL_{n + 5}.jpg", scene(n + 20), NOON + timedelta(days=30 + n), camera=PHONE)
    return folder


def test_the_offset_of_a_camera_is_found_suggested_and_set_without_reading_anew(home: Home, two_cameras: Path) -> None:
    before = tree_hash(two_cameras)
    before_correction = home.json("scan", two_cameras)
    assert before_correction["groups"] == []
    (found,) = home.json("clocks")["comparisons"]
    assert (found["reference"], found["camera"], found["agree"]) == ("Google Pixel 8", "Canon EOS 80D", 5)
    assert found["offset_s"] == pytest.approx(SLOW.total_seconds(), abs=10)
    output = home.run("clocks", COLUMNS="200").stdout
    assert "taken on a journey" in output
    line = next(line for line in output.splitlines() if line.startswith("clock_offset = "))
    assert tomllib.loads(line)["clock_offset"] == {"Canon EOS 80D": found["suggested"]}
    home.configure(f"[capture]\n{line}\n")
    corrected = home.json("report")
    assert len(corrected["groups"]) == 5
    photo = next(p for p in corrected["photos"] if p["path"] == "IMG_0.jpg")
    assert photo["clock_offset_s"] == pytest.approx(SLOW.total_seconds(), abs=10)
    assert photo["zone_known"] is False
    assert photo["taken_at"].startswith("2026-07-01T12:00:")
    assert all("clock_offset_s" not in p for p in corrected["photos"] if p["path"].startswith("PXL"))
    assert [p["key"] for p in sorted(corrected["photos"], key=lambda p: p["path"])] == [
        p["key"] for p in sorted(before_correction["photos"], key=lambda p: p["path"])
    ]
    assert "the clocks agree" in home.run("clocks", COLUMNS="200").stdout
    table = home.run("report", "--all", COLUMNS="200").stdout
    assert table.count("clock set right by +1h 2min") == 5
    assert "clock set right by +1h 2min" in home.run("report", "--format", "html").stdout
    near = home.json("similar", two_cameras / "PXL_0.jpg", "--within", "1min")
    assert [Path(m["path"]).name for m in near["matches"]] == ["IMG_0.jpg"]
    assert abs(near["matches"][0]["gap_s"]) < 30
    since = home.json("report", "--since", "2026-07-01T11:30")
    assert "IMG_0.jpg" in {p["path"] for p in since["photos"]}
    assert tree_hash(two_cameras) == before


def test_clocks_need_two_cameras(home: Home, busy_minute: Path) -> None:
    home.json("scan", busy_minute)
    assert home.json("clocks") == {"schema": "dejashot.clocks/1", "comparisons": []}
    assert "no two cameras" in home.run("clocks").stdout
    home.configure('[capture]\nclock_offset = { "Testcam*" = "soon" }')
    done = home.run("clocks")
    assert done.returncode == 2
    assert "capture.clock_offset.Testcam*: 'soon' is not a length of time" in done.stderr


def test_guessed_times_are_shown_with_every_photo_and_can_be_excluded(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    save_photo(folder / "first.jpg", scene(1), NOON)
    save_photo(folder / "IMG_20260701_120004.jpg", moved(scene(1), 0.01, 0), quality=80)
    save_photo(folder / "by date.jpg", moved(scene(1), 0, 0.01), quality=70)
    os.utime(folder / "by date.jpg", (1782900009, 1782900009))
    body = home.json("scan", folder)
    assert [(p["path"], p["taken_at_source"], p["taken_at_certainty"]) for p in body["photos"]] == [
        ("first.jpg", "exif", "high"),
        ("IMG_20260701_120004.jpg", "name", "medium"),
        ("by date.jpg", "mtime", "low"),
    ]
    assert len(body["groups"][0]["photos"]) == 3
    for form in ("table", "html"):
        output = home.run("report", "--all", "--format", form).stdout.replace("&#39;", "'")
        assert "time by the file's name" in output
        assert "time by the file's date" in output
        assert "min_certainty" not in output
    for least, size, left in (("medium", 2, 1), ("high", 0, 2)):
        home.configure(f'[sifting]\nmin_certainty = "{least}"')
        body = home.json("report")
        assert [len(g["photos"]) for g in body["groups"]] == ([size] if size else [])
        assert (len(body["photos"]), body["totals"]["left_out"]) == (3, left)
        for form in ("table", "html"):
            assert f"{left} photo" in home.run("report", "--all", "--format", form).stdout
            assert "min_certainty" in " ".join(
                home.run("report", "--all", "--format", form, COLUMNS="200").stdout.split()
            )


def test_times_that_come_later_in_sidecars_are_taken_up_by_the_running_daemon(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    names = ["a.jpg", "b.jpg", "IMG_1.JPG"]
    for n, name in enumerate(names):
        save_photo(folder / name, moved(scene(3), 0.02 * n, 0))
        os.utime(folder / name, (1_500_000_000 + 86400 * n, 1_500_000_000 + 86400 * n))
    at = datetime(2026, 7, 1, 10, tzinfo=UTC)

    def taken() -> dict[str, tuple[str, str]]:
        return {p["path"]: (p["taken_at"], p["taken_at_source"]) for p in home.json("report")["photos"]}

    with running(home, folder):
        wait_until(lambda: photos(home) == 3, "the photos are read")
        assert {source for _, source in taken().values()} == {"mtime"}
        for n, name in enumerate(names[:2]):
            (folder / f"{name}.json").write_bytes(exports.takeout(at + timedelta(seconds=n)))
        (folder / "Photo Details.csv").write_bytes(exports.icloud({"IMG_1.JPG": at}))
        expected = {
            "a.jpg": ("2026-07-01T12:00:00.000+02:00", "sidecar"),
            "b.jpg": ("2026-07-01T12:00:01.000+02:00", "sidecar"),
            "IMG_1.JPG": ("2026-07-01T12:00:00.000+02:00", "sidecar"),
        }
        wait_until(lambda: taken() == expected, "the times are taken from the sidecars")
        near = home.json("similar", folder / "a.jpg", "--within", "1min")
        assert sorted(Path(m["path"]).name for m in near["matches"]) == ["IMG_1.JPG", "b.jpg"]
        (folder / "IMG_1.JPG.json").write_bytes(exports.takeout(at + timedelta(seconds=9)))
        wait_until(lambda: taken()["IMG_1.JPG"][0].startswith("2026-07-01T12:00:09"), "the second replaces the minute")
    (group,) = home.json("report")["groups"]
    assert (sorted(group["photos"]), group["kind"]) == (sorted(names), "similar")
    output = home.run("report", "--all", COLUMNS="120").stdout
    assert output.count("time by its sidecar") == 3


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """Give the test a walk: a recorded place, photos near it without one, and a later group without any."""
    folder = tmp_path / "walk"
    save_photo(folder / "a1.jpg", scene(1), NOON, gps=(59.33, 18.06))
    save_photo(folder / "a2.jpg", moved(scene(1), 0.02, 0), NOON + timedelta(seconds=20))
    save_photo(folder / "b1.jpg", scene(6), NOON + timedelta(seconds=100))
    save_photo(folder / "b2.jpg", moved(scene(6), 0.02, 0), NOON + timedelta(seconds=104))
    save_photo(folder / "c1.jpg", scene(3), NOON + timedelta(hours=2))
    save_photo(folder / "c2.jpg", moved(scene(3), 0.02, 0), NOON + timedelta(hours=2, seconds=4))
    return folder


def test_places_are_shown_only_on_request_and_borrowed_ones_name_their_source(home: Home, walk: Path) -> None:
    quiet = home.run("scan", walk, "--format", "json").stdout
    assert "59.33" not in quiet
    photos = {p["path"]: p["place"] for p in home.json("report", "--place")["photos"]}
    assert photos["a1.jpg"] | {"name": None, "from": None, "apart_s": None} == photos["a1.jpg"]
    assert (photos["a2.jpg"]["from"], photos["a2.jpg"]["apart_s"]) == ("a1.jpg", 20.0)
    assert (photos["b1.jpg"]["latitude"], photos["b1.jpg"]["apart_s"]) == (pytest.approx(59.33), 100.0)
    assert photos["c1.jpg"] is None
    home.configure("[places]\nborrow_s = 0")
    assert [p["path"] for p in home.json("report", "--place")["photos"] if p["place"]] == ["a1.jpg"]


@pytest.mark.skipif(find_spec("reverse_geocode") is None, reason="the gazetteer is not installed")
def test_places_are_named_on_request(home: Home, walk: Path) -> None:
    home.configure("[places]\nname = true")
    home.json("scan", walk)
    for form in ("table", "html", "json"):
        assert "Stockholm" not in home.run("report", "--all", "--format", form).stdout
    named = {p["path"]: (p["place"] or {}).get("name") for p in home.json("report", "--place")["photos"]}
    assert (named["a1.jpg"], named["b2.jpg"], named["c1.jpg"]) == ("Stockholm, Sweden", "Stockholm, Sweden", None)
    for form in ("table", "html"):
        output = home.run("report", "--all", "--place", "--format", form, COLUMNS="120").stdout
        assert "Stockholm, Sweden" in output
        assert "Stockholm, Sweden, from a photo 100 s earlier" in output
        assert "no place recorded" in output
        assert "59.33" not in output


def test_previews_and_pages_hold_no_place(home: Home, walk: Path) -> None:
    assert b"GPS" in (walk / "a1.jpg").read_bytes() or b"\x88\x25" in (walk / "a1.jpg").read_bytes()
    page = home.run("scan", walk, "--format", "html").stdout
    assert "59.33" not in page
    previews = list((home.path / "cache").rglob("*.jpg"))
    assert len(previews) == 6
    for preview in previews:
        assert b"Exif" not in preview.read_bytes()
        assert b"http://ns.adobe.com" not in preview.read_bytes()

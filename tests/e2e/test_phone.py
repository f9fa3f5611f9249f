"""A phone's backup with everything that phones, cameras and exports leave: its shots, times, places and groups."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import exports
import raws
from dejashot.reading.decode import decoder
from homes import Home, environment, tree_hash
from scenes import SAMSUNG_BLOCK, moved, save_photo, scene

PHONE, IPHONE = ("Google", "Pixel 9"), ("Apple", "iPhone 17")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
STOCKHOLM = (59.33, 18.06)


def at(file: Path, moment: datetime) -> Path:
    """Date a file."""
    os.utime(file, (moment.timestamp(), moment.timestamp()))
    return file


def put(file: Path, data: bytes, moment: datetime = LONG_AGO) -> Path:
    """Write a file, dated."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return at(file, moment)


def utc(wall: datetime, hours: float = 2) -> datetime:
    """Return a wall time as an instant."""
    return (wall - timedelta(hours=hours)).replace(tzinfo=UTC)


def burst(folder: Path, noon: datetime, names: list[str], seed: int, gap_s: float = 0.4, **options: Any) -> None:
    """Save takes of one scene, one after the other."""
    for n, name in enumerate(names):
        save_photo(folder / name, moved(scene(seed), 0.01 * n, 0), noon + timedelta(seconds=gap_s * n), **options)


def raw_and_jpeg(folder: Path, noon: datetime) -> None:
    picture = scene(1)
    save_photo(folder / "DSC_1.JPG", picture, noon, camera=("", ""), offset=None)
    put(folder / "DSC_1.NEF", raws.nef(picture, noon))
    put(folder / "DSC_1.xmp", b"<x/>")
    put(folder / "DSC_1.NEF.xmp", b"<x/>")
    save_photo(folder / "IMG_2.HEIC", scene(3), noon + timedelta(minutes=5), camera=("", ""), offset=None)
    put(folder / "IMG_2.CR3", raws.cr3(scene(3), noon + timedelta(minutes=5)))


def live_photos(folder: Path, noon: datetime) -> None:
    for n, name in enumerate(("IMG_0001.HEIC", "IMG_0002.HEIC")):
        note = {exports.APPLE_NOTE: exports.apple_note(exports.live_id(n))}
        save_photo(folder / name, scene(5 + n), noon + timedelta(minutes=10 * n), camera=IPHONE, extra=note)
    put(folder / "clip from the beach.mov", exports.film(live=exports.live_id(0)))
    other = exports.film(live=exports.live_id(99))  # of another Live Photo, which is not here
    put(folder / "IMG_0002.MOV", other, datetime.now(UTC))
    at(save_photo(folder / "IMG_0003.JPG", scene(7), noon + timedelta(minutes=20)), LONG_AGO)
    put(
        folder / "IMG_0003.MOV",
        exports.film(utc(noon + timedelta(minutes=20, seconds=2))),
        datetime(2023, 3, 3, tzinfo=UTC),
    )
    save_photo(folder / "IMG_0004.JPG", scene(9), noon + timedelta(minutes=30))
    put(folder / "IMG_0004.MOV", exports.film(LONG_AGO))  # of the same number, another year


def motion_photos(folder: Path, noon: datetime) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GCamera:MotionPhoto="1"/></x:xmpmeta>'
    for n, (name, more, xmp) in enumerate((("PXL_1.MP.jpg", b"", packet), ("20260701_1.jpg", SAMSUNG_BLOCK, b""))):
        photo = save_photo(folder / name, scene(11 + n), noon + timedelta(minutes=n), xmp=xmp)
        put(photo, photo.read_bytes() + more + exports.film(mp4=True))


def edits(folder: Path, noon: datetime) -> None:
    picture = scene(13)
    save_photo(folder / "IMG_0010.JPG", picture, noon, camera=IPHONE)
    save_photo(folder / "IMG_E0010.JPG", picture.convert("L").convert("RGB"), noon, camera=IPHONE)
    put(folder / "IMG_0010.AAE", b"<plist/>")
    save_photo(folder / "P_11.jpg", scene(15), noon + timedelta(minutes=5))
    save_photo(folder / "P_11-edited.jpg", scene(15), noon + timedelta(minutes=5), quality=70)


def twins(folder: Path, noon: datetime) -> None:
    first = save_photo(folder / "IMG_0020.jpg", scene(17), noon)
    for name in ("IMG_0020(1).jpg", "IMG_0020 copy.jpg", "elsewhere/IMG_0020.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy2(first, folder / name)


def from_takeout(folder: Path, noon: datetime) -> None:
    for n, (name, sidecar) in enumerate(
        (
            ("a.jpg", "a.jpg.json"),
            ("b.jpg", "b.jpg.supplemental-metadata.json"),
            ("b(1).jpg", "b.jpg.supplemental-metadata(1).json"),
        )
    ):
        at(save_photo(folder / name, moved(scene(19), 0.01 * n, 0)), LONG_AGO)
        put(folder / sidecar, exports.takeout(utc(noon + timedelta(seconds=3 * n)), name))
    save_photo(folder / "has its own.jpg", scene(21), noon + timedelta(minutes=5))
    put(folder / "has its own.jpg.json", exports.takeout(utc(noon + timedelta(days=5))))


def from_icloud(folder: Path, noon: datetime) -> None:
    names = [f"IMG_003{n}.JPG" for n in range(3)]
    for n, name in enumerate(names):
        at(save_photo(folder / name, scene(23 + n)), LONG_AGO)
    put(
        folder / "Photo Details.csv",
        exports.icloud({name: utc(noon + timedelta(minutes=n, seconds=20)) for n, name in enumerate(names[:2])}),
    )


def bursts_by_id(folder: Path, noon: datetime) -> None:
    note = {exports.APPLE_NOTE: exports.apple_note(burst="0A1B2C3D-1111-2222-3333-444455556666")}
    burst(folder, noon, ["IMG_1.JPG", "IMG_2.JPG", "IMG_3.JPG"], 25, gap_s=0.1, camera=IPHONE, extra=note)
    for n in range(3):
        xmp = b'<rdf:Description GCamera:BurstID="79c1-aa-%s" GCamera:BurstPrimary="%d"/>' % (b"1", n == 1)
        save_photo(
            folder / f"G_{n}.jpg",
            moved(scene(27), 0.01 * n, 0),
            noon + timedelta(minutes=9, seconds=n / 5),
            xmp=xmp,
            camera=PHONE,
        )


def bursts_by_name(folder: Path, noon: datetime) -> None:
    burst(folder, noon, [f"20260701_120000_{n:03d}.jpg" for n in range(1, 4)], 29, gap_s=0.05)
    later = noon + timedelta(minutes=5)
    burst(
        folder,
        later,
        [f"DSC_000{n}_BURST20260701120500123{'_COVER' if n == 2 else ''}.JPG" for n in range(1, 4)],
        31,
        gap_s=0.2,
    )
    # by their fractions of a second
    burst(folder, noon + timedelta(minutes=9), [f"R{n}.jpg" for n in range(3)], 33, gap_s=0.25)


def formats(folder: Path, noon: datetime) -> None:
    suffixes = [
        "jpg",
        "heic",
        "avif",
        "webp",
        "png",
        "tiff",
        "gif",
        "bmp",
        *(["jxl"] if find_spec("pillow_jxl") else []),
    ]
    picture = scene(35)
    for n, suffix in enumerate(suffixes):
        file = folder / f"IMG_{noon:%Y%m%d}_1200{n:02d}.{suffix}"
        file.parent.mkdir(exist_ok=True)
        if suffix in ("gif", "bmp", "jxl"):
            picture.save(file)
        else:
            save_photo(file, picture, noon + timedelta(seconds=n))
        at(file, LONG_AGO)
    save_photo(folder / "progressive.jpg", picture, noon + timedelta(seconds=30), progressive=True)
    save_photo(
        folder / "mpo.jpg",
        picture,
        noon + timedelta(seconds=31),
        format="MPO",
        save_all=True,
        append_images=[scene(3, (320, 240))],
    )
    put(folder / "dng.dng", raws.dng(picture, noon + timedelta(seconds=32)))
    put(folder / "broken.jpg", b"\xff\xd8\xff\xe0 and no more")


def zones(folder: Path, noon: datetime) -> None:
    save_photo(folder / "known.jpg", scene(37), noon, offset="-05:00")
    save_photo(folder / "wall.jpg", scene(39), noon + timedelta(minutes=10), offset=None)
    # its camera recorded another zone at that time
    save_photo(folder / "wall of known.jpg", scene(40), noon, offset=None)
    save_photo(folder / "edited abroad.jpg", scene(41), noon, offset=None, extra={0x9010: "+09:00"})
    save_photo(
        folder / "no seconds.jpg", scene(43), None, extra={0x9003: f"{noon + timedelta(minutes=20):%Y:%m:%d %H:%M}"}
    )
    at(save_photo(folder / f"IMG_{noon:%Y%m%d}_120500.jpg", scene(45)), LONG_AGO)
    at(save_photo(folder / "by date.jpg", scene(47)), utc(noon + timedelta(minutes=30)))


def cameras(folder: Path, noon: datetime) -> None:
    for n in range(2):
        save_photo(
            folder / f"slow{n}.jpg",
            moved(scene(49), 0.01 * n, 0),
            noon - timedelta(days=3650) + timedelta(seconds=n),
            camera=("Old", "Slow 1"),
            offset=None,
        )
        save_photo(
            folder / f"right{n}.jpg", moved(scene(49), 0.01 * n, 0.01), noon + timedelta(seconds=10 + n), camera=PHONE
        )


def places(folder: Path, noon: datetime) -> None:
    save_photo(folder / "here.jpg", scene(51), noon, gps=STOCKHOLM, camera=PHONE)
    save_photo(folder / "near.jpg", moved(scene(51), 0.02, 0), noon + timedelta(seconds=40), camera=PHONE)
    save_photo(folder / "other camera.jpg", scene(53), noon + timedelta(seconds=41), camera=IPHONE)
    save_photo(folder / "later.jpg", scene(55), noon + timedelta(hours=3), camera=PHONE)
    put(folder / "later.jpg.json", exports.takeout(utc(noon)))  # its position is Google's guess


def sent(folder: Path, noon: datetime) -> None:
    save_photo(folder / "PXL_9.jpg", scene(57), noon, camera=PHONE)
    small = scene(57).resize((512, 384), Image.Resampling.LANCZOS)
    small.save(folder / f"IMG-{noon:%Y%m%d}-WA0001.jpg", quality=60)
    at(folder / f"IMG-{noon:%Y%m%d}-WA0001.jpg", utc(noon + timedelta(seconds=20)))
    for n in range(3):
        screen = scene(58, (1080, 2400))
        screen.paste((20, 20, 20), (0, 300 * n, 1080, 300 * n + 200))
        screen.save(folder / f"Screenshot_{noon:%Y%m%d}-1300{n:02d}.png")


CASES: list[Callable[[Path, datetime], None]] = [
    raw_and_jpeg, live_photos, motion_photos, edits, twins, from_takeout, from_icloud, bursts_by_id, bursts_by_name,
    formats, zones, cameras, places, sent,
]  # fmt: skip
NOONS = {case.__name__: datetime(2026, 7, 1, 12) + timedelta(days=3 * n) for n, case in enumerate(CASES)}


@dataclass(frozen=True)
class Backup:
    """What the command reports on the backup."""

    photos: dict[str, dict[str, Any]]
    groups: dict[frozenset[str], dict[str, Any]]
    skipped: dict[str, str]

    def shots(self, case: str) -> dict[str, set[str]]:
        """Return the shots of one case with what belongs to them, by their names below its folder."""
        start = case + "/"
        return {
            p[len(start) :]: {c[len(start) :] for c in one["companions"]}
            for p, one in self.photos.items()
            if p.startswith(start)
        }

    def taken(self, case: str, name: str) -> tuple[float, str, str]:
        """Return when a shot was taken (seconds after the noon of its case), the source, and the certainty."""
        one = self.photos[f"{case}/{name}"]
        moment = datetime.fromisoformat(one["taken_at"]).astimezone(UTC)
        return (moment - utc(NOONS[case])).total_seconds(), one["taken_at_source"], one["taken_at_certainty"]

    def kinds(self, case: str) -> list[tuple[str, list[str]]]:
        """Return the groups of one case: of which kind, and which shots."""
        start = case + "/"
        found = [
            (g["kind"], [p[len(start) :] for p in g["photos"]])
            for g in self.groups.values()
            if g["photos"][0].startswith(start)
        ]
        return sorted((kind, sorted(names)) for kind, names in found)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """Make the backup and have it scanned, once."""
    decoder.prepare_decoders(200)
    base = tmp_path_factory.mktemp("backup")
    folder = base / "phone"
    for case in CASES:
        (folder / case.__name__).mkdir(parents=True)
        case(folder / case.__name__, NOONS[case.__name__])
    home = Home(base / "home", environment(base / "home"))
    home.configure('[capture]\nclock_offset = { "Old Slow 1" = "3650d" }\n')
    before = tree_hash(folder)
    scanned = home.run("scan", folder, "--place", "--format", "json")
    body = json.loads(scanned.stdout)
    assert tree_hash(folder) == before
    groups = {frozenset(g["photos"]): g for g in body["groups"]}
    return Backup({p["path"]: p for p in body["photos"]}, groups, {s["path"]: s["reason"] for s in body["skipped"]})


def test_a_raw_file_and_its_sidecars_are_of_the_jpeg_s_shot(backup: Backup) -> None:
    assert backup.shots("raw_and_jpeg") == {
        "DSC_1.JPG": {"DSC_1.NEF", "DSC_1.xmp", "DSC_1.NEF.xmp"},
        "IMG_2.HEIC": {"IMG_2.CR3"},
    }
    assert backup.kinds("raw_and_jpeg") == []


def test_a_film_is_of_the_shot_whose_id_it_has_or_whose_name_and_time(backup: Backup) -> None:
    assert backup.shots("live_photos") == {
        "IMG_0001.HEIC": {"clip from the beach.mov"},
        "IMG_0002.HEIC": set(),
        "IMG_0003.JPG": {"IMG_0003.MOV"},
        "IMG_0004.JPG": set(),
    }


def test_motion_photos_say_that_they_move(backup: Backup) -> None:
    assert backup.shots("motion_photos") == {"PXL_1.MP.jpg": set(), "20260701_1.jpg": set()}
    assert {p: one["motion"] for p, one in backup.photos.items() if one["motion"]}.keys() == {
        "motion_photos/PXL_1.MP.jpg",
        "motion_photos/20260701_1.jpg",
    }


def test_an_edit_is_of_the_shot_of_its_original(backup: Backup) -> None:
    assert backup.shots("edits") == {"IMG_0010.JPG": {"IMG_0010.AAE", "IMG_E0010.JPG"}, "P_11.jpg": {"P_11-edited.jpg"}}


def test_exact_copies_are_one_group_with_every_path(backup: Backup) -> None:
    names = ["IMG_0020 copy.jpg", "IMG_0020(1).jpg", "IMG_0020.jpg", "elsewhere/IMG_0020.jpg"]
    assert backup.kinds("twins") == [("duplicate", names)]


def test_takeout_gives_times_and_belongs_to_its_shots(backup: Backup) -> None:
    assert backup.shots("from_takeout") == {
        "a.jpg": {"a.jpg.json"},
        "b.jpg": {"b.jpg.supplemental-metadata.json"},
        "b(1).jpg": {"b.jpg.supplemental-metadata(1).json"},
        "has its own.jpg": {"has its own.jpg.json"},
    }
    times = [backup.taken("from_takeout", name) for name in ("a.jpg", "b.jpg", "b(1).jpg", "has its own.jpg")]
    assert times == [
        (0, "sidecar", "medium"),
        (3, "sidecar", "medium"),
        (6, "sidecar", "medium"),
        (300, "exif", "high"),
    ]
    assert backup.kinds("from_takeout") == [("similar", ["a.jpg", "b(1).jpg", "b.jpg"])]


def test_icloud_gives_minutes(backup: Backup) -> None:
    times = [backup.taken("from_icloud", f"IMG_003{n}.JPG") for n in range(3)]
    assert times[:2] == [(0, "sidecar", "low"), (60, "sidecar", "low")]
    assert times[2][1:] == ("mtime", "low")


def test_bursts_are_known_by_ids_names_and_fractions_of_a_second(backup: Backup) -> None:
    assert backup.kinds("bursts_by_id") == [
        ("burst", ["G_0.jpg", "G_1.jpg", "G_2.jpg"]),
        ("burst", ["IMG_1.JPG", "IMG_2.JPG", "IMG_3.JPG"]),
    ]
    googles = backup.groups[frozenset(f"bursts_by_id/G_{n}.jpg" for n in range(3))]
    assert any("camera" in why for why in googles["reasons"].get("bursts_by_id/G_1.jpg", []))
    by_name = backup.kinds("bursts_by_name")
    assert [(kind, len(names)) for kind, names in by_name] == [("burst", 3)] * 3


def test_every_format_is_the_same_shot_and_what_is_broken_is_listed(backup: Backup) -> None:
    suffixes = {
        "jpg",
        "heic",
        "avif",
        "webp",
        "png",
        "tiff",
        "gif",
        "bmp",
        "dng",
        *(["jxl"] if find_spec("pillow_jxl") else []),
    }
    names = list(backup.shots("formats"))
    assert {name.rpartition(".")[2] for name in names} == suffixes
    assert [len(members) for _, members in backup.kinds("formats")] == [len(names)]
    assert backup.taken("formats", "dng.dng") == (32.25, "exif", "high")
    assert backup.skipped == {"formats/broken.jpg": "truncated"}


def test_zones_are_recorded_or_marked_unknown(backup: Backup) -> None:
    assert backup.taken("zones", "known.jpg") == (7 * 3600, "exif", "high")
    assert backup.taken("zones", "wall.jpg") == (600, "exif", "medium")
    assert backup.taken("zones", "wall of known.jpg") == (7 * 3600, "exif", "medium")
    assert backup.taken("zones", "no seconds.jpg") == (1200, "exif", "low")
    assert backup.taken("zones", f"IMG_{NOONS['zones']:%Y%m%d}_120500.jpg") == (300, "name", "medium")
    assert backup.taken("zones", "by date.jpg") == (1800, "mtime", "low")
    recorded = {
        p.removeprefix("zones/") for p, one in backup.photos.items() if p.startswith("zones/") and one["zone_known"]
    }
    assert recorded == {"known.jpg", "by date.jpg"}


def test_a_clock_that_is_years_off_is_corrected(backup: Backup) -> None:
    assert backup.kinds("cameras") == [("similar", ["right0.jpg", "right1.jpg", "slow0.jpg", "slow1.jpg"])]
    assert backup.photos["cameras/slow0.jpg"]["clock_offset_s"] == 3650 * 86400


def test_places_are_recorded_or_borrowed_and_never_guessed(backup: Backup) -> None:
    found = {p: (one["place"] or {}) for p, one in backup.photos.items() if p.startswith("places/")}
    assert found["places/here.jpg"]["latitude"] == pytest.approx(STOCKHOLM[0])
    assert (found["places/near.jpg"]["from"], found["places/near.jpg"]["apart_s"]) == ("places/here.jpg", 40)
    assert (found["places/other camera.jpg"], found["places/later.jpg"]) == ({}, {})
    assert all(not one["place"] for p, one in backup.photos.items() if not p.startswith("places/"))


def test_what_a_messenger_sent_gives_way_and_screenshots_are_a_series(backup: Backup) -> None:
    received = f"IMG-{NOONS['sent']:%Y%m%d}-WA0001.jpg"
    (group,) = [g for members, g in backup.groups.items() if "sent/PXL_9.jpg" in members]
    assert (sorted(group["photos"]), group["keepers"]) == ([f"sent/{received}", "sent/PXL_9.jpg"], ["sent/PXL_9.jpg"])
    assert [(kind, len(names)) for kind, names in backup.kinds("sent") if kind == "series"] == [("series", 3)]

"""Shot units end to end: files of one shot are counted once and moved together; a late companion joins its shot."""

import json
import os
import shutil
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageEnhance

import exports
import raws
from dejashot.actions import apply
from dejashot.actions.methods.xmp import KEPT, REJECTED, new_sidecar, with_rating
from dejashot.config.settings import Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline
from dejashot.library.journal import DecisionJournal
from dejashot.models.decisions import ApplyMethod, Decision, Verdict
from dejashot.models.files import content_hash
from homes import Home
from scenes import SAMSUNG_BLOCK, moved, save_photo, scene

NOON = datetime(2026, 7, 1, 12)


def shoot(file: Path, picture: Image.Image, taken: datetime, **options: Any) -> Path:
    """Save a photo as a camera leaves it: dated when it was taken."""
    save_photo(file, picture, taken, **options)
    os.utime(file, (taken.replace(tzinfo=UTC).timestamp() - 7200,) * 2)
    return file


def add_companion(photo: Path, name: str, data: bytes = b"film") -> Path:
    """Add a companion of a photo, written in the same moment."""
    file = photo.with_name(name)
    file.write_bytes(data)
    shutil.copystat(photo, file)
    return file


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    """Return a folder with a burst of three Live Photos, one of them edited, and a film that belongs to none."""
    folder = tmp_path / "Pictures"
    for n in range(3):
        photo = shoot(folder / f"IMG_000{n}.jpg", moved(scene(1), 0.02 * n, 0), NOON + timedelta(seconds=n))
        add_companion(photo, f"IMG_000{n}.MOV", b"x" * 1000)
    edited = shoot(folder / "IMG_E0001.jpg", moved(scene(1), 0.02, 0), NOON + timedelta(seconds=1))
    add_companion(edited, "IMG_0001.AAE", b"<plist/>")
    add_companion(edited, "IMG_0002.jpg.xmp", b"<x/>")
    film = add_companion(edited, "MOV_0001.mp4", b"y" * 5000)
    os.utime(film, (1, 1))
    return folder


def scanned(home: Home, folder: Path) -> dict[str, Any]:
    done = home.run("scan", folder, "--format", "json")
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def test_a_roll_of_live_photos_is_three_shots(home: Home, roll: Path) -> None:
    body = scanned(home, roll)
    assert {p["path"]: p["companions"] for p in body["photos"]} == {
        "IMG_0000.jpg": ["IMG_0000.MOV"],
        "IMG_0001.jpg": ["IMG_0001.AAE", "IMG_0001.MOV", "IMG_E0001.jpg"],
        "IMG_0002.jpg": ["IMG_0002.MOV", "IMG_0002.jpg.xmp"],
    }
    (group,) = body["groups"]
    assert group["photos"] == ["IMG_0000.jpg", "IMG_0001.jpg", "IMG_0002.jpg"]
    kept = set(group["keepers"])
    assert group["reclaimable_bytes"] == sum(p["whole_bytes"] for p in body["photos"] if p["path"] not in kept)
    whole = sum(f.stat().st_size for f in roll.iterdir() if f.name != "MOV_0001.mp4")
    assert sum(p["whole_bytes"] for p in body["photos"]) == whole
    assert "with AAE, MOV, an edit (JPG)" in home.run("scan", roll, "--all").stdout


def test_a_rejected_shot_is_moved_with_all_its_files(home: Home, roll: Path, tmp_path: Path) -> None:
    body = scanned(home, roll)
    contents = {p["path"]: bytes.fromhex(p["content"]) for p in body["photos"]}
    journal = DecisionJournal(home.library)
    journal.decide(
        [Decision(contents["IMG_0001.jpg"], Verdict.REJECT, 1), Decision(contents["IMG_0002.jpg"], Verdict.KEEP, 1)]
    )
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    gone = {os.fsdecode(os.path.basename(item.source)) for item in plan.items}
    assert gone == {"IMG_0001.jpg", "IMG_0001.MOV", "IMG_0001.AAE", "IMG_E0001.jpg"}
    assert plan.size_bytes == next(p["whole_bytes"] for p in body["photos"] if p["path"] == "IMG_0001.jpg")
    apply.apply_plan(plan, home.library)
    assert {f.name for f in roll.iterdir()}.isdisjoint(gone)
    assert apply.undo_batch(home.library).files == 4


def test_an_edit_that_is_kept_by_itself_stays(home: Home, roll: Path, tmp_path: Path) -> None:
    from dejashot.library.library import Library

    body = scanned(home, roll)
    contents = {p["path"]: bytes.fromhex(p["content"]) for p in body["photos"]}
    library = Library.open_read_only(home.library)
    row = library.vectors.active_model()
    assert row is not None
    edit = next(
        found.shot.content for found in library.shots.in_folders([1], row.id) if found.shot.path == "IMG_E0001.jpg"
    )
    library.close()
    DecisionJournal(home.library).decide(
        [Decision(contents["IMG_0001.jpg"], Verdict.REJECT, 1), Decision(edit, Verdict.KEEP, 1)]
    )
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert b"IMG_E0001.jpg" not in {os.path.basename(item.source) for item in plan.items}


def test_a_raw_file_that_is_kept_by_itself_stays_behind_its_rejected_jpeg(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    for n in range(2):
        picture, taken = moved(scene(2), 0.02 * n, 0), NOON + timedelta(seconds=n)
        save_photo(folder / f"DSC_000{n}.jpg", picture, taken, camera=("", ""))
        raw = folder / f"DSC_000{n}.NEF"
        raw.write_bytes(raws.nef(picture, taken))
        shutil.copystat(folder / f"DSC_000{n}.jpg", raw)
    scanned(home, folder)
    contents = {f.name: content_hash(f.read_bytes()).digest() for f in folder.iterdir()}
    journal = DecisionJournal(home.library)
    journal.decide([Decision(contents["DSC_0000.jpg"], Verdict.REJECT, 1)])
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert {os.path.basename(item.source) for item in plan.items} == {b"DSC_0000.jpg", b"DSC_0000.NEF"}
    assert all(item.content for item in plan.items)  # both are verified by their bytes
    journal.decide([Decision(contents["DSC_0000.NEF"], Verdict.KEEP, 2)])
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert {os.path.basename(item.source) for item in plan.items} == {b"DSC_0000.jpg"}


def test_a_late_companion_amends_the_digest_of_its_shot(roll: Path, library: Path) -> None:
    settings = Settings()
    late = roll / "IMG_0000.MOV"
    film = late.read_bytes()
    stamp = late.stat()
    late.unlink()
    with open_pipeline(settings, library, workers=1) as pipeline:
        bring_up_to_date(pipeline, [roll], lambda _: None, lambda _: None)
        digests = DigestRunner(pipeline, UTC, library / "digests", datetime(2026, 7, 1, tzinfo=UTC))
        first = digests.make(datetime(2026, 7, 1, 20, tzinfo=UTC), pipeline.library.folders.all(), [])
        assert first.state == "done"
        assert digests.make(datetime(2026, 7, 2, 20, tzinfo=UTC), pipeline.library.folders.all(), []).state == "empty"
        late.write_bytes(film)
        os.utime(late, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        bring_up_to_date(pipeline, [roll], lambda _: None, lambda _: None)
        third = digests.make(datetime(2026, 7, 3, 20, tzinfo=UTC), pipeline.library.folders.all(), [])
        assert (third.state, third.photos, third.groups) == ("done", 0, 1)
        assert digests.make(datetime(2026, 7, 4, 20, tzinfo=UTC), pipeline.library.folders.all(), []).state == "empty"
    before, after = (json.loads((library / "digests" / f"2026-07-0{day}_2000.json").read_text()) for day in (1, 3))
    assert before["groups"][0]["id"] == after["groups"][0]["id"]
    assert after["groups"][0]["amends"]
    assert {p["path"]: p["companions"] for p in after["photos"]}["IMG_0000.jpg"] == ["IMG_0000.MOV"]
    assert "what belongs to a shot is new" in (library / "digests" / "2026-07-03_2000.txt").read_text()


def test_the_first_film_of_a_folder_is_late_too_and_one_that_went_with_its_folder_is_forgotten(
    tmp_path: Path, library: Path
) -> None:
    folder = tmp_path / "Pictures"
    photos = [
        shoot(folder / "trip" / f"IMG_{n}.jpg", moved(scene(1), 0.02 * n, 0), NOON + timedelta(seconds=n))
        for n in range(2)
    ]
    with open_pipeline(Settings(), library, workers=1) as pipeline:

        def walked() -> set[bytes]:
            bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
            return {p for found in pipeline.library.companions.stamps([1]).values() for p in found}

        assert walked() == set()
        digests = DigestRunner(pipeline, UTC, library / "digests", datetime(2026, 7, 1, tzinfo=UTC))
        assert digests.make(datetime(2026, 7, 1, 20, tzinfo=UTC), pipeline.library.folders.all(), []).state == "done"
        add_companion(photos[0], "IMG_0.MOV")
        assert walked() == {b"trip/IMG_0.MOV"}
        late = digests.make(datetime(2026, 7, 2, 20, tzinfo=UTC), pipeline.library.folders.all(), [])
        assert (late.state, late.photos, late.groups) == ("done", 0, 1)
        save_photo(folder / "stays.jpg", scene(3), NOON)
        shutil.rmtree(folder / "trip")
        assert walked() == set()


@pytest.mark.parametrize("suffix", ["NEF", "DNG", "CR2", "CR3"])
def test_a_raw_file_and_its_jpeg_are_one_shot(home: Home, tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "Pictures"
    make = {"NEF": raws.nef, "DNG": raws.dng, "CR2": raws.cr2, "CR3": raws.cr3}[suffix]
    for n in range(2):
        picture, taken = moved(scene(2), 0.02 * n, 0), NOON + timedelta(seconds=n)
        save_photo(folder / f"DSC_000{n}.jpg", picture, taken, camera=("", ""))
        (folder / f"DSC_000{n}.{suffix}").write_bytes(make(picture, taken))
    alone = folder / f"DSC_0009.{suffix}"
    alone.write_bytes(make(scene(4), NOON + timedelta(hours=1)))
    (folder / "DSC_0000.jpg").with_suffix(f".jpg.{suffix}.txt").write_text("nothing to do with it")
    body = scanned(home, folder)
    assert {p["path"]: p["companions"] for p in body["photos"]} == {
        "DSC_0000.jpg": [f"DSC_0000.{suffix}"],
        "DSC_0001.jpg": [f"DSC_0001.{suffix}"],
        f"DSC_0009.{suffix}": [],
    }
    (group,) = body["groups"]
    assert group["photos"] == ["DSC_0000.jpg", "DSC_0001.jpg"]
    assert body["skipped"] == []


def test_a_number_that_begins_anew_joins_nothing(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    save_photo(folder / "DSC_0001.jpg", scene(2), NOON)
    (folder / "DSC_0001.NEF").write_bytes(raws.nef(scene(5), NOON + timedelta(days=400)))
    film = folder / "DSC_0001.MOV"
    film.write_bytes(b"another year")
    os.utime(film, (1_700_000_000, 1_700_000_000))
    body = scanned(home, folder)
    assert [p["companions"] for p in body["photos"]] == [[], []]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """Return a folder with two takes by an Apple camera, each with a film that only its id connects with it."""
    folder = tmp_path / "Pictures"
    for n in range(2):
        note = {exports.APPLE_NOTE: exports.apple_note(exports.live_id(n))}
        save_photo(
            folder / f"IMG_000{n}.jpg",
            moved(scene(1), 0.02 * n, 0),
            NOON + timedelta(seconds=n),
            camera=("Apple", "iPhone 17"),
            extra=note,
        )
        film = folder / f"beach {n}.mov"
        film.write_bytes(exports.film(live=exports.live_id(n)))
        os.utime(film, (1, 1))
    return folder


def test_the_files_of_a_live_photo_are_moved_together_whatever_their_names(
    home: Home, live: Path, tmp_path: Path
) -> None:
    body = scanned(home, live)
    assert {p["path"]: p["companions"] for p in body["photos"]} == {
        f"IMG_000{n}.jpg": [f"beach {n}.mov"] for n in range(2)
    }
    contents = {p["path"]: bytes.fromhex(p["content"]) for p in body["photos"]}
    DecisionJournal(home.library).decide([Decision(contents["IMG_0001.jpg"], Verdict.REJECT, 1)])
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert {os.path.basename(item.source) for item in plan.items} == {b"IMG_0001.jpg", b"beach 1.mov"}
    apply.apply_plan(plan, home.library)
    assert sorted(f.name for f in live.iterdir()) == ["IMG_0000.jpg", "beach 0.mov"]
    assert apply.undo_batch(home.library).files == 2


def test_the_id_of_a_film_does_not_hold_for_another_in_its_place(home: Home, live: Path, tmp_path: Path) -> None:
    contents = {p["path"]: bytes.fromhex(p["content"]) for p in scanned(home, live)["photos"]}
    DecisionJournal(home.library).decide([Decision(contents["IMG_0001.jpg"], Verdict.REJECT, 1)])
    (live / "beach 1.mov").write_bytes(b"another film altogether")
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert {os.path.basename(item.source) for item in plan.items} == {b"IMG_0001.jpg"}


def test_a_late_companion_is_known_by_its_id_and_a_film_of_another_amends_nothing(live: Path, library: Path) -> None:
    film = (live / "beach 0.mov").read_bytes()
    (live / "beach 0.mov").unlink()
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        digests = DigestRunner(pipeline, UTC, library / "digests", datetime(2026, 7, 1, tzinfo=UTC))

        def made(day: int) -> tuple[str, int, int]:
            bring_up_to_date(pipeline, [live], lambda _: None, lambda _: None)
            one = digests.make(datetime(2026, 7, day, 20, tzinfo=UTC), pipeline.library.folders.all(), [])
            return one.state, one.photos, one.groups

        assert made(1) == ("done", 2, 1)
        (live / "IMG_0000.MOV").write_bytes(exports.film(live=exports.live_id(9)))
        shutil.copystat(live / "IMG_0000.jpg", live / "IMG_0000.MOV")
        (live / "IMG_0000.txt.json").write_text("{}")
        assert made(2) == ("empty", 0, 0)
        (live / "sent again.mov").write_bytes(film)
        assert made(3) == ("done", 0, 1)
        assert made(4) == ("empty", 0, 0)


def test_every_photo_of_a_shot_is_rated_in_the_sidecar_that_is_its_own(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    for n in range(3):
        picture, taken = moved(scene(2), 0.02 * n, 0), NOON + timedelta(seconds=n)
        save_photo(folder / f"DSC_000{n}.jpg", picture, taken, camera=("", ""))
        (folder / f"DSC_000{n}.NEF").write_bytes(raws.nef(picture, taken))
    (folder / "DSC_0001.xmp").write_bytes(new_sidecar(2))
    scanned(home, folder)
    contents = {f.name: content_hash(f.read_bytes()).digest() for f in folder.iterdir()}
    DecisionJournal(home.library).decide(
        [Decision(contents["DSC_0000.jpg"], Verdict.REJECT, 1), Decision(contents["DSC_0001.jpg"], Verdict.KEEP, 1)]
    )
    plan = apply.plan_of(Settings(), home.library, ApplyMethod.XMP)
    apply.apply_plan(plan, home.library)
    assert {f.name: f.read_bytes() for f in folder.iterdir() if f.suffix == ".xmp"} == {
        "DSC_0000.jpg.xmp": new_sidecar(REJECTED),
        "DSC_0000.NEF.xmp": new_sidecar(REJECTED),
        "DSC_0001.xmp": with_rating(new_sidecar(2), KEPT),
    }
    assert apply.plan_of(Settings(), home.library, ApplyMethod.XMP).items == ()
    assert apply.undo_batch(home.library).files == 3
    assert {f.name for f in folder.iterdir() if f.suffix == ".xmp"} == {"DSC_0001.xmp"}


def cropped(picture: Image.Image) -> Image.Image:
    """Return a picture as an editor leaves it: cropped, with more contrast."""
    width, height = picture.size
    return ImageEnhance.Contrast(picture.crop((width // 20, height // 20, width, height))).enhance(1.3)


def test_an_export_of_takeout_is_as_many_shots_as_were_taken(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Takeout" / "Google Photos" / "Photos from 2015"
    long, meta = "\N{PARTY POPPER} A birthday party with Ann and Ben at the lake.jpg", "supplemental-metadata"
    sidecars = {
        "beach.jpg": f"beach.jpg.{meta}.json",
        "beach(1).jpg": f"beach.jpg.{meta}(1).json",
        unicodedata.normalize("NFD", "Café.jpg"): f"Café.jpg.{meta}.json",
        "Peanut Butter Balls.jpg": f"Peanut Butter Balls.{meta}.json",
        long: f"{long[:45]}.json",
    }
    edits = {
        "beach.jpg": "beach-bewerkt.jpg",
        "beach(1).jpg": "beach-bewerkt(1).jpg",
        "Peanut Butter Balls.jpg": "Peanut Butter Balls-bewerkt.jpg",
    }
    for n, (name, sidecar) in enumerate(sidecars.items()):
        save_photo(folder / name, scene(n), None)
        (folder / sidecar).write_bytes(exports.takeout(datetime(2015, 1, 18 + n, 12, tzinfo=UTC)))
        if name in edits:
            save_photo(folder / edits[name], cropped(scene(n)), None)
    body = scanned(home, folder)
    assert {p["path"]: set(p["companions"]) for p in body["photos"]} == {
        name: {sidecar, *([edits[name]] if name in edits else [])} for name, sidecar in sidecars.items()
    }
    assert [p["taken_at"][:10] for p in body["photos"]] == [f"2015-01-{18 + n}" for n in range(5)]


@pytest.mark.parametrize("suffix", ["ORIGINAL", "pakeista"])
def test_what_is_no_copy_stays_where_it_can_not_be_joined(home: Home, tmp_path: Path, suffix: str) -> None:
    folder, picture, taken = tmp_path / "Pictures", scene(3), NOON.replace(microsecond=250_000)
    name = "PXL_20260701_100000250.PORTRAIT-{}.jpg" if suffix == "ORIGINAL" else "IMG_1201{}.jpg"
    save_photo(folder / "a" / name.format("01.COVER" if suffix == "ORIGINAL" else ""), picture, taken)
    save_photo(
        folder / "b" / name.format("02.ORIGINAL" if suffix == "ORIGINAL" else f"-{suffix}"), cropped(picture), taken
    )
    (group,) = scanned(home, folder)["groups"]
    assert (group["kind"], group["keepers"], group["reclaimable_bytes"]) == ("similar", group["photos"], 0)


def test_an_unreadable_raw_file_is_listed_and_moved_with_its_shot(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    for n in range(2):
        photo = shoot(
            folder / f"GOPR000{n}.JPG",
            moved(scene(1), 0.02 * n, 0),
            NOON + timedelta(seconds=n),
            camera=("GoPro", "HERO12 Black"),
        )
        add_companion(photo, f"GOPR000{n}.GPR", raws.sensor(5000))
    body = scanned(home, folder)
    assert {p["path"]: p["companions"] for p in body["photos"]} == {
        f"GOPR000{n}.JPG": [f"GOPR000{n}.GPR"] for n in range(2)
    }
    assert all(p["whole_bytes"] == p["bytes"] + 5000 for p in body["photos"])
    assert {s["path"] for s in body["skipped"]} == {"GOPR0000.GPR", "GOPR0001.GPR"}
    DecisionJournal(home.library).decide(
        [Decision(content_hash((folder / "GOPR0001.JPG").read_bytes()).digest(), Verdict.REJECT, 1)]
    )
    (folder / "GOPR0001.gpx").write_bytes(b"<gpx/>")
    done = home.run("apply", "--plan", "--to", tmp_path / "aside")
    assert "+ GOPR0001.GPR" in done.stdout
    assert "Left behind: 1 file of these names" in done.stdout
    plan = home.json("apply", "--plan", "--to", tmp_path / "aside")
    assert plan["left_behind"] == [str(folder / "GOPR0001.gpx")]
    assert "left behind: " in home.run("apply", "--how", "list").stderr


def test_a_motion_photo_is_one_file_and_marked_as_such(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description GCamera:MotionPhoto="1"/></x:xmpmeta>'
    film = raws.box(b"ftyp", b"mp42", bytes(4)) + raws.box(b"mdat", bytes(50_000))
    for n, (name, more, xmp) in enumerate(
        (("PXL_1.MP.jpg", film, packet), ("S_2.jpg", SAMSUNG_BLOCK + film, b""), ("IMG_3.jpg", b"", packet))
    ):
        photo = save_photo(folder / name, moved(scene(1), 0.02 * n, 0), NOON + timedelta(seconds=n), xmp=xmp)
        with photo.open("ab") as out:
            out.write(more)
    body = scanned(home, folder)
    assert {p["path"]: p["motion"] for p in body["photos"]} == {
        "PXL_1.MP.jpg": True,
        "S_2.jpg": True,
        "IMG_3.jpg": False,
    }
    assert all(p["bytes"] == p["whole_bytes"] == (folder / p["path"]).stat().st_size for p in body["photos"])
    assert all(p["companions"] == [] for p in body["photos"])
    assert [sorted(g["photos"]) for g in body["groups"]] == [["IMG_3.jpg", "PXL_1.MP.jpg", "S_2.jpg"]]
    for form in ("table", "html"):
        output = home.run("report", "--all", "--format", form).stdout
        assert output.count("with a moving picture in it") == 2


def test_what_was_applied_and_undone_is_nothing_new(roll: Path, library: Path, tmp_path: Path) -> None:
    settings = Settings()

    def made(day: int) -> str:
        with open_pipeline(settings, library, workers=1) as pipeline:
            bring_up_to_date(pipeline, [roll], lambda _: None, lambda _: None)
            digests = DigestRunner(pipeline, UTC, library / "digests", datetime(2026, 7, 1, tzinfo=UTC))
            return digests.make(datetime(2026, 7, day, 20, tzinfo=UTC), pipeline.library.folders.all(), []).state

    assert made(1) == "done"
    content = content_hash((roll / "IMG_0001.jpg").read_bytes()).digest()
    DecisionJournal(library).decide([Decision(content, Verdict.REJECT, 1)])
    plan = apply.plan_of(settings, library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    apply.apply_plan(plan, library)
    assert not (roll / "IMG_0001.MOV").exists()
    again = apply.plan_of(settings, library, ApplyMethod.QUARANTINE, str(tmp_path / "aside"))
    assert (again.items, again.refused) == ((), ())
    assert made(2) == "empty"
    apply.undo_batch(library)
    assert (roll / "IMG_0001.MOV").exists()
    assert made(3) == "empty"

"""From files to the library and back: real files, readers, SQLite and FAISS."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import raws
from damages import damaged
from dejashot.config.locations import top_folders
from dejashot.config.settings import ModelSettings, ReadingSettings, Settings, WatchSettings
from dejashot.errors import FolderError, LibraryBusyError, Reason, UnreadablePhotoError
from dejashot.files.exclusions import ExclusionReason
from dejashot.files.names import EXTRAS, Extra
from dejashot.ingest.catch_up import bring_up_to_date, missing_embeddings
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.tasks import IngestOutcome
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import CaptureTime, Certainty, TimeSource, key_floor
from dejashot.models.files import FileRef
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportContext, ReportRequest
from homes import tree_hash
from networks import bundled_network
from scenes import exposed, save_photo, scene
from shots import START_US


def bring(pipeline: Pipeline, *folders: Path) -> list[IngestOutcome]:
    outcomes: list[IngestOutcome] = []
    bring_up_to_date(pipeline, top_folders(folders), lambda _: None, outcomes.append)
    return outcomes


def results(outcomes: list[IngestOutcome]) -> list[str]:
    return sorted(o.result.name for o in outcomes)


def present(pipeline: Pipeline) -> dict[str, bytes]:
    row = pipeline.owned.row.id
    return {
        found.path.decode(): found.shot.content
        for f in pipeline.library.folders.all()
        for found in pipeline.library.shots.in_folders([f.id], row)
    }


def sql(pipeline: Pipeline, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement on the library's file, over a connection of its own; return the rows."""
    with closing(sqlite3.connect(pipeline.owned.folder / LIBRARY_FILE_NAME)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def other_network(folder: Path) -> Settings:
    """Return settings with a network that differs in its preprocessing only."""
    file = bundled_network(folder, input={"resample": "bicubic"}, name="other")
    return Settings(model=ModelSettings(path=str(file)))


def test_photos_are_stored_and_searchable_and_stay_as_they_were(pipeline: Pipeline, busy_minute: Path) -> None:
    before = tree_hash(busy_minute)
    assert results(bring(pipeline, busy_minute)) == ["ADDED"] * 5
    assert len(pipeline.owned.index) == 5
    shots = {row.path.decode(): row.shot for row in pipeline.library.shots.in_folders([1], pipeline.owned.row.id)}
    first = shots["IMG_0001.jpg"]
    near = pipeline.owned.index.search(
        first.vector, 5, key_floor(first.taken.taken_us), key_floor(first.taken.taken_us + 10_000_000)
    )
    assert next(m.key for m in near) == first.key
    assert {m.key for m in near} == {shots[f"IMG_000{n}.jpg"].key for n in (1, 2, 3)}
    pipeline.pool.close()
    assert bring(pipeline, busy_minute) == []
    assert pipeline.pool.running == 0
    assert tree_hash(busy_minute) == before


def test_renames_and_moves_are_not_read_as_new(pipeline: Pipeline, busy_minute: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    bring(pipeline, busy_minute, other)
    seq = pipeline.library.newest_seq()
    (busy_minute / "IMG_0001.jpg").rename(busy_minute / "renamed.jpg")
    (busy_minute / "IMG_0002.jpg").rename(other / "moved.jpg")
    assert results(bring(pipeline, busy_minute, other)) == ["MOVED", "MOVED"]
    assert pipeline.library.newest_seq() == seq
    assert len(present(pipeline)) == 5
    assert len(pipeline.owned.index) == 5


def test_a_move_seen_before_the_loss_is_a_move(pipeline: Pipeline, busy_minute: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    bring(pipeline, busy_minute)
    (busy_minute / "IMG_0001.jpg").rename(other / "moved.jpg")
    assert results(bring(pipeline, other)) == ["MOVED"]
    assert "IMG_0001.jpg" not in present(pipeline)


def test_a_copy_is_one_photo_in_two_files(pipeline: Pipeline, busy_minute: Path) -> None:
    bring(pipeline, busy_minute)
    shutil.copy(busy_minute / "IMG_0001.jpg", busy_minute / "copy.jpg")
    assert results(bring(pipeline, busy_minute)) == ["KNOWN"]
    assert present(pipeline)["copy.jpg"] == present(pipeline)["IMG_0001.jpg"]
    assert len(pipeline.owned.index) == 5


def test_losses_returns_and_replacements(pipeline: Pipeline, busy_minute: Path) -> None:
    bring(pipeline, busy_minute)
    data = (busy_minute / "IMG_0004.jpg").read_bytes()
    (busy_minute / "IMG_0004.jpg").unlink()
    assert bring(pipeline, busy_minute) == []
    assert len(present(pipeline)) == 4
    (busy_minute / "IMG_0004.jpg").write_bytes(data)
    assert results(bring(pipeline, busy_minute)) == ["MOVED"]
    save_photo(busy_minute / "IMG_0004.jpg", scene(2))
    assert results(bring(pipeline, busy_minute)) == ["ADDED"]
    assert len(present(pipeline)) == 5


def test_what_can_not_be_read_is_listed_once_and_read_when_it_changes(pipeline: Pipeline, busy_minute: Path) -> None:
    bad = busy_minute / "half.jpg"
    bad.write_bytes((busy_minute / "IMG_0001.jpg").read_bytes()[:4000])
    (busy_minute / "scan.psd").write_bytes(b"8BPS")
    outcomes = bring(pipeline, busy_minute)
    assert results(outcomes) == ["ADDED"] * 5 + ["SKIPPED"]
    listed = {row.skipped.path: row.skipped.reason for row in pipeline.library.files.skipped([1])}
    assert listed == {"half.jpg": "truncated", "scan.psd": "unsupported_format"}
    assert bring(pipeline, busy_minute) == []
    save_photo(bad, scene(5))
    assert results(bring(pipeline, busy_minute)) == ["ADDED"]
    (busy_minute / "scan.psd").unlink()
    bring(pipeline, busy_minute)
    assert pipeline.library.files.skipped([1]) == []


def test_raws_are_read_as_what_they_are_and_the_cameras_pick_is_remembered(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    taken = datetime(2026, 7, 1, 10, 11, 12)
    (folder / "DSC_0001.NEF").write_bytes(raws.nef(scene(1, (800, 600)), taken, orientation=6))
    (folder / "IMG_20260701_101112_BURST001_COVER.dng").write_bytes(raws.dng(scene(1, (800, 600)), taken))
    (folder / "IMG_20260701_101112_BURST002.dng").write_bytes(raws.dng(scene(2, (800, 600)), taken))
    (folder / "clip.mov").write_bytes(b"not looked at")
    assert results(bring(pipeline, folder)) == ["ADDED"] * 3
    shots = {row.path.decode(): row.shot for row in pipeline.library.shots.in_folders([1], pipeline.owned.row.id)}
    nef, cover, other = (shots[name] for name in sorted(shots))
    assert (nef.format, nef.width, nef.height, nef.camera.name) == ("NEF", 3024, 4032, "Testcam T-1 Raw")
    assert nef.taken.iso == "2026-07-01T10:11:12.250+02:00"
    assert (cover.camera.camera_pick, other.camera.camera_pick, nef.camera.camera_pick) == (True, False, False)
    assert cover.camera.burst_id == other.camera.burst_id != ""


def test_what_needs_an_extra_is_read_once_it_is_there(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "old.mrw").write_bytes(b"\0MRM" + bytes(400))
    library = pipeline.library
    bring(pipeline, folder)
    (skipped,) = (row.skipped for row in library.files.skipped([1]))
    assert skipped.reason in ("needs_extra", "corrupt", "unsupported_format")
    file = FileRef(1, b"old.mrw")
    known = library.files.get(file)
    assert known is not None
    library.files.skip(file, known.stamp, UnreadablePhotoError(Reason.NEEDS_EXTRA), 1)
    with monkeypatch.context() as without:
        without.setitem(EXTRAS, "mrw", Extra("raw", "a_module_that_is_not_there"))
        assert bring(pipeline, folder) == []
    monkeypatch.setitem(EXTRAS, "mrw", Extra("raw", "json"))
    assert results(bring(pipeline, folder)) == ["SKIPPED"]


def test_names_that_are_not_utf8_go_all_the_way(pipeline: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"fold\xe9r")
    save_photo(folder / os.fsdecode(b"IMG\xff.jpg"), scene(1))
    assert results(bring(pipeline, folder)) == ["ADDED"]
    assert bring(pipeline, folder) == []


def put_elsewhere(pipeline: Pipeline, device: int, inode: int) -> Folder:
    """Let the library believe that it knew the folder under another device and inode, and return it."""
    folder = pipeline.library.folders.all()[0]
    pipeline.library.folders.set_location(folder.id, folder.device + device, folder.inode + inode, False)
    return pipeline.library.folders.all()[0]


@pytest.mark.parametrize(("device", "inode"), [(1, 0), (0, 1), (1, 1)])
def test_an_empty_folder_in_the_place_of_another_forgets_nothing(
    pipeline: Pipeline, busy_minute: Path, device: int, inode: int
) -> None:
    bring(pipeline, busy_minute)
    for file in busy_minute.iterdir():
        file.unlink()
    folder = put_elsewhere(pipeline, device, inode)
    for _ in range(2):
        with pytest.raises(FolderError, match="stands empty although 5 photos were there"):
            pipeline.reconciler.reconcile(folder)
    assert len(present(pipeline)) == 5
    put_elsewhere(pipeline, -device, -inode)
    pipeline.reconciler.reconcile(folder)
    assert present(pipeline) == {}


@pytest.mark.parametrize(("device", "inode"), [(1, 0), (0, 1), (1, 1)])
def test_other_photos_in_the_place_of_those_known_push_none_of_them_out(
    pipeline: Pipeline, busy_minute: Path, tmp_path: Path, device: int, inode: int
) -> None:
    bring(pipeline, busy_minute)
    seq = pipeline.library.newest_seq()
    aside = tmp_path / "aside"
    shutil.copytree(busy_minute, aside)
    for file in busy_minute.iterdir():
        file.unlink()
    save_photo(busy_minute / "other.jpg", scene(7))
    folder = put_elsewhere(pipeline, device, inode)
    assert "none of the 5 photos known here" in pipeline.reconciler.reconcile(folder).problem
    assert results(bring(pipeline, busy_minute)) == ["ADDED"]
    save_photo(busy_minute / "second.jpg", scene(8))
    assert results(bring(pipeline, busy_minute)) == ["ADDED"]
    assert "5 of the photos known here lie on a disk that is not there" in pipeline.reconciler.reconcile(folder).problem
    assert len(present(pipeline)) == 7
    shutil.copytree(aside, busy_minute, dirs_exist_ok=True)
    assert set(results(bring(pipeline, busy_minute))) <= {"MOVED"}
    assert pipeline.reconciler.reconcile(folder).problem == ""
    assert len(present(pipeline)) == 7
    assert pipeline.library.newest_seq() == seq + 4
    (busy_minute / "IMG_0001.jpg").unlink()
    pipeline.reconciler.reconcile(folder)
    assert len(present(pipeline)) == 6


@pytest.mark.parametrize("package", ["Photos Library.photoslibrary", "Sauvegarde"])
def test_what_an_older_version_read_in_a_package_is_let_go(pipeline: Pipeline, busy_minute: Path, package: str) -> None:
    inside, place = busy_minute / package, busy_minute / "Plain"
    place.mkdir()
    for name in ("IMG_0001.jpg", "IMG_0002.jpg"):
        (busy_minute / name).rename(place / name)
    (place / "broken.jpg").write_bytes(b"no photo")
    assert len(bring(pipeline, busy_minute)) == 6
    place.rename(inside)
    (inside / "database").mkdir()
    (inside / "database" / "Photos.sqlite").touch()
    # the library as it would be had these been read there
    sql(pipeline, "UPDATE file SET path = CAST(replace(CAST(path AS TEXT), 'Plain', ?) AS BLOB)", package)
    sql(pipeline, "UPDATE file SET device = 99, reason = 'io_error' WHERE state = 'skipped'")
    assert len(present(pipeline)) == 5
    assert bring(pipeline, busy_minute) == []
    assert sorted(present(pipeline)) == ["IMG_0003.jpg", "IMG_0004.jpg", "IMG_0005.jpg"]
    assert pipeline.library.files.counts([1]) == {"present": 3, "missing": 2}
    assert [(p.why, p.count) for p in pipeline.library.folders.exclusions([1])[1]] == [(ExclusionReason.PACKAGE, 1)]
    shutil.rmtree(inside / "database")
    inside.rename(place)
    assert results(bring(pipeline, busy_minute)) == ["MOVED", "MOVED", "SKIPPED"]


def test_a_folder_inside_a_package_that_was_watched_is_let_go(library: Path, busy_minute: Path) -> None:
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        bring(pipeline, busy_minute)
        inside = busy_minute.parent / "A.photoslibrary" / "originals"
        inside.parent.mkdir()
        busy_minute.rename(inside)
        sql(pipeline, "UPDATE folder SET path = ?", os.fsencode(inside))
        with pytest.raises(FolderError, match="another program"):
            bring(pipeline, inside)
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        assert present(pipeline) == {}


def test_what_the_owner_asks_to_ignore_is_let_go_at_the_next_walk(library: Path, busy_minute: Path) -> None:
    with open_pipeline(Settings(), library, workers=2) as pipeline:
        bring(pipeline, busy_minute)
    with open_pipeline(Settings(watch=WatchSettings(ignore=("*_0005.jpg",))), library, workers=2) as pipeline:
        assert bring(pipeline, busy_minute) == []
        assert "IMG_0005.jpg" not in present(pipeline)
        assert [(p.why, p.count, p.paths) for p in pipeline.library.folders.exclusions([1])[1]] == [
            (ExclusionReason.IGNORED, 1, (b"IMG_0005.jpg",))
        ]
    with open_pipeline(Settings(), library, workers=2) as pipeline:
        assert results(bring(pipeline, busy_minute)) == ["MOVED"]


def test_pictures_are_read_under_names_that_do_not_say_so(pipeline: Pipeline, busy_minute: Path) -> None:
    names = {
        "IMG_0001.jpg": "IMG_20240409011411932",
        "IMG_0002.jpg": "holiday.jpg ",
        "IMG_0003.jpg": "pano.insp",
        "IMG_0004.jpg": "a.JPG.1",
    }
    for before, after in names.items():
        (busy_minute / before).rename(busy_minute / after)
    (busy_minute / "IMG_0005").write_bytes(bytes(range(128, 200)))
    (busy_minute / "run").write_text("#!/bin/sh")
    assert results(bring(pipeline, busy_minute)) == ["ADDED"] * 5
    assert set(present(pipeline)) == {*names.values(), "IMG_0005.jpg"}
    assert [(p.why, p.paths) for p in pipeline.library.folders.exclusions([1])[1]] == [
        (ExclusionReason.UNKNOWN_KIND, (b"IMG_0005",))
    ]
    assert bring(pipeline, busy_minute) == []
    (busy_minute / "pano.insp").write_text("a text by now")
    bring(pipeline, busy_minute)
    assert "pano.insp" not in present(pipeline)


def test_the_very_files_that_were_away_are_known_without_a_look(pipeline: Pipeline, busy_minute: Path) -> None:
    bring(pipeline, busy_minute)
    pipeline.library.files.mark_unmounted(1)
    assert bring(pipeline, busy_minute) == []
    (busy_minute / "IMG_0001.jpg").unlink()
    bring(pipeline, busy_minute)
    assert len(present(pipeline)) == 4


def test_a_disk_below_the_folder_that_is_taken_off_takes_no_photo_along(
    pipeline: Pipeline, busy_minute: Path, tmp_path: Path
) -> None:
    disk = busy_minute / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting needs privileges")
    try:
        save_photo(disk / "deep" / "x.jpg", scene(8))
        save_photo(disk / "y.jpg", scene(9))
        bring(pipeline, busy_minute)
        (disk / "y.jpg").unlink()
        bring(pipeline, busy_minute)
        assert set(present(pipeline)) == {*(f"IMG_000{n}.jpg" for n in range(1, 6)), "disk/deep/x.jpg"}
    finally:
        subprocess.run(["umount", disk], check=True)
    save_photo(tmp_path / "copy" / "x.jpg", scene(8))
    assert "1 of the photos known here lie" in pipeline.reconciler.reconcile(pipeline.library.folders.all()[0]).problem
    assert len(present(pipeline)) == 6


def test_syncthings_marker_that_goes_away_stops_everything_until_it_is_back(
    pipeline: Pipeline, busy_minute: Path
) -> None:
    marker = busy_minute / ".stfolder"
    marker.mkdir()
    bring(pipeline, busy_minute)
    marker.rmdir()
    (busy_minute / "IMG_0001.jpg").unlink()
    with pytest.raises(FolderError, match="marker"):
        pipeline.reconciler.reconcile(pipeline.library.folders.all()[0])
    assert len(present(pipeline)) == 5
    marker.mkdir()
    bring(pipeline, busy_minute)
    assert len(present(pipeline)) == 4


def test_a_copy_that_lands_while_a_disk_is_away_is_no_move(
    pipeline: Pipeline, busy_minute: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    bring(pipeline, busy_minute, other)
    shutil.copy(busy_minute / "IMG_0001.jpg", other / "copy.jpg")
    busy_minute.rename(tmp_path / "unplugged")
    busy_minute.mkdir()
    assert results(bring(pipeline, other)) == ["KNOWN"]
    assert len(present(pipeline)) == 6


def test_a_disk_with_another_number_is_the_same_disk(pipeline: Pipeline, busy_minute: Path) -> None:
    bring(pipeline, busy_minute)
    before = pipeline.library.folders.all()[0]
    again = put_elsewhere(pipeline, 7, 0)
    assert again.device == before.device + 7
    changes = pipeline.reconciler.reconcile(again)
    assert (changes.arrived, changes.problem, len(present(pipeline))) == ([], "", 5)
    assert pipeline.library.folders.all()[0] == before
    (busy_minute / "IMG_0001.jpg").unlink()
    pipeline.reconciler.reconcile(before)
    assert len(present(pipeline)) == 4


def test_a_photo_out_of_reach_does_not_hold_up_another_network(
    library: Path, busy_minute: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    save_photo(away / "x.jpg", scene(5))
    with open_pipeline(Settings(), library, 1) as pipeline:
        bring(pipeline, busy_minute, away)
    shutil.rmtree(away)
    with open_pipeline(other_network(tmp_path), library, 1) as pipeline:
        bring(pipeline, busy_minute)
        active = pipeline.library.vectors.active_model()
        assert active is not None
        assert active.fingerprint == pipeline.owned.model.fingerprint
        assert len(pipeline.owned.index) == 5


def test_two_owners_are_refused(pipeline: Pipeline, library: Path) -> None:
    with pytest.raises(LibraryBusyError) as caught, open_pipeline(Settings(), library, 1):
        pass
    assert caught.value.hint


def test_folders_inside_others_and_named_twice_are_taken_once(tmp_path: Path) -> None:
    for name in ("a/b", "c", "ab"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "c")
    named = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "c", tmp_path / "link", tmp_path / "ab"]
    assert top_folders(named) == [tmp_path / "a", tmp_path / "ab", tmp_path / "c"]


def test_another_network_re_embeds_and_old_vectors_stay_until_it_is_done(
    library: Path, busy_minute: Path, tmp_path: Path
) -> None:
    with open_pipeline(Settings(), library, 1) as pipeline:
        bring(pipeline, busy_minute)
        old = pipeline.owned.row
    with open_pipeline(other_network(tmp_path), library, 1) as pipeline:
        assert len(missing_embeddings(pipeline.owned)) == 5
        list(pipeline.ingestor.ingest(missing_embeddings(pipeline.owned)[:2]))
        assert len(missing_embeddings(pipeline.owned)) == 3
        active = pipeline.library.vectors.active_model()
        assert active is not None
        assert active.fingerprint == old.fingerprint
        assert len(pipeline.library.vectors.part_vectors(old.id, 202607)[0]) == 5
        assert set(results(bring(pipeline, busy_minute))) == {"ADDED"}
        active = pipeline.library.vectors.active_model()
        assert active is not None
        assert active.fingerprint == pipeline.owned.model.fingerprint
        assert len(pipeline.owned.index) == 5
        assert len(pipeline.library.vectors.part_vectors(old.id, 202607)[0]) == 0


def test_the_index_is_rebuilt_after_a_stop_between_library_and_index(library: Path, busy_minute: Path) -> None:
    with open_pipeline(Settings(), library, 1) as pipeline:
        bring(pipeline, busy_minute)
    shutil.rmtree(library / "index")
    with open_pipeline(Settings(), library, 1) as pipeline:
        assert len(pipeline.owned.index) == 5
        assert pipeline.owned.index.rebuilt == 1


def test_an_under_exposed_retake_is_the_same_shot_to_the_whole_pipeline(pipeline: Pipeline, tmp_path: Path) -> None:
    noon = datetime(2026, 7, 1, 12)
    for n, seed in enumerate((0, 4, 3, 5, 6)):
        save_photo(tmp_path / "p" / f"{n}a.jpg", scene(seed), noon + timedelta(seconds=8 * n))
        save_photo(tmp_path / "p" / f"{n}b.jpg", exposed(scene(seed), -2), noon + timedelta(seconds=8 * n + 4))
    bring(pipeline, tmp_path / "p")
    desk = ReportContext(
        pipeline.settings, pipeline.library, pipeline.owned.row, pipeline.pool, pipeline.library.journal
    )
    report = build_report(
        desk, ReportRequest("t", pipeline.library.folders.all()), datetime.now().astimezone(), lambda: 0.0
    )
    names = [{report.shots[m].path for m in g.group.members} for g in report.groups]
    assert names == [{f"{n}a.jpg", f"{n}b.jpg"} for n in range(5)]
    assert [p.same_shot for p in report.pairs] == [True, False] * 4 + [True]


@pytest.mark.alone
def test_bytes_that_ended_the_reader_twice_are_left_alone_under_every_name(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (14_000, 14_000), "red").save(folder / "slow.png")  # soon read and hashed, long in decoding
    hurried = Settings(reading=ReadingSettings(timeout_s=0.3))

    def visit(name: str) -> tuple[bool, str, int]:
        with open_pipeline(hurried, library, workers=1) as pipeline:
            (outcome,) = bring(pipeline, folder)
            (skipped,) = (row.skipped for row in pipeline.library.files.skipped([1]))
            assert (skipped.path, skipped.reason) == (name, "timed_out")
            return outcome.retry, skipped.detail, pipeline.pool.lost

    assert visit("slow.png") == (True, "0.3 s", 1)
    (folder / "slow.png").touch()
    assert visit("slow.png") == (False, "0.3 s", 1)
    (folder / "slow.png").rename(folder / "other.png")
    assert visit("other.png") == (False, "2 times; it is not tried again", 0)


def test_a_library_folder_open_to_others_is_closed_but_a_shared_folder_is_left_alone(tmp_path: Path) -> None:
    empty, shared = tmp_path / "empty", tmp_path / "shared"
    for folder in (empty, shared):
        folder.mkdir(mode=0o755)
    (shared / "notes.txt").write_text("mine")
    for folder in (empty, shared):
        with open_pipeline(Settings(), folder, workers=1):
            pass
    assert [folder.stat().st_mode & 0o777 for folder in (empty, shared)] == [0o700, 0o755]


def test_what_an_older_method_read_is_read_again_but_for_its_vector(pipeline: Pipeline, busy_minute: Path) -> None:
    torn = busy_minute / "IMG_0004.jpg"
    torn.write_bytes(damaged(torn.read_bytes(), "noise", 0.5))
    bring(pipeline, busy_minute)
    rows = (
        "SELECT file.path, photo.key, taken_us, damage, change_seq"
        " FROM photo JOIN file ON photo_id = photo.id JOIN vector USING (photo_id)"
    )
    fresh = sorted(sql(pipeline, rows))
    key = next(key for path, key, *_ in fresh if path == b"IMG_0001.jpg")
    content = present(pipeline)["IMG_0001.jpg"]
    wrong = CaptureTime(START_US - 10**12, 0, TimeSource.MTIME, Certainty.LOW)
    before, after = pipeline.library.photos.set_time(content, wrong)
    pipeline.owned.index.move(before, after, pipeline.library.vectors.get(content, pipeline.owned.row.id))
    # as a library of the version before says after its migration
    sql(pipeline, "UPDATE photo SET method = 1, damage = ''")
    vectors = dict(sql(pipeline, "SELECT photo_id, value FROM vector"))
    bring(pipeline, busy_minute)
    again = sorted(sql(pipeline, rows))
    assert [row[:4] for row in again] == [row[:4] for row in fresh]
    assert [a[4] for a, f in zip(again, fresh, strict=True) if a[0] != b"IMG_0001.jpg"] == [
        f[4] for f in fresh if f[0] != b"IMG_0001.jpg"
    ]
    assert dict(sql(pipeline, "SELECT photo_id, value FROM vector")) == vectors
    assert pipeline.owned.index.search(pipeline.library.vectors.get(content, pipeline.owned.row.id), 1)[0].key == key
    assert len(pipeline.owned.index) == 5
    assert bring(pipeline, busy_minute) == []

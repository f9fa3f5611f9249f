"""Reorganized libraries: no photo is embedded again or new, decisions hold; a photo in two folders is one content."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemons import photos, running, wait_until
from dejashot.config.settings import Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.tasks import IngestOutcome, IngestResult
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict
from homes import Home
from scenes import save_photo, scene

COUNT = int(os.environ.get("DEJASHOT_MOVES", "300"))
NOON = datetime(2026, 7, 1, 12)
FIRST = datetime(2026, 7, 1, 20, tzinfo=UTC)
DISTINCT = 6  # pictures: each file has bytes of its own at its end
DAYS = 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of many photos as a phone left it: two of a moment, every tenth with a film and a sidecar."""
    samples = [
        save_photo(tmp_path / "samples" / f"{n}.jpg", scene(n, (200, 150))).read_bytes() for n in range(DISTINCT)
    ]
    made = tmp_path / "Pictures"
    (made / "Camera").mkdir(parents=True)
    for n in range(COUNT):
        taken = NOON + timedelta(minutes=5 * (n // 2), seconds=n % 2)
        photo = made / "Camera" / f"IMG_{taken:%Y%m%d_%H%M%S}.jpg"
        photo.write_bytes(samples[n // 2 % DISTINCT] + b"%d" % n)
        os.utime(photo, (taken.replace(tzinfo=UTC).timestamp(),) * 2)
        if n % 10 == 0:
            add_companion(photo, ".MOV", b"film %d" % n)
            add_companion(photo, ".jpg.xmp", b"<x/>")
    return made


def add_companion(photo: Path, suffix: str, data: bytes) -> None:
    photo.with_suffix(suffix).write_bytes(data)
    shutil.copystat(photo, photo.with_suffix(suffix))


def reorganize(folder: Path, turn: int) -> None:
    """Rename every file and move it into another folder, as an owner does who sorts a phone's photos by day."""
    shots = sorted({f.name.split(".")[0] for f in folder.rglob("IMG_*")})
    place = {shot: n for n, shot in enumerate(shots)}
    for file in sorted(f for f in folder.rglob("IMG_*") if f.is_file()):
        stem, _, suffix = file.name.partition(".")
        target = folder / f"sorted{turn}" / f"day{place[stem] % DAYS}"
        target.mkdir(parents=True, exist_ok=True)
        file.rename(target / f"{stem}_{turn}.{suffix}")


def known(home_library: Path) -> tuple[dict[str, bytes], dict[int, tuple[int, int]], int]:
    """Return contents by path, the state of the vectors (writing one would change it), and the newest arrival."""
    library = Library.open_read_only(home_library)
    row = library.vectors.active_model()
    assert row is not None
    folders = [f.id for f in library.folders.all()]
    contents = {found.shot.path: found.shot.content for found in library.shots.in_folders(folders, row.id)}
    arrival = int(max(library.shots.times.of_folders(folders).arrivals, default=0))
    stamps = library.vectors.part_stamps(row.id)
    library.close()
    return contents, stamps, arrival


def bring(pipeline: Pipeline, *folders: Path) -> list[IngestOutcome]:
    outcomes: list[IngestOutcome] = []
    bring_up_to_date(pipeline, folders, lambda _: None, outcomes.append)
    return outcomes


@contextmanager
def timed(what: str) -> Iterator[None]:
    began_s = time.monotonic()
    yield
    sys.stdout.write(f"\n{what} ({COUNT:,} photos): {time.monotonic() - began_s:.1f} s\n")


def test_a_library_reorganized_without_a_daemon_costs_no_embedding(folder: Path, library: Path) -> None:
    with open_pipeline(Settings(), library, workers=2) as pipeline:
        with timed("read for the first time"):
            assert {o.result for o in bring(pipeline, folder)} == {IngestResult.ADDED}
        digests = DigestRunner(pipeline, UTC, library / "digests", FIRST)
        assert digests.make(FIRST, pipeline.library.folders.all(), []).photos == COUNT
        before, stamps, arrival = known(library)
        rejected = sorted(before.values())[:20]
        DecisionJournal(library).decide([Decision(content, Verdict.REJECT, 1) for content in rejected])
        reorganize(folder, 1)
        with timed("walked after every file was renamed and moved"):
            moved = bring(pipeline, folder)
        assert [o.result for o in moved] == [IngestResult.MOVED] * COUNT
        after, stamps_now, arrival_now = known(library)
        assert (stamps_now, arrival_now) == (stamps, arrival)
        assert set(after).isdisjoint(before)
        assert sorted(after.values()) == sorted(before.values())
        assert bring(pipeline, folder) == []
        assert digests.make(FIRST + timedelta(days=1), pipeline.library.folders.all(), []).state == "empty"
        assert {content: DecisionJournal(library).verdicts[content] for content in rejected} == dict.fromkeys(
            rejected, Verdict.REJECT
        )


def test_a_library_reorganized_under_a_running_daemon_costs_no_embedding(home: Home, folder: Path) -> None:
    home.json("scan", folder)  # pairs are verified by who owns the library: a report beside a daemon reads no photo
    with running(home, folder):
        wait_until(lambda: photos(home) == COUNT, "all are read", timeout_s=600)
        before, stamps, arrival = known(home.library)
        body = home.json("report")
        group = body["groups"][0]
        rejected = next(name for name in group["photos"] if name not in group["keepers"])
        DecisionJournal(home.library).decide([Decision(before[rejected], Verdict.REJECT, 1)])
        with timed("known again by a running daemon"):
            reorganize(folder, 1)
            names = {str(f.relative_to(folder)) for f in folder.rglob("*.jpg")}
            wait_until(lambda: set(known(home.library)[0]) == names, "all are known by their new names", timeout_s=600)
        wait_until(lambda: photos(home) == COUNT, "nothing waits")
        after, stamps_now, arrival_now = known(home.library)
        assert sorted(after.values()) == sorted(before.values())
        assert (stamps_now, arrival_now) == (stamps, arrival)
    # companions are found by the next walk: they moved with their photos, and are not late
    again = home.json("scan", folder)
    assert known(home.library) == (after, stamps, arrival)
    assert (
        sum(len(p["companions"]) for p in again["photos"])
        == sum(len(p["companions"]) for p in body["photos"])
        == 2 * len(range(0, COUNT, 10))
    )
    assert {g["id"] for g in again["groups"]} == {g["id"] for g in body["groups"]}
    (held,) = [g for g in again["groups"] if g["id"] == group["id"]]
    assert sorted(held["decisions"].values()) == ["reject"]
    assert after[next(iter(held["decisions"]))] == before[rejected]


def test_one_photo_in_two_folders_is_embedded_once_and_listed_once_with_both_places(home: Home, tmp_path: Path) -> None:
    phone, disk = tmp_path / "phone", tmp_path / "disk"
    photo = save_photo(phone / "IMG_0001.jpg", scene(1), NOON)
    save_photo(phone / "IMG_0002.jpg", scene(3), NOON + timedelta(hours=1))
    disk.mkdir()
    shutil.copy2(photo, disk / "IMG_0001.jpg")
    body = home.json("scan", phone, disk)
    (group,) = body["groups"]
    assert (group["kind"], len(group["keepers"])) == ("duplicate", 1)
    assert {str(Path(body["root"]) / p) for p in group["photos"]} == {str(photo), str(disk / "IMG_0001.jpg")}
    assert group["reclaimable_bytes"] == photo.stat().st_size
    assert len({p["content"] for p in body["photos"]}) == 2
    assert sum(count for count, _ in known(home.library)[1].values()) == 2
    assert json.loads(home.run("report", "--format", "json").stdout)["totals"]["groups"] == 1

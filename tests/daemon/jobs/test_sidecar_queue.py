"""Sidecars are read while no photo waits, and applied once all are read."""

from datetime import UTC, datetime

import pytest

import exports
from clocks import FakeClock
from dejashot.config.settings import Settings
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.pipeline import Pipeline

QUIET_S = Settings().watch.poll_quiet_s


@pytest.fixture
def sidecars(
    pipeline: Pipeline, folders: dict[int, WatchedFolder], queue: IngestQueue, state: LoopState
) -> SidecarQueue:
    return SidecarQueue(pipeline, folders, queue, state)


@pytest.fixture
def with_sidecar(watched: WatchedFolder) -> WatchedFolder:
    (watched.path / "IMG_0001.jpg.json").write_bytes(exports.takeout(datetime(2026, 7, 1, 10, tzinfo=UTC)))
    return watched


def walk(pipeline: Pipeline, folder: WatchedFolder, *jobs: SidecarQueue | IngestQueue) -> None:
    found = pipeline.reconciler.reconcile(folder.row)
    for job in jobs:
        job.walked(folder, found)


def test_sidecars_are_read_after_the_photos(
    pipeline: Pipeline, with_sidecar: WatchedFolder, sidecars: SidecarQueue, queue: IngestQueue, clock: FakeClock
) -> None:
    assert sidecars.due_in_s() is None
    walk(pipeline, with_sidecar, sidecars, queue)
    assert (len(sidecars), sidecars.due_in_s()) == (1, None)
    sidecars.run()
    assert len(sidecars) == 1  # photos come first
    clock.pass_s(QUIET_S)
    queue.run()
    assert sidecars.due_in_s() == 0.0
    sidecars.run()
    assert (len(sidecars), sidecars.due_in_s()) == (0, None)
    assert pipeline.library.companions.pending([with_sidecar.id]) == []


def test_while_something_is_wrong_they_are_not_what_wakes_the_loop(
    pipeline: Pipeline, with_sidecar: WatchedFolder, sidecars: SidecarQueue, state: LoopState
) -> None:
    walk(pipeline, with_sidecar, sidecars)
    state.note_problem("the disk is full")
    assert (len(sidecars), sidecars.due_in_s()) == (1, None)


def test_those_of_a_folder_that_is_away_wait_for_it(
    pipeline: Pipeline, with_sidecar: WatchedFolder, sidecars: SidecarQueue
) -> None:
    with_sidecar.mark_unavailable("it is away")
    walk(pipeline, with_sidecar, sidecars)
    assert len(sidecars) == 0

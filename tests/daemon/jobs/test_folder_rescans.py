"""Walks of real folders, when they are due, and what they tell the other jobs."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clocks import FakeClock
from dejashot.daemon.jobs.folder_rescans import FolderRescans
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.reconcile import Reconciled


class Listener:
    """A job that counts what walks find."""

    def __init__(self) -> None:
        self.found: list[int] = []

    def walked(self, _folder: WatchedFolder, found: Reconciled) -> None:
        self.found.append(len(found.arrived))


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def rescans(
    pipeline: Pipeline, folders: dict[int, WatchedFolder], listener: Listener, state: LoopState
) -> FolderRescans:
    return FolderRescans(folders, pipeline.reconciler, [listener], state, lambda: None)


def test_a_folder_is_walked_when_it_is_due_and_not_before(
    rescans: FolderRescans, watched: WatchedFolder, listener: Listener, clock: FakeClock
) -> None:
    assert rescans.due_in_s() is None
    watched.request_walk(5.0)
    assert rescans.due_in_s() == 5.0
    rescans.run()
    assert (listener.found, rescans.reconciled.is_set()) == ([], False)
    clock.pass_s(5.0)
    rescans.run()
    assert (listener.found, rescans.reconciled.is_set()) == ([5], True)
    assert rescans.due_in_s() is None


def test_of_many_new_files_some_are_found_at_a_time_until_all_are_read(
    pipeline: Pipeline,
    folders: dict[int, WatchedFolder],
    queue: IngestQueue,
    state: LoopState,
    clock: FakeClock,
    present: Callable[[], int],
) -> None:
    rescans = FolderRescans(folders, pipeline.reconciler, [queue], state, lambda: None, max_new=2)
    (folder,) = folders.values()
    (folder.path / "broken.jpg").write_bytes(b"no photo")
    folder.request_walk(0.0)
    waiting, found = list[int](), list[int]()
    while rescans.due_in_s() is not None:
        rescans.run()
        waiting.append(len(queue) + folder.more)
        clock.pass_s(60.0)
        queue.run()
        found.append(present())
    assert (waiting, found[-1]) == ([6, 4, 2], 5)


def test_a_folder_that_is_away_is_said_once_and_tried_again(
    rescans: FolderRescans,
    watched: WatchedFolder,
    listener: Listener,
    busy_minute: Path,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    aside = busy_minute.rename(busy_minute.with_name("aside"))
    watched.request_walk(0.0)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            rescans.run()
            assert not watched.available
            clock.pass_s(rescans.due_in_s() or 0.0)
    assert len(caplog.records) == 1
    assert rescans.reconciled.is_set()  # there is nothing that could be walked
    shutil.move(aside, busy_minute)
    rescans.run()
    assert (listener.found, watched.problem) == ([5], "")


def test_a_walk_that_goes_well_ends_what_was_wrong(
    rescans: FolderRescans, watched: WatchedFolder, state: LoopState
) -> None:
    state.note_problem("the disk is full")
    watched.request_walk(0.0)
    rescans.run()
    assert (state.problem, state.changed) == ("", True)


def test_a_paused_folder_is_left_alone(rescans: FolderRescans, watched: WatchedFolder, listener: Listener) -> None:
    watched.watch.stop()
    watched.request_walk(0.0)
    rescans.run()
    assert listener.found == []

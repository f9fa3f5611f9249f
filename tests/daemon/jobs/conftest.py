"""What tests of the jobs share: a clock that they set, and a watched folder over a real library."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clocks import FakeClock
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.files.mounts import WatchMethod
from dejashot.ingest.pipeline import Pipeline
from dejashot.watch.folder_watch import FolderWatch, WatchOptions
from watches import Reports


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def state(clock: FakeClock, stopping: threading.Event) -> LoopState:
    return LoopState(clock, stopping)


@pytest.fixture
def watched(pipeline: Pipeline, busy_minute: Path, clock: FakeClock) -> WatchedFolder:
    """Give the test a folder of five photos that is polled."""
    row = pipeline.library.folders.add(busy_minute, busy_minute.stat().st_dev)
    watch = FolderWatch(row.path, Reports(), WatchOptions(method=lambda: WatchMethod(polled=True)))
    watch.start()
    return WatchedFolder(row, pipeline.reconciler.rules_of(row.path), watch, clock)


@pytest.fixture
def folders(watched: WatchedFolder) -> dict[int, WatchedFolder]:
    return {watched.id: watched}


@pytest.fixture
def queue(pipeline: Pipeline, folders: dict[int, WatchedFolder], state: LoopState, clock: FakeClock) -> IngestQueue:
    return IngestQueue(pipeline, folders, state, clock)


@pytest.fixture
def present(pipeline: Pipeline) -> Callable[[], int]:
    """Give the test the number of photos in the library."""
    return lambda: pipeline.library.files.counts([1]).get("present", 0)

"""After an error: it is logged now and then, and the work is come back to."""

import logging

import pytest

from clocks import FakeClock
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.recovery import ERROR_DELAY_S, LOG_AGAIN_S, Recovery
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.errors import StorageError


class Digests:
    """A job that can be put off."""

    def __init__(self) -> None:
        self.postponed_s = 0.0

    def postpone(self, delay_s: float) -> None:
        self.postponed_s = delay_s


def test_an_error_is_logged_once_and_all_folders_are_walked_again(
    folders: dict[int, WatchedFolder],
    watched: WatchedFolder,
    queue: IngestQueue,
    state: LoopState,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    digests = Digests()
    recovery = Recovery(folders, queue, digests, state, clock)
    state.note_published()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            recovery.recover(StorageError("the disk is full", "Make room"))
    assert [record.getMessage() for record in caplog.records] == ["the disk is full. Make room"]
    assert (state.problem, state.changed) == ("the disk is full", True)
    assert watched.due_in_s() == digests.postponed_s == ERROR_DELAY_S
    clock.pass_s(LOG_AGAIN_S)
    recovery.recover(StorageError("the disk is full", "Make room"))
    assert len(caplog.records) == 2

"""Files on their way into a real library: when they are read, what is tried again, and what only a walk can tell."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clocks import FakeClock
from dejashot.config.settings import Settings
from dejashot.daemon.events import LOSS_DELAY_S, RESCAN_DELAY_S
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.retries import RETRY_DELAYS_S
from dejashot.models.files import FileRef

QUIET_S = Settings().watch.poll_quiet_s


def land(queue: IngestQueue, watched: WatchedFolder, *names: str) -> None:
    """Tell the queue of files as a watch does."""
    for name in names:
        queue.file_changed(watched.id, os.fsencode(watched.path / name))


def test_a_file_is_read_once_it_has_stopped_changing(
    queue: IngestQueue, watched: WatchedFolder, clock: FakeClock, state: LoopState, present: Callable[[], int]
) -> None:
    assert queue.due_in_s() is None
    land(queue, watched, "IMG_0001.jpg", "IMG_0002.jpg")
    assert (len(queue), queue.due_in_s(), queue.has_stable) == (2, QUIET_S, False)
    queue.run()
    assert present() == 0
    clock.pass_s(QUIET_S)
    assert queue.has_stable
    queue.run()
    assert (len(queue), present(), queue.due_in_s()) == (0, 2, None)
    assert (state.idle_s(), state.quiet_s()) == (0.0, QUIET_S)
    land(queue, watched, "IMG_0001.jpg")  # it is known as it is
    assert len(queue) == 0


def test_a_file_that_changes_meanwhile_waits_again(
    queue: IngestQueue, watched: WatchedFolder, clock: FakeClock, present: Callable[[], int]
) -> None:
    land(queue, watched, "IMG_0001.jpg")
    clock.pass_s(QUIET_S)
    with (watched.path / "IMG_0001.jpg").open("ab") as file:
        file.write(b"more")
    queue.run()
    assert (present(), queue.due_in_s()) == (0, QUIET_S)


def test_what_fails_is_tried_again_and_is_recent_for_a_while(
    queue: IngestQueue, watched: WatchedFolder, clock: FakeClock, present: Callable[[], int]
) -> None:
    whole = (watched.path / "IMG_0001.jpg").read_bytes()
    half = watched.path / "half.jpg"
    half.write_bytes(whole[: len(whole) // 2])
    land(queue, watched, "half.jpg")
    clock.pass_s(QUIET_S)
    queue.run()
    assert (queue.retrying, queue.retrying_recent, queue.due_in_s()) == (1, True, RETRY_DELAYS_S[0])
    for wait_s in RETRY_DELAYS_S:
        clock.pass_s(wait_s)
        queue.run()
    assert (queue.retrying, queue.due_in_s(), present()) == (0, None, 0)
    half.write_bytes(whole)
    land(queue, watched, "half.jpg")
    clock.pass_s(QUIET_S)
    queue.run()
    assert present() == 1


def test_what_failed_shortly_before_the_last_stop_is_tried_again(
    queue: IngestQueue,
    pipeline: Pipeline,
    folders: dict[int, WatchedFolder],
    watched: WatchedFolder,
    state: LoopState,
    clock: FakeClock,
) -> None:
    (watched.path / "half.jpg").write_bytes((watched.path / "IMG_0001.jpg").read_bytes()[:4000])
    land(queue, watched, "half.jpg")
    clock.pass_s(QUIET_S)
    queue.run()
    restarted = IngestQueue(pipeline, folders, state, clock)
    assert restarted.retrying == 0
    restarted.retry_recent_failures()
    assert restarted.retrying == 1
    assert restarted.is_failing(FileRef(watched.id, b"half.jpg"))


def test_a_loss_is_left_to_a_walk_that_comes_later(
    queue: IngestQueue, watched: WatchedFolder, clock: FakeClock
) -> None:
    land(queue, watched, "IMG_0001.jpg")
    clock.pass_s(QUIET_S)
    queue.run()
    (watched.path / "IMG_0001.jpg").unlink()
    land(queue, watched, "IMG_0001.jpg")
    assert watched.due_in_s() == LOSS_DELAY_S


def test_a_file_that_never_was_a_photo_of_ours_is_no_loss(queue: IngestQueue, watched: WatchedFolder) -> None:
    land(queue, watched, "gone.jpg", "notes.txt")
    assert (len(queue), watched.due_in_s()) == (0, None)


@pytest.mark.parametrize("name", ["clip.mov", "IMG_0001.jpg.json"])
def test_films_and_sidecars_are_left_to_a_walk(queue: IngestQueue, watched: WatchedFolder, name: str) -> None:
    (watched.path / name).write_bytes(b"x")
    land(queue, watched, name)
    assert (len(queue), watched.due_in_s()) == (0, RESCAN_DELAY_S)


def test_a_link_is_not_read(queue: IngestQueue, watched: WatchedFolder, tmp_path: Path) -> None:
    (watched.path / "link.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    land(queue, watched, "link.jpg")
    assert (len(queue), watched.due_in_s()) == (0, RESCAN_DELAY_S)


def test_when_the_daemon_stops_nothing_more_is_read(
    queue: IngestQueue,
    watched: WatchedFolder,
    clock: FakeClock,
    stopping: threading.Event,
    present: Callable[[], int],
) -> None:
    land(queue, watched, "IMG_0001.jpg")
    clock.pass_s(QUIET_S)
    stopping.set()
    queue.run()
    assert present() == 0

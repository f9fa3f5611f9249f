"""Native watching of a real folder."""

import logging
import queue
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dejashot.watch.folder_watch import FolderWatch, OverflowFilter, WatchState
from watches import Reports

TIMEOUT_S = 10.0


class Events:
    """What a watch reports: paths of files, None for a folder that has to be walked."""

    def __init__(self) -> None:
        self.box: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.reports = Reports(self.box.put, lambda: self.box.put(None))

    def wait_for(self, path: Path) -> None:
        while self.box.get(timeout=TIMEOUT_S) != bytes(path):
            pass

    def wait_for_rescan(self) -> None:
        while self.box.get(timeout=TIMEOUT_S) is not None:
            pass


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def watch(root: Path, events: Events) -> Iterator[FolderWatch]:
    made = FolderWatch(root, events.reports)
    made.start()
    yield made
    made.stop()


def test_writing_renaming_moving_in_linking_and_deleting_are_all_seen(
    root: Path, tmp_path: Path, watch: FolderWatch, events: Events
) -> None:
    assert watch.state is WatchState.WATCHING
    (root / "written.jpg").write_bytes(b"1")
    events.wait_for(root / "written.jpg")
    (root / ".syncthing.x.jpg.tmp").write_bytes(b"2")
    (root / ".syncthing.x.jpg.tmp").rename(root / "x.jpg")
    events.wait_for(root / "x.jpg")
    (tmp_path / "outside.jpg").write_bytes(b"3")
    shutil.move(tmp_path / "outside.jpg", root / "moved.jpg")
    events.wait_for(root / "moved.jpg")
    (root / "link.jpg").hardlink_to(root / "moved.jpg")
    events.wait_for(root / "link.jpg")
    (root / "moved.jpg").unlink()
    events.wait_for(root / "moved.jpg")


def test_reading_a_file_says_nothing(root: Path, watch: FolderWatch, events: Events) -> None:
    (root / "a.jpg").write_bytes(b"1")
    events.wait_for(root / "a.jpg")
    for _ in range(20):
        (root / "a.jpg").read_bytes()
    (root / "last.jpg").write_bytes(b"1")
    seen = []
    while not seen or seen[-1] != bytes(root / "last.jpg"):
        seen.append(events.box.get(timeout=TIMEOUT_S))
    assert seen.count(bytes(root / "a.jpg")) <= 2


def test_a_folder_moved_in_asks_for_a_walk(root: Path, tmp_path: Path, watch: FolderWatch, events: Events) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.jpg").write_bytes(b"1")
    shutil.move(tmp_path / "tree", root / "tree")
    events.wait_for_rescan()


def test_a_root_that_goes_away_pauses_and_one_that_comes_back_is_watched_anew(
    root: Path, watch: FolderWatch, events: Events
) -> None:
    aside = root.with_name("aside")
    root.rename(aside)
    assert watch.check() is False
    assert watch.state is WatchState.PAUSED
    assert watch.problem
    aside.rename(root)
    assert watch.check() is True
    assert watch.state is WatchState.WATCHING
    assert watch.check() is False
    (root / "after.jpg").write_bytes(b"1")
    events.wait_for(root / "after.jpg")


def test_a_root_deleted_and_created_again_is_watched_anew(root: Path, watch: FolderWatch, events: Events) -> None:
    shutil.rmtree(root)
    root.mkdir()
    (root.with_name("inode")).mkdir()
    while not watch.check():
        pass
    (root / "after.jpg").write_bytes(b"1")
    events.wait_for(root / "after.jpg")


def test_a_full_queue_is_heard_of_through_the_log() -> None:
    heard = []
    logger = logging.getLogger("watchdog.observers.inotify_c")
    overflow = OverflowFilter(lambda: heard.append(True))
    logger.addFilter(overflow)
    logger.warning("Inotify queue overflowed; filesystem events were lost")
    logger.warning("something else")
    logger.removeFilter(overflow)
    assert heard == [True]

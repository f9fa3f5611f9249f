"""Is every folder watched: the kernel's own list of a real watcher."""

import ctypes
import os
import sys
from pathlib import Path

import pytest

from dejashot.files.names import NameRules
from dejashot.watch.coverage import WatchCoverage
from dejashot.watch.inotify_watches import describe_limit, watched_inodes
from dejashot.watch.walk import FolderWalk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


class Inotify:
    """The kernel's interface, with nothing in between."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.handle = self._libc.inotify_init()

    def watch(self, folder: Path) -> None:
        assert self._libc.inotify_add_watch(self.handle, bytes(folder), 0x100) > 0


def entered(root: Path) -> dict[bytes, tuple[int, int]]:
    walk = FolderWalk(root, NameRules())
    list(walk)
    return walk.coverage.entered


def test_the_kernel_lists_what_is_watched(tmp_path: Path) -> None:
    inotify = Inotify()
    inotify.watch(tmp_path)
    listed = watched_inodes()
    assert listed is not None
    assert tmp_path.stat().st_ino in listed
    os.close(inotify.handle)
    assert tmp_path.stat().st_ino not in (watched_inodes() or ())
    assert watched_inodes("nobody") is None


def test_a_folder_that_is_not_watched_counts_from_the_second_look_on(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    inotify, coverage = Inotify(), WatchCoverage(bytes(tmp_path))
    inotify.watch(tmp_path)
    inotify.watch(tmp_path / "a")
    coverage.watched(tmp_path.stat().st_ino)
    coverage.walked(entered(tmp_path))
    assert not coverage.is_root_unwatched(tmp_path.stat().st_ino, 0)
    assert (coverage.problem(60), coverage.in_doubt) == ("", True)
    assert coverage.problem(60).startswith(
        "2 of 4 folders are not watched, so all are walked every 60 s: the system's limit"
    )
    assert coverage.short
    (tmp_path / "b").rmdir()
    inotify.watch(tmp_path / "c")
    assert not coverage.is_root_unwatched(tmp_path.stat().st_ino, 0)
    assert coverage.problem(60) == ""
    assert not coverage.short
    os.close(inotify.handle)
    assert coverage.is_root_unwatched(tmp_path.stat().st_ino, 0)


def test_where_the_list_tells_nothing_the_watcher_is_believed(tmp_path: Path) -> None:
    coverage = WatchCoverage(bytes(tmp_path))
    coverage.watched(tmp_path.stat().st_ino)
    coverage.walked(entered(tmp_path))
    assert not coverage.is_root_unwatched(tmp_path.stat().st_ino, 0)
    assert (coverage.problem(60), coverage.problem(60)) == ("", "")


def test_limits_are_told_apart() -> None:
    assert "max_user_watches" in describe_limit(28)
    assert "max_user_instances" in describe_limit(24)
    assert describe_limit(13) == ""

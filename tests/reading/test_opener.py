"""Opening for the readers: regular files only, through no link, and never blocked for ever."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.opener import MAX_STUCK, Opener
from stuck_disk import StuckDisk


def reason_of(opener: Opener, path: bytes) -> Reason:
    with pytest.raises(UnreadablePhotoError) as caught:
        opener.open(path, lambda: None, 10.0)
    return caught.value.reason


def open_descriptors() -> int:
    return len(os.listdir("/dev/fd"))


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener(20.0)
    yield made
    made.close()


def test_only_regular_files_are_opened_and_links_are_not_followed(opener: Opener, tmp_path: Path) -> None:
    real = tmp_path / "real.jpg"
    real.write_bytes(b"data")
    (tmp_path / "link.jpg").symlink_to(real)
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "album").symlink_to(tmp_path)
    handle = opener.open(bytes(real), lambda: None, 10.0)
    with open(handle, "rb") as file:
        assert file.read() == b"data"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(handle, b"x")
    before = open_descriptors()
    for name, reason in (
        ("link.jpg", Reason.NOT_A_REGULAR_FILE),
        ("pipe.jpg", Reason.NOT_A_REGULAR_FILE),
        ("folder.jpg", Reason.NOT_A_REGULAR_FILE),
        ("album/real.jpg", Reason.VANISHED),
        ("none.jpg", Reason.VANISHED),
    ):
        assert reason_of(opener, bytes(tmp_path / name)) is reason
    assert open_descriptors() == before


def test_a_file_that_does_not_open_is_given_up_and_the_others_are_opened_all_the_same(tmp_path: Path) -> None:
    for name in ("stuck", "good"):
        (tmp_path / name).write_bytes(b"data")
    disk, others = StuckDisk(), set(threading.enumerate())  # pools of other tests have openers of their own
    opener, beats = Opener(0.4, disk.open), []
    for _ in range(MAX_STUCK):
        with pytest.raises(UnreadablePhotoError) as caught:
            opener.open(bytes(tmp_path / "stuck"), lambda: beats.append(1), 0.05)
        assert caught.value.reason is Reason.IO_ERROR
        if len(set(threading.enumerate()) - others) < MAX_STUCK:
            os.close(opener.open(bytes(tmp_path / "good"), lambda: None, 10.0))
    assert len(beats) >= MAX_STUCK
    threads = threading.active_count()
    for _ in range(50):  # no more threads, and no more waiting, however many files there are
        assert reason_of(opener, bytes(tmp_path / "stuck")) is Reason.IO_ERROR
    assert threading.active_count() == threads
    waiting = [t for t in threading.enumerate() if t.name == "opener" and t not in others]
    disk.lets_go.set()
    opener.close()
    for thread in waiting:
        thread.join()
    for handle in disk.opened:  # nothing that came too late stays open
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)
    os.close(opener.open(bytes(tmp_path / "good"), lambda: None, 10.0))
    opener.close()

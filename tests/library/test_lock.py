"""A lock is held whatever becomes of its file."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from dejashot.errors import StorageError
from dejashot.library.lock import LockTimeoutError, OwnLock


def is_free(file: Path, guarded: Path | None = None) -> bool:
    """Return whether a lock could be taken now: to the system it belongs to an open file, not to a process."""
    try:
        with OwnLock(file, 0.0, guarded):
            return True
    except LockTimeoutError:
        return False


HOLD = "import sys; from pathlib import Path; from dejashot.library.lock import OwnLock; lib = Path(sys.argv[1])\n"
HOLD += "lock = OwnLock(lib / 'lock', 0.0, lib); lock.acquire(); print('held', flush=True); sys.stdin.read()"


def test_another_process_is_kept_out_until_it_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert not is_free(tmp_path / "lock", tmp_path)
        (tmp_path / "lock").unlink()
        assert not is_free(tmp_path / "lock", tmp_path)
        process.kill()
    assert is_free(tmp_path / "lock", tmp_path)


def test_two_do_not_hold_it_and_it_goes_with_its_holder(tmp_path: Path) -> None:
    lock = OwnLock(tmp_path / "lock", 0.0, tmp_path)
    lock.acquire()
    assert not is_free(tmp_path / "lock", tmp_path)
    lock.release()
    assert is_free(tmp_path / "lock", tmp_path)
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_a_version_that_locks_the_file_alone_is_kept_out_and_keeps_out(tmp_path: Path) -> None:
    older, ours = FileLock(tmp_path / "lock"), OwnLock(tmp_path / "lock", 0.0, tmp_path)
    with ours, pytest.raises(Timeout):
        older.acquire(timeout=0)
    with older, pytest.raises(LockTimeoutError):
        ours.acquire()


@pytest.mark.parametrize("what", ["removed", "replaced", "renamed"])
def test_whoever_removes_the_file_does_not_free_what_it_guards(tmp_path: Path, what: str) -> None:
    file = tmp_path / "lock"
    with OwnLock(file, 0.0, tmp_path) as lock:
        file.rename(tmp_path / "elsewhere") if what == "renamed" else file.unlink()
        if what == "replaced":
            file.touch()
        assert not is_free(file, tmp_path)
        assert lock.renew()
        assert not lock.renew()
        assert not is_free(file)


def test_who_took_a_new_file_meanwhile_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with OwnLock(file, 0.0) as lock:
        file.unlink()
        with OwnLock(file, 0.0), pytest.raises(LockTimeoutError):
            lock.renew()
        assert lock.renew()


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "dangling link"])
def test_what_is_no_file_is_named_and_not_followed(tmp_path: Path, what: str) -> None:
    file, other = tmp_path / "lock", tmp_path / "other"
    if what == "pipe":
        os.mkfifo(file)
    elif what == "folder":
        file.mkdir()
    else:
        file.symlink_to(other)
        if what == "link":
            other.write_text("mine")
    with pytest.raises(StorageError, match="is a link, a folder or a pipe"):
        OwnLock(file, 0.0).acquire()
    assert not other.exists() or other.read_text() == "mine"


def test_a_lock_is_private_under_any_umask(tmp_path: Path) -> None:
    for umask in (0, 0o777):
        before = os.umask(umask)
        try:
            OwnLock(tmp_path / f"lock{umask}", 0.0).acquire()
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / f"lock{umask}").stat().st_mode) == 0o600

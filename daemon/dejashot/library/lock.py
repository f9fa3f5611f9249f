"""A lock that holds although its file is removed: only one process works with our own state at a time."""

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from dejashot.errors import LibraryBusyError, LibraryError, StorageError
from dejashot.language.texts import noted
from dejashot.paths import (
    close_to_others,
    make_folder,
    open_own,
    refuse_others,
    shown,
)

_RETRY_S = 0.05
_TAKEN = (errno.EACCES, errno.EAGAIN)


class LockTimeoutError(TimeoutError):
    """Another process holds a lock."""


class OwnLock:
    """Hold a file, and the folder it guards, against every other process, until released or the process ends.

    The file is what other versions know. The folder can't be replaced while a process works in it. The file can, which
    is seen by its inode. Not thread-safe, and not to be acquired twice.
    """

    def __init__(self, file: Path, timeout_s: float, guarded: Path | None = None) -> None:
        self._file, self._guarded, self._timeout_s = file, guarded, timeout_s
        self._handle, self._folder = -1, -1

    def acquire(self, timeout_s: float | None = None) -> None:
        """Take the lock; raise LockTimeoutError when another process holds it for longer than that.

        Raises StorageError where the file is none of ours, OSError when it can't be made.
        """
        until_s = time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)
        while not self._try():
            if time.monotonic() >= until_s:
                raise LockTimeoutError(str(self._file))
            time.sleep(_RETRY_S)

    def release(self) -> None:
        """Release the file and the folder."""
        held = self._folder, self._handle
        self._handle, self._folder = -1, -1  # before the next can have it
        for handle in held:
            if handle >= 0:
                os.close(handle)  # with the last descriptor goes the lock

    def renew(self) -> bool:
        """Make sure that the file that is held is the one that others see; return whether it had to be made anew.

        Raises LockTimeoutError when another process holds a new one, StorageError or OSError when it can't be made.
        """
        if self._is_there(self._handle):
            return False
        fresh = self._locked_file()
        if fresh < 0:
            raise LockTimeoutError(str(self._file))
        os.close(self._handle)
        self._handle = fresh
        return True

    def __enter__(self) -> "OwnLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _try(self) -> bool:
        handle = self._locked_file()
        if handle < 0:
            return False
        try:
            free = self._guarded is None or self._take_folder(self._guarded)
        except BaseException:
            os.close(handle)
            raise
        if not free:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def _locked_file(self) -> int:
        """Return the descriptor of the file, locked, or -1 when another process has it; raise StorageError, OSError."""
        try:
            handle = open_own(self._file, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EINVAL, errno.EISDIR, errno.ENXIO):
                raise
            raise StorageError(
                noted("{file} is a link, a folder or a pipe, no file").format(file=shown(self._file)),
                noted("Look at what it is, and remove it: it is made anew"),
            ) from error
        if _locked(handle) and self._is_there(handle):
            return handle
        os.close(handle)  # taken, or removed between opening and locking
        return -1

    def _is_there(self, handle: int) -> bool:
        """Return whether an open file is the one that has the name."""
        held = os.fstat(handle)
        with suppress(FileNotFoundError):
            seen = self._file.lstat()
            return (seen.st_ino, seen.st_dev) == (held.st_ino, held.st_dev)
        return False

    def _take_folder(self, folder: Path) -> bool:
        """Lock the folder, where its file system can; return whether no other process has it."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            free = _locked(handle)
        except OSError:  # a file system that locks no folders: the file has to do
            os.close(handle)
            return True
        if free:
            self._folder = handle
        else:
            os.close(handle)
        return free


def _locked(handle: int) -> bool:
    """Lock an open file or folder and return True, or False when another process has it; raise OSError."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


LOCK_NAME = "lock"
LOCK_TIMEOUT_S = 1.0  # `status` holds the lock for a moment to see whether anyone has it


def lock_of(folder: Path) -> OwnLock:
    """Return the lock that the owner of the library in a folder holds."""
    return OwnLock(folder / LOCK_NAME, LOCK_TIMEOUT_S, guarded=folder)


def take_lock(folder: Path) -> OwnLock:
    """Return the lock of a library, held; raise LibraryBusyError when another process holds it.

    Raises StorageError or LibraryError when nobody can.
    """
    lock = lock_of(folder)
    try:
        close_to_others(make_folder(folder))
        refuse_others(folder)
        lock.acquire()
    except LockTimeoutError:
        raise LibraryBusyError(
            noted("another Dejashot is using the library"),
            noted("Wait for it, or stop it; `dejashot status` shows the running daemon"),
        ) from None
    except OSError as error:
        raise LibraryError(
            noted("can't use {folder}: {why}").format(folder=shown(folder), why=error.strerror),
            noted("Check who owns it"),
        ) from error
    return lock

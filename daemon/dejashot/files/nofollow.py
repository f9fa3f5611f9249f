"""Opening files and folders so that no link anywhere in their path leads elsewhere, and no pipe is waited for."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from dejashot.models.files import content_hash

READ_ONLY = (
    os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW_ANY", 0)
)  # the last on macOS
_PASS_THROUGH = getattr(os, "O_PATH", 0) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW_ANY", 0)


def open_unfollowed(path: bytes) -> int:
    """Open a file by its absolute path for reading, following no link.

    Where the system has no flag for that (Linux), it goes folder by folder. Raises OSError, with ELOOP or ENOTDIR where
    a link stands in the way.
    """
    return _open_below(path, READ_ONLY)


@contextmanager
def folder_unfollowed(path: bytes) -> Iterator[int]:
    """Hold a folder open by its absolute path, following no link; raise OSError."""
    handle = _open_below(path, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


def _open_below(path: bytes, flags: int) -> int:
    if not hasattr(os, "O_PATH"):
        return os.open(path, flags)
    *folders, name = path.removeprefix(b"/").split(b"/")
    here = os.open(b"/", _PASS_THROUGH)
    try:
        for folder in folders:
            below = os.open(folder, _PASS_THROUGH, dir_fd=here)
            os.close(here)
            here = below
        return os.open(name or b".", flags, dir_fd=here)
    finally:
        os.close(here)


def hash_of_open(handle: int) -> bytes:
    """Return the hash of an open file from its beginning (BLAKE2b-256); raise OSError."""
    os.lseek(handle, 0, os.SEEK_SET)
    with open(handle, "rb", closefd=False) as file:
        return hashlib.file_digest(file, content_hash).digest()


def fingerprint(path: bytes) -> tuple[bytes, os.stat_result]:
    """Return the hash (BLAKE2b-256) and the stat of a regular file, following no link.

    Raises OSError, or ValueError when it is no regular file.
    """
    handle = open_unfollowed(path)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        return hash_of_open(handle), status
    finally:
        os.close(handle)


def folder_of(path: bytes) -> bytes:
    """Return the folder that an absolute path lies in."""
    return path.rpartition(b"/")[0] or b"/"

"""Writing new files beside the owner's, each under a passing name until it is whole, and the folders they need; what went wrong in words."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dejashot.actions.moves.renames import confirm_rename
from dejashot.errors import DiskFullError, SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.paths import PRIVATE_FILE, PRIVATE_FOLDER, shown

TAKEN = "another file has its place"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_PASS = getattr(os, "O_PATH", 0) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileAttributes:
    """What a file wears beside its bytes: mode, owner and group, and its mtime (ns) where that is to be kept."""

    mode: int
    owner: int
    group: int
    mtime_ns: int | None = None

    @classmethod
    def of(cls, status: os.stat_result) -> "FileAttributes":
        """Return all of it from a stat."""
        return cls(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns)

    def put_on(self, handle: int) -> None:
        """Put it on an open file; an owner only where that is allowed."""
        with suppress(OSError):
            os.fchown(handle, self.owner, self.group)
        os.fchmod(handle, self.mode)
        if self.mtime_ns is not None:
            os.utime(handle, ns=(self.mtime_ns, self.mtime_ns))


@contextmanager
def fresh(folder: int, passing: bytes) -> Iterator[int]:
    """Hold a new file open for writing; it goes again when what is done with it fails."""
    handle = os.open(
        passing, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE, dir_fd=folder
    )
    try:
        yield handle
    except BaseException:
        with suppress(OSError):
            os.unlink(passing, dir_fd=folder)
        raise
    finally:
        os.close(handle)


def write_fresh(folder: int, name: bytes, data: bytes, tag: str, dress: FileAttributes, *, replace: bool) -> None:
    """Write a file in an open folder, under a passing name first and brought to the disk.

    Raises LeftAloneError when the name is taken and not to be replaced, or OSError.
    """
    passing = temp_name(tag)
    with suppress(FileNotFoundError):
        os.unlink(passing, dir_fd=folder)
    with fresh(folder, passing) as handle:
        fill(handle, data, dress)
        if replace:
            os.replace(passing, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            settle_name(folder, passing, name)
    sync_names(folder)


def fill(handle: int, data: bytes, dress: FileAttributes) -> None:
    """Write all of a new file and bring it to the disk; raise OSError."""
    with open(handle, "wb", closefd=False) as out:
        out.write(data)
    dress.put_on(handle)
    os.fsync(handle)


def settle_name(folder: int, passing: bytes, name: bytes) -> None:
    """Give a file in an open folder its name, unless that is taken; raise LeftAloneError or OSError."""
    try:
        confirm_rename(folder, passing, folder, name)
    except FileExistsError:
        raise SkippedFileError(TAKEN) from None


def temp_name(tag: str) -> bytes:
    """Return the name of a file on its way, which every watcher of ours leaves alone."""
    return f".dejashot-{tag}.tmp".encode()


def clear(target: bytes, tag: str) -> None:
    """Remove what a stopped attempt left beside a target."""
    with suppress(OSError), folder_unfollowed(folder_of(target)) as folder:
        os.unlink(temp_name(tag), dir_fd=folder)


def make_folders(path: bytes, mode: int = PRIVATE_FOLDER) -> None:
    """Make a folder by its absolute path with those above it, following no link; raise OSError."""
    here = os.open(b"/", _PASS)
    try:
        for name in filter(None, path.split(b"/")):
            try:
                below = os.open(name, _PASS, dir_fd=here)
            except FileNotFoundError:
                with suppress(FileExistsError):
                    os.mkdir(name, mode, dir_fd=here)
                below = os.open(name, _PASS, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)


def sync_names(folder: int) -> None:
    """Have the names in an open folder on the disk, where its file system knows how to."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):  # as some network file systems answer
            raise


def sync(folders: Iterable[bytes]) -> None:
    """Have the names in some folders on the disk; a folder that is gone has none."""
    for folder in folders:
        with suppress(OSError), folder_unfollowed(folder) as handle:
            os.fsync(handle)


@contextmanager
def translate_os_errors(target: bytes) -> Iterator[None]:
    """Turn what the system says into a reason to leave one file alone, or into a full disk."""
    try:
        yield
    except FileExistsError:
        raise SkippedFileError(TAKEN) from None
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(
                f"the disk that holds {shown(folder_of(target))} is full",
                "Nothing is lost. Make room there and run `dejashot apply`: it goes on where it stopped; `dejashot undo` takes it all back",
                "Nothing is lost. Make room there, then load this page again: it offers to finish the batch, or to take it all back",
            ) from error
        raise SkippedFileError(f"the system does not allow it: {error.strerror}") from error

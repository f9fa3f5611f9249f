"""Writing new files next to the owner's, each under a temporary name until it is whole, and the folders they need."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dejashot.actions.moves.renames import confirm_rename
from dejashot.errors import DiskFullError, SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted
from dejashot.paths import PRIVATE_FILE, PRIVATE_FOLDER, shown

TAKEN = noted("another file has its place")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_PASS = getattr(os, "O_PATH", 0) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileAttributes:
    """Mode, owner and group of a file, and its mtime (ns) where that is to be kept."""

    mode: int
    owner: int
    group: int
    mtime_ns: int | None = None

    @classmethod
    def of(cls, status: os.stat_result) -> "FileAttributes":
        """Return the attributes in a stat."""
        return cls(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_mtime_ns)

    def apply_to(self, handle: int) -> None:
        """Give them to an open file; the owner only where that is allowed."""
        with suppress(OSError):
            os.fchown(handle, self.owner, self.group)
        os.fchmod(handle, self.mode)
        if self.mtime_ns is not None:
            os.utime(handle, ns=(self.mtime_ns, self.mtime_ns))


@contextmanager
def new_file(folder: int, temp: bytes) -> Iterator[int]:
    """Hold a new file open for writing; it is unlinked when the block raises."""
    handle = os.open(
        temp, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE, dir_fd=folder
    )
    try:
        yield handle
    except BaseException:
        with suppress(OSError):
            os.unlink(temp, dir_fd=folder)
        raise
    finally:
        os.close(handle)


def write_new(folder: int, name: bytes, data: bytes, tag: str, attributes: FileAttributes, *, replace: bool) -> None:
    """Write a file in an open folder, under a temporary name first; it is on the disk when this returns.

    Raises SkippedFileError when the name is taken and not to be replaced, or OSError.
    """
    temp = temp_name(tag)
    with suppress(FileNotFoundError):
        os.unlink(temp, dir_fd=folder)
    with new_file(folder, temp) as handle:
        write_all(handle, data, attributes)
        if replace:
            os.replace(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            name_unless_taken(folder, temp, name)
    sync_names(folder)


def write_all(handle: int, data: bytes, attributes: FileAttributes) -> None:
    """Write all of a new file and bring it to the disk; raise OSError."""
    with open(handle, "wb", closefd=False) as out:
        out.write(data)
    attributes.apply_to(handle)
    os.fsync(handle)


def name_unless_taken(folder: int, temp: bytes, name: bytes) -> None:
    """Give a file in an open folder its name, unless that is taken; raise SkippedFileError or OSError."""
    try:
        confirm_rename(folder, temp, folder, name)
    except FileExistsError:
        raise SkippedFileError(TAKEN) from None


def temp_name(tag: str) -> bytes:
    """Return the temporary name of a file, which our own watchers leave alone."""
    return f".dejashot-{tag}.tmp".encode()


def remove_temp(target: bytes, tag: str) -> None:
    """Remove the temporary file that a stopped attempt left next to a target."""
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
    """Bring the names in an open folder to the disk, where its file system supports that."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):  # as some network file systems return
            raise


def sync(folders: Iterable[bytes]) -> None:
    """Bring the names in some folders to the disk; a folder that is gone has none."""
    for folder in folders:
        with suppress(OSError), folder_unfollowed(folder) as handle:
            os.fsync(handle)


@contextmanager
def translate_os_errors(target: bytes) -> Iterator[None]:
    """Turn OSError into SkippedFileError, or into DiskFullError."""
    try:
        yield
    except FileExistsError:
        raise SkippedFileError(TAKEN) from None
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(
                noted("the disk that holds {folder} is full").format(folder=shown(folder_of(target))),
                "Nothing is lost. Make room there and run `dejashot apply`: it goes on where it stopped; "
                "`dejashot undo` takes it all back",
                noted(
                    "Nothing is lost. Make room there, then load this page again: it offers to finish the "
                    "batch, or to take it all back"
                ),
            ) from error
        raise SkippedFileError(noted("the system does not allow it: {why}").format(why=error.strerror)) from error

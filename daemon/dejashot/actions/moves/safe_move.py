"""Moving one file so that nothing is ever replaced and no bytes are ever without a name, wherever it is stopped."""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from dejashot.actions.moves.aside import bring_back, held, is_file, stands_for, take_away
from dejashot.actions.moves.renames import NO_LINKS, rename_unless_taken
from dejashot.actions.moves.writing import (
    TAKEN,
    FileAttributes,
    clear,
    fresh,
    make_folders,
    settle_name,
    sync_names,
    temp_name,
    translate_os_errors,
)
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed, hash_of_open, open_unfollowed
from dejashot.models.files import content_hash
from dejashot.paths import PRIVATE_FOLDER

CHANGED_SINCE = "it is no longer what you decided about"
GONE = "it is no longer there"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileState:
    """What has a name now: nothing, a file with the bytes asked about, or anything else; with its stat."""

    there: bool
    same: bool = False
    status: os.stat_result | None = None

    @property
    def node(self) -> tuple[int, int] | None:
        """Return device and inode."""
        return (self.status.st_dev, self.status.st_ino) if self.status else None


def inspect(path: bytes, content: bytes) -> FileState:
    """Tell what has a name now, by its bytes and following no link; what can't be read is not the same."""
    try:
        handle = open_unfollowed(path)
    except FileNotFoundError:
        return FileState(there=False)
    except OSError as error:
        if error.errno == errno.ENOTDIR and not os.path.lexists(path):
            return FileState(there=False)
        return FileState(there=True)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return FileState(there=True, status=status)
        same = hash_of_open(handle) == content
        after = os.fstat(handle)
        still = (status.st_size, status.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        return FileState(there=True, same=same and still, status=after)
    except OSError:
        return FileState(there=True)
    finally:
        os.close(handle)


def move(source: bytes, target: bytes, content: bytes, tag: str, folder_mode: int = PRIVATE_FOLDER) -> bool:
    """Give a file with these bytes (BLAKE2b-256) another absolute name; do nothing when that is done already, and tell which it was.

    On one file system the new name is there before the old one goes; on another the bytes are copied, brought to the disk and read
    back first. A file that came by the old name meanwhile keeps it. `tag` names what is on its way: what an earlier attempt left of it is
    removed, or gets its name back. Mode and times stay; folders that the target needs get `folder_mode`. Raises LeftAloneError, with both
    names as they were or the words that say where else a file lies, or DiskFullError.
    """
    clear(target, tag)
    bring_back(source, tag, lambda aside: inspect(aside, content).same and inspect(target, content).same)
    bring_back(target, tag, lambda aside: inspect(aside, content).same and inspect(source, content).same)
    old, new = inspect(source, content), inspect(target, content)
    if new.there and not new.same:
        raise SkippedFileError(TAKEN)
    if not old.there:
        if new.there:
            return False
        raise SkippedFileError(GONE)
    if not old.same or old.status is None:
        raise SkippedFileError(CHANGED_SINCE)
    if new.there and not _twin(old, new):
        raise SkippedFileError(TAKEN)
    with translate_os_errors(target):
        if not new.there:
            make_folders(folder_of(target), folder_mode)
        with folder_unfollowed(folder_of(source)) as here, folder_unfollowed(folder_of(target)) as there:
            way = _Way(here, os.path.basename(source), there, os.path.basename(target), tag)
            made = None if new.there else _linked(way, old.status) or _copy(way, content)
            sync_names(there)
            _leave(way, old.status, made)
    return True


def _twin(old: FileState, new: FileState) -> bool:
    """Tell whether a second file with the same bytes is the other half of a move that was stopped, not a file of somebody's."""
    if old.status is None or new.status is None:
        return False
    return old.node == new.node or (old.status.st_mtime_ns, old.status.st_mode) == (
        new.status.st_mtime_ns,
        new.status.st_mode,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """The old name and the new one of a file that is moved, in their open folders, and the tag of what is on its way."""

    here: int
    name: bytes
    there: int
    new: bytes
    tag: str


def _leave(way: _Way, old: os.stat_result, made: os.stat_result | None) -> None:
    """Take the old name away, or else the new one if this attempt made it (with its stat); raise LeftAloneError or OSError."""
    linked = made is not None and os.path.samestat(made, old)
    try:
        if take_away(way.here, way.name, old, way.tag, names=2 if linked else 1):
            return
    except OSError:
        if made is not None and is_file(way.here, way.name, old):
            _give_up(way, made, names=2 if linked else 1)
        raise
    with suppress(FileNotFoundError):
        now = os.stat(way.name, dir_fd=way.here, follow_symlinks=False)
        if linked and os.path.samestat(now, old):  # changed in place: both names show the change
            _give_up(way, now, names=2)
            raise SkippedFileError(CHANGED_SINCE)


def _give_up(way: _Way, made: os.stat_result, names: int) -> None:
    """Take a new name away again if the file has as many names as it must."""
    with suppress(OSError):
        take_away(way.there, way.new, made, way.tag, names=names)


def _linked(way: _Way, status: os.stat_result) -> os.stat_result | None:
    """Give a verified file its new name on the same file system and return its stat, None where that is not possible."""
    if os.fstat(way.there).st_dev != status.st_dev:
        return None
    try:
        os.link(way.name, way.new, src_dir_fd=way.here, dst_dir_fd=way.there, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.EXDEV:  # one disk, but mounted twice
            return None
        if error.errno not in NO_LINKS:
            raise
        _rename(way, status)
        return status
    if is_file(way.there, way.new, status):
        return status
    made = os.stat(way.new, dir_fd=way.there, follow_symlinks=False)
    if is_file(
        way.here, way.name, status
    ):  # every name is numbered by itself, as on some file systems that are programs
        _give_up(way, made, names=1)
        _rename(way, status)
        return status
    _give_up(way, made, names=2)  # somebody put another file under the old name in this very moment: it keeps that name
    raise SkippedFileError(CHANGED_SINCE)


def _rename(way: _Way, status: os.stat_result) -> None:
    """Rename where a file system knows no links; another file that had come by the old name gets it back."""
    with held(way.here, way.name, status) as handle:
        if handle is None:
            raise SkippedFileError(CHANGED_SINCE)
        rename_unless_taken(way.here, way.name, way.there, way.new)
        if stands_for(way.there, way.new, handle, status):
            return
        with suppress(FileExistsError):
            rename_unless_taken(way.there, way.new, way.here, way.name)
            raise SkippedFileError(CHANGED_SINCE)
        raise SkippedFileError("other files took its name in this moment; one of them lies where it was to go")


def _copy(way: _Way, content: bytes) -> os.stat_result:
    """Copy a file to another file system under a passing name, verify what arrived, give it its name, and return its stat."""
    passing = temp_name(way.tag)
    reading = os.open(way.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=way.here)
    try:
        with fresh(way.there, passing) as writing:
            if _pour(reading, writing) != content:
                raise SkippedFileError(CHANGED_SINCE)
            _copy_attributes(reading, writing)
            FileAttributes.of(os.fstat(reading)).put_on(writing)
            os.fsync(writing)
            if hash_of_open(writing) != content:
                raise SkippedFileError("the disk did not keep its bytes")
            settle_name(way.there, passing, way.new)
            return os.fstat(writing)
    finally:
        os.close(reading)


def _pour(reading: int, writing: int) -> bytes:
    digest = content_hash()
    with (
        open(reading, "rb", buffering=0, closefd=False) as file,
        open(writing, "wb", buffering=0, closefd=False) as out,
    ):
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            view = memoryview(chunk)
            while view:
                view = view[out.write(view) :]
    return digest.digest()


def _copy_attributes(source: int, target: int) -> None:
    """Copy extended attributes, as far as both file systems allow."""
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for attribute in os.listxattr(source):
                os.setxattr(target, attribute, os.getxattr(source, attribute))

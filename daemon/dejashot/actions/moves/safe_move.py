"""Moving one file so that nothing is ever replaced and no bytes are ever without a name, wherever it is stopped."""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from dejashot.actions.moves.aside import hold_open, is_file, restore_name, stands_for, unlink_verified
from dejashot.actions.moves.renames import NO_LINKS, rename_unless_taken
from dejashot.actions.moves.writing import (
    TAKEN,
    FileAttributes,
    make_folders,
    name_unless_taken,
    new_file,
    remove_temp,
    sync_names,
    temp_name,
    translate_os_errors,
)
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed, hash_of_open, open_unfollowed
from dejashot.language.texts import noted
from dejashot.models.files import content_hash
from dejashot.paths import PRIVATE_FOLDER

CHANGED_SINCE = noted("it is no longer what you decided about")
GONE = noted("it is no longer there")
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
    """Return what has a name now, following no link; a file that can't be read has other bytes."""
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
    """Move a file with these bytes (BLAKE2b-256) to another absolute path; return False when that is done already.

    The new name is made before the old one goes; on another file system the bytes are copied and read back first.
    `tag` marks temporary names, so that the next attempt finds them. New folders get `folder_mode`. Raises
    SkippedFileError, which names a file that is not in its place, or DiskFullError.
    """
    remove_temp(target, tag)
    restore_name(source, tag, lambda aside: inspect(aside, content).same and inspect(target, content).same)
    restore_name(target, tag, lambda aside: inspect(aside, content).same and inspect(source, content).same)
    old, new = inspect(source, content), inspect(target, content)
    if new.there and not new.same:
        raise SkippedFileError(TAKEN)
    if not old.there:
        if new.there:
            return False
        raise SkippedFileError(GONE)
    if not old.same or old.status is None:
        raise SkippedFileError(CHANGED_SINCE)
    if new.there and not _is_half_done(old, new):
        raise SkippedFileError(TAKEN)
    with translate_os_errors(target):
        if not new.there:
            make_folders(folder_of(target), folder_mode)
        with folder_unfollowed(folder_of(source)) as here, folder_unfollowed(folder_of(target)) as there:
            job = _Move(here, os.path.basename(source), there, os.path.basename(target), tag)
            made = None if new.there else _link(job, old.status) or _copy(job, content)
            sync_names(there)
            _remove_old_name(job, old.status, made)
    return True


def _is_half_done(old: FileState, new: FileState) -> bool:
    """Return whether two files with the same bytes are the two names of a move that was stopped in between."""
    if old.status is None or new.status is None:
        return False
    return old.node == new.node or (old.status.st_mtime_ns, old.status.st_mode) == (
        new.status.st_mtime_ns,
        new.status.st_mode,
    )


@dataclass(frozen=True, slots=True)
class _Move:
    """The old and the new name of a file that is moved, in their open folders, and the tag of temporary names."""

    here: int
    name: bytes
    there: int
    new: bytes
    tag: str


def _remove_old_name(job: _Move, old: os.stat_result, made: os.stat_result | None) -> None:
    """Unlink the old name, or else the new one if this attempt made it; raise SkippedFileError or OSError."""
    linked = made is not None and os.path.samestat(made, old)
    try:
        if unlink_verified(job.here, job.name, old, job.tag, names=2 if linked else 1):
            return
    except OSError:
        if made is not None and is_file(job.here, job.name, old):
            _remove_new_name(job, made, names=2 if linked else 1)
        raise
    with suppress(FileNotFoundError):
        now = os.stat(job.name, dir_fd=job.here, follow_symlinks=False)
        if linked and os.path.samestat(now, old):  # changed in place: both names show the change
            _remove_new_name(job, now, names=2)
            raise SkippedFileError(CHANGED_SINCE)


def _remove_new_name(job: _Move, made: os.stat_result, names: int) -> None:
    """Unlink a new name again if the file has as many names as it must."""
    with suppress(OSError):
        unlink_verified(job.there, job.new, made, job.tag, names=names)


def _link(job: _Move, status: os.stat_result) -> os.stat_result | None:
    """Give a file its new name on the same file system and return its stat, None where that is not possible."""
    if os.fstat(job.there).st_dev != status.st_dev:
        return None
    try:
        os.link(job.name, job.new, src_dir_fd=job.here, dst_dir_fd=job.there, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.EXDEV:  # one disk, but mounted twice
            return None
        if error.errno not in NO_LINKS:
            raise
        _rename(job, status)
        return status
    if is_file(job.there, job.new, status):
        return status
    made = os.stat(job.new, dir_fd=job.there, follow_symlinks=False)
    if is_file(job.here, job.name, status):  # each name has a number of its own, as in file systems that are programs
        _remove_new_name(job, made, names=1)
        _rename(job, status)
        return status
    _remove_new_name(job, made, names=2)  # another file got the old name in this moment, and keeps it
    raise SkippedFileError(CHANGED_SINCE)


def _rename(job: _Move, status: os.stat_result) -> None:
    """Rename where a file system knows no links; another file that had come by the old name gets it back."""
    with hold_open(job.here, job.name, status) as handle:
        if handle is None:
            raise SkippedFileError(CHANGED_SINCE)
        rename_unless_taken(job.here, job.name, job.there, job.new)
        if stands_for(job.there, job.new, handle, status):
            return
        with suppress(FileExistsError):
            rename_unless_taken(job.there, job.new, job.here, job.name)
            raise SkippedFileError(CHANGED_SINCE)
        raise SkippedFileError(noted("other files took its name in this moment; one of them lies where it was to go"))


def _copy(job: _Move, content: bytes) -> os.stat_result:
    """Copy a file to another file system, verify what arrived, give it its name, and return its stat."""
    temp = temp_name(job.tag)
    reading = os.open(job.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=job.here)
    try:
        with new_file(job.there, temp) as writing:
            if _copy_bytes(reading, writing) != content:
                raise SkippedFileError(CHANGED_SINCE)
            _copy_attributes(reading, writing)
            FileAttributes.of(os.fstat(reading)).apply_to(writing)
            os.fsync(writing)
            if hash_of_open(writing) != content:
                raise SkippedFileError(noted("the disk did not keep its bytes"))
            name_unless_taken(job.there, temp, job.new)
            return os.fstat(writing)
    finally:
        os.close(reading)


def _copy_bytes(reading: int, writing: int) -> bytes:
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

"""Unlinking a file that was verified: another file that got its name in the last moment keeps it.

No system call unlinks on condition. So the file gets a hidden name first, "aside", and is looked at there; any other
file that was caught gets its name back. After a stop in between the next attempt finds the hidden name.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from dejashot.actions.moves.renames import confirm_rename, has_name, numbered, rename_unless_taken
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import READ_ONLY, folder_of, folder_unfollowed
from dejashot.language.texts import noted
from dejashot.paths import shown


def aside_name(tag: str) -> bytes:
    """Return the hidden name of a file that is about to be unlinked; our own watchers leave it alone."""
    return f".dejashot-{tag}-aside.tmp".encode()


def is_file(folder: int, name: bytes, status: os.stat_result) -> bool:
    """Return whether a name in an open folder stands for a file, unchanged since it was looked at."""
    try:
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return _is_as(now, status)


def unlink_verified(folder: int, name: bytes, status: os.stat_result, tag: str, *, names: int = 1) -> bool:
    """Unlink a name in an open folder if it stands for the file that was looked at; return whether it did.

    `names` is how many names the file must have, this one included. Raises SkippedFileError when something is left
    under another name than before, with that name, or OSError, with the names as they were.
    """
    aside = aside_name(tag)
    with hold_open(folder, name, status) as handle:
        if handle is None:
            return False
        try:
            rename_unless_taken(folder, name, folder, aside)
        except FileNotFoundError:
            return False
        try:
            if stands_for(folder, aside, handle, status) and os.fstat(handle).st_nlink >= names:
                os.unlink(aside, dir_fd=folder)
                return True
        except OSError:
            rename_back(folder, aside, name)
            raise
        rename_back(folder, aside, name)
        return False


@contextmanager
def hold_open(folder: int, name: bytes, status: os.stat_result) -> Iterator[int | None]:
    """Hold a file in an open folder open if it is unchanged since it was looked at, else None.

    Some file systems number a file anew when it is renamed (exFAT on macOS): an open one is still recognised.
    """
    try:
        handle = os.open(name, READ_ONLY, dir_fd=folder) if is_file(folder, name, status) else None
    except OSError:
        handle = None
    try:
        yield handle if handle is not None and _is_as(os.fstat(handle), status) else None
    finally:
        if handle is not None:
            os.close(handle)


def stands_for(folder: int, name: bytes, handle: int, status: os.stat_result) -> bool:
    """Return whether a name in an open folder stands for a file that is held open and has not changed."""
    try:
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(now, os.fstat(handle)) and (now.st_size, now.st_mtime_ns) == (
        status.st_size,
        status.st_mtime_ns,
    )


def rename_back(folder: int, aside: bytes, name: bytes) -> None:
    """Give a file that lies aside in an open folder its name back.

    Where that is taken by now it gets a free one like it, and SkippedFileError says which. The same error reports a
    file that stays aside.
    """
    try:
        for number in itertools.count(1):
            free = name if number == 1 else numbered(name, number)
            with suppress(FileExistsError):
                confirm_rename(folder, aside, folder, free)
                break
            if _same(folder, aside, name):
                os.unlink(aside, dir_fd=folder)
                return
    except OSError as error:
        raise SkippedFileError(
            noted("it lies next to its place as {path} and can't be named again: {why}").format(
                path=shown(aside), why=error.strerror
            )
        ) from error
    if free != name:
        raise SkippedFileError(
            noted("another file took its name in this moment; what had it before is {path} now").format(
                path=shown(free)
            )
        )


def is_aside(path: bytes, tag: str) -> bool:
    """Return whether a stopped attempt left the file of a name (absolute path) aside."""
    return os.path.lexists(os.path.join(folder_of(path), aside_name(tag)))


def restore_name(path: bytes, tag: str, spare: Callable[[bytes], bool] = lambda _aside: False) -> None:
    """Give a file its name (absolute path) back that a stopped attempt left aside.

    Where the name is taken by now, the file is unlinked if it is `spare` (asked with its absolute path), or named as
    `rename_back` does. Raises SkippedFileError.
    """
    aside, name = aside_name(tag), os.path.basename(path)
    with suppress(OSError), folder_unfollowed(folder_of(path)) as folder:  # the next step reports the error
        if not has_name(folder, aside):
            return
        if has_name(folder, name) and spare(os.path.join(folder_of(path), aside)):
            os.unlink(aside, dir_fd=folder)
        else:
            rename_back(folder, aside, name)


def _is_as(now: os.stat_result, status: os.stat_result) -> bool:
    return (now.st_ino, now.st_dev, now.st_size, now.st_mtime_ns) == (
        status.st_ino,
        status.st_dev,
        status.st_size,
        status.st_mtime_ns,
    )


def _same(folder: int, one: bytes, other: bytes) -> bool:
    """Return whether two names in an open folder stand for one file."""
    try:
        first, second = (os.stat(name, dir_fd=folder, follow_symlinks=False) for name in (one, other))
    except FileNotFoundError:
        return False
    return os.path.samestat(first, second)

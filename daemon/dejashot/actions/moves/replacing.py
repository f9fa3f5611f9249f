"""Replacing a small file of the owner's by another version of it: what was written in its place in the last moment is not lost.

Both names are swapped at once, and what came out is looked at: if it is not the version that was read, they are swapped back. Where a
file system can't swap, the old version gets a hidden name first and the new one the name that is free then.
"""

import os
from collections.abc import Collection
from contextlib import suppress

from dejashot.actions.moves.aside import aside_name, put_back
from dejashot.actions.moves.renames import has_name, rename_unless_taken, swap
from dejashot.actions.moves.writing import FileAttributes, fill, fresh, settle_name, sync_names, temp_name
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import READ_ONLY, folder_of, folder_unfollowed, hash_of_open

CHANGED_NOW = "its sidecar was changed in this moment"


def replace_known(folder: int, name: bytes, data: bytes, before: bytes, tag: str, dress: FileAttributes) -> None:
    """Replace a file in an open folder, if what it holds has the hash `before` (BLAKE2b-256), by `data`, brought to the disk.

    Raises LeftAloneError when it holds something else, with everything as it was or the name that it has then, or OSError.
    """
    passing, aside = temp_name(tag), aside_name(tag)
    with suppress(FileNotFoundError):
        os.unlink(passing, dir_fd=folder)
    with fresh(folder, passing) as handle:
        fill(handle, data, dress)
        ours = hash_of_open(handle)
        rename_unless_taken(folder, passing, folder, aside)  # from here on what is there is whole, ours or the owner's
    if _swapped(folder, aside, name):
        _take_out(folder, aside, name, before, ours)
    else:
        os.rename(aside, passing, src_dir_fd=folder, dst_dir_fd=folder)
        _by_steps(folder, passing, name, aside, before)
    sync_names(folder)


def _swapped(folder: int, aside: bytes, name: bytes) -> bool:
    """Swap what is ours and lies aside with a name; return False where that can't be done. On errors ours is gone again."""
    try:
        return swap(folder, aside, name)
    except OSError:
        os.unlink(aside, dir_fd=folder)
        raise


def _take_out(folder: int, aside: bytes, name: bytes, before: bytes, ours: bytes) -> None:
    """Unlink the old version that was swapped out; swap back what is none of it."""
    if hash_in(folder, aside) == before:
        os.unlink(aside, dir_fd=folder)
        return
    swap(folder, aside, name)
    if hash_in(folder, aside) == ours:
        os.unlink(aside, dir_fd=folder)
    else:
        put_back(folder, aside, name)
    raise SkippedFileError(CHANGED_NOW)


def _by_steps(folder: int, passing: bytes, name: bytes, aside: bytes, before: bytes) -> None:
    """Replace where names can't be swapped: for a moment there is nothing under the name."""
    try:
        rename_unless_taken(folder, name, folder, aside)
        if hash_in(folder, aside) != before:
            put_back(folder, aside, name)
            raise SkippedFileError(CHANGED_NOW)
        try:
            settle_name(folder, passing, name)
        except (SkippedFileError, OSError):
            put_back(folder, aside, name)
            raise
        os.unlink(aside, dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(passing, dir_fd=folder)
        raise


def settle_version(path: bytes, tag: str, known: Collection[bytes]) -> None:
    """Settle what a stopped attempt to replace a file (absolute path) left aside.

    One of the `known` versions (hashes), which can be made again, goes if the file has its name; anything else is the owner's and gets the
    name back from them. Raises LeftAloneError when it gets another one.
    """
    aside, name = aside_name(tag), os.path.basename(path)
    with suppress(OSError), folder_unfollowed(folder_of(path)) as folder:
        if not has_name(folder, aside):
            return
        if has_name(folder, name) and hash_in(folder, aside) not in known and hash_in(folder, name) in known:
            swap(folder, aside, name)
        if has_name(folder, name) and hash_in(folder, aside) in known:
            os.unlink(aside, dir_fd=folder)
        else:
            put_back(folder, aside, name)


def hash_in(folder: int, name: bytes) -> bytes:
    """Return the hash of a file in an open folder, empty for what can't be read and for what is no file."""
    try:
        handle = os.open(name, READ_ONLY, dir_fd=folder)
    except OSError:
        return b""
    try:
        return hash_of_open(handle)
    except OSError:
        return b""
    finally:
        os.close(handle)

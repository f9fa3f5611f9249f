"""Replacing a small file of the owner's by a new version: what was written in its place in the last moment is not lost.

Both names are swapped at once; if what came out is not the version that was read, they are swapped back. Where a file
system can't swap, the old version gets a hidden name first, and the new one its name.
"""

import os
from collections.abc import Collection
from contextlib import suppress

from dejashot.actions.moves.aside import aside_name, rename_back
from dejashot.actions.moves.renames import has_name, rename_unless_taken, swap
from dejashot.actions.moves.writing import FileAttributes, name_unless_taken, new_file, sync_names, temp_name, write_all
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import READ_ONLY, folder_of, folder_unfollowed, hash_of_open
from dejashot.language.texts import noted

CHANGED_NOW = noted("its sidecar was changed in this moment")


def replace_known(folder: int, name: bytes, data: bytes, before: bytes, tag: str, attributes: FileAttributes) -> None:
    """Replace a file in an open folder by `data`, on the disk then, if its hash (BLAKE2b-256) is `before`.

    Raises SkippedFileError when it holds something else, with everything as it was or its new name, or OSError.
    """
    temp, aside = temp_name(tag), aside_name(tag)
    with suppress(FileNotFoundError):
        os.unlink(temp, dir_fd=folder)
    with new_file(folder, temp) as handle:
        write_all(handle, data, attributes)
        ours = hash_of_open(handle)
        rename_unless_taken(folder, temp, folder, aside)  # from here on whole
    if _swapped(folder, aside, name):
        _remove_old(folder, aside, name, before, ours)
    else:
        os.rename(aside, temp, src_dir_fd=folder, dst_dir_fd=folder)
        _replace_by_steps(folder, temp, name, aside, before)
    sync_names(folder)


def _swapped(folder: int, aside: bytes, name: bytes) -> bool:
    """Swap our file, which lies aside, with a name; return False where that is not supported. Errors remove ours."""
    try:
        return swap(folder, aside, name)
    except OSError:
        os.unlink(aside, dir_fd=folder)
        raise


def _remove_old(folder: int, aside: bytes, name: bytes, before: bytes, ours: bytes) -> None:
    """Unlink the old version that was swapped out; swap back anything else."""
    if hash_at(folder, aside) == before:
        os.unlink(aside, dir_fd=folder)
        return
    swap(folder, aside, name)
    if hash_at(folder, aside) == ours:
        os.unlink(aside, dir_fd=folder)
    else:
        rename_back(folder, aside, name)
    raise SkippedFileError(CHANGED_NOW)


def _replace_by_steps(folder: int, temp: bytes, name: bytes, aside: bytes, before: bytes) -> None:
    """Replace where names can't be swapped: for a moment there is nothing under the name."""
    try:
        rename_unless_taken(folder, name, folder, aside)
        if hash_at(folder, aside) != before:
            rename_back(folder, aside, name)
            raise SkippedFileError(CHANGED_NOW)
        try:
            name_unless_taken(folder, temp, name)
        except (SkippedFileError, OSError):
            rename_back(folder, aside, name)
            raise
        os.unlink(aside, dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temp, dir_fd=folder)
        raise


def resolve_aside(path: bytes, tag: str, known: Collection[bytes]) -> None:
    """Clear up what a stopped attempt to replace a file (absolute path) left aside.

    One of the `known` versions (hashes) can be made again and is unlinked if the file has its name. Anything else is
    the owner's and gets the name back. Raises SkippedFileError when it gets another one.
    """
    aside, name = aside_name(tag), os.path.basename(path)
    with suppress(OSError), folder_unfollowed(folder_of(path)) as folder:
        if not has_name(folder, aside):
            return
        if has_name(folder, name) and hash_at(folder, aside) not in known and hash_at(folder, name) in known:
            swap(folder, aside, name)
        if has_name(folder, name) and hash_at(folder, aside) in known:
            os.unlink(aside, dir_fd=folder)
        else:
            rename_back(folder, aside, name)


def hash_at(folder: int, name: bytes) -> bytes:
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

"""Renaming in open folders without replacing anything, and swapping two names.

Linux has renameat2, macOS has renameatx_np. On file systems that support neither (NFS and some that are programs) each
function does the next best thing, as its docstring says.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from functools import cache

from dejashot.files.folder_names import folded_name

NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
# what systems and file systems return that do not support a flag
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_FUNCTION, _NO_REPLACE, _SWAP = ("renameatx_np", 4, 2) if sys.platform == "darwin" else ("renameat2", 1, 2)


def rename_unless_taken(here: int, name: bytes, there: int, new: bytes) -> None:
    """Rename a file from one open folder to another; raise FileExistsError when the new name is taken, or OSError.

    Where no call does both, the new name is checked just before: good enough for hidden names of ours.
    """
    if _renamed(here, name, there, new, _NO_REPLACE):
        return
    if has_name(there, new):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(name, new, src_dir_fd=here, dst_dir_fd=there)


def confirm_rename(here: int, temp: bytes, there: int, name: bytes) -> None:
    """Rename a file from a hidden name of ours to its final name; raise FileExistsError when that is taken, or OSError.

    Where a rename may replace, a hard link is made and the hidden name unlinked; without hard links the name is checked
    just before.
    """
    if _renamed(here, temp, there, name, _NO_REPLACE):
        return
    try:
        os.link(temp, name, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        rename_unless_taken(here, temp, there, name)
    else:
        os.unlink(temp, dir_fd=here)


def swap(folder: int, one: bytes, other: bytes) -> bool:
    """Swap two names in an open folder at once; return False where that can't be done, raise OSError."""
    return _renamed(folder, one, folder, other, _SWAP)


def has_name(folder: int, name: bytes) -> bool:
    """Return whether there is anything under a name in an open folder."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def numbered(name: bytes, number: int) -> bytes:
    """Return a file name with a number before its suffix."""
    stem, dot, suffix = name.rpartition(b".")
    if not stem:
        stem, dot, suffix = name, b"", b""
    return stem + b"-%d" % number + dot + suffix


def free_name(name: bytes, taken: set[str]) -> bytes:
    """Return a file name that is not taken (folded names), with a number before its suffix where it is."""
    number, free = 1, name
    while folded_name(free) in taken:
        number += 1
        free = numbered(name, number)
    return free


def _renamed(here: int, name: bytes, there: int, new: bytes, flag: int) -> bool:
    """Rename with a flag; return False where it is not supported, raise OSError."""
    call = _call()
    if call is None:
        return False
    sys.audit("os.rename", name, new, here, there)
    if call(here, name, there, new, flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), name, None, new)


@cache
def _call() -> Callable[[int, bytes, int, bytes, int], int] | None:
    """Return the system's function that renames with flags, None where it has none."""
    try:
        found = getattr(ctypes.CDLL(None, use_errno=True), _FUNCTION)
    except (AttributeError, OSError):
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    found.restype = ctypes.c_int
    return found  # type: ignore[no-any-return]

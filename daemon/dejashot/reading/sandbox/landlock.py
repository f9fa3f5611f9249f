"""Restrict a process to reading a few folders of the file system (Landlock, Linux 5.13 and later)."""

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from dejashot.reading.sandbox.call_filter import forbid_new_privileges

# the same numbers on all architectures
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_GET_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# the rights that can be refused, from each version on
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_CONNECTIONS, _SCOPES = (4, 3), (6, 3)  # TCP, from version 4 on; abstract sockets and signals, from 6 on


def landlock_version() -> int:
    """Return which version of Landlock the kernel has, 0 for none. Source: landlock(7)."""
    if sys.platform != "linux":
        return 0
    version = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _GET_VERSION)
    return max(0, int(version))


def read_only_below(paths: Iterable[Path]) -> bool:
    """Let this process open nothing but these paths and what is below them, for reading; return whether that works.

    Open files stay open. It applies to this thread and those that it starts: False where there are others already.
    """
    version = landlock_version()
    if version == 0 or not _is_single_threaded() or not forbid_new_privileges():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    rights = _ruleset(version)
    rules = libc.syscall(_CREATE_RULESET, rights, ctypes.c_size_t(len(rights)), 0)
    if rules < 0:
        return False
    try:
        for path in paths:
            with contextlib.suppress(OSError):  # what is not there need not be read
                _allow(libc, rules, path)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _ruleset(version: int) -> bytes:
    """Return what is refused where no rule allows it: all that the version knows."""
    files = max(rights for since, rights in _FILES.items() if since <= version)
    parts = [files, *(rights for since, rights in (_CONNECTIONS, _SCOPES) if since <= version)]
    return struct.pack(f"={len(parts)}Q", *parts)


def _allow(libc: ctypes.CDLL, rules: int, path: Path) -> None:
    """Add that a file, or all below a folder, may be read; raise OSError."""
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | _READ_DIR if stat.S_ISDIR(os.fstat(handle).st_mode) else _READ_FILE
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _is_single_threaded() -> bool:
    """Return whether this process has a single thread."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False

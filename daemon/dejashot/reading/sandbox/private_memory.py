"""Keep a process's memory private: it leaves no core file, and no other process of its account can read it."""

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Forbid core files, for this process and its children; on Linux also debuggers and other readers of its /proc.

    The latter ends when the process executes another program. Before Linux 5.14 it would close /proc to the process
    itself, which needs it to watch folders, and is not done. Source: prctl(2), PR_SET_DUMPABLE.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if not _can_read_own_proc():
            libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _can_read_own_proc() -> bool:
    """Return whether this process can read its own descriptors in /proc."""
    try:
        entries = os.open("/proc/self/fdinfo", os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return False
    except OSError:  # there is no /proc to read
        return True
    try:
        os.close(os.open(f"/proc/self/fdinfo/{entries}", os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return False
    finally:
        os.close(entries)
    return True

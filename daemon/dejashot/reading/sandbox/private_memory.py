"""Keep what a process holds of the owner's to itself: it leaves no core file, and no process of its account looks into it."""

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Allow no core file, in this process and those that it starts; on Linux, close its entries in /proc and to debuggers, too.

    The latter ends with the next program that the process becomes. Before Linux 5.14 it would close /proc to the process itself,
    which looks there for what it watches, and is left. Source: prctl(2), PR_SET_DUMPABLE.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if not _knows_itself():
            libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _knows_itself() -> bool:
    """Tell whether this process can read what the kernel says of its descriptors."""
    try:
        entries = os.open("/proc/self/fdinfo", os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return False
    except OSError:  # there is no /proc: nothing is said to anybody
        return True
    try:
        os.close(os.open(f"/proc/self/fdinfo/{entries}", os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return False
    finally:
        os.close(entries)
    return True

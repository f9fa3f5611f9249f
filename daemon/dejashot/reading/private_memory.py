"""Keep what a process holds of the owner's to itself: it leaves no core file, and no process of its account looks into it."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Allow no core file, in this process and those that it starts; on Linux, close its entries in /proc and to debuggers, too.

    The latter ends with the next program that the process becomes. Source: prctl(2), PR_SET_DUMPABLE.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

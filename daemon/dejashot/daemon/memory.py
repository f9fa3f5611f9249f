"""Giving memory back: what a digest or a walk took and freed stays with the C library unless it is asked for it."""

import ctypes
import sys
from functools import cache
from typing import Any


@cache
def _trim() -> Any:
    """Return glibc's `malloc_trim`, None where the C library has none (musl, macOS)."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def trim_memory() -> bool:
    """Return free memory to the system; tell whether the C library could be asked to (mallopt(3), malloc_trim(3))."""
    trim = _trim()
    if trim is None:
        return False
    trim(0)
    return True

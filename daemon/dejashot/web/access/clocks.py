"""The two clocks that links and sessions are measured by: the one on the wall, which may be set, and the one that nobody sets."""

import secrets
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Now: seconds since 1970 as far as the machine knows, which run of the machine it is, and seconds since that began."""

    wall_s: float
    boot: str
    since_boot_s: float


def read_clocks() -> ClockReading:
    """Return what both clocks say."""
    return ClockReading(time.time(), _boot(), since_boot_s())


def since_boot_s() -> float:
    """Return the seconds since the machine was started, sleep included: the same for all its processes, and set by nobody."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))  # macOS counts sleep in the latter


@cache
def _boot() -> str:
    """Return a name for this run of the machine; where the system gives none (macOS, a unit without /proc/sys) for this process."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return secrets.token_hex(16)

"""The two clocks that links and sessions are measured by: wall time, which may be set, and time since boot."""

import secrets
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Now: seconds since 1970 by the machine's clock, an id of this boot, and seconds since the boot."""

    wall_s: float
    boot: str
    since_boot_s: float


def read_clocks() -> ClockReading:
    """Return the time by both clocks."""
    return ClockReading(time.time(), _boot(), since_boot_s())


def since_boot_s() -> float:
    """Return the seconds since boot, sleep included: the same for all processes, and not to be set."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))  # macOS counts sleep in the latter


@cache
def _boot() -> str:
    """Return an id of this boot; where the system has none (macOS, a unit without /proc/sys), of this process."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return secrets.token_hex(16)

"""What the ingest thread is told: by watchers, checks and the scheduler, from threads of their own."""

from dataclasses import dataclass

RESCAN_DELAY_S = 1.0
LOSS_DELAY_S = 10.0  # what seems deleted may be a disk that is going: the checks have spoken by then
OVERFLOW_APART_S = 10.0


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something happened to a path (absolute, bytes) in a folder."""

    folder: int
    path: bytes


@dataclass(frozen=True, slots=True)
class RescanRequest:
    """A folder must be walked to know what changed: after a delay, and at least so long after its last walk (seconds)."""

    folder: int
    delay_s: float = RESCAN_DELAY_S
    apart_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: see whether a digest is due."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End after the work in hand."""


LoopEvent = FileEvent | RescanRequest | Tick | Stop

"""The events that the loop takes in: from watchers, checks and the scheduler, in threads of their own."""

from dataclasses import dataclass
from queue import SimpleQueue

RESCAN_DELAY_S = 1.0
LOSS_DELAY_S = 10.0  # what seems deleted may be a disk that is going: the checks have noticed it by then
OVERFLOW_INTERVAL_S = 10.0


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something happened to a path (absolute, bytes) in a folder."""

    folder: int
    path: bytes


@dataclass(frozen=True, slots=True)
class RescanRequest:
    """A folder must be walked to know what changed: after a delay, and so long after its last walk (seconds)."""

    folder: int
    delay_s: float = RESCAN_DELAY_S
    min_interval_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed: see whether a digest is due."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End after the work in hand."""


LoopEvent = FileEvent | RescanRequest | Tick | Stop


class WatchEvents:
    """Put what the watch of one folder reports on the event loop's queue."""

    def __init__(self, folder: int, events: SimpleQueue[LoopEvent]) -> None:
        self._folder = folder
        self._events = events

    def file_changed(self, path: bytes) -> None:
        """Have a file (absolute path) looked at."""
        self._events.put(FileEvent(self._folder, path))

    def folder_changed(self) -> None:
        """Have the folder walked."""
        self._events.put(RescanRequest(self._folder))

    def folder_deleted(self) -> None:
        """Have the folder walked once it is clear whether its disk is going."""
        self._events.put(RescanRequest(self._folder, delay_s=LOSS_DELAY_S))

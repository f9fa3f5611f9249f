"""Changes that come faster than the system can report them: noticed in watchdog's log, answered by walks."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue

from dejashot.daemon.events import OVERFLOW_INTERVAL_S, LoopEvent, RescanRequest
from dejashot.watch.folder_watch import OverflowFilter

log = logging.getLogger(__name__)

_WATCHDOG_LOGGERS = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")


class Overflows:
    """Ask for a walk of all folders at each overflow: the walk comes after the last one, not after every one."""

    def __init__(self, folders: Sequence[int], events: "SimpleQueue[LoopEvent]") -> None:
        self._folders = folders
        self._events = events
        self._count = 0

    @contextmanager
    def noticed(self) -> Iterator[None]:
        """Notice overflows until the block ends."""
        overflow = OverflowFilter(self._overflowed)
        for name in _WATCHDOG_LOGGERS:
            logging.getLogger(name).addFilter(overflow)
        try:
            yield
        finally:
            for name in _WATCHDOG_LOGGERS:
                logging.getLogger(name).removeFilter(overflow)

    def _overflowed(self) -> None:
        self._count += 1
        if self._count.bit_count() == 1:  # 1, 2, 4, 8 ...: a storm must not fill the log
            log.warning(
                "changes came faster than the system could tell of (for the %s time); walking the folders",
                _nth(self._count),
            )
        for number in self._folders:
            self._events.put(RescanRequest(number, min_interval_s=OVERFLOW_INTERVAL_S))


def _nth(count: int) -> str:
    return {1: "1st", 2: "2nd"}.get(count, f"{count:,}th")

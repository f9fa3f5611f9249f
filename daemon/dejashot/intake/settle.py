"""When has a file stopped changing: a pure tracker of sightings, driven by a clock that comes in."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from dejashot.models import FileRef, FileStamp

EMPTY_PATIENCE = 30  # a file of no bytes waits this many quiet periods: tools create the name first and fill it later
_SLACK = 1000


@dataclass(slots=True, eq=False)
class _Sighting:
    stamp: FileStamp
    due_s: float
    turn: int


class SettleTracker:
    """Decide when a file has stopped changing; tens of thousands may wait at once.

    `quiet_s` is how long a stamp must stay the same; `clock` gives monotonic seconds.
    """

    def __init__(self, quiet_s: float, clock: Callable[[], float]) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._pending: dict[FileRef, _Sighting] = {}
        self._queue: list[tuple[float, int, int, FileRef, _Sighting]] = []  # also holds sightings that no longer count
        self._puts = 0

    def __len__(self) -> int:
        return len(self._pending)

    def saw(self, file: FileRef, stamp: FileStamp, age_s: float = 0.0, quiet_s: float | None = None) -> None:
        """Note a sighting of a file last changed `age_s` ago; a changed stamp restarts the wait (of `quiet_s` where given)."""
        before = self._pending.get(file)
        if before is None or before.stamp != stamp:
            wait_s = (self._quiet_s if quiet_s is None else quiet_s) * (1 if stamp.size_bytes else EMPTY_PATIENCE)
            self._put(file, stamp, self._clock() - max(0.0, age_s) + wait_s)

    def postpone(self, file: FileRef, stamp: FileStamp, wait_s: float) -> None:
        """Look at a file again in `wait_s` seconds, whatever its age."""
        self._put(file, stamp, self._clock() + wait_s)

    def gone(self, file: FileRef) -> None:
        """Forget a file that is no longer there."""
        self._pending.pop(file, None)

    def due_in_s(self) -> float | None:
        """Return the seconds until the next file may be settled, None when nothing waits."""
        self._drop_old()
        return max(0.0, self._queue[0][0] - self._clock()) if self._queue else None

    def settled(self, limit: int) -> list[tuple[FileRef, FileStamp]]:
        """Take out at most `limit` files whose wait is over, longest waiting first; the caller compares their stamp once more."""
        now_s = self._clock()
        over: list[tuple[FileRef, FileStamp]] = []
        self._drop_old()
        while self._queue and len(over) < limit and self._queue[0][0] <= now_s:
            *_, file, sighting = heapq.heappop(self._queue)
            del self._pending[file]
            over.append((file, sighting.stamp))
            self._drop_old()
        return over

    def _put(self, file: FileRef, stamp: FileStamp, due_s: float) -> None:
        before = self._pending.get(file)
        self._puts += 1
        sighting = _Sighting(stamp, due_s, before.turn if before else self._puts)
        self._pending[file] = sighting
        heapq.heappush(self._queue, (due_s, sighting.turn, self._puts, file, sighting))
        if len(self._queue) > 2 * len(self._pending) + _SLACK:  # files written over and over
            self._queue = [(s.due_s, s.turn, n, f, s) for n, (f, s) in enumerate(self._pending.items())]
            heapq.heapify(self._queue)

    def _drop_old(self) -> None:
        """Take away from the front what has been seen anew or forgotten since."""
        while self._queue and self._pending.get(self._queue[0][3]) is not self._queue[0][4]:
            heapq.heappop(self._queue)

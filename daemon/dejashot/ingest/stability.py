"""When has a file stopped changing: a pure tracker, driven by a clock that comes in."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from dejashot.ingest.fair_queue import FairQueue, cost_of
from dejashot.models.files import FileRef, FileStamp

EMPTY_FILE_FACTOR = (
    30  # a file of no bytes waits this many quiet periods: tools create the name first and fill it later
)
_SLACK = 1000


@dataclass(slots=True, eq=False)
class _Tracked:
    stamp: FileStamp
    due_s: float
    turn: int


_Waiting = tuple[float, int, int, FileRef, _Tracked]


class StabilityTracker:
    """Decide when a file has stopped changing; tens of thousands may wait at once.

    `quiet_s` is how long a stamp must stay the same; `clock` gives monotonic seconds.
    """

    def __init__(self, quiet_s: float, clock: Callable[[], float]) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._pending: dict[FileRef, _Tracked] = {}
        self._queues: dict[int, list[_Waiting]] = {}  # by lane; they also hold entries that no longer count
        self._turns = FairQueue()
        self._puts = 0

    def __len__(self) -> int:
        return len(self._pending)

    def track(self, file: FileRef, stamp: FileStamp, age_s: float = 0.0, quiet_s: float | None = None) -> None:
        """Note the stamp of a file last changed `age_s` ago.

        A changed stamp restarts the wait (of `quiet_s` where given).
        """
        before = self._pending.get(file)
        if before is None or before.stamp != stamp:
            wait_s = (self._quiet_s if quiet_s is None else quiet_s) * (1 if stamp.size_bytes else EMPTY_FILE_FACTOR)
            self._put(file, stamp, self._clock() - max(0.0, age_s) + wait_s)

    def postpone(self, file: FileRef, stamp: FileStamp, wait_s: float) -> None:
        """Look at a file again in `wait_s` seconds, whatever its age."""
        self._put(file, stamp, self._clock() + wait_s)

    def forget(self, file: FileRef) -> None:
        """Forget a file that is no longer there."""
        self._pending.pop(file, None)

    def due_in_s(self) -> float | None:
        """Return the seconds until the next file may be stable, None when nothing waits."""
        heads = [queue[0][0] for queue in self._live_queues().values()]
        return max(0.0, min(heads) - self._clock()) if heads else None

    def take_stable(self, limit: int, budget: int | None = None) -> list[tuple[FileRef, FileStamp]]:
        """Take out at most `limit` files whose wait is over, lane by lane in turn, the longest waiting of each first.

        No more are taken once their cost (see `fair_queue`) comes to the budget. The caller compares their stamp once
        more.
        """
        now_s, spent = self._clock(), 0
        stable: list[tuple[FileRef, FileStamp]] = []
        while len(stable) < limit and (budget is None or spent < budget):
            due = {lane: queue for lane, queue in self._live_queues().items() if queue[0][0] <= now_s}
            if not due:
                break
            lane = self._turns.take(due)
            *_, file, tracked = heapq.heappop(due[lane])
            del self._pending[file]
            stable.append((file, tracked.stamp))
            spent += lane
        return stable

    def _put(self, file: FileRef, stamp: FileStamp, due_s: float) -> None:
        before = self._pending.get(file)
        self._puts += 1
        tracked = _Tracked(stamp, due_s, before.turn if before else self._puts)
        self._pending[file] = tracked
        queue = self._queues.setdefault(cost_of(file.path), [])
        heapq.heappush(queue, (due_s, tracked.turn, self._puts, file, tracked))
        if len(queue) > 2 * len(self._pending) + _SLACK:  # files written over and over
            queue[:] = [entry for entry in queue if self._pending.get(entry[3]) is entry[4]]
            heapq.heapify(queue)

    def _live_queues(self) -> dict[int, list[_Waiting]]:
        """Return the queues that hold something; entries at their front that no longer count are dropped."""
        for queue in self._queues.values():
            while queue and self._pending.get(queue[0][3]) is not queue[0][4]:
                heapq.heappop(queue)
        return {lane: queue for lane, queue in self._queues.items() if queue}

"""When has a file stopped changing: a pure tracker of sightings, driven by a clock that comes in."""

from collections.abc import Callable
from dataclasses import dataclass

from dejashot.models import FileRef, FileStamp

EMPTY_PATIENCE = 30  # a file of no bytes waits this many quiet periods: tools create the name first and fill it later


@dataclass(slots=True)
class _Sighting:
    stamp: FileStamp
    since_s: float
    wait_s: float


class SettleTracker:
    """Decide when a file has stopped changing.

    `quiet_s` is how long a stamp must stay the same; `clock` gives monotonic seconds.
    """

    def __init__(self, quiet_s: float, clock: Callable[[], float]) -> None:
        self._quiet_s = quiet_s
        self._clock = clock
        self._pending: dict[FileRef, _Sighting] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def saw(self, file: FileRef, stamp: FileStamp, age_s: float = 0.0) -> None:
        """Note a sighting of a file last changed `age_s` ago; a changed stamp restarts the wait."""
        before = self._pending.get(file)
        if before is None or before.stamp != stamp:
            wait_s = self._quiet_s * (1 if stamp.size_bytes else EMPTY_PATIENCE)
            self._pending[file] = _Sighting(stamp, self._clock() - max(0.0, age_s), wait_s)

    def postpone(self, file: FileRef, stamp: FileStamp, wait_s: float) -> None:
        """Look at a file again in `wait_s` seconds, whatever its age."""
        self._pending[file] = _Sighting(stamp, self._clock(), wait_s)

    def gone(self, file: FileRef) -> None:
        """Forget a file that is no longer there."""
        self._pending.pop(file, None)

    def due_in_s(self) -> float | None:
        """Return the seconds until the next file may be settled, None when nothing waits."""
        if not self._pending:
            return None
        return max(0.0, min(s.since_s + s.wait_s for s in self._pending.values()) - self._clock())

    def settled(self, limit: int) -> list[tuple[FileRef, FileStamp]]:
        """Take out at most `limit` files whose wait is over, longest waiting first; the caller compares their stamp once more."""
        now_s = self._clock()
        over = [(s.since_s + s.wait_s, n, p) for n, (p, s) in enumerate(self._pending.items()) if s.since_s + s.wait_s <= now_s]
        over.sort(key=lambda item: item[:2])
        return [(file, self._pending.pop(file).stamp) for _, _, file in over[:limit]]

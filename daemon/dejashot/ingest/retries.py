"""When is a file that could not be read tried again: a pure list of failures, driven by a clock that comes in."""

from collections.abc import Callable
from dataclasses import dataclass

from dejashot.models.files import FileRef, FileStamp

RETRY_DELAYS_S = (5.0, 30.0, 120.0, 600.0)
RECENT_TRIES = 2


@dataclass(slots=True)
class _Failure:
    stamp: FileStamp
    tries: int
    due_s: float | None  # None while a try is under way


class Retries:
    """Remember what failed and when to try it again: after 5 s, 30 s, 2 min and 10 min, then no more until it changes.

    `clock` gives monotonic seconds. The length is how many files wait for their next try.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[FileRef, _Failure] = {}

    def __len__(self) -> int:
        return sum(f.due_s is not None for f in self._failures.values())

    def __contains__(self, file: FileRef) -> bool:
        return file in self._failures

    def failed(self, file: FileRef, stamp: FileStamp) -> None:
        """Note a failure that may pass; the last of them is the end of it."""
        before = self._failures.get(file)
        tries = before.tries if before else 0
        if tries < len(RETRY_DELAYS_S):
            self._failures[file] = _Failure(stamp, tries + 1, self._clock() + RETRY_DELAYS_S[tries])
        else:
            del self._failures[file]

    def forget(self, file: FileRef) -> None:
        """Forget a file: it was read, it changed, it is gone, or trying again is of no use."""
        self._failures.pop(file, None)

    def is_waiting(self, file: FileRef) -> bool:
        """Return whether a file waits for its next try."""
        failure = self._failures.get(file)
        return failure is not None and failure.due_s is not None

    @property
    def has_recent(self) -> bool:
        """Return whether a file waits for its first or second try: half-written ones are whole by then."""
        return any(f.due_s is not None and f.tries <= RECENT_TRIES for f in self._failures.values())

    def take_due(self, limit: int) -> list[tuple[FileRef, FileStamp]]:
        """Take out at most `limit` files whose next try is due.

        Each must be followed by `failed`, `forget` or `retry_interrupted`.
        """
        now_s = self._clock()
        found = [(file, f) for file, f in self._failures.items() if f.due_s is not None and f.due_s <= now_s][:limit]
        for _, failure in found:
            failure.due_s = None
        return [(file, failure.stamp) for file, failure in found]

    def retry_interrupted(self) -> None:
        """Let all files whose try was interrupted wait for another, which does not count as one more."""
        for failure in self._failures.values():
            if failure.due_s is None:
                failure.due_s = self._clock() + RETRY_DELAYS_S[0]

    def due_in_s(self) -> float | None:
        """Return the seconds until the next try, None when nothing waits."""
        waiting = [f.due_s for f in self._failures.values() if f.due_s is not None]
        return max(0.0, min(waiting) - self._clock()) if waiting else None

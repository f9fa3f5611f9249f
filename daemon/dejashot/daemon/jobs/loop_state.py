"""What the jobs of the event loop share: when work was done, what is wrong, and whether the daemon is stopping."""

import threading
from collections.abc import Callable


class LoopState:
    """Remember when files last arrived, when readers last worked, what is wrong, and whether there is news to publish.

    `clock` gives monotonic seconds. Only `stopping` may be set from another thread.
    """

    def __init__(self, clock: Callable[[], float], stopping: threading.Event) -> None:
        self.changed = True
        self.problem = ""
        self._clock = clock
        self._stopping = stopping
        self._arrived_s = self._worked_s = clock()

    @property
    def is_stopping(self) -> bool:
        """Return whether the daemon was asked to stop."""
        return self._stopping.is_set()

    def note_change(self) -> None:
        """Note that what is published of the daemon is no longer true."""
        self.changed = True

    def note_published(self) -> None:
        """Note that what is published is true."""
        self.changed = False

    def note_problem(self, title: str) -> None:
        """Note what keeps the work from going on, empty when nothing does."""
        self.problem, self.changed = title, True

    def note_arrival(self) -> None:
        """Note that a file arrived or changed."""
        self._arrived_s, self.changed = self._clock(), True

    def note_work(self) -> None:
        """Note that readers worked."""
        self._worked_s, self.changed = self._clock(), True

    def quiet_s(self) -> float:
        """Return the seconds since a file last arrived."""
        return self._clock() - self._arrived_s

    def idle_s(self) -> float:
        """Return the seconds since readers last worked."""
        return self._clock() - self._worked_s

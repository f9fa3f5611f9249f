"""Long work on photos that gives way when something more urgent turns up."""

from collections.abc import Callable, Collection, Sequence
from itertools import islice

from dejashot.reading.job import Order, ReadJob

MIN_JOBS = 4  # photos that are read in any case: however often the work gives way, it gets on


class PreemptedError(Exception):
    """The work was given up, or put off: what was found out so far is kept."""


class PreemptibleOrders:
    """Orders of one operation by the contents of photos, until `should_stop` says so.

    The first few go first, so that what they complete is got on with; of them, and then of the rest, a reader is first
    given those whose pictures it holds.
    """

    def __init__(self, op: str, jobs: Sequence[ReadJob[bytes]], should_stop: Callable[[], bool]) -> None:
        self.preempted = False  # whether orders were held back
        self._op, self._should_stop = op, should_stop
        self._jobs = {job.ticket: job for job in jobs}
        self._given = 0

    def take(self, held: Collection[bytes]) -> Order[bytes] | None:
        """Return the next order, None at the end, or after the first few when told to stop."""
        if not self._jobs or self.preempted:
            return None
        if self._given >= MIN_JOBS and self._should_stop():
            self.preempted = True
            return None
        some = set(islice(self._jobs, max(0, MIN_JOBS - self._given))) or self._jobs.keys()
        self._given += 1
        content = next((c for c in held if c in some), next(iter(self._jobs)))
        return Order(self._op, self._jobs.pop(content))

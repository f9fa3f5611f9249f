"""Long work on photos that gives way when something more urgent turns up."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from dejashot.reading.job import ReadJob

R = TypeVar("R")

MIN_JOBS = 4  # photos that are read in any case: however often the work gives way, it gets on


class PreemptedError(Exception):
    """The work was given up, or put off: what was found out so far is kept."""


class PreemptibleJobs(Generic[R]):
    """Hands out jobs until `should_stop` says so."""

    def __init__(self, jobs: Sequence[ReadJob[R]], should_stop: Callable[[], bool]) -> None:
        self._jobs, self._should_stop = jobs, should_stop
        self.preempted = False

    def __iter__(self) -> Iterator[ReadJob[R]]:
        """Yield the jobs, at least the first few."""
        for number, job in enumerate(self._jobs):
            if number >= MIN_JOBS and self._should_stop():
                self.preempted = True
                return
            yield job

    def raise_if_preempted(self) -> None:
        """Raise PreemptedError if jobs were held back."""
        if self.preempted:
            raise PreemptedError

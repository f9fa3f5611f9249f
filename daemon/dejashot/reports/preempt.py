"""Long work on photos that gives way when something more urgent turns up."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from dejashot.reading.job import Job

T = TypeVar("T")
Answer = TypeVar("Answer")

MIN = 4  # photos that are looked at in any case: however often the work gives way, it gets on


class PreemptedError(Exception):
    """The work was given up, or put off: what was looked at so far is kept."""


def preemptible(
    work: Callable[[Iterable[Job[T]]], Iterator[tuple[Job[T], Answer]]],
    jobs: Sequence[Job[T]],
    stopping: Callable[[], bool],
) -> Iterator[tuple[Job[T], Answer]]:
    """Yield what comes of jobs; once `stopping` says so those in hand are finished, and StoppedError is raised if any are left."""
    left = False

    def dealt() -> Iterator[Job[T]]:
        nonlocal left
        for number, job in enumerate(jobs):
            if number >= MIN and stopping():
                left = True
                return
            yield job

    yield from work(dealt())
    if left:
        raise PreemptedError

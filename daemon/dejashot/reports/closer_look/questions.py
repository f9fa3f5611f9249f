"""What closer looks ask of photos: worked out step by step, apart from how and when readers are given it."""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

from dejashot.reading.job import ReadJob
from dejashot.reports.closer_look.preempt import PreemptedError, PreemptibleOrders
from dejashot.reports.context import ReportContext

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found out of some photos: an operation of the readers, and each photo's path by its content.

    `to_come` is of how many photos more the closer look will ask it, as far as it knows.
    """

    op: str
    paths: Mapping[bytes, bytes]
    to_come: int = 0


Answers = Mapping[bytes, Any]  # by content; a photo that can't be read, or has changed, is left out
Looking = Generator[Question, Answers, T]  # a closer look: it asks, is sent the answers, and returns its result


def look_into(looking: Looking[T], context: ReportContext) -> T:
    """Have the questions of a closer look answered one after another, and return its result.

    Raises PreemptedError if the context says to stop: what was found by then was taken in. Raises ModelError.
    """
    answers: Answers | None = None
    preempted, announced = False, 0
    with closing(looking):
        while True:
            try:
                question = next(looking) if answers is None else looking.send(answers)
            except StopIteration as end:
                if preempted:
                    raise PreemptedError from end
                result: T = end.value
                return result
            if preempted:
                raise PreemptedError
            context.on_asked(len(question.paths) + question.to_come - announced)
            announced = question.to_come
            answers, preempted = _answered(question, context)


def _answered(question: Question, context: ReportContext) -> tuple[Answers, bool]:
    """Return the answers to a question, and whether some are missing as it was told to stop."""
    jobs = [ReadJob(path, content) for content, path in question.paths.items()]
    orders = PreemptibleOrders(question.op, jobs, context.should_stop)
    answers: dict[bytes, Any] = {}
    for job, result in context.pool.results(orders):
        context.on_answered()
        value = result.value_for(job.ticket)
        if value is not None:
            answers[job.ticket] = value
    return answers, orders.preempted

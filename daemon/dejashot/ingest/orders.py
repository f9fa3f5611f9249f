"""What readers are given while files are ingested: the files, and closer looks at those that were read before."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

from dejashot.errors import UnreadablePhotoError
from dejashot.ingest.tasks import Task
from dejashot.models.photo import Reading
from dejashot.reading.job import READ, Order, ReadJob
from dejashot.reading.protocol.exchange import KnownContent, ReaderAnswer


class CloserLookOrders(Protocol):
    """Closer looks at photos while others are still being read."""

    def stored(self, readings: Sequence[Reading]) -> None:
        """Take in what was read and stored."""

    def take(self, held: Collection[bytes]) -> Order[bytes] | None:
        """Return an order that suits a reader which holds some pictures, or that has waited long; None for none."""

    def take_any(self) -> Order[bytes] | None:
        """Return the order that has waited longest, None for none."""

    def answered(self, order: Order[bytes], answer: ReaderAnswer) -> None:
        """Take in the answer to an order."""


class IngestOrders:
    """Orders to read files and, where a reader holds the pictures, to look at them closely."""

    def __init__(self, tasks: Iterable[Task], looks: CloserLookOrders | None) -> None:
        self._tasks = iter(tasks)
        self._looks = looks
        self._next = next(self._tasks, None)
        self._reading = 0

    @property
    def all_read(self) -> bool:
        """Return whether every file was read."""
        return self._next is None and not self._reading

    def take(self, held: Collection[bytes]) -> Order[Any] | None:
        """Return the next order for a reader that holds the pictures of some contents, None where there is none now."""
        look = self._looks.take(held) if self._looks else None
        if look is not None:
            return look
        task = self._next
        if task is None:
            return self._looks.take_any() if self._looks else None
        self._next = next(self._tasks, None)
        self._reading += 1
        return Order(READ, ReadJob(task.path, task))

    def read(self, answer: ReaderAnswer) -> Reading | KnownContent | UnreadablePhotoError:
        """Return what was read of a file; raise ValueError for another answer."""
        self._reading -= 1
        if not isinstance(answer.value, Reading | KnownContent | UnreadablePhotoError):
            raise ValueError("not the answer to a reading")
        return answer.value

    def stored(self, readings: Sequence[Reading]) -> None:
        """Take in what was read and stored."""
        if self._looks:
            self._looks.stored(readings)

    def answered(self, order: Order[bytes], answer: ReaderAnswer) -> None:
        """Take in the answer to a closer look."""
        if self._looks:
            self._looks.answered(order, answer)

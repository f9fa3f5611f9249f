"""Files are all read, in turn; closer looks come between them, and all of them are had in the end."""

from collections.abc import Collection, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.ingest.orders import IngestOrders
from dejashot.ingest.tasks import Task
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import Reading
from dejashot.reading.job import READ, Order, ReadJob
from dejashot.reading.protocol.exchange import ReaderAnswer

GONE = ReaderAnswer(UnreadablePhotoError(Reason.VANISHED))


class Looks:
    """Closer looks at contents, of which readers hold some."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self.left = list(contents)
        self.done: list[bytes] = []

    def stored(self, readings: Sequence[Reading]) -> None:
        """Take in nothing."""

    def take(self, held: Collection[bytes]) -> Order[bytes] | None:
        """Return one that suits."""
        suits = next((c for c in self.left if c in held), None)
        if suits is None:
            return None
        self.left.remove(suits)
        return Order("look", ReadJob(b"", suits))

    def take_any(self) -> Order[bytes] | None:
        """Return the first."""
        return Order("look", ReadJob(b"", self.left.pop(0))) if self.left else None

    def answered(self, order: Order[bytes], answer: ReaderAnswer) -> None:
        """Note it."""
        self.done.append(order.job.ticket)


def tasks(count: int) -> list[Task]:
    return [Task(FileRef(1, b"%d.jpg" % n), Path("/photos"), FileStamp(1, n, n, 1)) for n in range(count)]


@given(
    st.integers(0, 12),
    st.lists(st.binary(min_size=1, max_size=1), unique=True, max_size=6),
    st.lists(st.lists(st.binary(min_size=1, max_size=1), max_size=3), max_size=30),
)
def test_every_file_is_read_in_turn_and_every_look_had(
    count: int, contents: list[bytes], held: list[list[bytes]]
) -> None:
    looks, files = Looks(contents), tasks(count)
    orders = IngestOrders(files, looks)
    read = []
    holding = iter(held)
    while (order := orders.take(next(holding, []))) is not None:
        assert orders.all_read is False or order.op != READ
        if order.op == READ:
            assert orders.read(GONE) is GONE.value
            read.append(order.job.ticket)
        else:
            orders.answered(order, GONE)
    assert read == files
    assert sorted(looks.done) == sorted(contents)
    assert orders.all_read


def test_the_last_file_is_known_to_be_the_last_while_it_is_read() -> None:
    orders = IngestOrders(tasks(2), None)
    assert [orders.take(()) is not None, orders.take(()) is not None, orders.all_read] == [True, True, False]
    orders.read(GONE)
    assert not orders.all_read
    orders.read(GONE)
    assert orders.all_read
    assert orders.take(()) is None

"""What the pool is asked: a job, the policy on which contents may be read, and what comes back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reading.protocol.payloads import Frame

READ = "read"  # the operation of which less than all may be wanted
Ticket = TypeVar("Ticket")
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class ReadJob(Generic[Ticket]):
    """One file to read: its absolute path (bytes), what the caller wants back with the result, and what to render."""

    path: bytes
    ticket: Ticket
    frame: Frame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Order(Generic[Ticket]):
    """A job with what is to be done: `read`, `look`, `map`, `features`, `render` or `sidecar`."""

    op: str
    job: ReadJob[Ticket]


class OrderSource(Protocol[Ticket]):
    """Where a pool takes its orders from."""

    def take(self, held: Collection[bytes]) -> Order[Ticket] | None:
        """Return the next order for a reader that holds the pictures of some contents; None where there is none now."""


class InTurn(Generic[Ticket]):
    """Orders of one operation, in turn."""

    def __init__(self, op: str, jobs: Iterable[ReadJob[Ticket]]) -> None:
        self.op, self._jobs = op, iter(jobs)

    def take(self, held: Collection[bytes]) -> Order[Ticket] | None:  # noqa: ARG002 - whatever it holds
        """Return the next order, None at the end."""
        job = next(self._jobs, None)
        return None if job is None else Order(self.op, job)


class ContentPolicy(Protocol):
    """Which contents may be read, and where it is remembered that one ended its reader."""

    def check(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for a content that is not to be read."""

    def add_crash(self, content: bytes, reason: Reason) -> None:
        """Remember that a content ended its reader."""


class AnyContent:
    """The policy of a pool that reads everything and remembers nothing."""

    def check(self, content: bytes) -> None:
        """Allow every content."""

    def add_crash(self, content: bytes, reason: Reason) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class ContentResult(Generic[Value]):
    """What was made of a file: the hash of its bytes and a value, or why there is none."""

    content: bytes
    value: Value | None = None
    error: UnreadablePhotoError | None = None

    @classmethod
    def of(cls, answer: ReaderAnswer) -> "ContentResult[Any]":
        """Return what an answer to `look`, `map`, `features` or `render` says."""
        if isinstance(answer.value, UnreadablePhotoError):
            return ContentResult(answer.content, error=answer.value)
        return ContentResult(answer.content, answer.value)

    def value_for(self, content: bytes) -> Value | None:
        """Return the value if the file held these bytes, None if it held others or could not be read."""
        return self.value if self.content == content else None


def is_crash(answer: ReaderAnswer) -> bool:
    """Return whether an answer is that the file ended its reader."""
    return isinstance(answer.value, UnreadablePhotoError) and answer.value.reason is Reason.READER_CRASHED

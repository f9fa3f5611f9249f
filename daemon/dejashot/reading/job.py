"""What the pool is asked: a job, the policy on which contents may be read, and what comes back."""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reading.protocol.payloads import Frame

Ticket = TypeVar("Ticket")
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class ReadJob(Generic[Ticket]):
    """One file to read: its absolute path (bytes), what the caller wants back with the result, and what to render."""

    path: bytes
    ticket: Ticket
    frame: Frame | None = None


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

"""What one reader may say when: pure. Each message is understood where it is in turn; anything else is a ValueError."""

from dataclasses import dataclass

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.files import FileStamp
from dejashot.models.photo import PictureMapArray, Reading, SidecarMetadata, Wanted
from dejashot.reading.messages import (
    Failed,
    Fatal,
    Hashed,
    KnownBytes,
    LookDone,
    MapDone,
    ReadingDone,
    Ready,
    RenderDone,
    SidecarRead,
    message_of,
)
from dejashot.reading.protocol import (
    MESSAGE_LIMIT_BYTES,
    Bounds,
    Look,
    look_from_wire,
    map_from_wire,
    picture_from_wire,
    reading_from_wire,
    sidecar_from_wire,
    stamp_from_wire,
)

_NOTHING = ""
# the most bytes of a message, and the most values in it, by what was asked for
_MAX = {
    _NOTHING: (64 * 1024, 1_000),
    "read": (256 * 1024, 10_000),
    "look": (2 * 1024 * 1024, 10_000),
    "map": (2 * 1024 * 1024, 10_000),
    "render": (MESSAGE_LIMIT_BYTES, 10_000),
    "hear": (16 * 1024 * 1024, 1_000_000),
}
NEVER_HASHED = ("hear",)  # films are of any size, and only their table of contents is read
_OF_THE_POOL = (Reason.READER_CRASHED, Reason.TIMED_OUT)  # a reader says them only of what it was told to leave alone


@dataclass(frozen=True, slots=True)
class KnownContent:
    """The bytes turned out to be known already: their hash and stamp."""

    content: bytes
    stamp: FileStamp


AnswerValue = Reading | KnownContent | SidecarMetadata | Look | PictureMapArray | bytes | UnreadablePhotoError


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """The final answer about a file: what was read of it, or why it could not be, and the hash of its bytes where it is known."""

    value: AnswerValue
    content: bytes = b""


class Exchange:
    """The state of what is said between the pool and one reader."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.ready = False
        self.content = b""  # of the bytes in hand, as the reader says
        self._op = _NOTHING
        self._wanted: Wanted | None = None  # how much of the bytes in hand the reader was asked for

    @property
    def most_bytes(self) -> int:
        """Return how long the next message may be."""
        return self._most[0]

    @property
    def _most(self) -> tuple[int, int]:
        return _MAX[self._op if self.ready else _NOTHING]

    def asked(self, op: str) -> None:
        """Note that the reader was given a photo, and what for."""
        self._op, self._wanted, self.content = op, None, b""

    def granted(self, wanted: Wanted) -> None:
        """Note how much of the bytes in hand the reader was asked for."""
        self._wanted = wanted

    def heard(self, data: bytes) -> Ready | Fatal | Hashed | ReaderAnswer:
        """Return what a message says; raise ValueError for one that is none, is not in turn, or does not hold together."""
        message = message_of(data, self._most[1])
        if isinstance(message, Ready | Fatal):
            if self.ready:
                raise ValueError("the reader had started before")
            self.ready = isinstance(message, Ready)
            return message
        if not self.ready or self._op == _NOTHING:
            raise ValueError("the reader was asked nothing")
        if isinstance(message, Hashed):
            if self.content or self._op in NEVER_HASHED:
                raise ValueError("a hash that was not asked for")
            self.content = bytes.fromhex(message.content)
            return message
        answer = ReaderAnswer(self._answer(message), self.content)
        self.asked(_NOTHING)
        return answer

    def _answer(
        self, message: Failed | KnownBytes | ReadingDone | LookDone | MapDone | RenderDone | SidecarRead
    ) -> AnswerValue:
        """Return the last word on the photo in hand."""
        if isinstance(message, Failed):
            if message.reason in _OF_THE_POOL and self._wanted is not Wanted.NOTHING:
                raise ValueError("a reason that a reader can't know of")
            return UnreadablePhotoError(message.reason, message.detail)
        if isinstance(message, SidecarRead):
            self._expect("hear", None)
            return sidecar_from_wire(message.said)
        if isinstance(message, KnownBytes):
            self._expect("read", Wanted.NOTHING, message.content)
            return KnownContent(self.content, stamp_from_wire(message.stamp, self._bounds))
        if isinstance(message, ReadingDone):
            self._expect(
                "read", Wanted.FACTS if message.reading.vector is None else Wanted.ALL, message.reading.content
            )
            return reading_from_wire(message.reading, self._bounds)
        self._expect(message.op, Wanted.ALL, message.content)
        if isinstance(message, LookDone):
            return look_from_wire(message.seen)
        if isinstance(message, MapDone):
            return map_from_wire(message.seen, self._bounds)
        return picture_from_wire(message.seen)

    def _expect(self, op: str, wanted: Wanted | None, content: str = "") -> None:
        """Raise ValueError unless this is what was asked for, and of the bytes in hand."""
        if (op, wanted, content) != (self._op, self._wanted, self.content.hex()):
            raise ValueError("an answer to what was not asked")

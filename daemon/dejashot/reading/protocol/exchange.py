"""The order of messages between the pool and one reader: pure. A message out of turn is a ValueError."""

from dataclasses import dataclass

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.arrays import PictureMapArray
from dejashot.models.features import LocalFeatures
from dejashot.models.files import FileStamp
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.reading.protocol.codec import (
    MESSAGE_LIMIT_BYTES,
    features_from_wire,
    look_from_wire,
    map_from_wire,
    picture_from_wire,
    reading_from_wire,
    sidecar_from_wire,
    stamp_from_wire,
)
from dejashot.reading.protocol.messages import (
    Failed,
    Fatal,
    FeaturesDone,
    FileAnswer,
    Hashed,
    KnownBytes,
    LookDone,
    MapDone,
    ReadingDone,
    Ready,
    RenderDone,
    SidecarRead,
    SkippedBytes,
    parse_message,
)
from dejashot.reading.protocol.payloads import Bounds, Look

_NOTHING = ""


@dataclass(frozen=True, slots=True)
class _Limit:
    """The most bytes of a message, and the most values in it."""

    bytes: int
    values: int = 10_000


_LIMITS = {  # by the operation that was asked for
    _NOTHING: _Limit(64 * 1024, 1_000),
    "read": _Limit(256 * 1024),
    "look": _Limit(2 * 1024 * 1024),
    "map": _Limit(2 * 1024 * 1024),
    "features": _Limit(2 * 1024 * 1024),
    "render": _Limit(MESSAGE_LIMIT_BYTES),
    "sidecar": _Limit(16 * 1024 * 1024, 1_000_000),
}
NEVER_HASHED = ("sidecar",)  # videos are of any size, and only their movie box is read
_POOL_REASONS = (Reason.READER_CRASHED, Reason.TIMED_OUT)  # only the pool can know of them


@dataclass(frozen=True, slots=True)
class KnownContent:
    """The bytes turned out to be known already: their hash and stamp."""

    content: bytes
    stamp: FileStamp


@dataclass(frozen=True, slots=True)
class SkippedContent:
    """Nothing was done with the bytes of this hash, as the pool wanted nothing of them."""

    content: bytes


AnswerValue = (
    Reading
    | KnownContent
    | SkippedContent
    | SidecarMetadata
    | Look
    | PictureMapArray
    | LocalFeatures
    | bytes
    | UnreadablePhotoError
)


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """The final answer about a file: what was read or why it could not be, and the hash of its bytes if known."""

    value: AnswerValue
    content: bytes = b""


class Exchange:
    """The state of the messages between the pool and one reader."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.ready = False
        self.content = b""  # the hash of the bytes in hand, as the reader sent it
        self._op = _NOTHING
        self._wanted: Wanted | None = None  # how much of the bytes in hand the pool asked for

    @property
    def max_bytes(self) -> int:
        """Return how long the next message may be."""
        return self._limit.bytes

    @property
    def _limit(self) -> _Limit:
        return _LIMITS[self._op if self.ready else _NOTHING]

    def begin(self, op: str) -> None:
        """Note that the reader was given a file, and for which operation."""
        self._op, self._wanted, self.content = op, None, b""

    def grant(self, wanted: Wanted) -> None:
        """Note how much of the bytes in hand the reader was asked for."""
        self._wanted = wanted

    def receive(self, data: bytes) -> Ready | Fatal | Hashed | ReaderAnswer:
        """Return a message; raise ValueError for anything else, or a message out of turn or with unfitting parts."""
        message = parse_message(data, self._limit.values)
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
        self.begin(_NOTHING)
        return answer

    def _answer(self, message: FileAnswer) -> AnswerValue:
        """Return the final answer about the file in hand."""
        if isinstance(message, Failed):
            if message.reason in _POOL_REASONS:
                raise ValueError("a reason that a reader can't know of")
            return UnreadablePhotoError(message.reason, message.detail)
        if isinstance(message, SidecarRead):
            self._expect("sidecar", None)
            return sidecar_from_wire(message.sidecar)
        if isinstance(message, KnownBytes):
            self._expect("read", Wanted.NOTHING, message.content)
            return KnownContent(self.content, stamp_from_wire(message.stamp, self._bounds))
        if isinstance(message, ReadingDone):
            wanted = Wanted.FACTS if message.reading.vector is None else Wanted.ALL
            self._expect("read", wanted, message.reading.content)
            return reading_from_wire(message.reading, self._bounds)
        if isinstance(message, SkippedBytes):
            if self._op == "read":
                raise ValueError("a reading that is known is not skipped")
            self._expect(self._op, Wanted.NOTHING, message.content)
            return SkippedContent(self.content)
        self._expect(message.op, Wanted.ALL, message.content)
        return self._seen(message)

    def _seen(self, message: LookDone | MapDone | FeaturesDone | RenderDone) -> AnswerValue:
        """Return what was made of the pixels of the file in hand."""
        if isinstance(message, LookDone):
            return look_from_wire(message.seen)
        if isinstance(message, MapDone):
            return map_from_wire(message.seen, self._bounds)
        if isinstance(message, FeaturesDone):
            return features_from_wire(message.seen)
        return picture_from_wire(message.seen)

    def _expect(self, op: str, wanted: Wanted | None, content: str = "") -> None:
        """Raise ValueError unless this is what was asked for, and of the bytes in hand."""
        if (op, wanted, content) != (self._op, self._wanted, self.content.hex()):
            raise ValueError("an answer to what was not asked")

"""What a reader may send, message by message; anything else is no message.

What a reader sends stems from untrusted bytes, and the reader itself may have been taken over by them.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from dejashot.errors import Reason
from dejashot.reading.protocol.fields import (
    FailureDetail,
    FeaturesMessage,
    Fingerprint,
    Hash,
    Int64,
    LookMessage,
    MapMessage,
    PictureMessage,
    ReaderModel,
    ReadingMessage,
    ShownText,
    SidecarMessage,
    StampMessage,
)
from dejashot.reading.sandbox.parts import SandboxPart


class Ready(ReaderModel):
    """The reader has loaded its model, of this fingerprint, and waits for files; `missing` are absent sandbox parts."""

    op: Literal["ready"]
    missing: frozenset[SandboxPart]
    version: Int64
    model: Fingerprint


class Fatal(ReaderModel):
    """The reader can't start."""

    op: Literal["fatal"]
    title: ShownText
    hint: ShownText


class Hashed(ReaderModel):
    """The hash of the file's bytes; the pool then sends how much of them it wants."""

    op: Literal["hashed"]
    content: Hash


class Failed(ReaderModel):
    """The file could not be read."""

    op: Literal["failed"]
    reason: Reason
    detail: FailureDetail


class KnownBytes(ReaderModel):
    """Nothing of these bytes was wanted for a reading."""

    op: Literal["known"]
    content: Hash
    stamp: StampMessage


class SkippedBytes(ReaderModel):
    """Nothing of these bytes was wanted for a look, a map, features or a rendering."""

    op: Literal["skipped"]
    content: Hash


class ReadingDone(ReaderModel):
    """The photo was read."""

    op: Literal["reading"]
    reading: ReadingMessage


class LookDone(ReaderModel):
    """The quality of the photo was measured."""

    op: Literal["look"]
    content: Hash
    seen: LookMessage


class MapDone(ReaderModel):
    """The photo was mapped by the model."""

    op: Literal["map"]
    content: Hash
    seen: MapMessage


class FeaturesDone(ReaderModel):
    """The local features of the photo were found."""

    op: Literal["features"]
    content: Hash
    seen: FeaturesMessage


class RenderDone(ReaderModel):
    """The photo was rendered."""

    op: Literal["render"]
    content: Hash
    seen: PictureMessage


class SidecarRead(ReaderModel):
    """A video or a sidecar was read."""

    op: Literal["sidecar_read"]
    sidecar: SidecarMessage


FileAnswer = (
    Failed | KnownBytes | SkippedBytes | ReadingDone | LookDone | MapDone | FeaturesDone | RenderDone | SidecarRead
)
ReaderMessage = Ready | Fatal | Hashed | FileAnswer
_MESSAGES: TypeAdapter[ReaderMessage] = TypeAdapter(Annotated[ReaderMessage, Field(discriminator="op")])


def parse_message(data: bytes, max_values: int) -> ReaderMessage:
    """Return a message; raise ValueError for anything else, and for more values than `max_values`, to save memory."""
    if data.count(b",") > max_values:
        raise ValueError("a message of too many values")
    return _MESSAGES.validate_json(data)

"""What is exchanged with the workers of a cluster: JSON in bytes, so that Dask's own pickling carries bytes alone."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from dejashot import __version__
from dejashot.models.files import FileStamp
from dejashot.models.photo import QUALITY_METHOD, READING_METHOD, Wanted
from dejashot.reading.protocol.codec import bytes_of, text_of
from dejashot.reading.protocol.payloads import WIRE_VERSION, WorkerOptions

_MAX_GREETING_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Software:
    """What must be equal at both ends: the version, and the numbers of the methods of reading and measuring."""

    version: str
    wire: int
    reading: int
    quality: int


SOFTWARE = Software(__version__, WIRE_VERSION, READING_METHOD, QUALITY_METHOD)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says of itself: software, the fingerprint of its network, its clock (us since 1970)."""

    software: Software
    network: str
    now_us: int

    @classmethod
    def of_here(cls, network: str) -> "Greeting":
        """Return the greeting of this machine, with a network."""
        return cls(SOFTWARE, network, time.time_ns() // 1000)

    def encode(self) -> bytes:
        """Return the greeting as bytes."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, data: object) -> "Greeting":
        """Return the greeting in bytes; raise ValueError for anything else."""
        values = _object(data, _MAX_GREETING_BYTES)
        try:
            software = Software(**values["software"])
            return cls(software, str(values["network"]), int(values["now_us"]))
        except (KeyError, TypeError) as error:
            raise ValueError("not a greeting") from error


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One file to read on a worker.

    `path` is its path at home, of which the name counts; `share` the path on the worker, empty where the bytes are
    sent. `content` is the hash that its bytes must have, `stamp` what home says of it.
    """

    op: str
    path: bytes
    share: bytes
    content: bytes
    stamp: FileStamp
    wanted: Wanted
    options: WorkerOptions
    network: str

    def encode(self) -> bytes:
        """Return the request as bytes."""
        texts = {key: text_of(getattr(self, key)) for key in ("path", "share", "content")}
        return json.dumps(asdict(self) | texts).encode()

    @classmethod
    def decode(cls, data: bytes) -> "ReadRequest":
        """Return the request in bytes."""
        values: dict[str, Any] = json.loads(data)
        values |= {key: bytes_of(values[key]) for key in ("path", "share", "content")}
        values["stamp"], values["options"] = FileStamp(**values["stamp"]), WorkerOptions(**values["options"])
        return cls(**values | {"wanted": Wanted(values["wanted"])})


class ReplyState(StrEnum):
    """What became of a request."""

    READ = "read"
    UNREAD = "unread"  # it can't be read there: home finds out why
    OTHER_FILE = "other_file"  # the share shows another file, or none
    BROKEN = "broken"  # the worker can't read anything


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request; `messages` are the reader's, as a reader at home sends them, or a description."""

    state: ReplyState
    messages: Sequence[bytes] = ()

    def encode(self) -> bytes:
        """Return the reply as bytes: a line each."""
        return b"\n".join([self.state.encode(), *self.messages])

    @classmethod
    def decode(cls, data: object) -> "Reply":
        """Return the reply in bytes; raise ValueError for anything else."""
        if not isinstance(data, bytes):
            raise ValueError("not a reply")
        state, *messages = data.split(b"\n", 4)
        return cls(ReplyState(state.decode("ascii")), messages)


def _object(data: object, max_bytes: int) -> dict[str, Any]:
    """Return the JSON object in bytes; raise ValueError for anything else."""
    if not isinstance(data, bytes) or len(data) > max_bytes:
        raise ValueError("not a message")
    values = json.loads(data)
    if not isinstance(values, dict):
        raise ValueError("not a message")
    return values

"""Messages of readers, valid and otherwise, for tests of the protocol, and a pool whose readers play prepared ones."""

import io
import json
import random
import socket
import struct
import subprocess
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from PIL import Image

from dejashot.errors import Reason
from dejashot.models.capture import Camera, CaptureTime, Certainty, Place, TimeSource
from dejashot.models.features import LocalFeatures
from dejashot.models.files import FileStamp
from dejashot.models.photo import Face, LinkMetadata, Quality, Reading, SidecarMetadata, Wanted
from dejashot.reading.job import AnyContent, ContentPolicy, ReadJob
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.codec import (
    features_to_wire,
    look_to_wire,
    map_to_wire,
    pack,
    reading_to_wire,
    sidecar_to_wire,
    text_of,
)
from dejashot.reading.protocol.exchange import Exchange
from dejashot.reading.protocol.payloads import WIRE_VERSION, Bounds, Look, WorkerOptions
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reading.worker_process import WorkerProcess

CONTENT = bytes(range(32))
STAMP = {"size_bytes": 3_000_000, "mtime_ns": 1, "inode": 2, "device": 3}
BOUNDS = Bounds(256, (2, 3, 4), 512 * 1024 * 1024)
MAP = np.arange(24, dtype=np.float16).reshape(2, 3, 4)
FEATURES = LocalFeatures(
    np.array([[0, 0], [6, 4], [1.5, 2.25]], dtype=np.float32),
    np.arange(3 * 128, dtype=np.uint8).reshape(3, 128),
    np.arange(24, dtype=np.uint8).reshape(4, 6),
    np.linspace(-3, 3, 64 * 64, dtype=np.float32).reshape(64, 64),
    np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3),
)
READY: dict[str, Any] = {
    "op": "ready",
    "missing": [],
    "version": WIRE_VERSION,
    "model": load_model(BUNDLED).fingerprint,
}


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "JPEG")
    return out.getvalue()


JPEG = _jpeg()
FACE = Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None))
LOOK = Look(Quality(1.5, 0.1, 0.2, 99.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (FACE, FACE)), JPEG)


def a_reading(
    seed: int,
    source: TimeSource = TimeSource.EXIF,
    place: Place | None = None,
    camera: Camera | None = None,
    content: bytes = CONTENT,
) -> Reading:
    """Return a valid reading."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=256).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return Reading(
        content=content,
        stamp=FileStamp(seed % 1_000_000, -seed, 3, 4),
        format="JPEG",
        width=4000,
        height=3000,
        taken=CaptureTime(seed * 1000, 7200, source, Certainty.HIGH),
        place=place,
        camera=camera or Camera("Testcam", "T-1"),
        vector=vector,
        signature=rng.integers(0, 255, (16, 16), dtype=np.uint8),
        contrast=42.5,
        motion=seed % 2 == 1,
        live_id="5D7D1B9A-1C4E" if seed % 3 else "",
        thumbnail_px=seed % 5 * 104,
    )


def exchange(op: str, wanted: Wanted | None = Wanted.ALL) -> Exchange:
    """Return an exchange with a reader that has this to do; it has sent the hash of CONTENT unless `wanted` is None."""
    talk = Exchange(BOUNDS)
    talk.receive(pack(READY))
    talk.begin(op)
    if wanted is not None:
        talk.receive(pack({"op": "hashed", "content": CONTENT.hex()}))
        talk.grant(wanted)
    return talk


def frame(data: bytes) -> bytes:
    """Return bytes as they go over the wire."""
    return struct.pack("!i", len(data)) + data


class CrashLog(AnyContent):
    """A policy that reads everything and lists what crashed its reader."""

    def __init__(self) -> None:
        self.crashes: list[tuple[bytes, Reason]] = []

    def add_crash(self, content: bytes, reason: Reason) -> None:
        self.crashes.append((content, reason))


class PlayedPool(ReaderPool):
    """A pool whose readers are peers at a real socket that send what was prepared, then hang up or are silent.

    It is sent before the pool asks, so that nothing is waited for. They never read what the pool sends.
    """

    def __init__(
        self,
        options: WorkerOptions,
        says: Callable[[str, bytes], bytes],
        policy: ContentPolicy | None = None,
        *,
        hang_up: bool = True,
    ) -> None:
        super().__init__(options, 1, policy)
        self._says = says
        self._hang_up = hang_up
        self._peer: socket.socket | None = None

    def warm_up(self) -> None:
        """Start nothing: a peer has to know the job that it speaks about."""

    def start_worker(self, op: str, job: ReadJob[Any]) -> WorkerProcess:
        """Return a peer that has said everything about a job."""
        if self._peer is not None:
            self._peer.close()
        ours, self._peer = socket.socketpair()
        self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._peer.sendall(self._says(op, job.path))
        if self._hang_up:
            self._peer.shutdown(socket.SHUT_WR)
        return WorkerProcess.connected(subprocess.Popen(["true"]), Connection(ours.detach()), self.bounds)

    def close(self) -> None:
        """End all."""
        super().close()
        if self._peer is not None:
            self._peer.close()


WHOLE_MAP = np.zeros((128, 14, 14), dtype=np.float16)
SIDECAR = SidecarMetadata(
    LinkMetadata("5D7D1B9A-1C4E", 1_700_000_000_000_000), {"IMG_1.jpg": 1_700_000_000_000_000, "": 1}, True
)


def sound(op: str, content: bytes = CONTENT) -> list[dict[str, Any]]:
    """Return the messages of a sound reader that is asked for something, all wanted."""
    hashed = {"op": "hashed", "content": content.hex()}
    seen = {
        "look": look_to_wire(LOOK),
        "map": map_to_wire(WHOLE_MAP),
        "features": features_to_wire(FEATURES),
        "render": {"jpeg": text_of(JPEG)},
    }
    if op == "sidecar":
        return [READY, {"op": "sidecar_read", "sidecar": sidecar_to_wire(SIDECAR)}]
    if op == "read":
        reading = reading_to_wire(
            a_reading(1, camera=Camera("M", "N", "B", 0.01, 0.5, 100, 2.0), place=Place(1.0, 2.0, 3.0), content=content)
        )
        return [READY, hashed, {"op": "reading", "reading": reading}]
    return [READY, hashed, {"op": op, "content": content.hex(), "seen": seen[op]}]


ODD: Sequence[Any] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**53,
        2**63,
        -(2**63) - 1,
        10**400,
        1e-320,
        1e308,
        float("nan"),
        float("inf"),
        -float("inf"),
        0.5,
    ),
    *(
        "",
        "x",
        "\ud800",
        "\0",
        "\x1b[31m",
        "é" * 5000,
        "0" * 64,
        "AAAA",
        "@@",
        "ready",
        "nan",
        "1",
        [],
        {},
        [[]],
        [None] * 40,
    ),
    *({"op": "fatal"}, {"__class__": "x"}, [1.0] * 16, "A" * 100_000),
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in a message."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, below in inner for place in places_in(below, (*path, key)))]


def put_at(message: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a message with another value at a place."""
    if not path:
        return value
    changed = message.copy()
    changed[path[0]] = put_at(message[path[0]], path[1:], value)
    return changed


def mutated(op: str, content: bytes, rng: random.Random, *, started: bool = True) -> bytes:
    """Return what a reader sends that breaks the protocol; its first message is valid where it has `started`."""
    first = int(started)
    messages: list[Any] = sound(op, content)
    others = _unexpected_messages(content)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(first, len(messages)) if len(messages) > first else None
        kind = rng.randrange(8)
        if at is None or kind == 0:
            messages.insert(rng.randint(first, len(messages)), rng.choice(others))
        elif kind == 1:
            del messages[at]
        elif kind == 2:
            messages[at] = rng.choice(others)
        elif isinstance(messages[at], dict):
            messages[at] = _mutated_message(messages[at], kind, rng)
    data = bytearray(b"".join(frame(m if isinstance(m, bytes) else json.dumps(m).encode()) for m in messages))
    _damage(data, len(frame(pack(READY))) * first, rng)
    return bytes(data)


def _unexpected_messages(content: bytes) -> list[dict[str, Any]]:
    return [
        *sound("read", content),
        *sound("look", content),
        *sound("sidecar"),
        {"op": "fatal", "title": "x", "hint": "y"},
        {"op": "known", "content": content.hex(), "stamp": STAMP},
        {"op": "skipped", "content": content.hex()},
        {"op": "failed", "reason": "corrupt", "detail": ""},
        {"op": "go"},
    ]


def _mutated_message(message: dict[str, Any], kind: int, rng: random.Random) -> Any:
    """Return a message that lacks values (kind 4), or has a key too much (3) or an odd value."""
    if kind == 4 and message:
        return {key: value for key, value in message.items() if key != rng.choice(list(message))}
    place = rng.choice(places_in(message))
    if kind == 3 and not place:
        return {**message, "unknown_key": 1}
    return put_at(message, place, rng.choice(ODD))


def _damage(data: bytearray, start: int, rng: random.Random) -> None:
    """Change some bytes from a place on, or cut them, or add a message that is too deep or too long."""
    for _ in range(rng.choice((0, 0, 0, 1, 4))):
        if len(data) > start:
            data[rng.randrange(start, len(data))] = rng.randrange(256)
    if rng.random() < 0.1:
        del data[rng.randint(start, len(data)) :]
    if rng.random() < 0.05:
        data += frame(b'{"op":' + b"[" * rng.choice((10, 5000))) + struct.pack("!i", rng.choice((-1, -2, 2**31 - 1)))

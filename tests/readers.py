"""What readers say, sound and otherwise, for tests of the wire: messages, and readers that play what was prepared."""

import io
from typing import Any

import numpy as np
from PIL import Image

from dejashot.models import Camera, CaptureTime, Certainty, Face, FileStamp, Place, Quality, Reading, TimeSource, Wanted
from dejashot.reading.exchange import Exchange
from dejashot.reading.messages import WIRE_VERSION
from dejashot.reading.network import BUNDLED, load_network
from dejashot.reading.wire import Bounds, Look, pack

CONTENT = bytes(range(32))
STAMP = {"size_bytes": 3_000_000, "mtime_ns": 1, "inode": 2, "device": 3}
BOUNDS = Bounds(256, (2, 3, 4), 512 * 1024 * 1024)
MAP = np.arange(24, dtype=np.float16).reshape(2, 3, 4)
READY: dict[str, Any] = {"op": "ready", "sealed": True, "version": WIRE_VERSION, "network": load_network(BUNDLED).fingerprint}


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "JPEG")
    return out.getvalue()


JPEG = _jpeg()
FACE = Face((0.1, 0.2, 0.3, 0.4), 0.9, (0.21, None))
LOOK = Look(Quality(1.5, 0.1, 0.2, 99.0, (0.5,) * 16, (1.0, 1.25, -0.1), 2.5, 9.0, (FACE, FACE)), JPEG)


def a_reading(
    seed: int, source: TimeSource = TimeSource.EXIF, place: Place | None = None, camera: Camera | None = None, content: bytes = CONTENT
) -> Reading:
    """Return a sound reading."""
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
    )


def exchange(op: str, wanted: Wanted | None = Wanted.ALL) -> Exchange:
    """Return an exchange with a reader that has this to do, and the bytes of CONTENT in hand unless nothing of them is asked (None)."""
    talk = Exchange(BOUNDS)
    talk.heard(pack(READY))
    talk.asked(op)
    if wanted is not None:
        talk.heard(pack({"op": "hashed", "content": CONTENT.hex()}))
        talk.granted(wanted)
    return talk

"""The messages between the pool and its workers: JSON, never pickle, for what comes back stems from untrusted bytes."""

import base64
import json
import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dejashot.models import (
    MOST_DAMAGE_WORDS,
    SIGNATURE_SIDE,
    Camera,
    CaptureTime,
    Certainty,
    FileStamp,
    Hearsay,
    PictureMapArray,
    Place,
    Quality,
    Reading,
    TimeSource,
    Told,
)
from dejashot.paths import shown
from dejashot.reading.sidecars import MOST_NAMES, is_name

_LIVE_ID = re.compile(r"[0-9A-Z-]{8,64}")
_MOST_US = 2**53
MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024  # a large photo, rendered whole, fits


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker needs to know when it starts; sizes in MiB and megapixels, niceness 0 to 19, seconds a photo may take."""

    model: str
    threads: int
    max_megapixels: float
    max_file_mib: float
    memory_mib: int
    nice: int
    home_timezone: str
    timeout_s: float

    def encode(self) -> str:
        """Return the options as one command-line argument."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Look:
    """What a closer look gives: quality, and a preview (JPEG)."""

    quality: Quality
    preview: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What to render of a photo: its long side in pixels (0: as many as there are), and the part, in shares: left, top, width, height."""

    side: int
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


def pack(message: dict[str, Any]) -> bytes:
    """Encode a message."""
    return json.dumps(message).encode("ascii")


def unpack(data: bytes) -> dict[str, Any]:
    """Decode a message; raise ValueError when it is not one."""
    message = json.loads(data)
    if not isinstance(message, dict) or "op" not in message:
        raise ValueError("not a message")
    return message


def text_of(data: bytes) -> str:
    """Encode bytes for a message."""
    return base64.b64encode(data).decode("ascii")


def bytes_of(text: str) -> bytes:
    """Decode bytes from a message."""
    return base64.b64decode(text, validate=True)


def reading_to_wire(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON-able values."""
    return {
        "content": reading.content.hex(),
        "stamp": asdict(reading.stamp),
        "format": reading.format,
        "size": [reading.width, reading.height],
        "taken": asdict(reading.taken),
        "place": None if reading.place is None else asdict(reading.place),
        "camera": asdict(reading.camera),
        "vector": None if reading.vector is None else text_of(reading.vector.astype("<f4").tobytes()),
        "signature": text_of(reading.signature.tobytes()),
        "contrast": reading.contrast,
        "motion": reading.motion,
        "live_id": reading.live_id,
        "damage": reading.damage,
    }


def reading_from_wire(values: dict[str, Any]) -> Reading:
    """Return the reading a worker sent; raise ValueError, KeyError or TypeError when it does not hold together."""
    vector = None if values["vector"] is None else np.frombuffer(bytes_of(values["vector"]), dtype="<f4").astype(np.float32)
    signature = np.frombuffer(bytes_of(values["signature"]), dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE)
    if vector is not None and (not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector)) - 1) > 1e-3):
        raise ValueError("a vector that is not of unit length")
    taken = values["taken"]
    return Reading(
        content=bytes.fromhex(values["content"]),
        stamp=FileStamp(**values["stamp"]),
        format=str(values["format"]),
        width=int(values["size"][0]),
        height=int(values["size"][1]),
        taken=CaptureTime(
            int(taken["taken_us"]),
            int(taken["offset_s"]),
            TimeSource(taken["source"]),
            Certainty(taken["certainty"]),
            bool(taken["zone_known"]),
        ),
        place=None if values["place"] is None else Place(**values["place"]),
        camera=Camera(**values["camera"]),
        vector=vector,
        signature=signature,
        contrast=float(values["contrast"]),
        motion=bool(values["motion"]),
        live_id=_live_id(values["live_id"]),
        damage=shown(str(values["damage"])[:MOST_DAMAGE_WORDS].encode("utf-8", "replace")),
    )


def hearsay_to_wire(hearsay: Hearsay) -> dict[str, Any]:
    """Return what a file beside photos says as JSON-able values."""
    return asdict(hearsay)


def hearsay_from_wire(values: dict[str, Any]) -> Hearsay:
    """Return what a worker heard; raise ValueError, KeyError or TypeError when it does not hold together."""
    told, made_us = values["told"], values["told"]["made_us"]
    times_us = {name: _moment(us) for name, us in values["times_us"].items()}
    if len(times_us) > MOST_NAMES or not all(name == "" or is_name(name) for name in times_us):
        raise ValueError("not the names of photos")
    return Hearsay(Told(_live_id(told["live_id"]), None if made_us is None else _moment(made_us)), times_us, bool(values["to_minute"]))


def _live_id(value: str) -> str:
    if value and not _LIVE_ID.fullmatch(value):
        raise ValueError("not the id of a Live Photo")
    return value


def _moment(value: int) -> int:
    """Return microseconds since 1970; raise ValueError beyond the years that are counted in."""
    if not abs(int(value)) < _MOST_US:
        raise ValueError("not a moment")
    return int(value)


def look_to_wire(look: Look) -> dict[str, Any]:
    """Return a closer look as JSON-able values."""
    return {"quality": asdict(look.quality), "preview": text_of(look.preview)}


def map_to_wire(picture_map: PictureMapArray) -> dict[str, Any]:
    """Return a map as JSON-able values."""
    return {"shape": list(picture_map.shape), "values": text_of(picture_map.astype("<f2").tobytes())}


def map_from_wire(values: dict[str, Any]) -> PictureMapArray:
    """Return the map a worker sent; raise ValueError, KeyError or TypeError when it does not hold together."""
    channels, height, width = (int(n) for n in values["shape"])
    found = np.frombuffer(bytes_of(values["values"]), dtype="<f2").astype(np.float16).reshape(channels, height, width)
    if not np.isfinite(found).all():
        raise ValueError("a map that is not finite")
    return found


def look_from_wire(values: dict[str, Any]) -> Look:
    """Return the closer look a worker sent; raise ValueError, KeyError or TypeError when it does not hold together."""
    return Look(Quality.of(values["quality"]), bytes_of(values["preview"]))


def frame_to_wire(frame: Frame) -> dict[str, Any]:
    """Return a frame as JSON-able values."""
    return asdict(frame)


def frame_from_wire(values: dict[str, Any]) -> Frame:
    """Return the frame that was asked for."""
    left, top, width, height = values["box"]
    return Frame(int(values["side"]), (left, top, width, height))


def picture_from_wire(values: dict[str, Any]) -> bytes:
    """Return the JPEG a worker rendered; raise ValueError, KeyError or TypeError when it is none."""
    jpeg = bytes_of(values["jpeg"])
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG")
    return jpeg

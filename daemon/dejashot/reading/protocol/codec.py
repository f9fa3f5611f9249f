"""Messages between pool and readers as JSON, never pickle: what comes back stems from untrusted bytes."""

from __future__ import annotations  # a reader needs the messages' types for nothing else

import base64
import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from dejashot.models.arrays import SIGNATURE_SIDE, Floats32, PictureMapArray, Vector
from dejashot.models.capture import Camera, CaptureTime, Place
from dejashot.models.features import COLOUR_SIDE, DESCRIPTOR_SIZE, MAX_OUTLINE, OUTLINE_SIDE, LocalFeatures
from dejashot.models.files import FileStamp
from dejashot.models.photo import LinkMetadata, Quality, Reading, SidecarMetadata
from dejashot.reading.decode.containers.jpeg_markers import encoded_size
from dejashot.reading.limits import MAX_PREVIEW_BYTES, MAX_RENDERED_PX
from dejashot.reading.protocol.payloads import Bounds, Frame, Look

if TYPE_CHECKING:
    from dejashot.reading.protocol.fields import (
        FeaturesMessage,
        LookMessage,
        MapMessage,
        PictureMessage,
        ReadingMessage,
        SidecarMessage,
        StampMessage,
    )

_UNIT_TOLERANCE = 1e-3
MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024  # a large photo, rendered whole, fits


def pack(message: dict[str, Any]) -> bytes:
    """Encode a message."""
    return json.dumps(message).encode("ascii")


def unpack(data: bytes) -> dict[str, Any]:
    """Decode a message of the pool's; raise ValueError when it is none."""
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
        "thumbnail_px": reading.thumbnail_px,
        "map": None if reading.map is None else map_to_wire(reading.map),
    }


def reading_from_wire(message: ReadingMessage, bounds: Bounds) -> Reading:
    """Return the reading in a message; raise ValueError when its parts do not fit together."""
    if len(message.signature) != SIGNATURE_SIDE**2:
        raise ValueError("a signature of another size")
    return Reading(
        content=bytes.fromhex(message.content),
        stamp=stamp_from_wire(message.stamp, bounds),
        format=message.format,
        width=message.size[0],
        height=message.size[1],
        taken=CaptureTime(**dict(message.taken)),
        place=None if message.place is None else Place(**dict(message.place)),
        camera=Camera(**dict(message.camera)),
        vector=None if message.vector is None else _vector(message.vector, bounds.dimensions),
        signature=np.frombuffer(message.signature, dtype=np.uint8).reshape(SIGNATURE_SIDE, SIGNATURE_SIDE),
        contrast=message.contrast,
        motion=message.motion,
        live_id=message.live_id,
        damage=message.damage,
        thumbnail_px=message.thumbnail_px,
        map=None if message.map is None else map_from_wire(message.map, bounds),
    )


def _vector(data: bytes, dimensions: int) -> Vector:
    """Return a vector of unit length; raise ValueError for any other."""
    if len(data) != 4 * dimensions:
        raise ValueError("a vector of another length than the model's")
    vector = np.frombuffer(data, dtype="<f4").astype(np.float32)
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(vector).all() or not abs(norm - 1) <= _UNIT_TOLERANCE:
        raise ValueError("a vector that is not of unit length")
    return vector


def stamp_from_wire(message: StampMessage, bounds: Bounds) -> FileStamp:
    """Return the stamp in a message; raise ValueError for a file larger than those that are read."""
    if message.size_bytes > bounds.max_bytes:
        raise ValueError("a file that is too large to have been read")
    return FileStamp(**dict(message))


def sidecar_to_wire(metadata: SidecarMetadata) -> dict[str, Any]:
    """Return what a video or a sidecar holds as JSON-able values."""
    return {"link": asdict(metadata.link), "times_us": metadata.times_us, "to_minute": metadata.to_minute}


def sidecar_from_wire(message: SidecarMessage) -> SidecarMetadata:
    """Return what a video or a sidecar holds."""
    link = LinkMetadata(message.link.live_id, message.link.made_us)
    return SidecarMetadata(link, message.times_us, message.to_minute)


def look_to_wire(look: Look) -> dict[str, Any]:
    """Return a look as JSON-able values."""
    return {"quality": asdict(look.quality), "preview": text_of(look.preview)}


def look_from_wire(message: LookMessage) -> Look:
    """Return the look in a message; raise ValueError when its parts do not fit together."""
    if len(message.preview) > MAX_PREVIEW_BYTES:
        raise ValueError("a preview that is too large")
    return Look(Quality.of(message.quality.model_dump()), _jpeg(message.preview))


def map_to_wire(picture_map: PictureMapArray) -> dict[str, Any]:
    """Return a map as JSON-able values."""
    return {"shape": list(picture_map.shape), "values": text_of(picture_map.astype("<f2").tobytes())}


def map_from_wire(message: MapMessage, bounds: Bounds) -> PictureMapArray:
    """Return the map in a message; raise ValueError when it is not the model's."""
    if message.shape != bounds.map_shape or len(message.values) != 2 * math.prod(message.shape):
        raise ValueError("a map of another shape than the model's")
    found = np.frombuffer(message.values, dtype="<f2").astype(np.float16).reshape(message.shape)
    if not np.isfinite(found).all():
        raise ValueError("a map that is not finite")
    return found


def features_to_wire(features: LocalFeatures) -> dict[str, Any]:
    """Return local features as JSON-able values."""
    return {
        "count": len(features.points),
        "size": list(features.luma.shape),
        "points": text_of(features.points.astype("<f4").tobytes()),
        "descriptors": text_of(features.descriptors.tobytes()),
        "luma": text_of(features.luma.tobytes()),
        "outline": text_of(features.outline.astype("<f4").tobytes()),
        "colours": text_of(features.colours.tobytes()),
    }


def features_from_wire(message: FeaturesMessage) -> LocalFeatures:
    """Return the local features in a message; raise ValueError when its parts do not fit together."""
    height, width = message.size
    points = _numbers(message.points, (message.count, 2))
    outline = _numbers(message.outline, (OUTLINE_SIDE, OUTLINE_SIDE))
    if (points < 0).any() or (points > (width, height)).any():
        raise ValueError("a point outside its picture")
    if (np.abs(outline) > MAX_OUTLINE).any():
        raise ValueError("an outline of impossible contrast")
    descriptors = np.frombuffer(message.descriptors, dtype=np.uint8).reshape(message.count, DESCRIPTOR_SIZE)
    luma = np.frombuffer(message.luma, dtype=np.uint8).reshape(height, width)
    colours = np.frombuffer(message.colours, dtype=np.uint8).reshape(COLOUR_SIDE, COLOUR_SIDE, 3)
    return LocalFeatures(points, descriptors, luma, outline, colours)


def _numbers(data: bytes, shape: tuple[int, int]) -> Floats32:
    """Return finite numbers of a shape; raise ValueError for anything else."""
    found = np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(found).all():
        raise ValueError("a number that is not finite")
    return found


def frame_to_wire(frame: Frame) -> dict[str, Any]:
    """Return a frame as JSON-able values."""
    return asdict(frame)


def frame_from_wire(values: dict[str, Any]) -> Frame:
    """Return the frame in a request."""
    left, top, width, height = values["box"]
    return Frame(int(values["side"]), (left, top, width, height))


def picture_from_wire(message: PictureMessage) -> bytes:
    """Return the rendered JPEG in a message; raise ValueError when it is none."""
    return _jpeg(message.jpeg)


def _jpeg(data: bytes) -> bytes:
    """Return a JPEG; raise ValueError for anything else, or one larger than any that is asked for."""
    if max(encoded_size(data)) > MAX_RENDERED_PX:
        raise ValueError("a picture that is too large")
    return data

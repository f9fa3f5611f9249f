"""TIFFs that Pillow misreads or can't read: planes of 16 bits, floating-point colours, colour maps of 8 bits.

Uncompressed and deflated strips are read here. Other layouts are described, so that a sound file is not called
damaged. Source: TIFF 6.0.
"""

import io
import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, ImagePalette, TiffImagePlugin

log = logging.getLogger(__name__)

MAX_LIGHT = 16.0  # up to here the floating-point numbers of a picture are light, 1 for white
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}  # the latter with offsets of 8 bytes
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _SAMPLES, _ROWS, _COUNTS = 273, 277, 278, 279
_ORIENTATION, _PLANAR, _PREDICTOR, _COLOUR_MAP, _TILES, _EXTRA, _FORMAT = 274, 284, 317, 320, 324, 338, 339
_WHOLE, _FLOAT = 1, 3
_TYPES = {
    (_WHOLE, 8): "u1",
    (_WHOLE, 16): "u2",
    (_WHOLE, 32): "u4",
    (_FLOAT, 16): "f2",
    (_FLOAT, 32): "f4",
    (_FLOAT, 64): "f8",
}
_PLAIN, _DEFLATE, _OLD_JPEG = 1, (8, 32946), 6
_MAX_DEFLATED = 1040  # bytes that one can become
_MAX_SIDE, _MAX_SAMPLES, _MAX_ENTRIES = 65_535, 16, 512
_NAMES = {
    0: "grey",
    1: "grey",
    2: "RGB",
    3: "palette",
    5: "inks",
    6: "YCbCr",
    8: "CIELAB",
    9: "ICCLAB",
    10: "ITULAB",
    32844: "LogL",
    32845: "LogLuv",
}

TiffTags = Mapping[int, Any]
Samples = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """How a TIFF stores its picture: size, bits and kind of number of a sample, what samples mean, compression."""

    order: str
    width: int
    height: int
    bits: tuple[int, ...]
    number: int
    photometric: int
    compression: int
    planes: bool
    extra: tuple[int, ...]

    @property
    def description(self) -> str:
        """Return the layout as people read it."""
        kind = (
            "floating point"
            if self.number == _FLOAT
            else "whole numbers"
            if self.number == _WHOLE
            else f"numbers of kind {self.number}"
        )
        name = _NAMES.get(self.photometric, f"colours of kind {self.photometric}")
        planes = ", in planes" if self.planes else ""
        return f"{name}, {len(self.bits)} x {self.bits[0]} bits, {kind}{planes}, compression {self.compression}"

    @property
    def misread(self) -> bool:
        """Return whether Pillow makes noise of it: it takes planes for 8 bits deep."""
        return self.planes and max(self.bits) > 8

    @property
    def unknown(self) -> bool:
        """Return whether Pillow can't read it, or not reliably."""
        if self.compression not in TiffImagePlugin.COMPRESSION_INFO or self.compression == _OLD_JPEG:
            return True
        prefix = b"II" if self.order == "<" else b"MM"
        modes = TiffImagePlugin.OPEN_INFO
        forms = {(self.number,), (self.number,) * len(self.bits)}
        return not any(
            (prefix, self.photometric, (n,), fill, self.bits, self.extra) in modes for n, *_ in forms for fill in (1, 2)
        )


def read_tiff_variant(data: bytes, max_pixels: float, *, failed: bool) -> tuple[Image.Image | None, str]:
    """Return the picture of a TIFF that Pillow can't read, upright, or None with a description of its layout.

    Returns None and an empty description for any other file. `failed` is set where Pillow has failed on the file;
    before that only what Pillow would misread is read here.
    """
    order = _BYTE_ORDERS.get(data[:4])
    tags = _directory(data) if order else {}
    layout = _layout(tags, order or "")
    if (
        layout is None
        or layout.width * layout.height > max_pixels
        or not (layout.misread or (failed and layout.unknown))
    ):
        return None, ""
    samples = _samples(data, tags, layout)
    if samples is None:
        return None, layout.description
    picture = Image.fromarray(_levels(samples, layout))
    orientation = _one(tags, _ORIENTATION, 1)
    exif = picture.getexif()
    exif[_ORIENTATION] = orientation if orientation in range(1, 9) else 1
    upright = ImageOps.exif_transpose(picture)
    upright.info.pop("exif", None)
    upright.format = "TIFF"
    return upright, ""


def correct_colour_map(image: Image.Image) -> None:
    """Correct a colour map that was written with 8 bits instead of 16: all colours would be black."""
    tags = getattr(image, "tag_v2", None)
    if image.format != "TIFF" or image.mode != "P" or tags is None or _COLOUR_MAP not in tags:
        return
    colours = tags[_COLOUR_MAP]
    if 0 < max(colours) < 256:
        image.palette = ImagePalette.raw("RGB;L", bytes(colours))


def _directory(data: bytes) -> TiffTags:
    """Return the tags of the first picture, none where they can't be read."""
    if not _is_sane(data):
        return {}
    try:
        found = TiffImagePlugin.ImageFileDirectory_v2(data[: 16 if b"+" in data[2:4] else 8])
        file = io.BytesIO(data)
        file.seek(found.next)
        found.load(file)
        return {tag: found[tag] for tag in (_WIDTH, *range(_HEIGHT, _FORMAT + 1)) if tag in found}
    except Exception as error:  # noqa: BLE001 - Pillow's TIFF parser raises whatever the bytes provoke
        log.debug("Pillow TIFF: %s", type(error).__name__)
        return {}


def _is_sane(data: bytes) -> bool:
    """Return whether the first directory has a possible number of entries, and all are in the file."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    start, size, offset, count, entry = (8, 8, 16, 8, 20) if b"+" in data[2:4] else (4, 4, 8, 2, 12)
    at = int.from_bytes(data[start : start + size], order)
    entries = int.from_bytes(data[at : at + count], order)
    return offset <= at and 0 < entries <= _MAX_ENTRIES and at + count + entries * entry <= len(data)


def _numbers(value: object) -> tuple[int, ...]:
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if isinstance(item, int))


def _one(tags: TiffTags, tag: int, default: int) -> int:
    return next(iter(_numbers(tags.get(tag, default))), default)


def _layout(tags: TiffTags, order: str) -> TiffLayout | None:
    """Return how the file stores its picture; None where its tags contradict each other."""
    width, height, samples = _one(tags, _WIDTH, 0), _one(tags, _HEIGHT, 0), _one(tags, _SAMPLES, 1)
    bits, formats = _numbers(tags.get(_BITS, 1)), _numbers(tags.get(_FORMAT, _WHOLE))
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE and 0 < samples <= _MAX_SAMPLES):
        return None
    bits = bits * samples if len(bits) == 1 else bits
    if len(bits) != samples or len(formats) > samples:
        return None
    if not formats or len(set(formats)) > 1 or not 0 < min(bits) <= max(bits) <= 64 or _PHOTOMETRIC not in tags:
        return None
    extra = _numbers(tags.get(_EXTRA, ()))
    return TiffLayout(
        order,
        width,
        height,
        bits,
        formats[0],
        _one(tags, _PHOTOMETRIC, 0),
        _one(tags, _COMPRESSION, _PLAIN),
        _one(tags, _PLANAR, 1) == 2 and samples > 1,
        extra,
    )


def _samples(data: bytes, tags: TiffTags, layout: TiffLayout) -> Samples | None:
    """Return the samples (rows x columns x samples) of a picture in strips; None for other storage, or a part of it."""
    kind = _TYPES.get((layout.number, layout.bits[0]))
    predictor = _one(tags, _PREDICTOR, 1)
    if kind is None or len(set(layout.bits)) > 1 or layout.photometric not in (0, 1, 2) or _TILES in tags:
        return None
    if (layout.compression != _PLAIN and layout.compression not in _DEFLATE) or predictor not in (
        (1, 2) if layout.number == _WHOLE else (1,)
    ):
        return None
    planes, together = (len(layout.bits), 1) if layout.planes else (1, len(layout.bits))
    row_bytes = layout.width * together * layout.bits[0] // 8
    rows = _one(tags, _ROWS, layout.height)
    rows = rows if 0 < rows < layout.height else layout.height
    heights = [min(rows, layout.height - top) for top in range(0, layout.height, rows)] * planes
    spans = list(zip(_numbers(tags.get(_OFFSETS, ())), _numbers(tags.get(_COUNTS, ())), strict=False))
    strips = _strips(data, spans, [height * row_bytes for height in heights], deflated=layout.compression != _PLAIN)
    if strips is None:
        return None
    found = np.frombuffer(strips, dtype=layout.order + kind).reshape(planes, layout.height, layout.width, together)
    if predictor == 2:
        found = np.cumsum(found, axis=2, dtype=found.dtype.newbyteorder("="))
    return np.moveaxis(found, 0, 2).reshape(layout.height, layout.width, planes * together)


def _strips(data: bytes, spans: Sequence[tuple[int, int]], sizes: Sequence[int], *, deflated: bool) -> bytes | None:
    """Return the strips joined, None where one is missing or too short."""
    if len(spans) < len(sizes) or sum(sizes) > (_MAX_DEFLATED * len(data) if deflated else len(data)):
        return None
    parts = []
    for (start, length), size in zip(spans, sizes, strict=False):
        part = data[start : start + length]
        if deflated:
            try:
                part = zlib.decompressobj().decompress(part, size)
            except zlib.error:
                return None
        if len(part) < size:
            return None
        parts.append(part[:size])
    return b"".join(parts)


def _levels(samples: Samples, layout: TiffLayout) -> npt.NDArray[np.uint8]:
    """Return samples as levels of 8 bits: grey or RGB, without extra channels."""
    colours = samples[..., :3] if layout.photometric == 2 and samples.shape[2] >= 3 else samples[..., 0]
    if layout.number == _WHOLE:
        levels = (colours >> (layout.bits[0] - 8)).astype(np.uint8)
    else:
        light = np.nan_to_num(colours.astype(np.float32))
        scale = 255.0 if light.max(initial=0.0) <= MAX_LIGHT else 1.0 if light.max() <= 255 else 255.0 / 65535.0
        levels = np.clip(light * scale, 0, 255).astype(np.uint8)
    return 255 - levels if layout.photometric == 0 else levels

"""Canon's CR3. Sources: ISO 14496-12, and the tag tables of ExifTool (Canon)."""

import struct
from collections.abc import Iterable

from dejashot.reading.decode.containers.iso_boxes import Box, Boxes, ByteSpan
from dejashot.reading.decode.containers.tiff_directories import BYTE_ORDERS, TiffStructure
from dejashot.reading.decode.raw.raw_file import RawFile
from dejashot.reading.decode.raw.tiff_raw import add_directories

_JPEG = b"\xff\xd8\xff"
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_TAG_BOXES = {b"CMT1": 0, b"CMT2": 1, b"CMT4": 2}  # main, EXIF, GPS: each a TIFF of its own
_MAX_JPEG_PREFIX = 32  # bytes in a box before its JPEG; how many depends on the box's version


def is_cr3(data: bytes) -> bool:
    """Return whether a file begins as a CR3."""
    return data[4:12] == b"ftypcrx "


def read_cr3(data: bytes, _suffix: str = "") -> RawFile:
    """Return what a CR3 holds: previews in Canon's boxes and in the first track, tags in four small TIFFs."""
    raw, boxes, at = RawFile("CR3"), Boxes(data), 0
    for kind, start, end in boxes.within(0, len(data)):
        size = int.from_bytes(data[at : at + 4])
        at += size if size > 1 else int.from_bytes(data[at + 8 : at + 16]) if size else end - at
        if kind == b"mdat":
            raw.sensor_spans.append((start, at))  # which may lie beyond the end
        elif kind == b"uuid" and data[start : start + 16] == _CANON_PREVIEW:
            raw.previews += [
                _jpeg_in(data, first, last) for box, first, last in boxes.within(start + 24, end) if box == b"PRVW"
            ]
        elif kind == b"moov":
            _add_movie_box(data, raw, boxes, (start, end))
    return raw


def _add_movie_box(data: bytes, raw: RawFile, boxes: Boxes, inside: ByteSpan) -> None:
    """Add the tags and the previews in the movie box."""
    for box, first, last in boxes.within(*inside):
        if box == b"uuid" and data[first : first + 16] == _CANON:
            _add_tags(data, raw, boxes.within(first + 16, last))
        elif box == b"trak":
            raw.previews += _track_preview(data, boxes, first, last)


def _add_tags(data: bytes, raw: RawFile, boxes: Iterable[Box]) -> None:
    """Add tags, size, orientation and the thumbnail from what is in Canon's box."""
    for kind, first, last in boxes:
        order = BYTE_ORDERS.get(data[first : first + 4])
        if kind in _TAG_BOXES and order:
            raw.tag_blocks.append((_TAG_BOXES[kind], (first, last)))
        if kind == b"CMT1" and order:
            main = add_directories(data, RawFile("CR3"), TiffStructure(data, first, order).directories()[:1])
            raw.size, raw.orientation = main.size, main.orientation
        elif kind == b"THMB":
            raw.previews.append(_jpeg_in(data, first, last))


def _jpeg_in(data: bytes, start: int, end: int) -> ByteSpan:
    """Return where the JPEG in a box is; an empty span where there is none."""
    found = data.find(_JPEG, start, min(start + _MAX_JPEG_PREFIX, end))
    return (found, end) if found >= 0 else (start, start)


def _track_preview(data: bytes, boxes: Boxes, start: int, end: int) -> list[ByteSpan]:
    """Return where the first sample of a track is, if it is a JPEG: one track of a CR3 holds one of full size."""
    tables: dict[bytes, ByteSpan] = {}
    pending = [(start, end)]
    while pending:
        for kind, first, last in boxes.within(*pending.pop()):
            if kind in (b"mdia", b"minf", b"stbl"):
                pending.append((first, last))
            elif kind in (b"stsz", b"co64", b"stco"):
                tables[kind] = (first, last)
    size, at = _first_sample_size(data, tables), _first_sample_offset(data, tables)
    return [(at, at + size)] if size is not None and at is not None and data[at : at + 3] == _JPEG else []


def _first_sample_size(data: bytes, tables: dict[bytes, ByteSpan]) -> int | None:
    """Return the bytes of a track's first sample, by its table of sizes."""
    start, end = tables.get(b"stsz", (0, 0))
    if end - start < 12:
        return None
    size, count = struct.unpack_from(">II", data, start + 4)
    if not size and count and end - start >= 16:
        (size,) = struct.unpack_from(">I", data, start + 12)
    return int(size)


def _first_sample_offset(data: bytes, tables: dict[bytes, ByteSpan]) -> int | None:
    """Return where a track's first sample begins, by its table of offsets of 8 or 4 bytes."""
    start, end = tables.get(b"co64", (0, 0))
    if end - start >= 16:
        return int.from_bytes(data[start + 8 : start + 16])
    start, end = tables.get(b"stco", (0, 0))
    return int.from_bytes(data[start + 8 : start + 12]) if end - start >= 12 else None

"""The metadata of a video: the Live Photo that it belongs to, and when it was made. Its frames are never decoded."""

import io
import os
from collections.abc import Iterator
from datetime import datetime

from dejashot.models.capture import microseconds
from dejashot.models.photo import LinkMetadata
from dejashot.reading.decode.containers.iso_boxes import Boxes
from dejashot.reading.metadata.apple_ids import id_of

MAX_MOVIE_BOX_BYTES = 32 * 1024 * 1024  # that of a video of some hours
_TOP_BOXES = 4096
FIRST_FILM = 1888  # the year of the first film
_SINCE_1904_S = 2_082_844_800  # from 1904, where QuickTime begins to count, to 1970
_LIVE, _MADE = b"com.apple.quicktime.content.identifier", b"com.apple.quicktime.creationdate"
_MAX_KEYS = 256


def video_metadata(file: io.FileIO) -> LinkMetadata:
    """Return the metadata of a MOV or MP4, from its movie box alone; nothing where it has none. Raises OSError."""
    movie = _movie_box(file)
    boxes = Boxes(movie)
    values: dict[bytes, bytes] = {}
    made_us: int | None = None
    for kind, start, end in boxes.within(0, len(movie)):
        if kind == b"mvhd":
            made_us = _header_time(movie[start:end])
        elif kind == b"meta":
            values |= _metadata(movie, boxes, start, end)
        elif kind == b"udta":
            for inner, first, last in boxes.within(start, end):
                values |= _metadata(movie, boxes, first, last) if inner == b"meta" else {}
    if (exact_us := _iso_time(values.get(_MADE, b""))) is not None:
        made_us = exact_us
    return LinkMetadata(id_of(values.get(_LIVE, b"")), made_us)


def _movie_box(file: io.FileIO) -> bytes:
    """Return the contents of the movie box, skipping the boxes before it; empty where there is none."""
    end, at = file.seek(0, os.SEEK_END), 0
    for _ in range(_TOP_BOXES):
        file.seek(at)
        head = file.read(16) or b""
        found = next(Boxes(head + bytes(16)).within(0, 2**63), None)
        if len(head) < 8 or found is None:
            return b""
        kind, inside, after = found[0], at + found[1], min(at + found[2], end)
        if kind == b"moov":
            file.seek(inside)
            return file.read(max(0, min(after - inside, MAX_MOVIE_BOX_BYTES))) or b""
        at = after
    return b""


def _header_time(header: bytes) -> int | None:
    """Return when the video was made (us since 1970) by its movie header; None where it has no plausible time."""
    wide = header[:1] == b"\x01"
    seconds = int.from_bytes(header[4:12] if wide else header[4:8]) - _SINCE_1904_S
    return seconds * 1_000_000 if 0 < seconds < 2**33 else None


def _metadata(data: bytes, boxes: Boxes, start: int, end: int) -> dict[bytes, bytes]:
    """Return the values of a metadata box by their keys."""
    if data[start + 4 : start + 8] != b"hdlr":
        start += 4  # in MP4 the box has a version, in QuickTime it has none
    inside = boxes.by_kind(start, end)
    if b"keys" not in inside or b"ilst" not in inside:
        return {}
    keys = list(_keys(data, *inside[b"keys"]))
    values: dict[bytes, bytes] = {}
    for kind, first, last in boxes.within(*inside[b"ilst"]):
        number = int.from_bytes(kind)
        for inner, begin, stop in boxes.within(first, last):
            if inner == b"data" and 0 < number <= len(keys):
                values[keys[number - 1]] = data[begin + 8 : min(stop, begin + 8 + 128)]
    return values


def _keys(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield the names of keys in the order by which values refer to them."""
    at = start + 8
    for _ in range(min(int.from_bytes(data[start + 4 : start + 8]), _MAX_KEYS)):
        size = int.from_bytes(data[at : at + 4])
        if size < 8 or at + size > end:
            return
        yield data[at + 8 : at + size]
        at += size


def _iso_time(text: bytes) -> int | None:
    """Return a time with its zone as us since 1970."""
    try:
        at = datetime.fromisoformat(text.decode("ascii"))
    except ValueError:
        return None
    return None if at.tzinfo is None or not FIRST_FILM <= at.year < FIRST_FILM + 300 else microseconds(at)

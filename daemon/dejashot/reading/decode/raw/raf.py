"""Fujifilm's RAF. Source: the tag tables of ExifTool (FujiFilm)."""

import struct

from dejashot.reading.decode.raw.raw_file import RawFile, largest_size

MAX_TAGS = 512
_SIZE_TAGS = (0x0100, 0x0111)  # the second is the picture without the sensor's margins


def is_raf(data: bytes) -> bool:
    """Return whether a file begins as a RAF."""
    return data.startswith(b"FUJIFILMCCD-RAW")


def read_raf(data: bytes, _suffix: str = "") -> RawFile:
    """Return what a RAF holds: where its JPEG is, and in its own directory the size of the picture."""
    raw = RawFile("RAF")
    if len(data) < 100:
        return raw
    start, length, tags = struct.unpack_from(">III", data, 84)
    raw.previews = [(start, start + length)]
    at, size = struct.unpack_from(">II", data, 100) if len(data) >= 108 else (0, 0)
    raw.sensor_spans = [(at, at + size)] if at and size else []
    if tags + 4 <= len(data):
        (count,) = struct.unpack_from(">I", data, tags)
        at = tags + 4
        for _ in range(min(count, MAX_TAGS)):
            if at + 8 > len(data):
                break
            tag, size, height, width = struct.unpack_from(">HHHH", data, at)
            if tag in _SIZE_TAGS and size == 4:
                raw.size = (width, height)
            at += 4 + size
    raw.size = largest_size(raw.size)
    return raw

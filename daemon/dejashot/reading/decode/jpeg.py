"""A strict JPEG decoder that reports which data is damaged.

libjpeg fills what it can't decode with grey, or with whatever the bytes happen to mean, and only warns. Pillow drops
these warnings.
"""

import logging
import re

import numpy as np
import numpy.typing as npt
import simplejpeg

from dejashot.language.texts import noted
from dejashot.reading.decode.containers.jpeg_markers import END, JpegHeader, end_of_scans, has_end_marker, read_header

log = logging.getLogger(__name__)

DAMAGED = noted("a part of its picture data is broken")
_HARMLESS = ("jfif", "adobe", "icc")  # warnings about the header; the picture is whole
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
# bytes that encoders leave before the end marker; the longer padding only where all its bytes are equal
_PADDING, _EVEN_PADDING = 4, 16

Pixels = npt.NDArray[np.uint8]


def decode_strictly(data: bytes, size: tuple[int, int]) -> tuple[Pixels | None, str]:
    """Decode a JPEG at one of libjpeg's scales, no smaller than `size` (width, height), and describe its damage.

    Returns pixels [height, width] or [height, width, 3], None where the file is damaged or of an unusual layout, and
    the damage, empty where none is known. A picture that lacks its end marker alone is sound.
    """
    header = read_header(data)
    if header is None or not header.is_usual:
        return None, ""
    colours = "GRAY" if len(header.sampling) == 1 else "RGB"
    pixels, message = _decode(data, colours, size)
    if pixels is not None:
        return pixels, ""
    end, has_marker = end_of_scans(data, header.scan)
    if not _is_damage(data[:end], message):
        return None, ""
    if not has_marker and not _may_end_anywhere(data, header):
        pixels = _decode_with_end(data[:end], colours, size)
    damaged = pixels is None and has_end_marker(data)  # a file without any end marker is truncated, not damaged
    return pixels, DAMAGED if damaged else ""


def _may_end_anywhere(data: bytes, header: JpegHeader) -> bool:
    """Return whether a picture is progressive with an end somewhere: it is whole after every scan, if coarser."""
    return header.progressive and has_end_marker(data)


def _decode_with_end(data: bytes, colours: str, size: tuple[int, int]) -> Pixels | None:
    """Decode a JPEG whose data ends without an end marker, as Samsung's panoramas do."""
    closed = data + END
    pixels, message = _decode(closed, colours, size)
    if pixels is None and _EXTRANEOUS.search(message):
        pixels, _ = _decode(closed, colours, size, strict=False)
    return pixels


def _is_damage(up_to_end: bytes, message: str) -> bool:
    """Return whether a decoder's message is about the picture's data, not about a few bytes of padding at its end."""
    padding = _EXTRANEOUS.search(message)
    if padding is None:
        return not any(sign in message.lower() for sign in _HARMLESS)
    count = int(padding[1])
    return count > _PADDING and not (count <= _EVEN_PADDING and len(set(up_to_end[-count:])) == 1)


def _decode(data: bytes, colours: str, size: tuple[int, int], *, strict: bool = True) -> tuple[Pixels | None, str]:
    """Return the pixels, or the decoder's message; `strict` makes its warnings errors."""
    try:
        found = simplejpeg.decode_jpeg(
            data, colours, min_width=size[0], min_height=size[1], min_factor=1, strict=strict
        )
    except Exception as error:  # noqa: BLE001 - simplejpeg raises whatever libjpeg reports
        log.debug("simplejpeg: %s", type(error).__name__)
        return None, str(error)[:200] or type(error).__name__
    return (found[:, :, 0] if colours == "GRAY" else found), ""

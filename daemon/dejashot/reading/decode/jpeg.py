"""JPEGs: a strict walk of their markers, and a strict decoder that tells what of their data is damaged.

libjpeg fills up what it can't decode with grey, or with whatever the bytes happen to mean, and only warns; Pillow drops the warnings.
Source: ITU T.81, B.1 and B.2.
"""

import logging
import re
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import simplejpeg

from dejashot.reading.decode.iso_boxes import ByteSpan

log = logging.getLogger(__name__)

END = b"\xff\xd9"
DAMAGED = "a part of its picture data is broken"
MAX_SEGMENTS = 128
_FRAMES = (
    0xC0,
    0xC1,
    0xC2,
)  # baseline, extended, progressive: what is lossless or hierarchical is no picture of a camera
_TABLES = (0xC4, 0xC8, 0xCC)  # in the range of frames, and none
_SCAN = 0xDA
_BETWEEN_SCANS = {0xC4, 0xDA, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)}
_MARKER = re.compile(
    rb"\xff[\x01-\xcf\xd8-\xfe]"
)  # in entropy-coded data 0xFF stands before 0 or a restart marker alone
_FOREIGN = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")
# how far chroma may be sampled down, as (luma, others): 4:4:4, 4:2:2, 4:2:0, 4:4:0, 4:1:1, 4:4:1
_SAMPLINGS = {
    (0x11, 0x11, 0x11),
    (0x21, 0x11, 0x11),
    (0x22, 0x11, 0x11),
    (0x12, 0x11, 0x11),
    (0x41, 0x11, 0x11),
    (0x14, 0x11, 0x11),
}
_HARMLESS = ("jfif", "adobe", "icc")  # in what the decoder says of a head; the picture is whole
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_PADDING, _EVEN_PADDING = (
    4,
    16,
)  # bytes that encoders leave before the end marker, the longer only where all of them are equal


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the first scan: size in pixels, bits a channel, sampling factors by channel, and where the scan's data begins."""

    width: int
    height: int
    precision: int
    sampling: tuple[int, ...]
    progressive: bool
    scan: int

    @property
    def plain(self) -> bool:
        """Tell whether the strict decoder takes it: other layouts end in wrong memory there (lossless of simplejpeg 1.9)."""
        layout = len(self.sampling) == 1 or self.sampling in _SAMPLINGS
        return self.precision == 8 and layout and min(self.width, self.height) > 0 and self.scan > 0


def head_of(data: bytes, span: ByteSpan | None = None) -> Head | None:
    """Return what the head of a JPEG says, None for what is not laid out as one, or is lossless; `scan` is 0 where no scan was found."""
    at, end = span or (0, len(data))
    frame: tuple[int, int, int, tuple[int, ...], bool] | None = None
    if data[at : at + 2] != b"\xff\xd8":
        return None
    at += 2
    for _ in range(MAX_SEGMENTS):
        if at + 10 > end or data[at] != 0xFF:
            break
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in _FRAMES and frame is None:
            precision, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            frame = (width, height, precision, tuple(data[at + 11 : at + 10 + 3 * channels : 3]), marker == 0xC2)
        elif 0xC0 <= marker <= 0xCF and marker not in _TABLES:
            return None  # of another process, or a second frame
        if marker == _SCAN:
            return Head(*frame, at + 2 + length) if frame else None
        at += 1 if marker == 0xFF else 2 + max(2, length)
    return Head(*frame, 0) if frame else None


def has_end(data: bytes) -> bool:
    """Tell whether an end marker stands behind the head of a JPEG; one without a head is not laid out as most are, and the decoder must tell."""
    head = head_of(data)
    return head is None or not head.scan or data.find(END, head.scan) >= 0


def scans_of(data: bytes) -> ByteSpan | None:
    """Return where the coded picture of a JPEG begins and ends, without its head and what is behind its end; None for what is no JPEG."""
    head = head_of(data)
    return None if head is None or not head.scan else (head.scan, _end_of_scans(data, head.scan)[0])


def _end_of_scans(data: bytes, scan: int) -> tuple[int, bool]:
    """Return where the data of the last scan ends, and whether the end marker stands there; `scan` is where that of the first begins."""
    at = scan
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            return len(data), False
        marker = data[found.start() + 1]
        if marker not in _BETWEEN_SCANS:
            return found.start(), marker == END[1]
        at = found.start() + 2 + max(2, int.from_bytes(data[found.start() + 2 : found.start() + 4]))
    return at, False


def strictly(data: bytes, size: tuple[int, int]) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """Decode a JPEG to [height, width] or [height, width, 3] at one of libjpeg's scales, no smaller than `size` (width, height).

    Returns no pixels where the file is damaged or of an unusual layout, and in words what is damaged, empty where nothing is known to be.
    A picture that is whole but for its end marker, as Samsung's panoramas are, is sound.
    """
    head = head_of(data)
    if head is None or not head.plain:
        return None, ""
    colours = "GRAY" if len(head.sampling) == 1 else "RGB"
    pixels, said = _decode(data, colours, size)
    if pixels is not None:
        return pixels, ""
    end, marked = _end_of_scans(data, head.scan)
    if not _of_damage(data[:end], said):
        return None, ""
    if not marked and not (
        head.progressive and has_end(data)
    ):  # a progressive picture may end anywhere, and is whole, if coarser
        closed = data[:end] + END  # what is behind the last scan, and is no end, is none of the picture's data
        pixels, again = _decode(closed, colours, size)
        if pixels is None and _EXTRANEOUS.search(again):
            pixels, _ = _decode(closed, colours, size, strict=False)
    damaged = pixels is None and has_end(data)  # without an end anywhere its end is missing: that is another matter
    return pixels, DAMAGED if damaged else ""


def mended(data: bytes) -> bytes | None:
    """Return a damaged JPEG without the markers that damage has put among its data, which end every decoder; None where there are none.

    Only of one with a single scan can it be told which markers have no business there.
    """
    head = head_of(data)
    if head is None or not head.scan or head.progressive or not has_end(data):
        return None
    last = data.rfind(END)
    scan = _FOREIGN.sub(b"\xff\0", data[head.scan : last])
    whole = data[: head.scan] + scan + END
    return whole if whole != data[: last + 2] else None


def _of_damage(upto_end: bytes, said: str) -> bool:
    """Tell whether what the decoder says is about the picture's data, and not only about a few bytes that pad it before its end."""
    padding = _EXTRANEOUS.search(said)
    if padding is None:
        return not any(sign in said.lower() for sign in _HARMLESS)
    count = int(padding[1])
    return count > _PADDING and not (count <= _EVEN_PADDING and len(set(upto_end[-count:])) == 1)


def _decode(
    data: bytes, colours: str, size: tuple[int, int], *, strict: bool = True
) -> tuple[npt.NDArray[np.uint8] | None, str]:
    """Return the pixels, or what the decoder says, with warnings as errors where it is strict."""
    try:
        found = simplejpeg.decode_jpeg(
            data, colours, min_width=size[0], min_height=size[1], min_factor=1, strict=strict
        )
    except Exception as error:  # noqa: BLE001 - simplejpeg raises whatever libjpeg says
        log.debug("simplejpeg: %s", type(error).__name__)
        return None, str(error)[:200] or type(error).__name__
    return (found[:, :, 0] if colours == "GRAY" else found), ""

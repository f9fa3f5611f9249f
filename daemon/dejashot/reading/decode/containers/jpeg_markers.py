"""The markers of a JPEG (ITU T.81, B.1 and B.2): a strict walk that decodes nothing, so every process may use it."""

import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from dejashot.reading.decode.containers.iso_boxes import ByteSpan

START, END = b"\xff\xd8", b"\xff\xd9"
MAX_SEGMENTS = 128
_FILL = 0xFF
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive; no camera writes lossless or hierarchical ones
_BASELINE, _PROGRESSIVE = 0xC0, 0xC2
_TABLES = (0xC4, 0xC8, 0xCC)  # numbers among those of frames
_SCAN = 0xDA
_APPLICATION = range(0xE0, 0xF0)
_BETWEEN_SCANS = {0xC4, 0xDA, 0xDB, 0xDD, 0xFE, *_APPLICATION}
# in entropy-coded data 0xFF stands before 0 or a restart marker alone
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_STRAY = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")
# how far chroma may be sampled down, as (luma, others): 4:4:4, 4:2:2, 4:2:0, 4:4:0, 4:1:1, 4:4:1
_SAMPLINGS = {(luma, 0x11, 0x11) for luma in (0x11, 0x21, 0x22, 0x12, 0x41, 0x14)}
_MAX_OWN_SEGMENTS = 32
_OWN_MARKERS = {0xDB, 0xC4, *_APPLICATION}  # before the frame of a JPEG that Pillow wrote


@dataclass(frozen=True, slots=True)
class JpegSegment:
    """A marker, where its first byte is, and the length that stands behind it."""

    marker: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the first scan. `scan` is where the data of that scan begins, 0 where there is none."""

    width: int
    height: int
    precision: int  # bits a channel
    sampling: tuple[int, ...]  # by channel
    progressive: bool
    scan: int

    @property
    def is_usual(self) -> bool:
        """Return whether the strict decoder takes it: other layouts make simplejpeg 1.9 read the wrong memory."""
        layout = len(self.sampling) == 1 or self.sampling in _SAMPLINGS
        return self.precision == 8 and layout and min(self.width, self.height) > 0 and self.scan > 0


def read_header(data: bytes, span: ByteSpan | None = None) -> JpegHeader | None:
    """Return the header of a JPEG; None for other bytes, a lossless JPEG, or one with two frames."""
    start, end = span or (0, len(data))
    if data[start : start + 2] != START:
        return None
    header: JpegHeader | None = None
    for segment in _segments(data, start, end):
        if segment.marker in _FRAMES and header is None:
            header = _header_of_frame(data, segment)
        elif 0xC0 <= segment.marker <= 0xCF and segment.marker not in _TABLES:
            return None
        if segment.marker == _SCAN:
            return _with_scan(header, segment)
    return header


def picture_size(data: bytes, span: ByteSpan) -> tuple[int, int] | None:
    """Return width and height of a JPEG of 1 or 3 channels of 8 bits, None for anything else."""
    header = read_header(data, span)
    if header is None or header.precision != 8 or len(header.sampling) not in (1, 3):
        return None
    return (header.width, header.height) if header.width and header.height else None


def encoded_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG as our own encoder writes it: baseline, 1 or 3 channels of 8 bits.

    Raises ValueError for anything else, so that a process without decoders can check what a reader sends.
    """
    if not data.startswith(START + b"\xff") or not data.endswith(END):
        raise ValueError("not a JPEG")
    for segment in itertools.islice(_segments(data, 0, len(data)), _MAX_OWN_SEGMENTS):
        if segment.marker == _BASELINE:
            frame = _header_of_frame(data, segment)
            channels = data[segment.start + 9]
            if frame.precision != 8 or channels not in (1, 3) or 0 in (frame.width, frame.height):
                break
            return frame.width, frame.height
        if segment.marker not in _OWN_MARKERS:
            break
    raise ValueError("not a JPEG of ours")


def has_end_marker(data: bytes) -> bool:
    """Return whether an end marker follows the header; True without a header, as the decoder must judge that file."""
    header = read_header(data)
    return header is None or not header.scan or data.find(END, header.scan) >= 0


def scan_span(data: bytes) -> ByteSpan | None:
    """Return where the coded picture begins and ends, without header and trailer; None for what is no JPEG."""
    header = read_header(data)
    return None if header is None or not header.scan else (header.scan, end_of_scans(data, header.scan)[0])


def end_of_scans(data: bytes, scan: int) -> tuple[int, bool]:
    """Return where the data of the last scan ends, and whether an end marker stands there.

    `scan` is where the data of the first scan begins.
    """
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


def without_stray_markers(data: bytes) -> bytes | None:
    """Return a damaged JPEG without the markers that damage put into its data; None where there are none.

    Decoders stop at such markers. Only in a JPEG with a single scan is it known which of them are wrong.
    """
    header = read_header(data)
    if header is None or not header.scan or header.progressive or not has_end_marker(data):
        return None
    last = data.rfind(END)
    repaired = data[: header.scan] + _STRAY.sub(b"\xff\0", data[header.scan : last]) + END
    return repaired if repaired != data[: last + 2] else None


def _segments(data: bytes, start: int, end: int) -> Iterator[JpegSegment]:
    """Yield the segments behind the start marker, no more than MAX_SEGMENTS, fill bytes as segments of their own."""
    at = start + 2
    for _ in range(MAX_SEGMENTS):
        if at + 10 > end or data[at] != 0xFF:
            return
        segment = JpegSegment(data[at + 1], at, int.from_bytes(data[at + 2 : at + 4]))
        yield segment
        at += 1 if segment.marker == _FILL else 2 + max(2, segment.length)


def _header_of_frame(data: bytes, segment: JpegSegment) -> JpegHeader:
    """Return the header that a frame segment holds."""
    precision, height, width, channels = struct.unpack_from(">BHHB", data, segment.start + 4)
    first = segment.start + 11
    sampling = tuple(data[first : first - 1 + 3 * channels : 3])
    return JpegHeader(width, height, precision, sampling, segment.marker == _PROGRESSIVE, 0)


def _with_scan(header: JpegHeader | None, segment: JpegSegment) -> JpegHeader | None:
    """Return the header, completed by where the data behind a scan segment begins; None for a scan before a frame."""
    if header is None:
        return None
    scan = segment.start + 2 + segment.length
    return JpegHeader(header.width, header.height, header.precision, header.sampling, header.progressive, scan)

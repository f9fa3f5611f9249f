"""Whether the sensor's data that a RAW claims to have is there: it is not decoded, and its preview may be whole without it."""

import re
from collections.abc import Iterable, Sequence

from dejashot.reading.decode.iso_boxes import ByteSpan

RAW_BEYOND = "a part of the sensor's data lies beyond the end of the file"
RAW_HOLES = "a part of the sensor's data holds nothing but zeros"
_NOT_ZERO = re.compile(rb"[^\0]")
# A sensor's noise leaves no long run of zeros. Its margins may be black, and a frame that is burnt out compresses to short ones.
_INSIDE_BYTES, _INSIDE_SHARE = 32 * 1024, 1 / 16
_EDGE_BYTES, _EDGE_SHARE = 256 * 1024, 1 / 8
_MIN_BYTES = 1024


def raw_damage(data: bytes, spans: Iterable[ByteSpan]) -> str:
    """Return in words what of a RAW's own data (spans in bytes) is missing, empty where all of it is there."""
    claimed = _joined(span for span in spans if span[0] < span[1])
    if any(end > len(data) for _, end in claimed):
        return RAW_BEYOND
    return RAW_HOLES if any(_has_hole(data, start, end) for start, end in claimed) else ""


def _joined(spans: Iterable[ByteSpan]) -> Sequence[ByteSpan]:
    """Return spans in their order, those that follow each other, or lie over each other, as one."""
    found: list[ByteSpan] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1:  # strips may begin at even places
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _has_hole(data: bytes, start: int, end: int) -> bool:
    """Tell whether zeros run on where a sensor leaves none: longer where they touch an edge of the data, which may be a black margin."""
    length = end - start
    inside = min(_INSIDE_BYTES, max(_MIN_BYTES, int(length * _INSIDE_SHARE)))
    edge = min(_EDGE_BYTES, max(_MIN_BYTES, int(length * _EDGE_SHARE)))
    zeros = bytes(inside)
    at = data.find(zeros, start, end)
    while at >= 0:
        after = _NOT_ZERO.search(data, at, end)
        stop = end if after is None else after.start()
        if stop - at >= edge or (at > start and stop < end):
            return True
        at = data.find(zeros, stop, end)
    return False

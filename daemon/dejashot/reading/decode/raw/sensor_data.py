"""Whether the sensor's data that a RAW claims to have is there.

It is not decoded, and the preview of a RAW may be whole without it.
"""

import re
from collections.abc import Iterable, Sequence

from dejashot.language.texts import noted
from dejashot.reading.decode.containers.iso_boxes import ByteSpan

RAW_BEYOND = noted("a part of the sensor's data lies beyond the end of the file")
RAW_HOLES = noted("a part of the sensor's data holds nothing but zeros")
_NOT_ZERO = re.compile(rb"[^\0]")
# A sensor's noise leaves no long run of zeros. Its margins may be black, and an overexposed frame compresses to short
# runs.
_INSIDE_BYTES, _INSIDE_SHARE = 32 * 1024, 1 / 16
_EDGE_BYTES, _EDGE_SHARE = 256 * 1024, 1 / 8
_MIN_BYTES = 1024


def sensor_damage(data: bytes, spans: Iterable[ByteSpan]) -> str:
    """Return a description of what is missing of a RAW's sensor data (spans in bytes), empty where all is there."""
    claimed = _joined(span for span in spans if span[0] < span[1])
    if any(end > len(data) for _, end in claimed):
        return RAW_BEYOND
    return RAW_HOLES if any(_has_hole(data, start, end) for start, end in claimed) else ""


def _joined(spans: Iterable[ByteSpan]) -> Sequence[ByteSpan]:
    """Return spans sorted, those that touch or overlap as one."""
    found: list[ByteSpan] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1:  # strips may begin at even places
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _has_hole(data: bytes, start: int, end: int) -> bool:
    """Return whether there is a run of zeros longer than a sensor leaves.

    At an edge of the data it must be longer, as it may be a black margin.
    """
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

"""The tags of RAWs that are no TIFF and have none of the newer boxes: Minolta's MRW and Canon's CRW (CIFF). Strict, and never raises.

Sources: the tag tables of ExifTool (MinoltaRaw, CanonRaw) and the CIFF specification 1.0.
"""

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta

from dejashot.reading.boxes import Span

MOST_BLOCKS, MOST_DEPTH = 512, 4
_MRW, _MRW_TIFF = b"\0MRM", b"\0TTW"
_CIFF, _CIFF_ENTRY = b"HEAPCCDR", 10
_CIFF_BELOW = (0x2800, 0x3000)  # kinds of entries that are directories
_CIFF_CAMERA, _CIFF_TIME = 0x080A, 0x180E
_MAKE, _MODEL, _TAKEN = (0, 0x010F), (0, 0x0110), (1, 0x9003)


def tiff_inside(data: bytes) -> Span | None:
    """Return where an MRW has the TIFF with all its tags, None for anything else."""
    if not data.startswith(_MRW):
        return None
    at = 8
    for _ in range(MOST_BLOCKS):
        if at + 8 > len(data):
            return None
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        if name == _MRW_TIFF:
            return at + 8, min(at + 8 + size, len(data))
        at += 8 + size
    return None


def canon_tags(data: bytes) -> dict[tuple[int, int], str]:
    """Return make, model and the time on the wall of a CRW, by EXIF's directory (0 main, 1 EXIF) and number; empty for anything else."""
    if data[6:14] != _CIFF or data[:2] not in (b"II", b"MM"):
        return {}
    order = "<" if data[:2] == b"II" else ">"
    (head,) = struct.unpack_from(f"{order}I", data, 2)
    found: dict[tuple[int, int], str] = {}
    for tag, (start, end) in _ciff_entries(data, order, (head, len(data)), MOST_DEPTH):
        if tag == _CIFF_CAMERA:
            make, _, rest = data[start:end].partition(b"\0")
            found[_MAKE], found[_MODEL] = (part.decode("ascii", "replace") for part in (make, rest.partition(b"\0")[0]))
        elif tag == _CIFF_TIME and end - start >= 4:
            (seconds,) = struct.unpack_from(f"{order}I", data, start)
            found[_TAKEN] = f"{datetime(1970, 1, 1) + timedelta(seconds=seconds):%Y:%m:%d %H:%M:%S}"
    return found


def _ciff_entries(data: bytes, order: str, heap: Span, depth: int) -> Iterator[tuple[int, Span]]:
    """Yield the entries of a CIFF heap and of those below it: the number, and where the value lies."""
    start, end = heap
    if not 0 <= start <= end - 6 or end > len(data) or not depth:
        return
    at = start + struct.unpack_from(f"{order}I", data, end - 4)[0]
    if at + 2 > end:
        return
    count = min(struct.unpack_from(f"{order}H", data, at)[0], (end - at - 2) // _CIFF_ENTRY, MOST_BLOCKS)
    for place in range(at + 2, at + 2 + count * _CIFF_ENTRY, _CIFF_ENTRY):
        tag, size, offset = struct.unpack_from(f"{order}HII", data, place)
        span = (place + 2, place + _CIFF_ENTRY) if tag & 0xC000 == 0x4000 else (start + offset, start + offset + size)
        if span[1] > end:
            continue
        if tag & 0x3800 in _CIFF_BELOW:
            yield from _ciff_entries(data, order, span, depth - 1)
        else:
            yield tag & 0x3FFF, span

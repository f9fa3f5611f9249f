"""The tags of older RAWs that are no TIFF: Minolta's MRW and Canon's CRW (CIFF). Strict, and never raises.

Sources: the tag tables of ExifTool (MinoltaRaw, CanonRaw) and the CIFF specification 1.0.
"""

import struct
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from dejashot.reading.decode.containers.iso_boxes import ByteSpan
from dejashot.reading.decode.raw.raw_file import RawSize

# how files begin that LibRaw reads and our own walk does not: Minolta, Canon before 2004, Sigma
OLDER_RAWS = (b"\0MRM", b"II\x1a\0\0\0HEAPCCDR", b"FOVb")
MAX_BLOCKS = 512
_MRW, _MRW_TIFF = b"\0MRM", b"\0TTW"
_CIFF, _CIFF_ENTRY = b"HEAPCCDR", 10
_CIFF_PLACE, _CIFF_INSIDE = 0xC000, 0x4000  # the bits for where the value is; the second: in the entry itself
_CIFF_KIND, _CIFF_BELOW = 0x3800, (0x2800, 0x3000)  # the second are heaps of their own
_CIFF_CAMERA, _CIFF_TIME, _CIFF_SIZE = 0x080A, 0x180E, 0x1810
_MAX_VALUE = 256
_MAKE, _MODEL, _TAKEN = (0, 0x010F), (0, 0x0110), (1, 0x9003)


def tiff_inside(data: bytes) -> ByteSpan | None:
    """Return where an MRW has the TIFF with all its tags, None for anything else."""
    if not data.startswith(_MRW):
        return None
    at = 8
    for _ in range(MAX_BLOCKS):
        if at + 8 > len(data):
            return None
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        if name == _MRW_TIFF:
            return at + 8, min(at + 8 + size, len(data))
        at += 8 + size
    return None


def crw_tags(data: bytes) -> dict[tuple[int, int], str]:
    """Return make, model and local time of a CRW by EXIF's directory (0 main, 1 EXIF) and number; else nothing."""
    found: dict[tuple[int, int], str] = {}
    for tag, value, order in _crw_entries(data):
        if tag == _CIFF_CAMERA:
            make, _, rest = value.partition(b"\0")
            found[_MAKE], found[_MODEL] = (part.decode("ascii", "replace") for part in (make, rest.partition(b"\0")[0]))
        elif tag == _CIFF_TIME and len(value) >= 4:
            (seconds,) = struct.unpack_from(f"{order}I", value)
            found[_TAKEN] = f"{datetime(1970, 1, 1) + timedelta(seconds=seconds):%Y:%m:%d %H:%M:%S}"
    return found


def crw_sizes(data: bytes) -> list[RawSize]:
    """Return the sizes of the picture in the tags of a CRW; nothing for anything else."""
    return [
        struct.unpack_from(f"{order}II", value)
        for tag, value, order in _crw_entries(data)
        if tag == _CIFF_SIZE and len(value) >= 8
    ]


def _crw_entries(data: bytes) -> Iterator[tuple[int, bytes, str]]:
    """Yield the entries of a CRW in all its heaps: number, the first bytes of the value, byte order."""
    if data[6:14] != _CIFF or data[:2] not in (b"II", b"MM"):
        return
    order = "<" if data[:2] == b"II" else ">"
    pending = deque([(struct.unpack_from(f"{order}I", data, 2)[0], len(data))])
    seen = set(pending)
    while pending:
        for tag, span in _heap(data, order, pending.popleft()):
            if tag & _CIFF_KIND not in _CIFF_BELOW:
                yield tag & ~_CIFF_PLACE, data[span[0] : min(span[1], span[0] + _MAX_VALUE)], order
            elif span not in seen and len(seen) < MAX_BLOCKS:
                seen.add(span)
                pending.append(span)


def _heap(data: bytes, order: str, heap: ByteSpan) -> Iterator[tuple[int, ByteSpan]]:
    """Yield the entries of one CIFF heap: the number with its kind and place bits, and where the value is."""
    start, end = heap
    if not 0 <= start <= end - 6:
        return
    at = start + struct.unpack_from(f"{order}I", data, end - 4)[0]
    if at + 2 > end:
        return
    count = min(struct.unpack_from(f"{order}H", data, at)[0], (end - at - 2) // _CIFF_ENTRY, MAX_BLOCKS)
    for place in range(at + 2, at + 2 + count * _CIFF_ENTRY, _CIFF_ENTRY):
        tag, size, offset = struct.unpack_from(f"{order}HII", data, place)
        inside = tag & _CIFF_PLACE == _CIFF_INSIDE
        span = (place + 2, place + _CIFF_ENTRY) if inside else (start + offset, start + offset + size)
        if span[1] <= end:
            yield tag, span

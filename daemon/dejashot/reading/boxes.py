"""The boxes of ISO base media files (HEIC, AVIF, CR3), walked as far as a bound allows: what they say of themselves may be a lie.

Sources: ISO 14496-12, ISO 23008-12.
"""

from collections.abc import Iterator

Box = tuple[bytes, int, int]  # kind, where the inside begins, where it ends

MOST_BOXES = 1024  # a CR3 has some 150
_MOST_ITEMS = 4096  # a picture of 200 megapixels in tiles has some 800


class Boxes:
    """Walk the boxes of a file, no more than MOST_BOXES of them in all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MOST_BOXES

    def within(self, start: int, end: int) -> Iterator[Box]:
        """Yield the boxes between two places: kind, where the inside begins, where it ends."""
        while start + 8 <= end and self._left > 0:
            self._left -= 1
            size, kind = int.from_bytes(self._data[start : start + 4]), self._data[start + 4 : start + 8]
            head = 8
            if size == 1:
                size, head = int.from_bytes(self._data[start + 8 : start + 16]), 16
            if size == 0:
                size = end - start
            if size < head:
                return
            yield kind, min(start + head, end), min(start + size, end)
            start += size


def said_colours(data: bytes) -> tuple[int, int] | None:
    """Return colour primaries and transfer of a HEIF's or an AVIF's primary picture (ITU-T H.273), None where no box tells them."""
    boxes = Boxes(data)
    meta = next(((start, end) for kind, start, end in boxes.within(0, len(data)) if kind == b"meta"), (0, 0))
    inside = {kind: (start, end) for kind, start, end in boxes.within(meta[0] + 4, meta[1])}
    told = {kind: (start, end) for kind, start, end in boxes.within(*inside.get(b"iprp", (0, 0)))}
    properties = list(boxes.within(*told.get(b"ipco", (0, 0))))
    at, _ = inside.get(b"pitm", (0, 0))
    primary = int.from_bytes(data[at + 4 : at + (8 if data[at : at + 1] > b"\0" else 6)])
    for place in _uses(data, *told.get(b"ipma", (0, 0)), primary):
        kind, start, _ = properties[place - 1] if 0 < place <= len(properties) else (b"", 0, 0)
        if kind == b"colr" and data[start : start + 4] == b"nclx":
            return int.from_bytes(data[start + 4 : start + 6]), int.from_bytes(data[start + 6 : start + 8])
    return None


def _uses(data: bytes, start: int, end: int, item: int) -> list[int]:
    """Return the places, from 1, of the properties that an association box gives an item."""
    id_bytes, use_bytes = 4 if data[start : start + 1] > b"\0" else 2, 1 + (int.from_bytes(data[start : start + 4]) & 1)
    mask = 0x7FFF if use_bytes == 2 else 0x7F  # the highest bit tells that the property must be heeded
    at = start + 8
    for _ in range(_MOST_ITEMS):
        if at + id_bytes + 1 > end:
            break
        found, count = int.from_bytes(data[at : at + id_bytes]), data[at + id_bytes]
        at += id_bytes + 1
        if found == item:
            return [int.from_bytes(data[n : n + use_bytes]) & mask for n in range(at, min(at + count * use_bytes, end), use_bytes)]
        at += count * use_bytes
    return []

"""The boxes of ISO base media files (HEIC, AVIF, CR3, MOV, MP4), read within limits: nothing in them is trusted.

Sources: ISO 14496-12, ISO 23008-12.
"""

from collections.abc import Iterator, Mapping

ByteSpan = tuple[int, int]  # where something begins, and where it ends
Box = tuple[bytes, int, int]  # kind, where the inside begins, where it ends

MAX_BOXES = 4096  # a CR3 has some 150, a picture of 200 megapixels in tiles some 1,000
_MAX_ITEMS = 4096
_IN_THE_FILE = 0  # where the bytes of an item lie; other ways are within the boxes themselves


class Boxes:
    """Walk the boxes of a file, no more than MAX_BOXES of them in all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = MAX_BOXES

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

    def by_kind(self, start: int, end: int) -> dict[bytes, ByteSpan]:
        """Return the first box of each kind between two places."""
        found: dict[bytes, ByteSpan] = {}
        for kind, first, last in self.within(start, end):
            found.setdefault(kind, (first, last))
        return found


class BoxNumbers:
    """Read numbers one after another between two places; beyond the end they are zeros."""

    def __init__(self, data: bytes, span: ByteSpan) -> None:
        self._data = data
        self.at, self.end = span

    def take(self, length: int) -> int:
        """Return the next number of so many bytes."""
        self.at += length
        return int.from_bytes(self._data[self.at - length : min(self.at, self.end)].ljust(length, b"\0"))

    @property
    def at_end(self) -> bool:
        """Return whether the end is reached."""
        return self.at >= self.end


class PictureFile:
    """The primary picture of a HEIF or an AVIF, as the boxes describe it; nothing here raises."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._boxes = Boxes(data)
        start, end = self._boxes.by_kind(0, len(data)).get(b"meta", (0, 0))
        self._meta = self._boxes.by_kind(start + 4, end)
        head = self._numbers(b"pitm")
        self._primary = head.take(4 if head.take(4) >> 24 else 2)

    def _numbers(self, kind: bytes) -> BoxNumbers:
        return BoxNumbers(self._data, self._meta.get(kind, (0, 0)))

    def properties(self) -> list[tuple[bytes, ByteSpan]]:
        """Return the picture's properties in order: the kinds of the boxes, and where their contents are."""
        inner = self._boxes.by_kind(*self._meta.get(b"iprp", (0, 0)))
        boxes = list(self._boxes.within(*inner.get(b"ipco", (0, 0))))
        places = self._uses(inner.get(b"ipma", (0, 0)))
        return [
            (kind, (start, end))
            for place in places
            if 0 < place <= len(boxes)
            for kind, start, end in (boxes[place - 1],)
        ]

    def colours(self) -> tuple[int, int] | None:
        """Return colour primaries and transfer of the picture (ITU-T H.273), None where no box gives them."""
        for kind, (start, end) in self.properties():
            if kind == b"colr" and self._data[start : start + 4] == b"nclx":
                numbers = BoxNumbers(self._data, (start + 4, end))
                return numbers.take(2), numbers.take(2)
        return None

    def _uses(self, span: ByteSpan) -> list[int]:
        """Return the places, from 1, of the properties that an association box gives the picture."""
        numbers = BoxNumbers(self._data, span)
        head = numbers.take(4)
        numbers.take(4)
        id_bytes, use_bytes = 4 if head >> 24 else 2, 1 + (head & 1)
        mask = 0x7FFF if use_bytes == 2 else 0x7F  # the highest bit marks an essential property
        for _ in range(_MAX_ITEMS):
            if numbers.at_end:
                break
            item, count = numbers.take(id_bytes), numbers.take(1)
            if item == self._primary:
                return [numbers.take(use_bytes) & mask for _ in range(count)]
            numbers.at += count * use_bytes
        return []

    def parts(self) -> list[tuple[bytes, ByteSpan]]:
        """Return kind and place of every part that the picture is coded in: its own bytes, or those of its tiles."""
        return [(kind, span) for kind, spans in self._coded([self._primary]) for span in spans]

    def streams(self) -> list[tuple[bytes, ByteSpan]]:
        """Return kind and place of those parts of the picture that lie in one piece."""
        return [(kind, spans[0]) for kind, spans in self._coded([self._primary]) if len(spans) == 1]

    def thumbnail_parts(self) -> list[tuple[bytes, ByteSpan]]:
        """Return kind and place of every part that the picture's thumbnails are coded in."""
        referring = self._references(b"thmb")
        thumbnails = [item for item, to in referring.items() if self._primary in to]
        return [(kind, span) for kind, spans in self._coded(thumbnails) for span in spans]

    def _coded(self, items: list[int]) -> list[tuple[bytes, list[ByteSpan]]]:
        """Return kind and places of some items, and of all that they are derived from."""
        kinds, places, tiles = self._kinds(), self._places(), self._references(b"dimg")
        pending, seen = items, set[int]()
        while pending:
            item = pending.pop()
            if item not in seen:
                seen.add(item)
                pending += tiles.get(item, [])
        return [(kinds.get(item, b""), places.get(item, [])) for item in sorted(seen)]

    def _kinds(self) -> dict[int, bytes]:
        """Return what each item is."""
        start, end = self._meta.get(b"iinf", (0, 0))
        head = 8 if self._data[start : start + 1] > b"\0" else 6
        kinds = {}
        for _, first, last in self._boxes.within(start + head, end):
            numbers = BoxNumbers(self._data, (first, last))
            item = numbers.take(4 if numbers.take(4) >> 24 > 2 else 2)
            kinds[item] = self._data[numbers.at + 2 : numbers.at + 6]
        return kinds

    def _references(self, wanted: bytes) -> Mapping[int, list[int]]:
        """Return the items that others refer to in one way: `dimg` derives from them, `thmb` is their thumbnail."""
        start, end = self._meta.get(b"iref", (0, 0))
        id_bytes = 4 if self._data[start : start + 1] > b"\0" else 2
        found: dict[int, list[int]] = {}
        for kind, first, last in self._boxes.within(start + 4, end):
            if kind == wanted:
                numbers = BoxNumbers(self._data, (first, last))
                item, count = numbers.take(id_bytes), numbers.take(2)
                found[item] = [numbers.take(id_bytes) for _ in range(min(count, (last - first) // id_bytes))]
        return found

    def _places(self) -> dict[int, list[ByteSpan]]:
        """Return where in the file the bytes of items lie."""
        numbers = self._numbers(b"iloc")
        version = numbers.take(4) >> 24
        sizes = numbers.take(2)
        offset_bytes, length_bytes, base_bytes, index_bytes = (
            sizes >> 12,
            sizes >> 8 & 15,
            sizes >> 4 & 15,
            sizes & 15 if version else 0,
        )
        wide = 4 if version == 2 else 2
        places: dict[int, list[ByteSpan]] = {}
        left = 2 * _MAX_ITEMS  # items and extents
        for _ in range(numbers.take(wide)):
            if numbers.at_end or left <= 0:
                break
            item, method, elsewhere = (
                numbers.take(wide),
                numbers.take(2) & 15 if version else _IN_THE_FILE,
                numbers.take(2),
            )
            base, count = numbers.take(base_bytes), min(numbers.take(2), left)
            left -= 1 + count
            spans = []
            for _ in range(count):
                numbers.take(index_bytes)
                start, length = base + numbers.take(offset_bytes), numbers.take(length_bytes)
                spans.append((start, start + length))
            if method == _IN_THE_FILE and not elsewhere:
                places[item] = spans
        return places

"""The directories (IFDs) of a TIFF, read strictly: a wrong number ends the reading. Source: TIFF 6.0."""

import struct
from collections import deque
from dataclasses import dataclass
from typing import Literal

from dejashot.reading.decode.containers.iso_boxes import ByteSpan

MAX_IFDS, MAX_ENTRIES, MAX_SUB_IFDS = 32, 512, 16
BYTE_ORDERS: dict[bytes, Literal["<", ">"]] = {
    b"II*\0": "<",
    b"MM\0*": ">",
    b"IIRO": "<",  # Olympus
    b"IIRS": "<",
    b"MMOR": ">",
    b"IIU\0": "<",  # Panasonic
}
_SIZES = {1: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4}  # bytes of a whole number by its TIFF type
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"}  # for struct
_FRACTION = 5
_SUB_IFDS, _EXIF_IFD = 0x014A, 0x8769


@dataclass(frozen=True, slots=True)
class TiffEntry:
    """A tag's type, how many values it has, and where they are."""

    kind: int = 0
    count: int = 0
    at: int = 0


_ABSENT = TiffEntry()


@dataclass(frozen=True, slots=True)
class TiffDirectory:
    """A directory of a TIFF: its entries by tag, and the offset of the next one."""

    source: "TiffStructure"
    entries: dict[int, TiffEntry]
    following: int

    def numbers(self, tag: int, most: int = 4) -> list[int]:
        """Return at most so many of a tag's whole numbers; none when it is absent, of another type or out of reach."""
        entry = self.entries.get(tag, _ABSENT)
        count, order = min(entry.count, most), self.source.order
        try:
            if entry.kind == _FRACTION:
                parts = struct.unpack_from(f"{order}{2 * count}I", self.source.data, entry.at)
                return [a // b for a, b in zip(parts[::2], parts[1::2], strict=True) if b]
            if entry.kind not in _CODES:
                return []
            return list(struct.unpack_from(f"{order}{count}{_CODES[entry.kind]}", self.source.data, entry.at))
        except struct.error:
            return []

    def number(self, tag: int) -> int | None:
        """Return a tag's only number, None when there is none or there are several."""
        found = self.numbers(tag, 2)
        return found[0] if len(found) == 1 else None

    def size(self, width_tag: int, height_tag: int) -> tuple[int, int] | None:
        """Return the size in pixels that two tags give."""
        width, height = self.number(width_tag), self.number(height_tag)
        return (width, height) if width and height else None

    def span(self, start_tag: int, length_tag: int) -> ByteSpan | None:
        """Return where the bytes are whose start and length two tags give."""
        start, length = self.number(start_tag), self.number(length_tag)
        if not start or not length or start < 0 or length < 0:
            return None
        return self.source.base + start, self.source.base + start + length

    def block(self, tag: int) -> ByteSpan | None:
        """Return where the bytes of a tag are."""
        entry = self.entries.get(tag, _ABSENT)
        end = entry.at + entry.count
        return (entry.at, end) if entry.kind in (1, 7) and end <= len(self.source.data) else None


@dataclass(frozen=True, slots=True)
class TiffStructure:
    """A TIFF inside a file, whose offsets count from `base`."""

    data: bytes
    base: int
    order: Literal["<", ">"]

    def directories(self) -> list[TiffDirectory]:
        """Return the first directory, those that follow and those below, each once, at most MAX_IFDS."""
        start = self._number(self.base + 4)
        pending, seen, found = deque([start] if start else []), {0}, list[TiffDirectory]()
        while pending and len(found) < MAX_IFDS:
            offset = pending.popleft()
            if offset in seen:
                continue
            seen.add(offset)
            ifd = self.directory(offset)
            if ifd is None:
                continue
            found.append(ifd)
            pending += [ifd.following, *ifd.numbers(_SUB_IFDS, MAX_SUB_IFDS), *ifd.numbers(_EXIF_IFD, 1)]
        return found

    def directory(self, offset: int) -> TiffDirectory | None:
        """Return the directory at an offset, None when there is none or it makes no sense."""
        at = self.base + offset
        if offset < 0 or at + 2 > len(self.data):
            return None
        (count,) = struct.unpack_from(f"{self.order}H", self.data, at)
        end = at + 2 + 12 * count
        if not 0 < count <= MAX_ENTRIES or end > len(self.data):
            return None
        entries: dict[int, TiffEntry] = {}
        rows = struct.iter_unpack(f"{self.order}HHII", self.data[at + 2 : end])
        for place, (tag, kind, many, value) in enumerate(rows):
            is_inside = _SIZES.get(kind, 8) * many <= 4  # small values stand in the entry itself
            entries.setdefault(tag, TiffEntry(kind, many, at + 10 + 12 * place if is_inside else self.base + value))
        return TiffDirectory(self, entries, self._number(end))

    def _number(self, at: int) -> int:
        if at + 4 > len(self.data):
            return 0
        found: tuple[int, ...] = struct.unpack_from(f"{self.order}I", self.data, at)
        return found[0]

"""What a RAW file holds beside its sensor's data: the JPEGs that its camera put in, its size and its orientation.

A strict walk of our own through TIFF (DNG, NEF, CR2, ARW, ...), Fuji's RAF and Canon's CR3, which only follows offsets and decodes
nothing. Every number in the file may lie: offsets beyond the end, loops and counts without measure end the walk there, never the reader.
Sources: TIFF 6.0, DNG 1.7, ISO 14496-12, and the tag tables of ExifTool (Olympus, PanasonicRaw, FujiFilm, Canon).
"""

import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from dejashot.models.files import RAW_FORMATS
from dejashot.reading.decode.iso_boxes import Box, Boxes, ByteSpan
from dejashot.reading.decode.jpeg import head_of

RawSize = tuple[int, int]

MAX_IFDS, MAX_ENTRIES, MAX_SUB_IFDS, MOST_PARTS = 32, 512, 16, 65_536
MAX_PX, MAX_PIXELS = 65_535, 1_000_000_000
_ORDERS: dict[bytes, Literal["<", ">"]] = {
    b"II*\0": "<",
    b"MM\0*": ">",
    b"IIRO": "<",  # Olympus
    b"IIRS": "<",
    b"MMOR": ">",
    b"IIU\0": "<",  # Panasonic
}
_BY_MAGIC = {b"IIRO": "ORF", b"IIRS": "ORF", b"MMOR": "ORF", b"IIU\0": "RW2"}
_SIZES = {1: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4}  # bytes of a whole number by its TIFF type; 5 is a fraction
_LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"}
_SENSOR = (32803, 34892)  # photometric interpretations of what is no picture yet: a colour filter array, linear data
_RGB = 2
_PICTURES = (0, 1, _RGB, 3, 6)  # grey, colours, a palette, luma and chroma
_OTHER_OFFSETS = ("RW2", "RWL")  # which lie where another tag says, and have no length
THUMBNAIL_PX = 96  # less shows too little to compare
_JPEG_STRIPS = (6, 7)
_JPEG = b"\xff\xd8\xff"
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_CANON_TAGS = {b"CMT1": 0, b"CMT2": 1, b"CMT4": 2}  # main, EXIF, GPS: each a TIFF of its own
_OLYMPUS = {b"OLYMPUS\0II": 12, b"OM SYSTEM\0\0\0II": 16}  # how its note begins, and where the tags are in it


@dataclass(slots=True)
class Raw:
    """What the walk found: JPEGs, most pixels first; the picture's size and EXIF orientation as its own tags say; where tags lie.

    `cut_off` tells that its first directory or a JPEG it names lies beyond the end of the file, `thumbnail` that its first directory is a small picture that
    is not compressed, which is all that many phones' DNGs hold. `blocks` are TIFF blocks with the tags of one sort (0 main,
    1 EXIF, 2 GPS) where the file as a whole is no TIFF. `sensor` tells where the sensor's data lies, by what the file claims.
    `told` are all sizes that the tags of a TIFF tell, the sensor's among them.
    """

    format: str
    previews: list[ByteSpan] = field(default_factory=list)
    size: RawSize | None = None
    orientation: int = 1
    cut_off: bool = False
    tiff: bool = False
    thumbnail: bool = False
    blocks: list[tuple[int, ByteSpan]] = field(default_factory=list)
    xmp: ByteSpan | None = None
    sensor: list[ByteSpan] = field(default_factory=list)
    told: list[RawSize] = field(default_factory=list)


def find_raw(data: bytes, name: str) -> Raw | None:
    """Return what a RAW file holds, None for a file that is none by its first bytes, its name or its DNG version."""
    suffix = name.rpartition(".")[2].upper()
    magic = data[:4]
    if data.startswith(b"FUJIFILMCCD-RAW"):
        return _sorted(data, _fuji(data))
    if data[4:12] == b"ftypcrx ":
        return _sorted(data, _canon(data))
    if magic not in _ORDERS:
        return None
    ifds = _Tiff(data, 0, _ORDERS[magic]).all_ifds()
    if magic in _BY_MAGIC:
        form = _BY_MAGIC[magic]
    elif data[8:10] == b"CR":
        form = "CR2"
    elif suffix in RAW_FORMATS:
        form = suffix
    elif ifds and 0xC612 in ifds[0].entries:
        form = "DNG"
    else:
        return None
    return _sorted(data, _from_ifds(data, Raw(suffix if suffix in RAW_FORMATS else form, tiff=True), ifds))


def as_tiff(data: bytes) -> bytes:
    """Return a RAW that is a TIFF but for its first four bytes as one that any TIFF reader takes."""
    return (b"II*\0" if _ORDERS[data[:4]] == "<" else b"MM\0*") + data[4:]


def jpeg_size(data: bytes, span: ByteSpan) -> RawSize | None:
    """Return width and height of a JPEG that is a picture of 8 bits a channel, None for anything else."""
    head = head_of(data, span)
    if head is None or head.precision != 8 or len(head.sampling) not in (1, 3) or not head.width or not head.height:
        return None
    return head.width, head.height


def _sorted(data: bytes, raw: Raw) -> Raw:
    """Keep of the JPEGs those that are pictures, the one with most pixels first; take the size of that one where no tag told any."""
    within = [span for span in dict.fromkeys(raw.previews) if span[0] < span[1] <= len(data)]
    raw.cut_off |= len(within) < len({span for span in raw.previews if span[0] < span[1]})
    sizes = {span: size for span in within if (size := jpeg_size(data, span))}
    raw.previews = sorted(sizes, key=lambda span: (-sizes[span][0] * sizes[span][1], span))
    raw.size = _larger(raw.size, *(sizes[span] for span in raw.previews[:1]))
    return raw


def _larger(*sizes: RawSize | None) -> RawSize | None:
    """Return the size with most pixels of those that can be one."""
    real = [s for s in sizes if s and min(s) > 0 and max(s) <= MAX_PX and s[0] * s[1] <= MAX_PIXELS]
    return max(real, key=lambda s: s[0] * s[1], default=None)


@dataclass(frozen=True, slots=True)
class _Ifd:
    """A directory of a TIFF: by tag, the type, the count and the place of the values."""

    source: "_Tiff"
    entries: dict[int, tuple[int, int, int]]
    following: int

    def numbers(self, tag: int, most: int = 4) -> list[int]:
        """Return a tag's whole numbers, at most so many; empty when it is absent, of another type or beyond the end."""
        kind, count, at = self.entries.get(tag, (0, 0, 0))
        count = min(count, most)
        try:
            if kind == 5:
                parts = struct.unpack_from(f"{self.source.order}{2 * count}I", self.source.data, at)
                return [a // b for a, b in zip(parts[::2], parts[1::2], strict=True) if b]
            return (
                list(struct.unpack_from(f"{self.source.order}{count}{_LETTERS[kind]}", self.source.data, at))
                if kind in _LETTERS
                else []
            )
        except struct.error:
            return []

    def number(self, tag: int) -> int | None:
        """Return a tag's only number, None when there is none or there are several."""
        found = self.numbers(tag, 2)
        return found[0] if len(found) == 1 else None

    def span(self, start_tag: int, length_tag: int) -> ByteSpan | None:
        """Return what two tags say begins here and is so long."""
        start, length = self.number(start_tag), self.number(length_tag)
        return (
            None
            if not start or not length or start < 0 or length < 0
            else (self.source.base + start, self.source.base + start + length)
        )

    def block(self, tag: int) -> ByteSpan | None:
        """Return where the bytes of a tag lie."""
        kind, count, at = self.entries.get(tag, (0, 0, 0))
        return (at, at + count) if kind in (1, 7) and at + count <= len(self.source.data) else None


@dataclass(frozen=True, slots=True)
class _Tiff:
    """A TIFF structure whose offsets count from `base`."""

    data: bytes
    base: int
    order: Literal["<", ">"]

    def all_ifds(self) -> list[_Ifd]:
        """Return the directories in the order they are met: the first, those that follow, those below, each once, not too many."""
        start = self._word(self.base + 4)
        ahead, seen, found = deque([start] if start else []), {0}, list[_Ifd]()
        while ahead and len(found) < MAX_IFDS:
            offset = ahead.popleft()
            if offset in seen:
                continue
            seen.add(offset)
            ifd = self.ifd(offset)
            if ifd is None:
                continue
            found.append(ifd)
            ahead += [ifd.following, *ifd.numbers(0x014A, MAX_SUB_IFDS), *ifd.numbers(0x8769, 1)]
        return found

    def ifd(self, offset: int) -> _Ifd | None:
        """Return one directory, None when it is not where it should be or makes no sense."""
        at = self.base + offset
        if offset < 0 or at + 2 > len(self.data):
            return None
        (count,) = struct.unpack_from(f"{self.order}H", self.data, at)
        end = at + 2 + 12 * count
        if not 0 < count <= MAX_ENTRIES or end > len(self.data):
            return None
        entries: dict[int, tuple[int, int, int]] = {}
        for place, (tag, kind, many, value) in enumerate(
            struct.iter_unpack(f"{self.order}HHII", self.data[at + 2 : end])
        ):
            inside = _SIZES.get(kind, 8) * many <= 4
            entries.setdefault(tag, (kind, many, at + 10 + 12 * place if inside else self.base + value))
        return _Ifd(self, entries, self._word(end))

    def _word(self, at: int) -> int:
        found: tuple[int, ...] = (
            struct.unpack_from(f"{self.order}I", self.data, at) if at + 4 <= len(self.data) else (0,)
        )
        return found[0]


def _from_ifds(data: bytes, raw: Raw, ifds: list[_Ifd]) -> Raw:
    """Take from the directories of a TIFF the JPEGs, the size of the largest picture, the orientation and the XMP."""
    sizes: list[RawSize | None] = []
    for ifd in ifds:
        raw.previews += filter(
            None, [ifd.span(0x0201, 0x0202), ifd.block(0x002E) if raw.format in ("RW2", "RWL") else None]
        )
        if (
            ifd.number(0x0103) in _JPEG_STRIPS
            and ifd.number(0x0106) not in _SENSOR
            and (strip := ifd.span(0x0111, 0x0117))
        ):
            raw.previews.append(strip)
        raw.previews += _olympus(data, ifd)
        raw.sensor += _sensor_data(ifd) if raw.format not in _OTHER_OFFSETS else []
        sizes += [
            _pair(ifd, 0x0100, 0x0101),
            _pair(ifd, 0xA002, 0xA003),
            _sensor(ifd) if raw.format in ("RW2", "RWL") else None,
        ]
    crop = next((found for ifd in ifds if len(found := ifd.numbers(0xC620)) == 2), None)
    largest = _larger(*sizes)
    cropped = (crop[0], crop[1]) if crop else None
    raw.told = [size for size in (*sizes, cropped) if size]
    fits = (
        cropped
        and largest
        and cropped[0] <= largest[0]
        and cropped[1] <= largest[1]
        and 2 * min(cropped) > min(largest)
    )
    raw.size = cropped if fits else largest
    raw.cut_off = not ifds
    if ifds:
        bare = ifds[0].number(0x0103) in (None, 1) and ifds[0].number(0x0106) == _RGB
        raw.thumbnail = bare and min(_pair(ifds[0], 0x0100, 0x0101) or (0, 0)) >= THUMBNAIL_PX
        orientation = ifds[0].number(0x0112) or 1
        raw.orientation = orientation if 1 <= orientation <= 8 else 1
        raw.xmp = ifds[0].block(0x02BC)
    return raw


def _pair(ifd: _Ifd, across: int, down: int) -> RawSize | None:
    """Return the size that two tags tell."""
    width, height = ifd.number(across), ifd.number(down)
    return (width, height) if width and height else None


def _sensor_data(ifd: _Ifd) -> list[ByteSpan]:
    """Return where the strips or tiles of a directory lie, nothing of one that holds a picture already."""
    if ifd.number(0x0106) in _PICTURES:
        return []
    for start_tag, length_tag in ((0x0111, 0x0117), (0x0144, 0x0145)):
        starts, lengths = ifd.numbers(start_tag, MOST_PARTS), ifd.numbers(length_tag, MOST_PARTS)
        if starts and len(starts) == len(lengths):
            return [
                (ifd.source.base + start, ifd.source.base + start + length)
                for start, length in zip(starts, lengths, strict=True)
            ]
    return []


def _sensor(ifd: _Ifd) -> RawSize | None:
    """Return the size of a Panasonic's picture, from the borders of what its sensor uses."""
    top, left, bottom, right = (ifd.number(tag) or 0 for tag in (4, 5, 6, 7))
    return right - left, bottom - top


def _olympus(data: bytes, ifd: _Ifd) -> list[ByteSpan]:
    """Return the preview that an Olympus' note in the EXIF directory points to; its offsets count from where it begins."""
    note = ifd.block(0x927C)
    if note is None:
        return []
    skipped = next((length for head, length in _OLYMPUS.items() if data.startswith(head, note[0])), 0)
    inner = _Tiff(data, note[0], ifd.source.order)
    main = inner.ifd(skipped) if skipped else None
    below = [inner.ifd(offset) for offset in main.numbers(0x2020, 1)] if main else []
    return [span for settings in below if settings and (span := settings.span(0x0101, 0x0102))]


def _fuji(data: bytes) -> Raw:
    """Take what a RAF says: where its JPEG lies, and in its own directory the size of the picture."""
    raw = Raw("RAF")
    if len(data) < 100:
        return raw
    start, length, tags = struct.unpack_from(">III", data, 84)
    raw.previews = [(start, start + length)]
    at, size = struct.unpack_from(">II", data, 100) if len(data) >= 108 else (0, 0)
    raw.sensor = [(at, at + size)] if at and size else []
    if tags + 4 <= len(data):
        (count,) = struct.unpack_from(">I", data, tags)
        at = tags + 4
        for _ in range(min(count, MAX_ENTRIES)):
            if at + 8 > len(data):
                break
            tag, size, height, width = struct.unpack_from(">HHHH", data, at)
            if tag in (0x0100, 0x0111) and size == 4:
                raw.size = (width, height)  # the second, where it stands, is the picture without the sensor's margins
            at += 4 + size
    raw.size = _larger(raw.size)
    return raw


def _canon(data: bytes) -> Raw:
    """Take what a CR3 says: its previews in boxes of Canon's own and in the first track, its tags in four small TIFFs."""
    raw, boxes, at = Raw("CR3"), Boxes(data), 0
    for kind, start, end in boxes.within(0, len(data)):
        size = int.from_bytes(data[at : at + 4])
        at += size if size > 1 else int.from_bytes(data[at + 8 : at + 16]) if size else end - at
        if kind == b"mdat":
            raw.sensor.append((start, at))  # which may lie beyond the end
        elif kind == b"uuid" and data[start : start + 16] == _CANON_PREVIEW:
            raw.previews += [
                _after_head(data, inside) for box, *inside in boxes.within(start + 24, end) if box == b"PRVW"
            ]
        elif kind == b"moov":
            for box, first, last in boxes.within(start, end):
                if box == b"uuid" and data[first : first + 16] == _CANON:
                    _canon_tags(data, raw, boxes.within(first + 16, last))
                elif box == b"trak":
                    raw.previews += _track(data, boxes, first, last)
    return raw


def _canon_tags(data: bytes, raw: Raw, boxes: Iterable[Box]) -> None:
    """Take tags, size, orientation and the thumbnail from what is in Canon's box."""
    for kind, first, last in boxes:
        if kind in _CANON_TAGS and data[first : first + 4] in _ORDERS:
            raw.blocks.append((_CANON_TAGS[kind], (first, last)))
        if kind == b"CMT1" and (order := _ORDERS.get(data[first : first + 4])):
            main = _Tiff(data, first, order).all_ifds()
            own = _from_ifds(data, Raw("CR3"), main[:1])
            raw.size, raw.orientation = own.size, own.orientation
        elif kind == b"THMB":
            raw.previews.append(_after_head(data, [first, last]))


def _after_head(data: bytes, inside: list[int]) -> ByteSpan:
    """Return where the JPEG in a box begins and ends: after a few bytes of head that differ with its version."""
    start, end = inside
    found = data.find(_JPEG, start, min(start + 32, end))
    return (found, end) if found >= 0 else (start, start)


def _track(data: bytes, boxes: Boxes, start: int, end: int) -> list[ByteSpan]:
    """Return where the first sample of a track lies; of a CR3's tracks one holds a JPEG of full size."""
    tables: dict[bytes, tuple[int, int]] = {}
    ahead = [(start, end)]
    while ahead:
        for kind, first, last in boxes.within(*ahead.pop()):
            if kind in (b"mdia", b"minf", b"stbl"):
                ahead.append((first, last))
            elif kind in (b"stsz", b"co64", b"stco"):
                tables[kind] = (first, last)
    sizes, far, near = (tables.get(kind, (0, 0)) for kind in (b"stsz", b"co64", b"stco"))
    if sizes[1] - sizes[0] < 12:
        return []
    one, many = struct.unpack_from(">II", data, sizes[0] + 4)
    if not one and many and sizes[1] - sizes[0] >= 16:
        (one,) = struct.unpack_from(">I", data, sizes[0] + 12)
    if far[1] - far[0] >= 16:
        (at,) = struct.unpack_from(">Q", data, far[0] + 8)
    elif near[1] - near[0] >= 12:
        (at,) = struct.unpack_from(">I", data, near[0] + 8)
    else:
        return []
    return [(at, at + one)] if data[at : at + 3] == _JPEG else []

"""RAW files built for the tests: the structures that cameras write, with real JPEGs and noise as sensor data."""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from PIL import Image

SHORT, LONG, RATIONAL, UNDEFINED, ASCII, BYTE = 3, 4, 5, 7, 2, 1
_PACKED = {BYTE: "B", SHORT: "H", LONG: "I"}


@dataclass(frozen=True)
class Blob:
    """Bytes that lie somewhere in the file; the tag holds where."""

    data: bytes


@dataclass(frozen=True)
class Directory:
    """A directory of tags by number (numbers, text, bytes, a Blob or directories), and the directory after it."""

    tags: Mapping[int, Any]
    following: "Directory | None" = None


@dataclass
class Tiff:
    """A TIFF in the making; offsets count from its beginning."""

    order: str = "<"
    magic: bytes = b"II*\0"
    header_extra: bytes = b""  # what stands between the header and everything else
    body: bytearray = field(default_factory=bytearray)

    def made(self, first: Directory) -> bytes:
        """Return the file."""
        self.body = bytearray(self.magic + bytes(4) + self.header_extra)
        self.body[4:8] = struct.pack(f"{self.order}I", self._put(first))
        return bytes(self.body)

    def _add(self, data: bytes) -> int:
        self.body += bytes(len(self.body) % 2)
        self.body += data
        return len(self.body) - len(data)

    def _put(self, directory: Directory) -> int:
        entries = b"".join(self._entry(tag, directory.tags[tag]) for tag in sorted(directory.tags))
        following = self._put(directory.following) if directory.following else 0
        return self._add(
            struct.pack(f"{self.order}H", len(directory.tags)) + entries + struct.pack(f"{self.order}I", following)
        )

    def _entry(self, tag: int, value: Any) -> bytes:
        kind, count, packed = self._packed(value)
        if len(packed) > 4:
            packed = struct.pack(f"{self.order}I", self._add(packed))
        return struct.pack(f"{self.order}HHI", tag, kind, count) + packed.ljust(4, b"\0")

    def _packed(self, value: Any) -> tuple[int, int, bytes]:
        if isinstance(value, Blob):
            return LONG, 1, struct.pack(f"{self.order}I", self._add(value.data))
        if isinstance(value, Directory):
            return LONG, 1, struct.pack(f"{self.order}I", self._put(value))
        if isinstance(value, str):
            return ASCII, len(value) + 1, value.encode("ascii") + b"\0"
        if isinstance(value, bytes):
            return UNDEFINED, len(value), value
        if isinstance(value, float):
            return RATIONAL, 1, struct.pack(f"{self.order}2I", round(value * 1000), 1000)
        values = list(value) if isinstance(value, Sequence) else [value]
        if values and isinstance(values[0], Directory):
            return LONG, len(values), b"".join(struct.pack(f"{self.order}I", self._put(v)) for v in values)
        return LONG, len(values), struct.pack(f"{self.order}{len(values)}I", *values)


def jpeg(picture: Image.Image, size: tuple[int, int] | None = None, orientation: int | None = None) -> bytes:
    """Return a picture as JPEG, perhaps smaller, perhaps with an orientation of its own."""
    out = io.BytesIO()
    more = {}
    if orientation is not None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        more["exif"] = exif
    (picture if size is None else picture.resize(size)).save(out, "JPEG", quality=88, **more)
    return out.getvalue()


def sensor(size: int = 4096, seed: int = 1) -> bytes:
    """Return what stands for the sensor's data."""
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8).tobytes()


def exif(taken: datetime) -> Directory:
    """Return an EXIF directory."""
    return Directory(
        {0x829A: 0.004, 0x829D: 5.6, 0x8827: 200, 0x9003: f"{taken:%Y:%m:%d %H:%M:%S}", 0x9291: "250", 0x9011: "+02:00"}
    )


def _full(data: bytes, size: tuple[int, int], photometric: int = 32803, **more: int) -> Directory:
    tags = {
        0x00FE: 0,
        0x0100: size[0],
        0x0101: size[1],
        0x0102: 16,
        0x0103: 1,
        0x0106: photometric,
        0x0111: Blob(data),
        0x0117: len(data),
    }
    return Directory(tags | {int(k[1:], 16): v for k, v in more.items()})


def _interchange(data: bytes) -> dict[int, Any]:
    return {0x0201: Blob(data), 0x0202: len(data)}


def dng(
    picture: Image.Image,
    taken: datetime,
    *,
    orientation: int = 1,
    size: tuple[int, int] = (4032, 3024),
    preview: bool = True,
) -> bytes:
    """Return a DNG as Adobe and many phones write it: a small bare picture, below it the sensor data and a JPEG."""
    small = picture.resize((256, 192))
    whole = jpeg(picture)
    shown = Directory(
        {
            0x00FE: 1,
            0x0100: picture.width,
            0x0101: picture.height,
            0x0103: 7,
            0x0106: 6,
            0x0111: Blob(whole),
            0x0117: len(whole),
        }
    )
    below = [_full(sensor(), (size[0] + 16, size[1] + 8)), *([shown] if preview else [])]
    below[0] = Directory({**below[0].tags, 0xC620: list(size)})
    main = {
        0x00FE: 1,
        0x0100: 256,
        0x0101: 192,
        0x0102: [8, 8, 8],
        0x0103: 1,
        0x0106: 2,
        0x010F: "Testcam",
        0x0110: "T-1 Raw",
        0x0112: orientation,
        0x0111: Blob(small.tobytes()),
        0x0115: 3,
        0x0116: 192,
        0x0117: 256 * 192 * 3,
        0x014A: below,
        0x8769: exif(taken),
        0xC612: b"\x01\x04\0\0",
    }
    return Tiff().made(Directory(main))


def nef(
    picture: Image.Image,
    taken: datetime,
    *,
    orientation: int = 1,
    size: tuple[int, int] = (4032, 3024),
    order: str = ">",
) -> bytes:
    """Return a NEF, ARW, SRW or PEF: JPEGs by interchange tags, the full one in a sub-directory, then sensor data."""
    below = [Directory({0x00FE: 1, 0x0103: 6, **_interchange(jpeg(picture))}), _full(sensor(), size)]
    main = {0x010F: "Testcam", 0x0110: "T-1 Raw", 0x0112: orientation, 0x014A: below, 0x8769: exif(taken)}
    main |= _interchange(jpeg(picture, (160, 120)))
    return Tiff(order, b"MM\0*" if order == ">" else b"II*\0").made(Directory(main))


def cr2(picture: Image.Image, taken: datetime, *, orientation: int = 1) -> bytes:
    """Return a CR2: the JPEG in the strip of the first directory, a thumbnail and sensor data in the next ones."""
    whole, lossless = jpeg(picture), b"\xff\xd8\xff\xc4\0\x04\0\0\xff\xc3\0\x0b\x0e\0\x40\0\x40\x02\0\0\0" + sensor()
    raw = Directory({0x0103: 6, 0x0111: Blob(lossless), 0x0117: len(lossless)})
    main = {
        0x0100: picture.width,
        0x0101: picture.height,
        0x0103: 6,
        0x010F: "Testcam",
        0x0110: "T-1 Raw",
        0x0112: orientation,
    }
    main |= {0x0111: Blob(whole), 0x0117: len(whole), 0x8769: exif(taken)}
    small = Directory(_interchange(jpeg(picture, (160, 120))), raw)
    return Tiff(magic=b"II*\0", header_extra=b"CR\x02\0").made(Directory(main, small))


def rw2(picture: Image.Image, taken: datetime, *, size: tuple[int, int] = (4032, 3024)) -> bytes:
    """Return an RW2: the JPEG as the bytes of a tag, the size as the borders of the sensor."""
    main = {
        4: 8,
        5: 16,
        6: 8 + size[1],
        7: 16 + size[0],
        0x002E: jpeg(picture),
        0x010F: "Testcam",
        0x0110: "T-1 Raw",
        0x8769: exif(taken),
    }
    return Tiff(magic=b"IIU\0").made(Directory(main)) + sensor()


def orf(picture: Image.Image, taken: datetime, *, size: tuple[int, int] = (4032, 3024)) -> bytes:
    """Return an ORF: the JPEG in the maker's note, whose offsets count from where the note begins."""
    whole = jpeg(picture)
    settings_at, whole_at = 12 + 2 + 12 + 4, 12 + 2 + 12 + 4 + 2 + 24 + 4
    note = b"OLYMPUS\0II\x03\0" + struct.pack("<HHHIII", 1, 0x2020, 13, 1, settings_at, 0)
    note += (
        struct.pack("<H2I", 2, 0x0101 | LONG << 16, 1)
        + struct.pack("<I", whole_at)
        + struct.pack("<HHII", 0x0102, LONG, 1, len(whole))
    )
    note += bytes(4) + whole
    below = Directory({**exif(taken).tags, 0x927C: note})
    main = {
        0x0100: size[0],
        0x0101: size[1],
        0x0103: 1,
        0x0106: 32803,
        0x010F: "Testcam",
        0x0110: "T-1 Raw",
        0x0111: Blob(sensor()),
        0x0117: 4096,
    }
    return Tiff(magic=b"IIRO").made(Directory({**main, 0x8769: below}))


def raf(picture: Image.Image, *, size: tuple[int, int] = (4032, 3024), exif_jpeg: bytes = b"") -> bytes:
    """Return a RAF: a header with the place of the JPEG (with the tags), and a small directory with the size."""
    whole = exif_jpeg or jpeg(picture)
    own = (
        struct.pack(">I", 2)
        + struct.pack(">4H", 0x0100, 4, size[1] + 8, size[0] + 16)
        + struct.pack(">4H", 0x0111, 4, size[1], size[0])
    )
    head = b"FUJIFILMCCD-RAW 0201FF129502".ljust(84, b"\0") + struct.pack(
        ">4I", 148, len(whole), 148 + len(whole), len(own)
    )
    return head.ljust(148, b"\0") + whole + own + sensor()


def box(kind: bytes, *inside: bytes) -> bytes:
    """Return a box of an ISO base media file."""
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + kind + body


def cr3(picture: Image.Image, taken: datetime, *, orientation: int = 1, size: tuple[int, int] = (4032, 3024)) -> bytes:
    """Return a CR3: tags in small TIFFs, a thumbnail in a box, the full JPEG as the first sample of a track."""
    whole, small = jpeg(picture), jpeg(picture, (160, 120))
    main = {0x0100: size[0], 0x0101: size[1], 0x010F: "Testcam", 0x0110: "T-1 Raw", 0x0112: orientation}
    tags = box(b"CMT1", Tiff().made(Directory(main))) + box(b"CMT2", Tiff().made(exif(taken)))
    thumb = box(b"THMB", struct.pack(">IHHIHH", 0, 160, 120, len(small), 1, 0), small)
    canon = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), tags, thumb)
    head = box(b"ftyp", b"crx ", bytes(4), b"crx isom")

    def moov(at: int) -> bytes:
        sizes = box(b"stsz", bytes(4), struct.pack(">II", len(whole), 1))
        table = box(b"stbl", sizes, box(b"co64", bytes(4), struct.pack(">IQ", 1, at)))
        return box(b"moov", canon, box(b"trak", box(b"mdia", box(b"minf", table))))

    at = len(head) + len(moov(0)) + 8
    return head + moov(at) + box(b"mdat", whole, sensor())

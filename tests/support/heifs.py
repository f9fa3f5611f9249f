"""HEIF and AVIF files built for the tests: real encoders' pictures, in boxes as phones write them (ISO 23008-12)."""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pillow_heif
from PIL import Image

from raws import box

pillow_heif.register_heif_opener()  # for its encoder

HDR_GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
DEPTH = b"urn:mpeg:hevc:2015:auxid:2"
ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
_ESSENTIAL = (b"hvcC", b"av1C", b"irot", b"imir", b"clap")


@dataclass(frozen=True)
class Item:
    """An item of a file: its kind, its bytes, the boxes that describe it, and the places of the items it refers to."""

    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    refers: Mapping[bytes, Sequence[int]] = field(default_factory=dict)
    hidden: bool = False
    mime: bytes = b""


def coded(
    picture: Image.Image, *more: bytes, form: str = "HEIF", hidden: bool = False, **refers: Sequence[int]
) -> Item:
    """Return a picture as an item: its stream and its properties as the encoder wrote them, then `more` properties."""
    stream, properties = _encoded(picture.mode, picture.size, picture.tobytes(), form)
    kinds = {k.encode(): v for k, v in refers.items()}
    return Item(
        b"av01" if form == "AVIF" else b"hvc1", stream, [size_box(picture.size), *properties, *more], kinds, hidden
    )


@lru_cache(maxsize=64)
def _encoded(mode: str, size: tuple[int, int], pixels: bytes, form: str) -> tuple[bytes, list[bytes]]:
    """Return what the encoder makes of a picture: its stream and its properties."""
    out = io.BytesIO()
    Image.frombytes(mode, size, pixels).save(out, form, quality=90)
    found = [_found(out.getvalue(), kind) for kind in (b"hvcC", b"av1C", b"pixi", b"colr", b"mdat")]
    return found.pop()[8:], [p for p in found if p]


def size_box(size: tuple[int, int]) -> bytes:
    """Return the box with the size of an item."""
    return box(b"ispe", struct.pack(">III", 0, *size))


def auxiliary(urn: bytes) -> bytes:
    """Return the box with the purpose of an auxiliary picture."""
    return box(b"auxC", bytes(4), urn + b"\0")


def turned(quarters: int) -> bytes:
    """Return the box that turns a picture by quarters to the left."""
    return box(b"irot", bytes([quarters]))


def mirrored(mode: int) -> bytes:
    """Return the box that changes top and bottom of a picture (0), or left and right (1)."""
    return box(b"imir", bytes([mode]))


def nclx(primaries: int, transfer: int, matrix: int, *, full: bool = True) -> bytes:
    """Return the box with the coding of colours by numbers (ITU-T H.273)."""
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, matrix, full << 7))


def grid(size: tuple[int, int], rows: int, columns: int, first: int, *more: bytes) -> Item:
    """Return the item that puts tiles together, row by row, the first of them at a place in the file."""
    tiles = range(first, first + rows * columns)
    return Item(
        b"grid", struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, *size), [size_box(size), *more], {b"dimg": tiles}
    )


def exif_item(exif: Image.Exif, about: int) -> Item:
    """Return the item with the EXIF of another."""
    return Item(b"Exif", bytes(4) + exif.tobytes().removeprefix(b"Exif\0\0"), refers={b"cdsc": [about]})


def xmp_item(packet: bytes, about: int) -> Item:
    """Return the item with the XMP of another."""
    return Item(b"mime", packet, refers={b"cdsc": [about]}, mime=b"application/rdf+xml")


def heif(items: Sequence[Item], primary: int = 0, *, brands: bytes = b"heicmif1", groups: bytes = b"") -> bytes:
    """Return a file with these items; places count from 0, the ids in the file from 1."""
    head = box(b"ftyp", brands[:4], bytes(4), brands)
    place = len(head) + len(_meta(items, primary, groups, 0)) + 8
    return head + _meta(items, primary, groups, place) + box(b"mdat", *(item.data for item in items))


def _meta(items: Sequence[Item], primary: int, groups: bytes, place: int) -> bytes:
    infos, places, uses, refers = [], [], [], []
    known: list[bytes] = []
    for number, item in enumerate(items, 1):
        mime = item.mime + b"\0" if item.mime else b""
        infos.append(box(b"infe", struct.pack(">IHH", 2 << 24 | item.hidden, number, 0), item.kind, b"\0", mime))
        places.append(struct.pack(">HHHII", number, 0, 1, place, len(item.data)))
        place += len(item.data)
        known += [p for p in item.properties if p not in known]
        marks = bytes(known.index(p) + 1 | (0x80 if p[4:8] in _ESSENTIAL else 0) for p in item.properties)
        if marks:
            uses.append(struct.pack(">HB", number, len(marks)) + marks)
        for kind, to in item.refers.items():
            refers.append(box(kind, struct.pack(f">HH{len(to)}H", number, len(to), *(n + 1 for n in to))))
    return box(
        b"meta",
        bytes(4),
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", bytes(4), struct.pack(">H", primary + 1)),
        box(b"iloc", bytes(4), b"\x44\0", struct.pack(">H", len(items)), *places),
        box(b"iinf", bytes(4), struct.pack(">H", len(items)), *infos),
        *([box(b"iref", bytes(4), *refers)] if refers else []),
        box(b"iprp", box(b"ipco", *known), box(b"ipma", bytes(4), struct.pack(">I", len(uses)), *uses)),
        groups,
    )


def _found(data: bytes, kind: bytes) -> bytes:
    """Return the first box of a kind, empty when there is none."""
    at = data.find(kind) - 4
    return data[at : at + int.from_bytes(data[at : at + 4])] if at >= 0 else b""

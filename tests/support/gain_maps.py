"""JPEGs with more pictures after the first, built for the tests as phones and 3D cameras write them."""

import struct
from collections.abc import Sequence

from PIL import Image

import raws

_PACKET_START = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" '
)
_PACKET_END = b"</rdf:RDF></x:xmpmeta>"
ULTRA_HDR = (
    _PACKET_START + b'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    b'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
    b'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" '
    b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"%s>'
    b'<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource">'
    b'<Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource">'
    b'<Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="%d"/></rdf:li></rdf:Seq>'
    b"</Container:Directory></rdf:Description>" + _PACKET_END
)
_MAP_OF_GOOGLE = (
    _PACKET_START + b'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" '
    b'hdrgm:GainMapMax="2.3" hdrgm:HDRCapacityMax="2.3"/>' + _PACKET_END
)
_MAP_OF_APPLE = (
    _PACKET_START + b'xmlns:apdi="http://ns.apple.com/pixeldatainfo/1.0/" '
    b'xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/" '
    b'apdi:AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap" '
    b'HDRGainMap:HDRGainMapVersion="65536"/>' + _PACKET_END
)
_XMP, _ISO = b"http://ns.adobe.com/xap/1.0/\0", b"urn:iso:std:iso:ts:21496:-1\0"
_PRIMARY, _VIEW, _UNDEFINED = 0x2003_0000, 0x0002_0002, 0


def gain_map(picture: Image.Image) -> Image.Image:
    """Return a gain map of a picture at half its size: grey, brighter where the picture is bright."""
    return (
        picture.convert("L")
        .point([max(0, 2 * v - 255) for v in range(256)])
        .resize((picture.width // 2, picture.height // 2))
    )


def ultra_hdr(jpeg: bytes, gains: Image.Image, more: bytes = b"") -> bytes:
    """Return a JPEG with a gain map as Google's cameras write it, `more` among the attributes of its XMP."""
    second = _with(raws.jpeg(gains), _segment(0xE1, _XMP + _MAP_OF_GOOGLE))
    return several(_with(jpeg, _segment(0xE1, _XMP + ULTRA_HDR % (more, len(second)))), second, kind=_UNDEFINED)


def iso_hdr(jpeg: bytes, gains: Image.Image) -> bytes:
    """Return a JPEG with a gain map as ISO 21496-1 describes it, without XMP."""
    numbers = (
        struct.pack(">HHB", 0, 0, 0x40)
        + struct.pack(">4I", 0, 1, 23, 10)
        + struct.pack(">iI iI II iI iI", 0, 1, 23, 10, 1, 1, 1, 64, 1, 64)
    )
    second = _with(raws.jpeg(gains), _segment(0xE2, _ISO + numbers))
    return several(_with(jpeg, _segment(0xE2, _ISO + bytes(4))), second, kind=_UNDEFINED)


def apple_hdr(jpeg: bytes, gains: Image.Image) -> bytes:
    """Return a JPEG with a gain map as Apple's devices write it: only the second picture describes itself."""
    return several(jpeg, _with(raws.jpeg(gains), _segment(0xE1, _XMP + _MAP_OF_APPLE)), kind=_UNDEFINED)


def several(first: bytes, *others: bytes, kind: int = _VIEW) -> bytes:
    """Return JPEGs in one file, found by an index in the first (CIPA DC-007)."""
    length = len(_index([(0, 0, 0)] * (1 + len(others))))
    sizes = [len(first) + length, *map(len, others)]
    base = _after_tags(first) + 8  # offsets count from the index' own head
    places = [0, *(sum(sizes[: n + 1]) - base for n in range(len(others)))]
    kinds = [_PRIMARY, *([kind] * len(others))]
    return _with(first, _index(list(zip(kinds, sizes, places, strict=True)))) + b"".join(others)


def _index(entries: Sequence[tuple[int, int, int]]) -> bytes:
    packed = b"".join(struct.pack(">IIIHH", *entry, 0, 0) for entry in entries)
    made = raws.Tiff(">", b"MM\0*").made(raws.Directory({0xB000: b"0100", 0xB001: len(entries), 0xB002: packed}))
    return _segment(0xE2, b"MPF\0" + made)


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def _after_tags(jpeg: bytes) -> int:
    """Return where the metadata segments of a JPEG end."""
    at = 2
    while jpeg[at] == 0xFF and 0xE0 <= jpeg[at + 1] <= 0xEF:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return at


def _with(jpeg: bytes, segment: bytes) -> bytes:
    at = _after_tags(jpeg)
    return jpeg[:at] + segment + jpeg[at:]

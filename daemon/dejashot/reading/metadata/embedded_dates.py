"""Dates that stand beside EXIF in a file: in an XMP packet, in an IPTC record, in the texts of a PNG. Nothing here raises.

Sources: XMP part 1 (ISO 16684-1) and 2, IPTC-NAA IIM 4.2, PNG third edition, and the profiles that ImageMagick and Exiv2 put into PNG texts.
"""

import logging
import re
import struct
import zlib
from collections.abc import Iterator, Mapping

from lxml import etree
from PIL import Image

log = logging.getLogger(__name__)

XMP_ORIGINAL, XMP_CREATED = "XMP exif:DateTimeOriginal", "XMP photoshop:DateCreated"
XMP_DIGITIZED, XMP_MADE = "XMP exif:DateTimeDigitized", "XMP xmp:CreateDate"
IPTC_CREATED, IPTC_DIGITIZED = "IPTC DateCreated", "IPTC DigitalCreationDate"
TEXT_ORIGINAL, TEXT_DIGITIZED, TEXT_CREATED = "Text DateTimeOriginal", "Text DateTimeDigitized", "Text Creation Time"

MAX_PACKET_BYTES, MAX_TEXT_BYTES, MAX_CHUNKS = 1024 * 1024, 1024 * 1024, 4096
_MAX_ATTRIBUTES = 1024  # of one element: libxml2 compares each of them with all others
_MAX_DATE = 64
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP = {
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal": XMP_ORIGINAL,
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated": XMP_CREATED,
    "{http://ns.adobe.com/exif/1.0/}DateTimeDigitized": XMP_DIGITIZED,
    "{http://ns.adobe.com/xap/1.0/}CreateDate": XMP_MADE,
}
_OPENED, _CLOSED = re.compile(rb"<(?:\w{1,32}:)?xmpmeta\b"), re.compile(rb"</(?:\w{1,32}:)?xmpmeta\s{0,8}>")
_IPTC = {
    (2, 55): (IPTC_CREATED, 0),
    (2, 60): (IPTC_CREATED, 1),
    (2, 62): (IPTC_DIGITIZED, 0),
    (2, 63): (IPTC_DIGITIZED, 1),
}
_TEXTS = {
    "exif:datetimeoriginal": TEXT_ORIGINAL,
    "datetimeoriginal": TEXT_ORIGINAL,
    "photoshop:datecreated": TEXT_ORIGINAL,
    "exif:datetimedigitized": TEXT_DIGITIZED,
    "xmp:createdate": TEXT_DIGITIZED,
    "creation time": TEXT_CREATED,
    "creationtime": TEXT_CREATED,
    "create time": TEXT_CREATED,
}
_PNG_XMP, _PNG_PROFILES = (
    "XML:com.adobe.xmp",
    tuple(f"Raw profile type {kind}" for kind in ("iptc", "8bim", "xmp", "APP1", "app1")),
)
_PHOTOSHOP_IPTC, _TIFF_IPTC = 0x0404, 33723


def xmp_dates(packet: bytes) -> dict[str, str]:
    """Return the dates of a picture in its XMP packet, as they are written; those of what it was made from are left out."""
    if not packet or len(packet) > MAX_PACKET_BYTES or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return {}
    if any(element.count(b"=") > _MAX_ATTRIBUTES for element in packet.split(b"<")):
        return {}
    found: dict[str, str] = {}
    for name, value in _properties(packet):
        if name in _XMP and value.strip():
            found.setdefault(_XMP[name], value.strip()[:_MAX_DATE])
    return found


def packet_in(data: bytes) -> bytes:
    """Return the first XMP packet that stands somewhere in a file, empty where there is none."""
    opened = _OPENED.search(data)
    closed = _CLOSED.search(data, opened.end()) if opened else None
    return data[opened.start() : closed.end()] if opened and closed else b""


def _properties(packet: bytes) -> list[tuple[str, str]]:
    """Return names and texts of what a packet says of its picture itself, as attributes or as elements."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        root = etree.fromstring(packet.strip(b"\0 \t\r\n"), parser)
        described = (
            []
            if root is None
            else [d for rdf in root.iter(f"{_RDF}RDF") for d in rdf.iterchildren(f"{_RDF}Description")]
        )
        attributes = [(str(name), str(value)) for d in described for name, value in d.attrib.items()]
        elements = [(str(e.tag), "".join(e.itertext())) for d in described for e in d.iterchildren(tag=etree.Element)]
    except Exception as error:  # noqa: BLE001 - lxml raises whatever the bytes provoke
        log.debug("lxml: %s", type(error).__name__)
        return []
    return attributes + elements


def iptc_dates(block: bytes) -> dict[str, str]:
    """Return the dates in an IPTC record: day, clock and zone as `20240501 141530+0900`."""
    parts: dict[str, list[str]] = {}
    block, at = block[:MAX_PACKET_BYTES], 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, number, size = struct.unpack_from(">BBH", block, at + 1)
        if size & 0x8000:  # longer than anything of use
            break
        name, place = _IPTC.get((record, number), ("", 0))
        if name:
            parts.setdefault(name, ["", ""])[place] = (
                block[at + 5 : at + 5 + size].decode("ascii", "replace").strip("\0 ")
            )
        at += 5 + size
    return {name: f"{day} {clock}".strip()[:_MAX_DATE] for name, (day, clock) in parts.items() if day}


def dates_beside(data: bytes, image: Image.Image, packet: bytes) -> dict[str, str]:
    """Return all dates that stand beside EXIF in a file (its bytes and its opened picture), by the names above; `packet` is its XMP."""
    texts = png_texts(data) if image.format == "PNG" else {}
    profiles = {key: _profile(text) for key, text in texts.items() if key in _PNG_PROFILES}
    packets = [packet, texts.get(_PNG_XMP, "").encode(), *profiles.values()]
    if image.format in ("GIF", "JXL") and not packet:
        packets.append(packet_in(data))
    made: dict[str, str] = {
        _TEXTS[key.casefold()]: text[:_MAX_DATE] for key, text in texts.items() if key.casefold() in _TEXTS
    }
    for block in (_iptc_of(image), *profiles.values()):
        made |= iptc_dates(block[max(0, block.find(b"\x1c\x02")) :])
    for one in packets:
        made |= xmp_dates(one[one.find(b"<") :] if b"<" in one else b"")
    return made


def _iptc_of(image: Image.Image) -> bytes:
    """Return the IPTC record in Photoshop's block of a JPEG, or in the tag of a TIFF, empty where there is none."""
    blocks = image.info.get("photoshop")
    found: object = blocks.get(_PHOTOSHOP_IPTC) if isinstance(blocks, Mapping) else None
    if found is None and image.format == "TIFF":
        try:
            found = image.tag_v2._tagdata.get(_TIFF_IPTC)  # type: ignore[attr-defined] # said to be numbers of four bytes, which it is not
        except Exception as error:  # noqa: BLE001 - Pillow's TIFF tags raise whatever the bytes provoke
            log.debug("Pillow TIFF: %s", type(error).__name__)
    return found if isinstance(found, bytes) else b""


def png_texts(data: bytes) -> dict[str, str]:
    """Return the texts of a PNG that may tell a date, by their keywords, also those behind its picture; each at most 1 MiB."""
    found: dict[str, str] = {}
    for kind, chunk in _png_chunks(data):
        name, _, rest = chunk.partition(b"\0")
        key = name.decode("latin-1")
        if key in found or (key.casefold() not in _TEXTS and key not in (_PNG_XMP, *_PNG_PROFILES)):
            continue  # before it is unpacked: a small file can hold thousands
        if kind == b"tEXt":
            text = rest.decode("latin-1")
        elif kind == b"zTXt":
            text = _inflated(rest[1:]).decode("latin-1")
        elif kind == b"iTXt" and len(rest) >= 2:
            text = _international(rest)
        else:
            continue
        found[key] = text
    return found


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of a PNG's chunks that are of moderate size."""
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, at)
        if size <= MAX_TEXT_BYTES and data[at + 4 : at + 8] != b"IDAT":
            yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def _international(rest: bytes) -> str:
    """Return the text of an iTXt chunk behind its keyword: two flags, a language, a keyword in it, the text."""
    parts = rest[2:].split(b"\0", 2)
    text = parts[2] if len(parts) == 3 else b""
    return (_inflated(text) if rest[0] else text).decode("utf-8", "replace")


def _inflated(packed: bytes) -> bytes:
    """Return compressed text, at most 1 MiB of it; empty where it is damaged."""
    try:
        return zlib.decompressobj().decompress(packed, MAX_TEXT_BYTES)
    except zlib.error:
        return b""


def _profile(text: str) -> bytes:
    """Return the bytes of a profile that is written out in hexadecimal digits: a name, a length, the digits."""
    digits = "".join(text.split()[2:])
    return bytes.fromhex(digits) if len(digits) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]*", digits) else b""

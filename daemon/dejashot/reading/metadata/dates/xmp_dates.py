"""Dates in an XMP packet. Nothing here raises. Sources: XMP part 1 (ISO 16684-1) and part 2."""

import logging
import re

from lxml import etree

log = logging.getLogger(__name__)

XMP_ORIGINAL, XMP_CREATED = "XMP exif:DateTimeOriginal", "XMP photoshop:DateCreated"
XMP_DIGITIZED, XMP_MADE = "XMP exif:DateTimeDigitized", "XMP xmp:CreateDate"

MAX_PACKET_BYTES = 1024 * 1024
_MAX_ATTRIBUTES = 1024  # of one element: libxml2 compares each of them with all others
_MAX_DATE = 64  # characters
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DATES = {
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal": XMP_ORIGINAL,
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated": XMP_CREATED,
    "{http://ns.adobe.com/exif/1.0/}DateTimeDigitized": XMP_DIGITIZED,
    "{http://ns.adobe.com/xap/1.0/}CreateDate": XMP_MADE,
}
_START, _END = re.compile(rb"<(?:\w{1,32}:)?xmpmeta\b"), re.compile(rb"</(?:\w{1,32}:)?xmpmeta\s{0,8}>")


def xmp_dates(packet: bytes) -> dict[str, str]:
    """Return the dates of a picture in its XMP packet, as written; those of pictures it was made from are left out."""
    if not packet or len(packet) > MAX_PACKET_BYTES or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return {}
    if any(element.count(b"=") > _MAX_ATTRIBUTES for element in packet.split(b"<")):
        return {}
    found: dict[str, str] = {}
    for name, value in _properties(packet):
        if name in _DATES and value.strip():
            found.setdefault(_DATES[name], value.strip()[:_MAX_DATE])
    return found


def find_packet(data: bytes) -> bytes:
    """Return the first XMP packet anywhere in a file, empty where there is none."""
    start = _START.search(data)
    end = _END.search(data, start.end()) if start else None
    return data[start.start() : end.end()] if start and end else b""


def _properties(packet: bytes) -> list[tuple[str, str]]:
    """Return names and texts of the properties of the picture itself, written as attributes or as elements."""
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        root = etree.fromstring(packet.strip(b"\0 \t\r\n"), parser)
        if root is None:
            return []
        described = [d for rdf in root.iter(f"{_RDF}RDF") for d in rdf.iterchildren(f"{_RDF}Description")]
        attributes = [(str(name), str(value)) for d in described for name, value in d.attrib.items()]
        elements = [(str(e.tag), "".join(e.itertext())) for d in described for e in d.iterchildren(tag=etree.Element)]
    except Exception as error:  # noqa: BLE001 - lxml raises whatever the bytes provoke
        log.debug("lxml: %s", type(error).__name__)
        return []
    return attributes + elements

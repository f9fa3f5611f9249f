"""Texts in a PNG that may hold a date. Nothing here raises.

Sources: PNG third edition, and the profiles that ImageMagick and Exiv2 write into PNG texts.
"""

import re
import struct
import zlib
from collections.abc import Iterator

TEXT_ORIGINAL, TEXT_DIGITIZED, TEXT_CREATED = "Text DateTimeOriginal", "Text DateTimeDigitized", "Text Creation Time"
TEXT_DATES = {  # by keyword, in small letters
    "exif:datetimeoriginal": TEXT_ORIGINAL,
    "datetimeoriginal": TEXT_ORIGINAL,
    "photoshop:datecreated": TEXT_ORIGINAL,
    "exif:datetimedigitized": TEXT_DIGITIZED,
    "xmp:createdate": TEXT_DIGITIZED,
    "creation time": TEXT_CREATED,
    "creationtime": TEXT_CREATED,
    "create time": TEXT_CREATED,
}
PNG_XMP = "XML:com.adobe.xmp"
PNG_PROFILES = tuple(f"Raw profile type {kind}" for kind in ("iptc", "8bim", "xmp", "APP1", "app1"))
MAX_TEXT_BYTES, MAX_CHUNKS = 1024 * 1024, 4096


def png_texts(data: bytes) -> dict[str, str]:
    """Return the texts of a PNG that may hold a date, by keyword, also those behind its picture; each at most 1 MiB."""
    found: dict[str, str] = {}
    for kind, chunk in _chunks(data):
        name, _, rest = chunk.partition(b"\0")
        key = name.decode("latin-1")
        if key in found or (key.casefold() not in TEXT_DATES and key not in (PNG_XMP, *PNG_PROFILES)):
            continue  # before it is inflated: a small file can hold thousands
        if kind == b"tEXt":
            text = rest.decode("latin-1")
        elif kind == b"zTXt":
            text = _inflated(rest[1:]).decode("latin-1")
        elif kind == b"iTXt" and len(rest) >= 2:
            text = _international_text(rest)
        else:
            continue
        found[key] = text
    return found


def profile_bytes(text: str) -> bytes:
    """Return the bytes of a profile that is written in hexadecimal digits: a name, a length, the digits."""
    digits = "".join(text.split()[2:])
    return bytes.fromhex(digits) if len(digits) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]*", digits) else b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of a PNG's chunks of moderate size."""
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, at)
        if size <= MAX_TEXT_BYTES and data[at + 4 : at + 8] != b"IDAT":
            yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def _international_text(rest: bytes) -> str:
    """Return the text of an iTXt chunk behind its keyword: two flags, a language, a translated keyword, the text."""
    parts = rest[2:].split(b"\0", 2)
    text = parts[2] if len(parts) == 3 else b""
    return (_inflated(text) if rest[0] else text).decode("utf-8", "replace")


def _inflated(packed: bytes) -> bytes:
    """Return compressed text, at most 1 MiB of it; empty where it is damaged."""
    try:
        return zlib.decompressobj().decompress(packed, MAX_TEXT_BYTES)
    except zlib.error:
        return b""

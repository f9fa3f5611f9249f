"""Bounds on XMP sidecars of others, checked on the bytes in linear time before any parser reads them.

Parsers need time that grows with the product of elements, namespaces and attributes. What photo programs write stays
far below the bounds: the largest sidecars have some ten thousand elements, a few dozen namespaces, and some hundred
attributes in one element.
"""

import codecs
import re

from dejashot.language.texts import noted

MAX_BYTES = 4 * 1024 * 1024
MAX_MARKS = 60_000  # openings of anything: elements and their ends, comments, instructions
MAX_ATTRIBUTES = 30_000
MAX_ATTRIBUTES_OF_ONE = 2_000
MAX_NAMESPACES = 500
_DECLARATION = re.compile(
    rb"""<\?xml(?:\s+[a-z]+\s*=\s*["'][^"'<>]*["'])*?\s+encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^<>]*\?>"""
)
_MAX_DECLARATION_BYTES = 400
_PLAIN = re.compile(r"utf_8|ascii|iso8859_[0-9]+|latin_1|cp125[0-8]|koi8_[ru]")  # their markup is ASCII, byte for byte
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# bytes of any byte order mark, and blanks
_LEADING = codecs.BOM_UTF8 + codecs.BOM_UTF32_BE + codecs.BOM_UTF16_BE + b" \t\r\n"
_UNMARKED = {b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def oddity_of(data: bytes) -> str:
    """Return why the bytes of a sidecar are not parsed, empty when they may be."""
    if len(data) > MAX_BYTES:
        return noted("its sidecar is larger than any sidecar is")
    if not data.lstrip(_LEADING).startswith(b"<"):
        return noted("its sidecar is not well-formed XML")
    markup = _ascii_markup(data)
    if markup is None:
        return noted("its sidecar is in an encoding that no sidecar has")
    if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
        return noted("its sidecar declares entities, which no sidecar needs")
    marks = markup.split(b"<")
    counts = (
        (len(marks) - 1, MAX_MARKS),
        (markup.count(b"="), MAX_ATTRIBUTES),
        (max(mark.count(b"=") for mark in marks), MAX_ATTRIBUTES_OF_ONE),
        (markup.count(b"xmlns"), MAX_NAMESPACES),
    )
    return (
        noted("its sidecar is built of more parts than any sidecar is")
        if any(count > most for count, most in counts)
        else ""
    )


def _ascii_markup(data: bytes) -> bytes | None:
    """Return the bytes in an encoding in which markup is ASCII, None where that can't be told."""
    start = data[:4]
    wide = next((name for mark, name in (_MARKS | _UNMARKED).items() if start.startswith(mark)), "")
    if wide:
        return data.decode(wide, "replace").encode("utf-8", "replace")
    return data if _PLAIN.fullmatch(_declared(data.removeprefix(codecs.BOM_UTF8).lstrip())) else None


def _declared(data: bytes) -> str:
    """Return the encoding that a document declares, as Python calls it, empty for an odd declaration."""
    if not data.startswith(b"<?xml"):
        return "utf_8"
    declaration = data[: data.find(b">", 0, _MAX_DECLARATION_BYTES) + 1]
    if declaration and b"encoding" not in declaration:
        return "utf_8"
    declared = _DECLARATION.fullmatch(declaration)
    try:
        return codecs.lookup(declared[1].decode()).name.replace("-", "_") if declared else ""
    except LookupError:
        return ""

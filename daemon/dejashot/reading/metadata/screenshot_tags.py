"""Whether a file says of itself that a device made it of its own screen: by the user comment of iPhones, or what Samsung puts behind a JPEG."""

import re

_CODES = (
    b"ASCII\0\0\0",
    b"UNICODE\0",
    b"JIS\0\0\0\0\0",
    bytes(8),
)  # what a user comment begins with (Exif 2.32, table 9)
_COMMENT = re.compile(rb"""exif:UserComment\s*(?:=\s*["']|>(?:\s*<rdf:(?:Alt|li)\b[^>]*>)*)\s*([^<"']{1,64})""")
_WORD = re.compile(rb"\s*screen ?shot\s*", re.IGNORECASE)
_SAMSUNG = b"Samsung_Capture_InfoScreenshot"
_TRAILER_BYTES = 64 * 1024


def is_tagged_screenshot(comment: object, xmp: bytes, data: bytes) -> bool:
    """Tell whether a file is a screenshot by its EXIF user comment, its XMP packet, or its own last bytes."""
    found = _COMMENT.search(xmp)
    if _is_word(_text(comment)) or (found is not None and _is_word(found[1])):
        return True
    return data.startswith(b"\xff\xd8") and data.find(_SAMSUNG, max(0, len(data) - _TRAILER_BYTES)) >= 0


def _text(comment: object) -> bytes:
    """Return a user comment without the code it begins with; UTF-16 of either order loses its zeros."""
    value = comment.encode("utf-8", "replace") if isinstance(comment, str) else comment
    if not isinstance(value, bytes):
        return b""
    for code in _CODES:
        value = value.removeprefix(code)
    return value[:128].replace(b"\0", b"").removeprefix(b"\xfe\xff").removeprefix(b"\xff\xfe")


def _is_word(text: bytes) -> bool:
    return _WORD.fullmatch(text) is not None

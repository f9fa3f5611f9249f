"""Whether a file is tagged as a screenshot: by the user comment of iPhones, or Samsung's trailer behind a JPEG."""

import re

# the character codes that a user comment begins with (Exif 2.32, table 9)
_CODES = (b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", bytes(8))
_COMMENT = re.compile(rb"""exif:UserComment\s*(?:=\s*["']|>(?:\s*<rdf:(?:Alt|li)\b[^>]*>)*)\s*([^<"']{1,64})""")
_SCREENSHOT = re.compile(rb"\s*screen ?shot\s*", re.IGNORECASE)
_SAMSUNG = b"Samsung_Capture_InfoScreenshot"
_TRAILER_BYTES = 64 * 1024


def is_tagged_screenshot(comment: object, xmp: bytes, data: bytes) -> bool:
    """Return whether a file is a screenshot by its EXIF user comment, its XMP packet, or its trailer."""
    found = _COMMENT.search(xmp)
    if _is_screenshot(_text(comment)) or (found is not None and _is_screenshot(found[1])):
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


def _is_screenshot(text: bytes) -> bool:
    return _SCREENSHOT.fullmatch(text) is not None

"""Pictures that Dejashot makes itself, without any decoder's help."""

import struct
import zlib
from collections.abc import Sequence

_GREY, _RGB = 0, 2  # colour types of PNG


def grey_png(rows: Sequence[bytes]) -> bytes:
    """Return a PNG of rows of grey levels, a byte each."""
    return _png(rows, len(rows[0]), _GREY)


def rgb_png(rows: Sequence[bytes]) -> bytes:
    """Return a PNG of rows of colours, three bytes each."""
    return _png(rows, len(rows[0]) // 3, _RGB)


def _png(rows: Sequence[bytes], width: int, colours: int) -> bytes:
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, colours, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

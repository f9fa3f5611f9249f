"""A fingerprint of picture data in parts: it shows whether two files of one length differ in some bytes only."""

import zlib

from dejashot.models.photo import MAX_PARTS
from dejashot.reading.decode.containers.jpeg_markers import scan_span


def parts_of(data: bytes) -> tuple[str, ...]:
    """Return the CRC-32 (hex) of equal parts of a file, in order; of a JPEG the coded picture alone, without tags."""
    start, end = scan_span(data) or (0, len(data))
    step = max(1, -(-(end - start) // MAX_PARTS))
    view = memoryview(data)[start:end]
    return tuple(f"{zlib.crc32(view[at : at + step]):08x}" for at in range(0, end - start, step))

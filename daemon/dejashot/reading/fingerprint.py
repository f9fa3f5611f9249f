"""A fingerprint of picture data in parts: it shows whether two files of one length differ in some bytes only."""

import hashlib

from dejashot.models.photo import MAX_PARTS
from dejashot.reading.decode.containers.jpeg_markers import scan_span

_DIGEST_BYTES = 4


def parts_of(data: bytes) -> tuple[str, ...]:
    """Return the hashes (hex) of equal parts of a file, in order; of a JPEG the coded picture alone, without tags."""
    start, end = scan_span(data) or (0, len(data))
    step = max(1, -(-(end - start) // MAX_PARTS))
    view = memoryview(data)[start:end]
    return tuple(
        hashlib.blake2b(view[at : at + step], digest_size=_DIGEST_BYTES).hexdigest()
        for at in range(0, end - start, step)
    )

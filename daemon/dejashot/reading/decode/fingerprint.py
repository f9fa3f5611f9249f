"""A fingerprint of a file's picture data in parts: of two files of one length it tells whether one is the other with some bytes changed."""

import hashlib

from dejashot.models.photo import MAX_PARTS
from dejashot.reading.decode.jpeg import scans_of

_DIGEST_BYTES = 4


def parts_of(data: bytes) -> tuple[str, ...]:
    """Return the hashes (hex) of equal parts of a file, in their order; of a JPEG without what stands about the picture, such as tags."""
    start, end = scans_of(data) or (0, len(data))
    step = max(1, -(-(end - start) // MAX_PARTS))
    view = memoryview(data)[start:end]
    return tuple(
        hashlib.blake2b(view[at : at + step], digest_size=_DIGEST_BYTES).hexdigest()
        for at in range(0, end - start, step)
    )

"""The boxes of ISO base media files: what HEIC, CR3, MOV and MP4 are made of."""

from collections.abc import Iterator

MOST_BOXES = 1024


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes between two places: kind, where the inside begins, where it ends."""
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        if size == 0:
            size = end - start
        if size < head:
            return
        yield kind, min(start + head, end), min(start + size, end)
        start += size

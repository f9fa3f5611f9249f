"""Damage, as disks, networks and cables make it: what it does to the bytes of a photo that was whole."""

import random

from dejashot.reading.decode.containers.jpeg_markers import scan_span

JPEG_WAYS = ("hole", "flips", "shift", "noise", "cut")


def picture_of(data: bytes) -> tuple[int, int]:
    """Return where the coded picture lies: in a JPEG its scans, else all but the first and last tenth of the file."""
    return scan_span(data) or (len(data) // 10, len(data) * 9 // 10)


def damaged(data: bytes, way: str, at: float = 0.5, seed: int = 1) -> bytes:
    """Return a photo damaged in one of several ways, at a share of its coded picture."""
    rng = random.Random(seed)
    start, end = picture_of(data)
    length = end - start
    place = start + int(length * at)
    if way == "hole":
        size = max(64, min(65536, length // 5, end - place))
        return data[:place] + bytes(size) + data[place + size :]
    if way == "noise":
        size = max(64, min(4096, length // 5, end - place))
        return data[:place] + rng.randbytes(size) + data[place + size :]
    if way == "shift":  # some bytes are lost, what follows moves up
        size = max(1, min(700, length // 10, end - place - 1))
        return data[:place] + data[place + size :]
    if way == "flips":
        torn = bytearray(data)
        for _ in range(40):
            torn[rng.randrange(start, end)] ^= 1 << rng.randrange(8)
        return bytes(torn)
    if way == "flip":
        torn = bytearray(data)
        torn[place] ^= 1 << rng.randrange(8)
        return bytes(torn)
    return data[:place]

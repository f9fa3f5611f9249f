"""The size of a JPEG that was encoded here, from its markers alone: it is not decoded where it is believed."""

import struct

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_FRAME = 0xC0  # Pillow's encoder writes baseline
_BEFORE_FRAME = {0xDB, 0xC4, *range(0xE0, 0xF0)}  # tables, and what applications add
_MAX_SEGMENTS = 32


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height of a baseline JPEG of 1 or 3 channels of 8 bits; raise ValueError for what is laid out in another way."""
    if not data.startswith(_START) or not data.endswith(_END):
        raise ValueError("not a JPEG")
    at = 2
    for _ in range(_MAX_SEGMENTS):
        if at + 10 > len(data) or data[at] != 0xFF:
            break
        if data[at + 1] == _FRAME:
            precision, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            if precision != 8 or channels not in (1, 3) or 0 in (width, height):
                break
            return width, height
        if data[at + 1] not in _BEFORE_FRAME:
            break
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    raise ValueError("not a JPEG of ours")

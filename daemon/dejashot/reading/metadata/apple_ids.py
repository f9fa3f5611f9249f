"""Ids in Apple's maker note, equal for the shots of a burst and for the two files of a Live Photo."""

import re
import struct
from dataclasses import dataclass

_HEAD = b"Apple iOS\0"
_ORDERS = {b"MM": ">", b"II": "<"}
_BURST, _LIVE = 0x000B, 0x0011
_TEXT, _MAX_TAGS = 2, 256
_ID = re.compile(rb"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class AppleIds:
    """The ids of a photo's burst and of its Live Photo, empty where it has none."""

    burst: str = ""
    live: str = ""


NO_IDS = AppleIds()


def id_of(text: bytes) -> str:
    """Return an id in the form in which ids are compared, empty for what is none."""
    text = text.rstrip(b"\0")
    return text.decode("ascii").upper() if _ID.fullmatch(text) else ""


def ids_of(note: bytes) -> AppleIds:
    """Return the ids in Apple's maker note: a directory whose offsets count from where the note begins."""
    order = _ORDERS.get(note[12:14])
    if not note.startswith(_HEAD) or order is None or len(note) < 16:
        return NO_IDS
    found: dict[int, str] = {}
    (count,) = struct.unpack_from(order + "H", note, 14)
    for at in range(16, min(16 + 12 * min(count, _MAX_TAGS), len(note) - 11), 12):
        tag, kind, length, offset = struct.unpack_from(order + "HHLL", note, at)
        if kind == _TEXT and tag in (_BURST, _LIVE):
            found[tag] = id_of(note[offset : offset + min(length, 128)])
    return AppleIds(found.get(_BURST, ""), found.get(_LIVE, ""))

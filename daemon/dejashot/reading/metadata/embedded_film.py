"""Where the film of a motion photo lies in its file: found by its first box, its end by the lengths of its boxes.

Nothing of it is decoded.
"""

from collections.abc import Callable

from dejashot.files.first_bytes import is_film

MAX_PHOTO_BYTES = 128_000_000  # that are looked through
_AT_ONCE_BYTES = 1 << 20
_HEAD_BYTES = 16  # of a box: its length, its kind, and a long length
_BEGINS = b"ftyp"
_MAX_FIRST_BOX_BYTES = 4096
_MAX_BOXES = 2000
_NEEDED = frozenset((b"moov", b"mdat"))
_BOXES = _NEEDED | {b"ftyp", b"free", b"skip", b"wide", b"uuid", b"moof", b"mfra", b"sidx", b"styp", b"meta", b"udta"}

Read = Callable[[int, int], bytes]  # what stands from a place on, at most so many bytes


def embedded_film(read: Read, size_bytes: int) -> range | None:
    """Return where a film lies in a photo's file, behind its picture; None where there is none."""
    end = min(size_bytes, MAX_PHOTO_BYTES)
    for start in range(0, end, _AT_ONCE_BYTES):
        part = read(start, _AT_ONCE_BYTES + _HEAD_BYTES)
        at = part.find(_BEGINS, 0)
        while 0 <= at < _AT_ONCE_BYTES + 4:
            first = start + at - 4
            if first > 0 and (found := _film_at(read, first, size_bytes)) is not None:
                return found
            at = part.find(_BEGINS, at + 1)
    return None


def _film_at(read: Read, first: int, size_bytes: int) -> range | None:
    """Return the film that begins at a place, None where none does."""
    head = read(first, _HEAD_BYTES)
    named = head[8:12].replace(b" ", b"").isalnum()
    if not (is_film(head) and named) or int.from_bytes(head[:4], "big") > _MAX_FIRST_BOX_BYTES:
        return None
    kinds, at = set(), first
    for _ in range(_MAX_BOXES):
        head = read(at, _HEAD_BYTES)
        kind, length = head[4:8], _length(head, size_bytes - at)
        if kind not in _BOXES or (kind == _BEGINS and at > first) or length < 8 or at + length > size_bytes:
            break
        kinds.add(kind)
        at += length
    return range(first, at) if kinds >= _NEEDED else None


def _length(head: bytes, left_bytes: int) -> int:
    """Return the length of a box by its head; one without a length reaches to the end of the file."""
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        return int.from_bytes(head[8:16], "big")
    return left_bytes if length == 0 and len(head) >= 8 else length

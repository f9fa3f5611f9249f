"""Whether a picture's bytes are complete and sound: decoders silently fill with grey what is not."""

import re
import zlib
from collections.abc import Iterable, Iterator

from dejashot.language.texts import noted
from dejashot.reading.decode.containers.iso_boxes import ByteSpan, PictureFile
from dejashot.reading.decode.containers.jpeg_markers import has_end_marker

BEYOND = noted("what it names lies beyond its end")
UNWRITTEN = noted("its place on the disk is taken, its end not written")
HOLES = noted("a part of it holds nothing but zeros")
OVERWRITTEN = noted("a part of it is not coded as a picture")
CHECKSUM = noted("a part of it does not match its checksum")
_ZEROS = bytes(16)
_MANY_ZEROS = bytes(256)  # more than an encoder's padding, less than a block of a disk
_MORE_ZEROS = bytes(4096)  # an even area may leave some in AV1; a whole picture of one colour is smaller
_MAX_ZEROS = bytes(64 * 1024)  # large flat areas leave many at the end of a WebP, but none of its sizes so many
_NOT_ZERO = re.compile(rb"[^\0]")
_PNG, _MAX_CHUNKS = b"\x89PNG\r\n\x1a\n", 100_000
_FORBIDDEN, _TEMPORAL_ID = 0x80, 0x07  # in the head of a NAL unit: a bit that is never set, a number that is never 0
_CRITICAL = 0x20  # the bit that is not set in the first letter of a chunk that the picture needs


def missing_bytes(data: bytes) -> str:
    """Return what is missing at the end of a picture, empty where nothing is or its decoder reports it."""
    if data.startswith(b"\xff\xd8"):
        return UNWRITTEN if data.endswith(_ZEROS) and not has_end_marker(data) else ""
    if data[4:8] == b"ftyp":
        if any(end > len(data) for _, (_, end) in _parts(data)):
            return BEYOND
        return UNWRITTEN if any(_NOT_ZERO.search(data, at) is None for at in _holes(data)) else ""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _missing_of_webp(data)
    if data.startswith((b"II*\0", b"MM\0*")):
        return (
            BEYOND if int.from_bytes(data[4:8], "little" if data.startswith(b"II") else "big") + 2 > len(data) else ""
        )
    return ""


def picture_damage(data: bytes) -> str:
    """Return what is damaged inside a picture, empty where nothing is known or its decoder reports it."""
    if data[4:8] == b"ftyp":
        return HOLES if any(True for _ in _holes(data)) else OVERWRITTEN if _is_overwritten(data) else ""
    if data.startswith(_PNG):
        return CHECKSUM if any(not sound for sound in _sound_chunks(data)) else ""
    return ""


def has_whole_thumbnail(data: bytes) -> bool:
    """Return whether all of the thumbnails in a HEIF is there, as far as its boxes and its zeros say."""
    parts = PictureFile(data).thumbnail_parts()
    whole = bool(parts) and all(end <= len(data) for _, (_, end) in parts)
    return whole and not any(True for _ in _zeros(data, _separate(data, parts)))


def _parts(data: bytes) -> Iterator[tuple[bytes, ByteSpan]]:
    """Yield the parts that the picture of a HEIF or an AVIF is coded in."""
    return _separate(data, PictureFile(data).parts())


def _separate(data: bytes, parts: Iterable[tuple[bytes, ByteSpan]]) -> Iterator[tuple[bytes, ByteSpan]]:
    """Yield parts of a file, none more where they overlap: the decoder must judge that."""
    left = len(data)
    for kind, (start, end) in parts:
        left -= max(0, end - start)
        if left < 0 and end <= len(data):
            return
        yield kind, (start, end)


def _holes(data: bytes) -> Iterator[int]:
    """Yield where in a HEIF or an AVIF zeros begin that no encoder writes: a missing tile is no error to decoders."""
    return _zeros(data, _parts(data))


def _zeros(data: bytes, parts: Iterable[tuple[bytes, ByteSpan]]) -> Iterator[int]:
    """Yield where zeros begin in parts of a picture that no encoder writes there."""
    for kind, (start, end) in parts:
        if end > len(data):
            continue
        # neither begins with zeros; HEVC has no more than two zeros in a row (ITU-T H.265, 7.4.2), AV1 ends with a one
        if kind in (b"hvc1", b"av01") and end - start >= 4 and data.startswith(bytes(4), start):
            yield start
        elif kind == b"hvc1" and (at := data.find(_MANY_ZEROS, start, end)) >= 0:
            yield at
        elif kind == b"av01" and data.endswith(_MANY_ZEROS, start, end):
            yield end - len(_MANY_ZEROS)
        elif kind == b"av01" and (at := data.find(_MORE_ZEROS, start, end)) >= 0:
            yield at


def _is_overwritten(data: bytes) -> bool:
    """Return whether a part of a HEIC is no chain of NAL units from end to end: decoders pass over such a tile."""
    streams = _separate(data, PictureFile(data).streams())
    return any(
        kind == b"hvc1" and end <= len(data) and not _is_chain(data, start, end) for kind, (start, end) in streams
    )


def _is_chain(data: bytes, start: int, end: int) -> bool:
    """Return whether NAL units fill a span (ITU-T H.265, 7.3.1.2), each behind its length of 4, 2 or 1 bytes."""
    return any(_units_fill(data, start, end, size) for size in (4, 2, 1))


def _units_fill(data: bytes, at: int, end: int, size: int) -> bool:
    """Return whether NAL units fill a span, each behind its length of `size` bytes."""
    while at < end:
        length, first, second = int.from_bytes(data[at : at + size]), *data[at + size : at + size + 2].ljust(2, b"\0")
        after = at + size + length
        if length < 2 or after > end or first & _FORBIDDEN or not second & _TEMPORAL_ID:
            return not data[at:end].strip(b"\0")  # bytes that only fill up
        at = after
    return True


def _sound_chunks(data: bytes) -> Iterator[bool]:
    """Yield for each chunk of a PNG that its picture needs whether it matches its checksum (PNG 3rd edition, 5.3)."""
    at = len(_PNG)
    for _ in range(_MAX_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 8 + length
        if len(kind) < 4 or end + 4 > len(data) or kind == b"IEND":
            return
        if not kind[0] & _CRITICAL:
            yield zlib.crc32(memoryview(data)[at + 4 : end]) == int.from_bytes(data[end : end + 4])
        at = end + 4


def _missing_of_webp(data: bytes) -> str:
    """Return what is missing of a WebP (RFC 9649), judged by its first picture."""
    if int.from_bytes(data[4:8], "little") + 7 > len(data):  # some leave out the last byte, which only fills up
        return BEYOND
    at = 12
    for _ in range(8):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"VP8 ":
            return UNWRITTEN if data.endswith(_MAX_ZEROS, at + 8, at + 8 + length) else ""
        at += 8 + length + length % 2
    return ""

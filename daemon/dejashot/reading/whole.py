"""Whether all of a picture's bytes are there: of those that are not yet, decoders make grey without a word."""

from dejashot.reading.boxes import PictureFile

BEYOND = "what it names lies beyond its end"
UNWRITTEN = "its place on the disk is taken, its end not written"
_ZEROS = bytes(16)
_MANY_ZEROS = bytes(256)  # more than an encoder's padding, less than a block of a disk
_MOST_ZEROS = bytes(64 * 1024)  # large flat areas leave many at the end of a WebP, but none of its sizes so many


def missing(data: bytes) -> str:
    """Return in words what is missing of a picture, empty where nothing is or the format tells itself."""
    if data.startswith(b"\xff\xd8"):
        return UNWRITTEN if data.endswith(_ZEROS) and not has_end(data) else ""
    if data[4:8] == b"ftyp":
        return _of_parts(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _of_webp(data)
    if data.startswith((b"II*\0", b"MM\0*")):
        return BEYOND if int.from_bytes(data[4:8], "little" if data.startswith(b"II") else "big") + 2 > len(data) else ""
    return ""


def has_end(jpeg: bytes) -> bool:
    """Tell whether an end marker follows the first scan of a JPEG."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:  # marker by marker, past thumbnails with ends of their own; ITU T.81, B.1.1
        if jpeg[at + 1] == 0xDA:
            return jpeg.find(b"\xff\xd9", at) >= 0
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return True  # not laid out as most are: the decoder must tell


def _of_parts(data: bytes) -> str:
    """Return what is missing of a HEIF or an AVIF: a tile that is not there is no error to their decoders."""
    unseen = len(data)
    for kind, (start, end) in PictureFile(data).parts():
        if end > len(data):
            return BEYOND
        unseen -= end - start
        if unseen < 0:  # pieces that lie over each other: the decoder must tell
            break
        # neither begins with zeros; HEVC has no more than two zeros in a row (ITU-T H.265, 7.4.2), AV1 ends with a one
        if kind in (b"hvc1", b"av01") and end - start >= 4 and data.startswith(bytes(4), start):
            return UNWRITTEN
        if kind == b"hvc1" and data.find(_MANY_ZEROS, start, end) >= 0:
            return UNWRITTEN
        if kind == b"av01" and data.endswith(_MANY_ZEROS, start, end):
            return UNWRITTEN
    return ""


def _of_webp(data: bytes) -> str:
    """Return what is missing of a WebP (RFC 9649), going by its first picture."""
    if int.from_bytes(data[4:8], "little") + 7 > len(data):  # some leave out the last byte, which only fills up
        return BEYOND
    at = 12
    for _ in range(8):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"VP8 ":
            return UNWRITTEN if data.endswith(_MOST_ZEROS, at + 8, at + 8 + length) else ""
        at += 8 + length + length % 2
    return ""

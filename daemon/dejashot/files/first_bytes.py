"""What a file is by its first bytes, where its name does not say: a picture, an ordinary file, or unknown."""

import os
import re
import stat
from codecs import getincrementaldecoder
from enum import StrEnum

from dejashot.files.names import names_a_picture
from dejashot.files.nofollow import READ_ONLY, open_unfollowed

ASKED_BYTES = 32


class FileContent(StrEnum):
    """What a file is by its first bytes; `ordinary` is known for something that is no picture."""

    PICTURE = "picture"
    ORDINARY = "ordinary"
    UNKNOWN = "unknown"


_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\0\0\0\x0cJXL \r\n\x87\n")
_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1 mif2 miaf avif avis".split())
_RAWS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW")  # known for what they are under any name
_TIFFS = (b"II*\0", b"MM\0*")
_TIFF_NAME = re.compile(r".*\.tiff?(?![a-z0-9]).*", re.IGNORECASE | re.DOTALL)
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_ORDINARY = (
    b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!",  # archives
    b"\x28\xb5\x2f\xfd",
    b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\0asm", b"!<arch>",  # programs
    b"SQLite format 3", b"bplist", b"%PDF", b"%!PS", b"\xd0\xcf\x11\xe0",  # data, documents
    b"\0\x05\x16\x07", b"\0\x05\x16\0",  # AppleDouble
    b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"FLV", b"0&\xb2u",  # sound and film
    b"\xff\xfe", b"\xfe\xff", b"wOFF", b"wOF2", b"OTTO", b"\0\x01\0\0\0",  # text in UTF-16, fonts
)  # fmt: skip
_OLD_FILMS = (b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot")  # what QuickTime began with before it named itself
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b") | {127}
_OF_A_STORE = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{38}|[0-9a-f]{40}|[0-9a-f]{64})(?:\.\d+)?", re.IGNORECASE)


def file_content_of(first: bytes, name: str) -> FileContent:
    """Return what a file is by its first bytes and its name.

    Formats that everybody uses are pictures under any name, others only if the name speaks for one. A TIFF must be
    called so: else it may be a raw file with a mere thumbnail. A file named by a hash is part of a cache or a backup.
    """
    if (
        _is_common(first)
        or (names_a_picture(name) and _is_less_common(first))
        or (first.startswith(_TIFFS) and _TIFF_NAME.fullmatch(name))
    ):
        return FileContent.UNKNOWN if _OF_A_STORE.fullmatch(name) else FileContent.PICTURE
    if not first or first.startswith(_ORDINARY) or first[:4] == b"RIFF" or _is_film(first) or _is_text(first):
        return FileContent.ORDINARY
    return FileContent.UNKNOWN


def is_film(first: bytes) -> bool:
    """Return whether a file begins as a film in MP4 or QuickTime does."""
    return first[4:8] in _OLD_FILMS or (_is_film(first) and first[8:12] not in _BRANDS)


def first_bytes_in(name: bytes, folder: int) -> bytes | None:
    """Return the first bytes of a regular file in an open folder, None where that fails.

    No link is followed and no pipe is waited for.
    """
    try:
        return _read(os.open(name, READ_ONLY, dir_fd=folder))
    except OSError:
        return None


def first_bytes_at(path: bytes) -> bytes | None:
    """Return the first bytes of a regular file by its absolute path, following no link in it; None where that fails."""
    try:
        return _read(open_unfollowed(path))
    except OSError:
        return None


def _read(handle: int) -> bytes | None:
    try:
        return os.read(handle, ASKED_BYTES) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    finally:
        os.close(handle)


def _is_common(first: bytes) -> bool:
    """Return whether it is a JPEG, PNG, GIF, WebP, HEIC, AVIF (brands: ISO 14496-12, 4.3) or contained JPEG XL."""
    if first[4:8] == b"ftyp":
        return first[8:12] in _BRANDS
    return first.startswith(_PICTURES) or (first[:4] == b"RIFF" and first[8:12] == b"WEBP")


def _is_less_common(first: bytes) -> bool:
    """Return whether it is a RAW that says which, a bare JPEG XL, or a BMP; two letters alone begin many a text."""
    if first[:2] == b"BM":
        return first[6:10] == b"\0\0\0\0" and int.from_bytes(first[14:18], "little") in _BMP_HEADERS
    canon = first[4:12] == b"ftypcrx " or (first.startswith(_TIFFS) and first[8:10] == b"CR")
    return canon or first.startswith((*_RAWS, b"\xff\x0a"))


def _is_film(first: bytes) -> bool:
    return first[4:8] == b"ftyp" and first[8:12] != b"crx "


def _is_text(first: bytes) -> bool:
    """Return whether it is text in UTF-8, of which the last letter may be cut."""
    try:
        getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return False
    return _CONTROLS.isdisjoint(first)

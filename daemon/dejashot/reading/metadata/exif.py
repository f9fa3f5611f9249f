"""The EXIF tags of a photo: by exifread first, by Pillow second, each behind one guarded call.

Both parsers raise many kinds of error on damaged files; what can't be read is left out.
"""

import io
import logging
from collections.abc import Sequence
from typing import Any

import exifread
from PIL import Image

from dejashot.reading.decode.containers.jpeg_markers import MAX_SEGMENTS
from dejashot.reading.decode.raw import older_raws
from dejashot.reading.decode.raw.raw_file import RawFile
from dejashot.reading.decode.raw.tiff_raw import as_tiff
from dejashot.reading.metadata.dates.date_parser import parse_date
from dejashot.reading.metadata.tag_text import tag_text

log = logging.getLogger(__name__)

# exifread's names, with the directory (0 main, 1 EXIF, 2 GPS) and the number under which Pillow has the same tag
EXIF_TAGS: dict[str, tuple[int, int]] = {
    "Image Make": (0, 0x010F),
    "Image Model": (0, 0x0110),
    "Image DateTime": (0, 0x0132),
    "EXIF DateTimeOriginal": (1, 0x9003),
    "EXIF DateTimeDigitized": (1, 0x9004),
    "EXIF SubSecTime": (1, 0x9290),
    "EXIF SubSecTimeOriginal": (1, 0x9291),
    "EXIF SubSecTimeDigitized": (1, 0x9292),
    "EXIF OffsetTime": (1, 0x9010),
    "EXIF OffsetTimeOriginal": (1, 0x9011),
    "EXIF OffsetTimeDigitized": (1, 0x9012),
    "EXIF ExposureTime": (1, 0x829A),
    "EXIF FNumber": (1, 0x829D),
    "EXIF ISOSpeedRatings": (1, 0x8827),
    "EXIF ExposureBiasValue": (1, 0x9204),
    "GPS GPSLatitudeRef": (2, 1),
    "GPS GPSLatitude": (2, 2),
    "GPS GPSLongitudeRef": (2, 3),
    "GPS GPSLongitude": (2, 4),
    "GPS GPSAltitudeRef": (2, 5),
    "GPS GPSAltitude": (2, 6),
    "GPS GPSTimeStamp": (2, 7),
    "GPS GPSDate": (2, 29),
}
MAKER_NOTE, USER_COMMENT = 0x927C, 0x9286
_EXIFREAD_IFDS = {"Image": 0, "EXIF": 1, "GPS": 2, "Thumbnail": 3}
_PILLOW_IFDS = (None, 0x8769, 0x8825, 1)
_EXIF = 0x8769
_PLACES = {(ifd, tag) for _, tag in EXIF_TAGS.values() for ifd in range(len(_PILLOW_IFDS))}
_DATES = ("EXIF DateTimeOriginal", "EXIF DateTimeDigitized", "Image DateTime")
_GPS_IFD, _FIRST_SHARED = 2, 0x0100  # from this number on a tag means the same in all directories but that of GPS

FoundTags = dict[tuple[int, int], Any]  # tags by directory and number, as in EXIF_TAGS; directory 3 is the thumbnail's


def own_tags(data: bytes, raw: RawFile | None) -> list[FoundTags]:
    """Return a file's own tags: of a RAW as the TIFF that it is, else from its blocks of tags."""
    if raw is None:
        return [_from_exifread(data)]
    if raw.is_tiff:
        return [_from_exifread(as_tiff(data))]
    if raw.tag_blocks:
        return [_from_blocks(data, raw)]
    tiff = older_raws.tiff_inside(data)
    return [_from_exifread(data[slice(*tiff)])] if tiff else [older_raws.crw_tags(data)]


def pillow_tags(image: Image.Image) -> list[FoundTags]:
    """Return the tags as Pillow reads them; of a JPEG also those of further EXIF segments."""
    segments = [part for name, part in getattr(image, "applist", []) if name == "APP1" and part.startswith(b"Exif\0\0")]
    return [_from_pillow(image), *(_from_pillow(part) for part in segments[1:MAX_SEGMENTS])]


def by_name(sources: Sequence[FoundTags]) -> dict[str, Any]:
    """Return the tags by exifread's names, each from the first source that has a usable value.

    Within a source the tag's own directory counts first, then the others.
    """
    named: dict[str, Any] = {}
    for name, (ifd, tag) in EXIF_TAGS.items():
        places = [ifd, *(n for n in (1, 0, 3) if n != ifd)] if tag >= _FIRST_SHARED and ifd != _GPS_IFD else [ifd]
        values = (source[place, tag] for source in sources for place in places if (place, tag) in source)
        dated = name in _DATES
        value = next((v for v in values if not dated or parse_date(tag_text(v)) is not None), None)
        if value is not None:
            named[name] = value
    return named


def exif_value(image: Image.Image, tag: int) -> object:
    """Return a tag of the EXIF directory as Pillow reads it, None when there is none."""
    try:
        found: object = image.getexif().get_ifd(_EXIF).get(tag)
    except Exception as error:  # noqa: BLE001 - Pillow's EXIF parser raises whatever the bytes provoke
        log.debug("Pillow EXIF: %s", type(error).__name__)
        return None
    return found


def maker_note(image: Image.Image) -> bytes:
    """Return the maker note, empty when there is none."""
    note = exif_value(image, MAKER_NOTE)
    return note if isinstance(note, bytes) else b""


def _from_blocks(data: bytes, raw: RawFile) -> FoundTags:
    """Return the tags of a RAW that has them in blocks, each a TIFF with one sort of them (Canon's CR3)."""
    found: FoundTags = {}
    for sort, span in raw.tag_blocks:
        block = _from_pillow(b"Exif\0\0" + data[slice(*span)])
        found |= {(sort, tag): value for (ifd, tag), value in block.items() if ifd == 0}
    return found


def _from_exifread(data: bytes) -> FoundTags:
    """Return exifread's tags of the directories that are of use."""
    try:
        found = exifread.process_file(io.BytesIO(data), details=False, extract_thumbnail=False)
        return {
            (_EXIFREAD_IFDS[ifd], tag.tag): tag.values
            for name, tag in found.items()
            if (ifd := name.partition(" ")[0]) in _EXIFREAD_IFDS
        }
    except Exception as error:  # noqa: BLE001 - exifread raises eight kinds of error on damaged files
        log.debug("exifread: %s", type(error).__name__)
        return {}


def _from_pillow(source: Image.Image | bytes) -> FoundTags:
    """Return the tags of a picture, or of an EXIF block, as Pillow reads them."""
    try:
        main = Image.Exif() if isinstance(source, bytes) else source.getexif()
        if isinstance(source, bytes):
            main.load(source)
        ifds = [main if number is None else main.get_ifd(number) for number in _PILLOW_IFDS]
        return {
            (place, tag): values[tag] for place, values in enumerate(ifds) for tag in values if (place, tag) in _PLACES
        }
    except Exception as error:  # noqa: BLE001 - Pillow's EXIF parser raises whatever the bytes provoke
        log.debug("Pillow EXIF: %s", type(error).__name__)
        return {}

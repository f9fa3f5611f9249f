"""What the camera wrote into the file: exifread first, Pillow second, each behind its one guarded call."""

import io
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import exifread
from PIL import Image

from dejashot.models.capture import Camera, Place, TimeSource
from dejashot.paths import shown
from dejashot.reading.decode.decoder import raw_of
from dejashot.reading.decode.jpeg import MAX_SEGMENTS
from dejashot.reading.decode.raw import older_raws
from dejashot.reading.decode.raw.containers import Raw, as_tiff
from dejashot.reading.limits import ALTITUDE_M, APERTURE, BIAS_EV, EXPOSURE_S, ISO, within
from dejashot.reading.metadata import embedded_dates as packets
from dejashot.reading.metadata.apple_ids import NO_IDS, ids_of
from dejashot.reading.metadata.burst_names import NO_BURST, NamedBurst
from dejashot.reading.metadata.dates.am_pm import plain_halves
from dejashot.reading.metadata.dates.date_parser import read_date
from dejashot.reading.metadata.embedded_dates import dates_beside
from dejashot.reading.metadata.motion_photo import has_film
from dejashot.reading.metadata.screenshot_tags import is_tagged_screenshot

log = logging.getLogger(__name__)

# exifread's names, with the IFD and the number under which Pillow has the same tag (0 main, 1 EXIF, 2 GPS)
_TAGS: dict[str, tuple[int, int]] = {
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
_EXIFREAD_IFDS = {"Image": 0, "EXIF": 1, "GPS": 2, "Thumbnail": 3}
_PILLOW_IFDS = (None, 0x8769, 0x8825, 1)
_EXIF = 0x8769
_PLACES = {(ifd, tag) for _, tag in _TAGS.values() for ifd in range(len(_PILLOW_IFDS))}
_DATES = ("EXIF DateTimeOriginal", "EXIF DateTimeDigitized", "Image DateTime")
_GPS_IFD, _FIRST_SHARED = 2, 0x0100  # from this number on a tag means the same in all directories but that of GPS
_MAKER_NOTE, _USER_COMMENT = 0x927C, 0x9286
_XMP_PRIMARY = re.compile(rb"""(?:GCamera|Camera):BurstPrimary\s*(?:=\s*["']|>)\s*(1|true)\b""", re.IGNORECASE)
_XMP_BURST = re.compile(rb"""(?:GCamera|Camera):(?:BurstID|BurstId)\s*(?:=\s*["']|>)\s*([^"'<\s]{4,64})""")
_TEXT_LIMIT = 128
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:/(\d+))?")
_Found = dict[tuple[int, int], Any]  # tags by directory and number, as in _TAGS; directory 3 is the thumbnail's


@dataclass(frozen=True, slots=True)
class Stated:
    """A tag that states a time: its name, the name of the one with the fraction of a second, and what kind of source it is."""

    tag: str
    source: TimeSource
    subsec: str = ""


ORIGINAL = (  # each list best first
    Stated("EXIF DateTimeOriginal", TimeSource.EXIF, "EXIF SubSecTimeOriginal"),
    Stated(packets.XMP_ORIGINAL, TimeSource.XMP),
    Stated(packets.XMP_CREATED, TimeSource.XMP),
    Stated(packets.IPTC_CREATED, TimeSource.IPTC),
)
DIGITIZED = (
    Stated("EXIF DateTimeDigitized", TimeSource.EXIF, "EXIF SubSecTimeDigitized"),
    Stated(packets.XMP_DIGITIZED, TimeSource.XMP),
    Stated(packets.XMP_MADE, TimeSource.XMP),
    Stated(packets.IPTC_DIGITIZED, TimeSource.IPTC),
    Stated(packets.TEXT_ORIGINAL, TimeSource.TEXT),
    Stated(packets.TEXT_DIGITIZED, TimeSource.TEXT),
    Stated(packets.TEXT_CREATED, TimeSource.TEXT),
)
CHANGED_TAG = (Stated("Image DateTime", TimeSource.EXIF, "EXIF SubSecTime"),)


@dataclass(frozen=True)
class Tags:
    """The tags Dejashot uses, as plain values by exifread's names; look-ups never raise."""

    values: Mapping[str, Any]
    burst_id: str = ""
    burst_primary: bool = False
    motion: bool = False
    live_id: str = ""
    screenshot: bool = False

    def text(self, name: str) -> str:
        """Return a tag as clean text: no NULs, no control characters, at most 128 characters; empty when absent."""
        return shown(_spelled(self.values.get(name)).split("\0")[0].strip()[:_TEXT_LIMIT].encode("utf-8", "replace"))

    def numbers(self, name: str) -> list[float]:
        """Return a tag's finite numbers, also from text; empty when absent or malformed."""
        value = self.values.get(name)
        if isinstance(value, str):
            value = [float(a) / float(b or 1) for a, b in _NUMBER.findall(value[:_TEXT_LIMIT]) if not b or float(b)]
        if value is None or isinstance(value, bytes):
            return []
        items = value if isinstance(value, Sequence) else [value]
        try:
            found = [float(v) for v in items]
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return []
        return found if all(math.isfinite(v) for v in found) else []

    def number(self, name: str) -> float | None:
        """Return a tag's first number, None when absent."""
        return next(iter(self.numbers(name)), None)


def read_tags(data: bytes, image: Image.Image) -> Tags:
    """Read the tags of a photo from its bytes and its opened image, a RAW's own before its preview's; what can't be read is left out.

    What stands beside EXIF, or in a second place, is looked at only where EXIF tells no original time, or no more than its day.
    """
    raw = raw_of(image)
    packet = data[slice(*raw.xmp)] if raw is not None and raw.xmp else image.info.get("xmp", b"")
    xmp = packet if isinstance(packet, bytes) else b""
    sources = _raws_own(data, raw) if raw is not None else [_from_exifread(data)]
    values = _named(sources)
    written = read_date(_spelled(values.get(ORIGINAL[0].tag)))
    if written is None or not written.clock:
        values = _named([*sources, *_from_pillow(image)]) | dates_beside(data, image, xmp)
    apple = ids_of(_maker_note(image)) if _spelled(values.get("Image Make")).startswith("Apple") else NO_IDS
    screenshot = (
        not _spelled(values.get("Image Make"))
        and raw is None
        and is_tagged_screenshot(_of_exif(image, _USER_COMMENT), xmp, data)
    )
    return Tags(
        values,
        apple.burst or _xmp_burst(xmp),
        bool(_XMP_PRIMARY.search(xmp)),
        has_film(data, xmp),
        apple.live,
        screenshot,
    )


def _named(sources: Sequence[_Found]) -> dict[str, Any]:
    """Return the tags by name: each from the first source that has it where it belongs, or else in another directory, and says something."""
    named: dict[str, Any] = {}
    for name, (ifd, tag) in _TAGS.items():
        places = [ifd, *(n for n in (1, 0, 3) if n != ifd)] if tag >= _FIRST_SHARED and ifd != _GPS_IFD else [ifd]
        values = (source[place, tag] for source in sources for place in places if (place, tag) in source)
        dated = name in _DATES
        value = next((v for v in values if not dated or read_date(_spelled(v)) is not None), None)
        if value is not None:
            named[name] = value
    return named


def _raws_own(data: bytes, raw: Raw) -> list[_Found]:
    """Return what a RAW says itself: as the TIFF that it is, else in blocks."""
    if raw.tiff:
        return [_from_exifread(as_tiff(data))]
    if raw.blocks:
        return [_from_blocks(data, raw)]
    return [_from_exifread(data[slice(*span)]) for span in (older_raws.tiff_inside(data),) if span] or [
        older_raws.canon_tags(data)
    ]


def _from_blocks(data: bytes, raw: Raw) -> _Found:
    """Return the tags of a RAW that has them in blocks, each a TIFF of its own with one sort of them (Canon's CR3)."""
    found: _Found = {}
    for sort, span in raw.blocks:
        found |= {
            (sort, tag): value for (ifd, tag), value in _from_exif(b"Exif\0\0" + data[slice(*span)]).items() if ifd == 0
        }
    return found


def _from_exifread(data: bytes) -> _Found:
    """Return exifread's tags of the directories that are of use."""
    try:
        found = exifread.process_file(io.BytesIO(data), details=False, extract_thumbnail=False)
        return {
            (_EXIFREAD_IFDS[ifd], tag.tag): tag.values
            for name, tag in found.items()
            if (ifd := name.partition(" ")[0]) in _EXIFREAD_IFDS
        }
    except Exception as error:  # noqa: BLE001 - exifread lets eight kinds of error through, see the class docs of Tags
        log.debug("exifread: %s", type(error).__name__)
        return {}


def _from_pillow(image: Image.Image) -> list[_Found]:
    """Return the same tags as Pillow sees them; of a JPEG also those of a second EXIF segment."""
    later = [part for name, part in getattr(image, "applist", []) if name == "APP1" and part.startswith(b"Exif\0\0")][
        1:MAX_SEGMENTS
    ]
    return [_from_exif(image), *(_from_exif(part) for part in later)]


def _from_exif(source: Image.Image | bytes) -> _Found:
    """Return the tags of a picture, or of an EXIF block, as Pillow sees them."""
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


def _spelled(value: object) -> str:
    """Return a tag as text, whatever its type: letters, bytes, or the numbers of letters; of UTF-16 too."""
    if isinstance(value, list | tuple) and value and all(isinstance(v, int) and 0 <= v < 256 for v in value):
        value = bytes(value)
    if isinstance(value, str):
        try:
            latin = value.encode("latin-1")
        except UnicodeEncodeError:
            return value
        if latin.isascii() and b"\0" not in latin:
            return value
        return _decoded(latin, value)
    return _decoded(value) if isinstance(value, bytes) else ""


def _decoded(raw: bytes, otherwise: str | None = None) -> str:
    """Return bytes as text: UTF-8, UTF-16 by its zeros, else `otherwise`, or what remains of another encoding."""
    wide = raw.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if len(wide) >= 4 and 0 in (wide[0], wide[1]) and wide[0] != wide[1]:
        return wide.decode("utf-16-be" if wide[0] == 0 else "utf-16-le", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = plain_halves(raw)
        return otherwise if otherwise is not None and plain == raw else plain.decode("utf-8", "replace")


def _maker_note(image: Image.Image) -> bytes:
    """Return what the camera's maker wrote in a way of its own, empty when there is nothing."""
    note = _of_exif(image, _MAKER_NOTE)
    return note if isinstance(note, bytes) else b""


def _of_exif(image: Image.Image, tag: int) -> object:
    """Return a tag of the EXIF directory as Pillow sees it, None when there is none."""
    try:
        found: object = image.getexif().get_ifd(_EXIF).get(tag)
    except Exception as error:  # noqa: BLE001 - Pillow's EXIF parser raises whatever the bytes provoke
        log.debug("Pillow EXIF: %s", type(error).__name__)
        return None
    return found


def _xmp_burst(packet: bytes) -> str:
    """Return the burst id that Google's camera writes into XMP, empty when there is none."""
    match = _XMP_BURST.search(packet)
    return shown(match[1].decode("ascii", "replace")) if match else ""


def camera_of(tags: Tags, named: NamedBurst = NO_BURST) -> Camera:
    """Return what the camera wrote about itself and the exposure, and of the burst that the file's name tells of where no tag does."""
    iso = within(tags.number("EXIF ISOSpeedRatings"), ISO)
    return Camera(
        make=tags.text("Image Make"),
        model=tags.text("Image Model"),
        burst_id=tags.burst_id or named.id,
        exposure_s=within(tags.number("EXIF ExposureTime"), EXPOSURE_S),
        bias_ev=within(tags.number("EXIF ExposureBiasValue"), (-BIAS_EV, BIAS_EV)),
        iso=None if iso is None else int(iso),
        aperture=within(tags.number("EXIF FNumber"), APERTURE),
        camera_pick=tags.burst_primary or named.cover,
        screenshot=tags.screenshot,
    )


def place_in(tags: Tags) -> Place | None:
    """Return the recorded GPS position, None when none was recorded or it is not a position on earth."""
    latitude = _degrees(tags, "GPS GPSLatitude", "NS", 90)
    longitude = _degrees(tags, "GPS GPSLongitude", "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    altitude_m = tags.number("GPS GPSAltitude")
    if altitude_m is not None:
        below = tags.number("GPS GPSAltitudeRef") == 1 or tags.values.get("GPS GPSAltitudeRef") == b"\x01"
        altitude_m = round(-altitude_m if below else altitude_m, 1)
        altitude_m = within(altitude_m, (-ALTITUDE_M, ALTITUDE_M))
    return Place(latitude, longitude, altitude_m)


def _degrees(tags: Tags, name: str, letters: str, limit: int) -> float | None:
    """Return degrees, minutes and seconds as signed degrees; a missing or wrong reference letter means no position.

    The letter stands in a tag of its own, or behind the numbers where these are text.
    """
    parts = tags.numbers(name)
    reference = (tags.text(f"{name}Ref") or tags.text(name)[-1:]).upper()[:1]
    if not 1 <= len(parts) <= 3 or reference not in tuple(letters):
        return None
    degrees, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    size = degrees + minutes / 60 + seconds / 3600
    if min(parts) < 0 or max(minutes, seconds) > 60 or size > limit:
        return None
    return round(-size if reference == letters[1] else size, 7)

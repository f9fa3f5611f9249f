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

from dejashot.models import Camera, Place
from dejashot.paths import shown
from dejashot.reading.apple import NO_IDS, ids_of
from dejashot.reading.burst_names import NO_BURST, NamedBurst
from dejashot.reading.decode import raw_of
from dejashot.reading.motion import has_film
from dejashot.reading.raw import Raw, as_tiff
from dejashot.reading.screen_tags import says_screenshot

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
_MAIN, _EXIF, _GPS = None, 0x8769, 0x8825
_PILLOW_IFDS = (_MAIN, _EXIF, _GPS)
_MAKER_NOTE, _USER_COMMENT = 0x927C, 0x9286
_XMP_PRIMARY = re.compile(rb"""(?:GCamera|Camera):BurstPrimary\s*(?:=\s*["']|>)\s*(1|true)\b""", re.IGNORECASE)
_XMP_BURST = re.compile(rb"""(?:GCamera|Camera):(?:BurstID|BurstId)\s*(?:=\s*["']|>)\s*([^"'<\s]{4,64})""")
_TEXT_LIMIT = 128


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
        value = self.values.get(name)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if not isinstance(value, str):
            return ""
        return shown(value.split("\0")[0].strip()[:_TEXT_LIMIT].encode("utf-8", "replace"))

    def numbers(self, name: str) -> list[float]:
        """Return a tag's finite numbers; empty when absent or malformed."""
        value = self.values.get(name)
        if value is None or isinstance(value, str | bytes):
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
    """Read the tags of a photo from its bytes and its opened image, a RAW's own before its preview's; what can't be read is left out."""
    raw = raw_of(image)
    if raw is not None and not raw.tiff:
        values = _from_blocks(data, raw)
    else:
        data = data if raw is None else as_tiff(data)
        values = _from_exifread(data)
    if "EXIF DateTimeOriginal" not in values:
        values = {**_from_pillow(image), **values}
    apple = ids_of(_maker_note(image)) if str(values.get("Image Make", "")).startswith("Apple") else NO_IDS
    packet = data[slice(*raw.xmp)] if raw is not None and raw.xmp else image.info.get("xmp", b"")
    xmp = packet if isinstance(packet, bytes) else b""
    screenshot = not values.get("Image Make") and raw is None and says_screenshot(_of_exif(image, _USER_COMMENT), xmp, data)
    return Tags(values, apple.burst or _xmp_burst(xmp), bool(_XMP_PRIMARY.search(xmp)), has_film(data, xmp), apple.live, screenshot)


def _from_blocks(data: bytes, raw: Raw) -> dict[str, Any]:
    """Return the tags of a RAW that has them in blocks, each a TIFF of its own with one sort of them (Canon's CR3)."""
    values: dict[str, Any] = {}
    for sort, span in raw.blocks:
        try:
            found = Image.Exif()
            found.load(b"Exif\0\0" + data[slice(*span)])
            values |= {name: found[tag] for name, (ifd, tag) in _TAGS.items() if ifd == sort and tag in found}
        except Exception as error:  # noqa: BLE001 - Pillow's EXIF parser raises whatever the bytes provoke
            log.debug("Pillow EXIF: %s", type(error).__name__)
    return values


def _from_exifread(data: bytes) -> dict[str, Any]:
    """Return exifread's tags that are of use."""
    try:
        found = exifread.process_file(io.BytesIO(data), details=False, extract_thumbnail=False)
        return {name: tag.values for name, tag in found.items() if name in _TAGS}
    except Exception as error:  # noqa: BLE001 - exifread lets eight kinds of error through, see the class docs of Tags
        log.debug("exifread: %s", type(error).__name__)
        return {}


def _from_pillow(image: Image.Image) -> dict[str, Any]:
    """Return the same tags as Pillow sees them."""
    try:
        main = image.getexif()
        ifds = [main if number is _MAIN else main.get_ifd(number) for number in _PILLOW_IFDS]
        return {name: ifds[ifd][tag] for name, (ifd, tag) in _TAGS.items() if tag in ifds[ifd]}
    except Exception as error:  # noqa: BLE001 - Pillow's EXIF parser raises whatever the bytes provoke
        log.debug("Pillow EXIF: %s", type(error).__name__)
        return {}


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
    return match[1].decode("ascii", "replace") if match else ""


def camera_of(tags: Tags, named: NamedBurst = NO_BURST) -> Camera:
    """Return what the camera wrote about itself and the exposure, and of the burst that the file's name tells of where no tag does."""
    iso = tags.number("EXIF ISOSpeedRatings")
    exposure_s, aperture = tags.number("EXIF ExposureTime"), tags.number("EXIF FNumber")
    return Camera(
        make=tags.text("Image Make"),
        model=tags.text("Image Model"),
        burst_id=tags.burst_id or named.id,
        exposure_s=exposure_s if exposure_s is not None and 0 < exposure_s < 86400 else None,
        bias_ev=tags.number("EXIF ExposureBiasValue"),
        iso=int(iso) if iso is not None and 0 < iso < 1e7 else None,
        aperture=aperture if aperture is not None and 0 < aperture < 1000 else None,
        camera_pick=tags.burst_primary or named.cover,
        screenshot=tags.screenshot,
    )


def place_of(tags: Tags) -> Place | None:
    """Return the recorded GPS position, None when none was recorded or it is not a position on earth."""
    latitude = _degrees(tags.numbers("GPS GPSLatitude"), tags.text("GPS GPSLatitudeRef"), "NS", 90)
    longitude = _degrees(tags.numbers("GPS GPSLongitude"), tags.text("GPS GPSLongitudeRef"), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    altitude_m = tags.number("GPS GPSAltitude")
    if altitude_m is not None:
        below = tags.number("GPS GPSAltitudeRef") == 1 or tags.values.get("GPS GPSAltitudeRef") == b"\x01"
        altitude_m = round(-altitude_m if below else altitude_m, 1)
        altitude_m = altitude_m if abs(altitude_m) < 100_000 else None
    return Place(latitude, longitude, altitude_m)


def _degrees(parts: list[float], reference: str, letters: str, limit: int) -> float | None:
    """Return degrees, minutes and seconds as signed degrees; a missing or wrong reference letter means no position."""
    if len(parts) != 3 or reference[:1].upper() not in tuple(letters):
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if min(parts) < 0 or degrees > limit:
        return None
    return round(-degrees if reference[0].upper() == letters[1] else degrees, 7)

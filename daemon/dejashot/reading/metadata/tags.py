"""The tags of a photo that Dejashot uses, from EXIF, XMP, IPTC, PNG texts and maker notes."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from dejashot.paths import shown
from dejashot.reading.decode.image_state import raw_of
from dejashot.reading.metadata.apple_ids import NO_IDS, ids_of
from dejashot.reading.metadata.dates.date_parser import parse_date
from dejashot.reading.metadata.dates.date_tags import ORIGINAL
from dejashot.reading.metadata.dates.embedded_dates import dates_outside_exif
from dejashot.reading.metadata.exif import USER_COMMENT, by_name, exif_value, maker_note, own_tags, pillow_tags
from dejashot.reading.metadata.google_camera import google_burst_id, is_burst_primary
from dejashot.reading.metadata.motion_photo import has_motion_video
from dejashot.reading.metadata.screenshot_tags import is_tagged_screenshot
from dejashot.reading.metadata.tag_text import tag_text

_MAX_TEXT = 128  # characters
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:/(\d+))?")


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
        return shown(tag_text(self.values.get(name)).split("\0")[0].strip()[:_MAX_TEXT].encode("utf-8", "replace"))

    def numbers(self, name: str) -> list[float]:
        """Return a tag's finite numbers, also from text; empty when absent or malformed."""
        value = self.values.get(name)
        if isinstance(value, str):
            value = [float(a) / float(b or 1) for a, b in _NUMBER.findall(value[:_MAX_TEXT]) if not b or float(b)]
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
    """Read the tags of a photo from its bytes and its opened image, a RAW's own before its preview's.

    Other places than EXIF are read only where EXIF has no original time, or no more than its day. What can't be read
    is left out.
    """
    raw = raw_of(image)
    packet = data[slice(*raw.xmp)] if raw is not None and raw.xmp else image.info.get("xmp", b"")
    xmp = packet if isinstance(packet, bytes) else b""
    sources = own_tags(data, raw)
    values = by_name(sources)
    written = parse_date(tag_text(values.get(ORIGINAL[0].name)))
    if written is None or not written.clock:
        values = by_name([*sources, *pillow_tags(image)]) | dates_outside_exif(data, image, xmp)
    make = tag_text(values.get("Image Make"))
    apple = ids_of(maker_note(image)) if make.startswith("Apple") else NO_IDS
    may_be_screenshot = not make and raw is None
    return Tags(
        values,
        burst_id=apple.burst or google_burst_id(xmp),
        burst_primary=is_burst_primary(xmp),
        motion=has_motion_video(data, xmp),
        live_id=apple.live,
        screenshot=may_be_screenshot and is_tagged_screenshot(exif_value(image, USER_COMMENT), xmp, data),
    )

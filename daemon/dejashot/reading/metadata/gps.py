"""The position and the time that GPS recorded."""

import re
from datetime import UTC, datetime, timedelta

from dejashot.models.capture import Place
from dejashot.reading.limits import ALTITUDE_M, within
from dejashot.reading.metadata.tags import Tags


def place_of(tags: Tags) -> Place | None:
    """Return the recorded position, None when none was recorded or it is not a position on earth."""
    latitude = _degrees(tags, "GPS GPSLatitude", "NS", 90)
    longitude = _degrees(tags, "GPS GPSLongitude", "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    altitude_m = tags.number("GPS GPSAltitude")
    if altitude_m is not None:
        below = tags.number("GPS GPSAltitudeRef") == 1 or tags.values.get("GPS GPSAltitudeRef") == b"\x01"
        altitude_m = within(round(-altitude_m if below else altitude_m, 1), (-ALTITUDE_M, ALTITUDE_M))
    return Place(latitude, longitude, altitude_m)


def gps_time(tags: Tags) -> datetime | None:
    """Return the recorded date and time (UTC), None unless both are recorded."""
    clock = tags.numbers("GPS GPSTimeStamp")
    date = re.match(r"(\d{4})[:\-/](\d{1,2})[:\-/](\d{1,2})", tags.text("GPS GPSDate"))
    if len(clock) != 3 or not date or min(clock) < 0 or clock[0] >= 24 or clock[1] >= 60 or clock[2] >= 61:
        return None
    try:
        day = datetime(int(date[1]), int(date[2]), int(date[3]), tzinfo=UTC)
    except ValueError:
        return None
    return day + timedelta(hours=clock[0], minutes=clock[1], milliseconds=round(clock[2] * 1000))


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

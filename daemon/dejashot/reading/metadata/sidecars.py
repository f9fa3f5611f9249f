"""What sidecars of exports say of when photos were taken: Google Takeout's JSON, iCloud's list. Positions in them are left alone.

Takeout's positions may be Google's own guess, and a place comes from recorded data only.
"""

import csv
import io
import itertools
import json
import re
from datetime import UTC, datetime

from dejashot.models.capture import microseconds
from dejashot.models.photo import SidecarMetadata

MAX_JSON_BYTES, MAX_CSV_BYTES = 1024 * 1024, 8 * 1024 * 1024
MAX_NAMES, _MAX_NAME = 50_000, 255
_NO_NAME = re.compile("[\0/\ud800-\udfff]")
_EARLIEST_S, _LATEST_S = -(2**32), 2**33  # 1833 to 2242
_MONTHS = "january february march april may june july august september october november december".split()
_SPOKEN = re.compile(r"(?:[a-z]+ )?([a-z]+) (\d{1,2}), ?(\d{4}) (\d{1,2}):(\d{2}) ([ap])m gmt")


def takeout(data: bytes) -> SidecarMetadata:
    """Return when Takeout says that a photo was taken; nothing where the JSON is another."""
    try:
        seconds = int(json.loads(data)["photoTakenTime"]["timestamp"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return SidecarMetadata()
    return (
        SidecarMetadata(times_us={"": seconds * 1_000_000})
        if _EARLIEST_S < seconds < _LATEST_S and seconds
        else SidecarMetadata()
    )


def icloud(data: bytes) -> SidecarMetadata:
    """Return when iCloud's list says that photos were taken, by their names: to the minute. Names that it has twice are left out."""
    times: dict[str, int | None] = {}
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    try:
        for row in itertools.islice(rows, MAX_NAMES):
            name, spoken = row.get("imgName") or "", row.get("originalCreationDate") or ""
            match = _SPOKEN.fullmatch(" ".join(spoken.split()).lower())
            if not match or not is_name(name) or (taken_us := _instant_us(match)) is None:
                continue
            times[name] = None if name in times and times[name] != taken_us else taken_us
    except csv.Error:
        pass  # what stands before the fault holds
    return SidecarMetadata(times_us={name: us for name, us in times.items() if us is not None}, to_minute=True)


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a file in the folder at hand."""
    return 0 < len(text) <= _MAX_NAME and not _NO_NAME.search(text)


def _instant_us(match: re.Match[str]) -> int | None:
    """Return a date as iCloud spells it out, in GMT, as us since 1970; None where there is no such moment."""
    month, day, year, hour, minute, half = match.groups()
    if month not in _MONTHS or not 1 <= int(hour) <= 12 or not 1800 < int(year) < 2200:
        return None
    try:
        at = datetime(
            int(year),
            _MONTHS.index(month) + 1,
            int(day),
            int(hour) % 12 + (12 if half == "p" else 0),
            int(minute),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return microseconds(at)

"""Capture times in the sidecars of exports: Google Takeout's JSON, iCloud's CSV.

Positions are ignored: Takeout's may be Google's own guess, and a place comes from recorded data only.
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
_WRITTEN = re.compile(r"(?:[a-z]+ )?([a-z]+) (\d{1,2}), ?(\d{4}) (\d{1,2}):(\d{2}) ([ap])m gmt")


def read_takeout(data: bytes) -> SidecarMetadata:
    """Return the capture time in Takeout's JSON; nothing for other JSON."""
    try:
        seconds = int(json.loads(data)["photoTakenTime"]["timestamp"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return SidecarMetadata()
    if not seconds or not _EARLIEST_S < seconds < _LATEST_S:
        return SidecarMetadata()
    return SidecarMetadata(times_us={"": seconds * 1_000_000})


def read_icloud(data: bytes) -> SidecarMetadata:
    """Return the capture times in iCloud's CSV by file name, to the minute; names with two times are left out."""
    times: dict[str, int | None] = {}
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    try:
        for row in itertools.islice(rows, MAX_NAMES):
            name, written = row.get("imgName") or "", row.get("originalCreationDate") or ""
            match = _WRITTEN.fullmatch(" ".join(written.split()).lower())
            if not match or not is_name(name) or (taken_us := _instant_us(match)) is None:
                continue
            times[name] = None if name in times and times[name] != taken_us else taken_us
    except csv.Error:
        pass  # the rows before the fault are valid
    return SidecarMetadata(times_us={name: us for name, us in times.items() if us is not None}, to_minute=True)


def is_name(text: str) -> bool:
    """Return whether a text may be the name of a file in a folder."""
    return 0 < len(text) <= _MAX_NAME and not _NO_NAME.search(text)


def _instant_us(match: re.Match[str]) -> int | None:
    """Return a date as iCloud writes it, in GMT, as us since 1970; None where there is no such moment."""
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

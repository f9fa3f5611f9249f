"""Companions of photos, built for the tests: films with their tables, Apple's notes, Takeout's JSON, iCloud's list."""

import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from raws import box

APPLE_NOTE = 0x927C  # the tag that holds it
_SINCE_1904 = datetime(1904, 1, 1, tzinfo=UTC)


def live_id(number: int) -> str:
    """Return one of the ids that Apple's cameras give to Live Photos."""
    return f"5D7D1B9A-1C4E-4B7A-9E61-{number:012X}"


def apple_note(live: str = "", burst: str = "", order: str = ">") -> bytes:
    """Return the note of an Apple camera with the ids of a Live Photo and of a burst."""
    texts = [(tag, text.encode() + b"\0") for tag, text in ((0x0B, burst), (0x11, live)) if text]
    head = b"Apple iOS\0\0\x01" + (b"MM" if order == ">" else b"II") + struct.pack(order + "H", len(texts) + 1)
    at = len(head) + 12 * (len(texts) + 1) + 4
    directory, body = struct.pack(order + "HHLl", 1, 9, 1, 14), b""  # the version of the note
    for tag, text in texts:
        directory += struct.pack(order + "HHLL", tag, 2, len(text), at + len(body))
        body += text
    return head + directory + bytes(4) + body


def film(
    made: datetime | None = None,
    *,
    live: str = "",
    spoken: str = "",
    wide: bool = False,
    mp4: bool = False,
    last: bool = True,
) -> bytes:
    """Return an empty film with a table of contents.

    `made` (aware) is its time, `live` the id of its Live Photo, `spoken` its creation date as text. `wide` makes times
    of 64 bits, `mp4` writes metadata as MP4 does, `last` puts the table behind the pictures, as cameras do.
    """
    seconds = 0 if made is None else (made - _SINCE_1904) // timedelta(seconds=1)
    times = struct.pack(">QQ" if wide else ">LL", seconds, seconds)
    header = box(b"mvhd", bytes([int(wide), 0, 0, 0]) + times + bytes(88))
    keys = {"com.apple.quicktime.content.identifier": live, "com.apple.quicktime.creationdate": spoken}
    meta = _meta({key: text for key, text in keys.items() if text}, mp4=mp4)
    contents = box(b"moov", header, box(b"trak", bytes(400)), box(b"udta", meta) if mp4 else meta)
    pictures = box(b"mdat", bytes(5000))
    return box(b"ftyp", b"qt  " if not mp4 else b"mp42", bytes(4)) + (
        pictures + contents if last else contents + pictures
    )


def _meta(texts: Mapping[str, str], *, mp4: bool) -> bytes:
    keys = b"".join(struct.pack(">L4s", 8 + len(key), b"mdta") + key.encode() for key in texts)
    values = [
        box(struct.pack(">L", n + 1), box(b"data", struct.pack(">LL", 1, 0), text.encode()))
        for n, text in enumerate(texts.values())
    ]
    inside = [
        box(b"hdlr", bytes(8), b"mdta", bytes(13)),
        box(b"keys", struct.pack(">LL", 0, len(texts)), keys),
        box(b"ilst", *values),
    ]
    return box(b"meta", *([bytes(4)] if mp4 else []), *inside)


def takeout(taken: datetime, title: str = "") -> bytes:
    """Return Takeout's sidecar of a photo taken at a moment (aware); the position in it is Google's own guess."""
    body = {
        "title": title,
        "photoTakenTime": {"timestamp": str(round(taken.timestamp())), "formatted": f"{taken:%d.%m.%Y, %H:%M:%S} UTC"},
        "creationTime": {"timestamp": "1782000000"},
        "geoData": {"latitude": 48.8584, "longitude": 2.2945, "altitude": 0.0},
    }
    return json.dumps(body, indent=2).encode()


def icloud(times: Mapping[str, datetime]) -> bytes:
    """Return the list of an export from iCloud, of photos taken at moments (UTC)."""
    rows = [
        f'{name},AbCd+/=,no,no,no,"{_icloud_time(at)}",3,"Tuesday July 14,2026 8:05 AM GMT"'
        for name, at in times.items()
    ]
    return "\r\n".join(
        ["imgName,fileChecksum,favorite,hidden,deleted,originalCreationDate,viewCount,importDate", *rows, ""]
    ).encode()


def _icloud_time(at: datetime) -> str:
    return f"{at:%A %B} {at.day},{at.year} {at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'} GMT"

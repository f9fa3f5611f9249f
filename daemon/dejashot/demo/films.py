"""The short film of a Live Photo, in boxes as a phone writes them."""

import os
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2

from dejashot.demo.drawing.camera import Bitmap

FRAMES_A_S = 10
_SINCE_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_LIVE, _MADE = "com.apple.quicktime.content.identifier", "com.apple.quicktime.creationdate"


def encoded(frames: Iterable[Bitmap], folder: Path) -> bytes:
    """Return frames (red, green, blue) as a film, VP9 in MP4; empty where OpenCV has no encoder for that."""
    file = folder / ".film.mp4"
    writer: cv2.VideoWriter | None = None
    try:
        for frame in frames:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(
                    os.fspath(file), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"vp09"), FRAMES_A_S, size
                )
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        if writer is not None:
            writer.release()
        return file.read_bytes() if file.exists() else b""
    finally:
        file.unlink(missing_ok=True)


def as_live(film: bytes, live_id: str, taken: datetime) -> bytes:
    """Return a film with the id of a Live Photo and the time (aware) at which it was made.

    Both stand at the end of its table of contents, which is the last box of what `encoded` returns; raise ValueError.
    """
    kind, start, end = list(_boxes(film))[-1]
    if kind != b"moov":
        raise ValueError("the table of contents is not the last box")
    seconds = (taken - _SINCE_1904) // timedelta(seconds=1)
    header = film.index(b"mvhd", start) + 8  # after the version and the flags
    timed = film[:header] + struct.pack(">LL", seconds, seconds) + film[header + 8 :]
    said = {_LIVE: live_id, _MADE: f"{taken:%Y-%m-%dT%H:%M:%S%z}"}
    return timed[:start] + _box(b"moov", timed[start + 8 : end], _metadata(said))


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4]) or len(data) - at
        yield data[at + 4 : at + 8], at, at + length
        at += max(length, 8)


def _metadata(texts: dict[str, str]) -> bytes:
    keys = b"".join(struct.pack(">L4s", 8 + len(key), b"mdta") + key.encode() for key in texts)
    values = [
        _box(struct.pack(">L", n), _box(b"data", struct.pack(">LL", 1, 0), text.encode()))
        for n, text in enumerate(texts.values(), 1)
    ]
    handler = _box(b"hdlr", bytes(8), b"mdta", bytes(13))
    return _box(b"meta", handler, _box(b"keys", struct.pack(">LL", 0, len(texts)), keys), _box(b"ilst", *values))


def _box(kind: bytes, *parts: bytes) -> bytes:
    inside = b"".join(parts)
    return struct.pack(">L4s", len(inside) + 8, kind) + inside

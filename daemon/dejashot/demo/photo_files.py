"""Pictures as files that a phone writes: JPEG or HEIC with times, camera, exposure and position."""

import os
import struct
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pillow_heif
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from dejashot.demo.drawing.camera import Bitmap
from dejashot.demo.takes import DrawnTake

_QUALITY, _HEIC_QUALITY = 90, 70
_FAST = {"preset": "ultrafast"}
_MAKE, _PHONES = "Dejashot", ("Demo Phone", "Demo Phone Live")
_NOTE_OF_APPLE, _LIVE = 0x927C, 0x0011


def write_photo(folder: Path, take: DrawnTake, pixels: Bitmap) -> Path:
    """Write the picture of a take and return its file, which has the time of the take; raise OSError."""
    file, picture = folder / take.name, Image.fromarray(pixels)
    if file.suffix == ".HEIC":
        pillow_heif.from_pillow(picture).save(file, quality=_HEIC_QUALITY, exif=_exif(take).tobytes(), enc_params=_FAST)
    else:
        picture.save(file, quality=_QUALITY, exif=_exif(take))
    date_file(file, take.taken)
    return file


def date_file(file: Path, taken: datetime) -> None:
    """Set the time of a file; raise OSError."""
    os.utime(file, (taken.timestamp(), taken.timestamp()))


def _exif(take: DrawnTake) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = _MAKE, _PHONES[bool(take.live_id)]
    exif[0x0132] = f"{take.taken:%Y:%m:%d %H:%M:%S}"
    sub = exif.get_ifd(0x8769)
    sub[0x829A] = IFDRational(Fraction(2**take.shot.stops / 250).limit_denominator(4000))
    sub[0x829D], sub[0x8827] = IFDRational(18, 10), 100
    sub[0x9003] = sub[0x9004] = f"{take.taken:%Y:%m:%d %H:%M:%S}"
    sub[0x9010] = sub[0x9011] = sub[0x9012] = f"{take.taken:%z}"[:3] + ":" + f"{take.taken:%z}"[3:]
    sub[0x9291] = sub[0x9292] = f"{take.taken.microsecond // 1000:03}"
    if take.bias is not None:
        sub[0x9204], sub[0xA402] = IFDRational(Fraction(take.bias).limit_denominator(100)), 2  # an automatic bracket
    if take.live_id:
        sub[_NOTE_OF_APPLE] = _note(take.live_id)
    place = exif.get_ifd(0x8825)
    for tag, degrees, name in ((1, take.place[0], "N"), (3, take.place[1], "E")):
        place[tag], place[tag + 1] = name, _sexagesimal(degrees)
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(degrees * 3600, 60)
    whole, minutes = divmod(minutes, 60)
    return whole, minutes, round(seconds, 2)


def _note(live_id: str) -> bytes:
    """Return the part of Apple's maker note that names a Live Photo."""
    text = live_id.encode() + b"\0"
    head = b"Apple iOS\0\0\x01MM" + struct.pack(">H", 1)
    at = len(head) + 12 + 4
    return head + struct.pack(">HHLL", _LIVE, 2, len(text), at) + bytes(4) + text

"""Motion photos: a still picture with the seconds around it as a film in the same file, as Google's and Samsung's cameras write them."""

import re

_SAID = re.compile(rb"""\bG?Camera:(?:MotionPhoto|MicroVideo)\s*(?:=\s*["']|>)\s*1\b""")
_SAMSUNG = b"MotionPhoto_Data"  # the name of the block in Samsung's trailer, right before the film or the word that it is in a box
_FILM = b"ftyp"  # what every film begins with, behind four bytes of length
_BOXED = b"mpv2"
_HEAD_BYTES = 12  # a HEIC begins as a film does


def has_film(data: bytes, xmp: bytes) -> bool:
    """Tell whether the bytes of a photo hold a film besides: XMP says so and one is there, or a trailer of Samsung's has one.

    XMP alone is not enough: editing programs leave the film out and keep what was said of it.
    """
    if _SAID.search(xmp) and data.find(_FILM, _HEAD_BYTES) >= 0:
        return True
    at = data.rfind(_SAMSUNG)
    after = data[at + len(_SAMSUNG) :][:8] if at >= 0 else b""
    return after.startswith(_BOXED) or after[4:] == _FILM

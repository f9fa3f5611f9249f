"""Motion photos: a picture with a video of the seconds around it in the same file, by Google's or Samsung's cameras."""

import re

_XMP_FLAG = re.compile(rb"""\bG?Camera:(?:MotionPhoto|MicroVideo)\s*(?:=\s*["']|>)\s*1\b""")
# the name of the block in Samsung's trailer, right before the video or the mark that the video is in a box
_SAMSUNG = b"MotionPhoto_Data"
_VIDEO = b"ftyp"  # how every video begins, behind four bytes of length
_BOXED = b"mpv2"
_HEAD_BYTES = 12  # a HEIC begins as a video does


def has_motion_video(data: bytes, xmp: bytes) -> bool:
    """Return whether a photo's file also holds a video: by XMP and its presence, or by a trailer of Samsung's.

    XMP alone is not enough: editing programs remove the video and keep the XMP.
    """
    if _XMP_FLAG.search(xmp) and data.find(_VIDEO, _HEAD_BYTES) >= 0:
        return True
    at = data.rfind(_SAMSUNG)
    after = data[at + len(_SAMSUNG) :][:8] if at >= 0 else b""
    return after.startswith(_BOXED) or after[4:] == _VIDEO

"""Which pictures came by a messenger: compressed again, without the camera's tags, but under telling names."""

import re

from dejashot.language.texts import noted
from dejashot.models.shot import Shot

_NAMES = {
    "WhatsApp": r"IMG-\d{8}-WA\d{4}|WhatsApp Image ",
    "Signal": r"signal-\d{4}-\d\d-\d\d[-_]",
    "Telegram": r"photo_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d|photo_\d{15,}",
    "Messenger": r"received_\d{12,}|FB_IMG_\d{13}|messenger_creation_",
    "Instagram": r"insta(?:gram)?_|\d{6,}_\d{12,}_\d{15,}_[no]\b",
    "WeChat": r"mmexport\d{13}",
    "Viber": r"viber_image_|IMG-[0-9a-f]{32}-V",
    "LINE": r"LINE_(?:ALBUM|P)_",
    "Snapchat": r"Snapchat-\d+",
    "Threema": r"threema-\d{8}-",
}
_SENDERS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _NAMES.items()}
_SAVED = re.compile(
    r"IMG_\d{8}_\d{6}_\d{3}(?:\D|$)", re.IGNORECASE
)  # by Instagram and Telegram, and by some cameras: the size must agree
_SAVED_WIDTHS, _SAVED_SIDES = (1080, 1440), (1280, 2560)  # pixels


def messenger_of(shot: Shot) -> str:
    """Return the messenger that a picture came by, empty where none is known.

    What has its camera's tags was not compressed again.
    """
    if shot.camera.name:
        return ""
    name = shot.path.rpartition("/")[2]
    for sender, pattern in _SENDERS.items():
        if pattern.match(name):
            return sender
    sized = min(shot.width, shot.height) in _SAVED_WIDTHS or max(shot.width, shot.height) in _SAVED_SIDES
    # Translators: an app for messages, unknown which; in: the other came by a messenger
    return noted("a messenger") if sized and shot.format == "JPEG" and _SAVED.match(name) else ""

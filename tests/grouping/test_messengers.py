"""Pictures that came by a messenger are known by name and size, and never where the camera's tags are still there."""

from dataclasses import replace

import pytest

from dejashot.grouping.messengers import messenger_of
from dejashot.models.capture import Camera
from shots import shot


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("IMG-20240102-WA0001.jpg", "WhatsApp"),
        ("WhatsApp Images/Sent/IMG-20240102-WA0001.jpeg", "WhatsApp"),
        ("WhatsApp Image 2024-01-02 at 03.04.05.jpeg", "WhatsApp"),
        ("signal-2024-01-02-03-04-05-678.jpg", "Signal"),
        ("signal-2024-01-02-030405.jpeg", "Signal"),
        ("photo_2024-01-02_03-04-05.jpg", "Telegram"),
        ("received_1234567890123456.jpeg", "Messenger"),
        ("FB_IMG_1704165845123.jpg", "Messenger"),
        ("mmexport1704165845123.jpg", "WeChat"),
        ("Snapchat-1234567890.jpg", "Snapchat"),
        ("IMG_20240102_030405_678.jpg", ""),
        ("IMG_20240102_030405.jpg", ""),
        ("PXL_20240102_030405123.jpg", ""),
        ("holiday IMG-20240102-WA0001.jpg", ""),
        ("DSC_0001.JPG", ""),
    ],
)
def test_names_tell_the_messenger(name: str, sender: str) -> None:
    picture = shot(0, path=name)
    assert messenger_of(picture) == ""
    picture.camera = Camera()
    assert messenger_of(picture) == sender


def test_a_name_that_cameras_use_too_needs_a_messengers_size() -> None:
    picture = shot(0, path="IMG_20240102_030405_678.jpg", size=(1080, 1350))
    picture.camera = Camera()
    assert messenger_of(picture) == "a messenger"
    assert messenger_of(replace(picture, width=960, height=1280)) == "a messenger"
    assert messenger_of(replace(picture, width=4000, height=3000)) == ""
    assert messenger_of(replace(picture, format="HEIF")) == ""

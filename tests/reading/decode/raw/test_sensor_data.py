"""The sensor data that a RAW claims is in the file, and more than zeros: its preview does not show that."""

from collections.abc import Callable
from datetime import datetime

import pytest

import raws
from damages import damaged
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.image_state import decoded_damage
from dejashot.reading.decode.raw.layouts import find_raw
from dejashot.reading.decode.raw.sensor_data import RAW_BEYOND, RAW_HOLES, sensor_damage
from scenes import scene

decoder.prepare_decoders(220)
TAKEN = datetime(2026, 7, 1, 10, 11, 12)
PICTURE = scene(5, (400, 300))
SENSOR = raws.sensor(300_000)
KB = 1024


def built(make: Callable[[], bytes]) -> bytes:
    """Return a RAW in which the sensor's data is as large as it is in a small one of a camera."""
    whole = make()
    assert whole.count(raws.sensor()) == 1
    return whole


MADE: dict[str, Callable[[], bytes]] = {
    "x.dng": lambda: raws.dng(PICTURE, TAKEN),
    "x.nef": lambda: raws.nef(PICTURE, TAKEN),
    "x.arw": lambda: raws.nef(PICTURE, TAKEN, order="<"),
    "x.cr2": lambda: raws.cr2(PICTURE, TAKEN),
    "x.orf": lambda: raws.orf(PICTURE, TAKEN),
    "x.cr3": lambda: raws.cr3(PICTURE, TAKEN),
}


def damage_of(data: bytes, name: str) -> tuple[Reason | None, str]:
    """Return why a RAW is not read, or None and a description of its damage."""
    try:
        image = decoder.open_image(data, name, 220)
        decoder.upright_pixels(image, (100, 100))
    except UnreadablePhotoError as error:
        return error.reason, error.detail
    return None, decoded_damage(image)


@pytest.mark.parametrize("name", MADE)
def test_a_raw_whose_sensor_data_is_a_hole_is_damaged_and_still_seen(name: str) -> None:
    whole = built(MADE[name])
    assert damage_of(whole, name) == (None, "")
    at = whole.index(raws.sensor())
    for start, end in ((0, 4096), (1000, 3000), (2048, 4096)):
        torn = whole[: at + start] + bytes(end - start) + whole[at + end :]
        if name == "x.cr3":  # where the preview is next to it
            torn = whole[: at - 4000] + bytes(8096) + whole[at + 4096 :]
        assert damage_of(torn, name) == (None, RAW_HOLES)


@pytest.mark.parametrize("name", MADE)
def test_a_raw_that_ends_before_its_sensor_data_is_never_taken_for_whole(name: str) -> None:
    whole = built(MADE[name])
    at = whole.index(raws.sensor())
    cut = whole[: at + 1000]
    assert damage_of(cut, name) != (None, "")


def test_a_raf_names_its_sensor_data() -> None:
    whole = bytearray(raws.raf(PICTURE))
    at = whole.index(raws.sensor())
    whole[100:108] = at.to_bytes(4) + (4096).to_bytes(4)
    assert damage_of(bytes(whole), "x.raf") == (None, "")
    assert damage_of(bytes(whole[:-2000]), "x.raf") == (None, RAW_BEYOND)
    assert damage_of(bytes(whole[:at] + bytes(4096)), "x.raf") == (None, RAW_HOLES)


def test_a_raw_with_a_damaged_preview_is_damaged() -> None:
    whole = raws.dng(PICTURE, TAKEN)
    inside = raws.jpeg(PICTURE)
    torn = whole.replace(inside, damaged(inside, "noise"))
    assert damage_of(torn, "x.dng") == (None, "the preview in it is damaged")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SENSOR, ""),
        (bytes(10_000) + SENSOR, ""),  # a black margin
        (SENSOR + bytes(10_000), ""),
        (SENSOR[:5000] + bytes(500) + SENSOR[5500:], ""),  # a black spot
        (SENSOR[:100_000] + bytes(32 * KB) + SENSOR[140_000:], RAW_HOLES),
        (bytes(100_000) + SENSOR, RAW_HOLES),
        (SENSOR + bytes(100_000), RAW_HOLES),
        (bytes(300_000), RAW_HOLES),
        (bytes(100), ""),
    ],
)
def test_zeros_count_where_no_sensor_leaves_them(data: bytes, expected: str) -> None:
    assert sensor_damage(b"head" + data, [(4, 4 + len(data))]) == expected
    middle = 4 + len(data) // 2  # in strips
    assert sensor_damage(b"head" + data, [(middle, 4 + len(data)), (4, middle), (7, 7), (9, 8)]) == expected


def test_strips_of_the_previews_are_not_the_sensors() -> None:
    black = raws.dng(scene(4, (400, 300)).point(lambda _: 0), TAKEN)
    raw = find_raw(black, "x.dng")
    assert raw is not None
    assert [end - start for start, end in raw.sensor_spans] == [4096]
    assert damage_of(black, "x.dng") == (None, "")

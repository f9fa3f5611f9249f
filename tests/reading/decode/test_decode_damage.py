"""Incomplete pictures are not read: grey tiles in place of the rest would be taken for another picture."""

import io
import struct
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.damage import CHECKSUM, HOLES, OVERWRITTEN, missing_bytes
from dejashot.reading.decode.image_state import decoded_damage
from dejashot.reading.decode.orientation import upright_size
from gain_maps import gain_map
from heifs import HDR_GAIN_MAP, Item, auxiliary, coded, grid, heif
from scenes import SAMSUNG_BLOCK, scene

decoder.prepare_decoders(220)
PICTURE = scene(5, (640, 480))
NOISE = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), dtype=np.uint8))
BRANDS = {"HEIF": b"heicmif1", "AVIF": b"avifmif1miaf"}


def tiled(form: str, picture: Image.Image = PICTURE) -> bytes:
    tiles = [coded(picture.crop((x, y, x + 320, y + 240)), form=form, hidden=True) for y in (0, 240) for x in (0, 320)]
    return heif([grid(picture.size, 2, 2, 1), *tiles], brands=BRANDS[form])


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


WHOLE: dict[str, Callable[[], bytes]] = {
    "heic": lambda: encoded(PICTURE, "HEIF"),
    "heic, tiles": lambda: tiled("HEIF"),
    "avif": lambda: encoded(PICTURE, "AVIF"),
    "avif, tiles": lambda: tiled("AVIF"),
    "webp": lambda: encoded(NOISE, "WEBP", quality=95),
    "webp, more in it": lambda: encoded(NOISE, "WEBP", quality=95, exif=b"Exif\0\0" + bytes(40)),
    "jpeg": lambda: encoded(PICTURE, "JPEG"),
}


def reason_of(data: bytes) -> Reason | None:
    try:
        decoder.upright_pixels(decoder.open_image(data, "x", 220), (64, 64))
    except UnreadablePhotoError as error:
        return error.reason
    return None


@pytest.mark.parametrize("kind", WHOLE)
def test_a_picture_that_came_in_part_is_truncated_whether_its_place_is_taken_or_not(kind: str) -> None:
    whole = WHOLE[kind]()
    assert (missing_bytes(whole), reason_of(whole)) == ("", None)
    for share in (0.4, 0.7, 0.95):
        there = int(len(whole) * share)
        assert reason_of(whole[:there]) is Reason.TRUNCATED
        assert reason_of(whole[:there] + bytes(len(whole) - there)) is Reason.TRUNCATED


@pytest.mark.parametrize("form", BRANDS)
@pytest.mark.parametrize("part", ["all of it", "its beginning", "its middle"])
def test_a_hole_where_a_tile_should_be_is_damage(form: str, part: str) -> None:
    whole = tiled(form, NOISE.resize((640, 480)))
    assert damage_told(whole) == ""
    tile = coded(NOISE.resize((640, 480)).crop((320, 0, 640, 240)), form=form).data
    start, length = {
        "all of it": (0, len(tile)),
        "its beginning": (0, len(tile) // 2),
        "its middle": (len(tile) // 4, 4200),
    }[part]
    at = whole.index(tile) + start
    torn = whole[:at] + bytes(length) + whole[at + length :]
    assert HOLES in damage_told(torn)
    assert missing_bytes(torn) == ""


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_other_bytes_where_a_tile_begins_are_damage(share: float) -> None:
    whole = tiled("HEIF", NOISE.resize((640, 480)))
    tile = coded(NOISE.resize((640, 480)).crop((320, 0, 640, 240))).data
    at, length = whole.index(tile), int(share * len(tile))
    torn = whole[:at] + np.random.default_rng(3).bytes(length) + whole[at + length :]
    assert OVERWRITTEN in damage_told(torn)
    padded = Item(b"hvc1", coded(PICTURE).data + bytes(16), coded(PICTURE).properties)
    assert damage_told(heif([padded])) == ""


def damage_told(data: bytes) -> str:
    """Return the description of a picture's damage, whether it can still be decoded or not."""
    try:
        image = decoder.open_image(data, "x", 220)
        decoder.upright_pixels(image, (64, 64))
        return decoded_damage(image)
    except UnreadablePhotoError as error:
        assert error.reason is Reason.DAMAGED
        return error.detail


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_a_png_that_does_not_match_its_checksums_is_damaged(where: float) -> None:
    whole = encoded(PICTURE, "PNG")
    torn = bytearray(whole)
    torn[int(len(whole) * where)] ^= 0x10
    assert damage_told(whole) == ""
    assert CHECKSUM in damage_told(bytes(torn))


def test_what_is_missing_outside_the_picture_does_not_matter() -> None:
    gains = coded(gain_map(PICTURE), auxiliary(HDR_GAIN_MAP), hidden=True, auxl=[0])
    whole = heif([coded(PICTURE), gains])
    assert reason_of(whole[: -len(gains.data) // 2]) is None
    assert reason_of(whole[: -len(gains.data)] + bytes(len(gains.data))) is None
    assert reason_of(whole + SAMSUNG_BLOCK + bytes(300)) is None


@pytest.mark.parametrize("form", ["HEIF", "AVIF", "WEBP", "JPEG", "PNG"])
@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_picture_of_one_colour_is_whole(form: str, colour: str) -> None:
    assert missing_bytes(encoded(Image.new("RGB", (1200, 900), colour), form)) == ""
    assert missing_bytes(encoded(Image.new("RGB", (64, 64), colour), form) + bytes(4096)) == ""


@pytest.mark.parametrize("colour", ["white", "black"])
@pytest.mark.parametrize("size", [(1080, 2400), (2480, 3508), (8000, 6000)])
def test_a_webp_with_much_of_one_colour_is_whole(size: tuple[int, int], colour: str) -> None:
    picture = Image.new("RGB", size, colour)
    picture.paste(PICTURE, (0, 0))
    assert reason_of(encoded(picture, "WEBP")) is None


def test_a_tiff_whose_directory_never_came_is_truncated() -> None:
    whole = encoded(PICTURE, "TIFF", compression="tiff_lzw")
    assert reason_of(whole) is None
    assert reason_of(whole[: len(whole) // 2]) is Reason.TRUNCATED
    assert reason_of(whole[: len(whole) // 2] + bytes(len(whole) // 2 + 1)) is Reason.CORRUPT


def test_overlapping_parts_cost_no_time() -> None:
    stream = Item(b"hvc1", b"\1" * 4 + (bytes(200) + b"\1") * 80_000, hidden=True)
    lying = bytearray(heif([grid((640, 480), 40, 50, 1), stream, *[Item(b"hvc1", b"", hidden=True)] * 1999]))
    at = lying.index(b"iloc") + 4
    place, length = struct.unpack_from(">II", lying, at + 8 + 14 + 6)
    for item in range(2000):
        struct.pack_into(">II", lying, at + 8 + 14 * (1 + item) + 6, place, length)
    before = time.process_time()
    assert missing_bytes(bytes(lying)) == ""
    assert time.process_time() - before < 1  # searched one by one they take seconds


@given(
    st.binary(max_size=300),
    st.sampled_from([b"\xff\xd8\xff", b"\0\0\0\x14ftypheic", b"RIFF\0\0\0\0WEBP", b"II*\0", b"MM\0*", b""]),
)
def test_noise_raises_nothing(noise: bytes, head: bytes) -> None:
    assert isinstance(missing_bytes(head + noise), str)


def test_a_png_that_can_not_be_decoded_is_no_black_picture_once_its_tags_were_asked_for() -> None:
    torn = encoded(PICTURE, "PNG").replace(b"IDAT", b"IDAT\xff\xff", 1)
    image = decoder.open_image(torn, "x.png", 220)
    assert upright_size(image) == (640, 480)
    image.getexif()
    for _ in range(2):
        with pytest.raises(UnreadablePhotoError) as caught:
            decoder.upright_pixels(image, (64, 64))
        assert caught.value.reason is Reason.DAMAGED

"""What of a JPEG is damaged is known, and what is whole is not called damaged."""

import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from damages import JPEG_WAYS, damaged
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode import decoder
from dejashot.reading.decode.containers.jpeg_markers import (
    END,
    has_end_marker,
    read_header,
    scan_span,
    without_stray_markers,
)
from dejashot.reading.decode.image_state import decoded_damage
from dejashot.reading.decode.jpeg import DAMAGED, decode_strictly
from dejashot.reading.fingerprint import parts_of
from scenes import scene

decoder.prepare_decoders(220)
PICTURE = scene(2, (800, 600))


def jpeg(picture: Image.Image = PICTURE, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", **{"quality": 90, **options})
    return out.getvalue()


LAYOUTS = {
    "4:2:0": jpeg(subsampling=2),
    "4:4:4": jpeg(subsampling=0),
    "4:2:2": jpeg(subsampling=1),
    "grey": jpeg(PICTURE.convert("L")),
    "progressive": jpeg(progressive=True),
    "restarts": jpeg(restart_marker_rows=2),
}


def seen(data: bytes) -> tuple[Image.Image, str]:
    image = decoder.open_image(data, "x.jpg", 220)
    pixels = decoder.upright_pixels(image, (200, 150))
    return pixels, decoded_damage(image)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [(1, 1), (100, 75), (200, 150), (800, 600)])
def test_a_sound_jpeg_is_decoded_to_the_pixels_that_pillow_makes(layout: str, size: tuple[int, int]) -> None:
    image = Image.open(io.BytesIO(LAYOUTS[layout]))
    image.draft("RGB", size)
    pixels, damage = decode_strictly(LAYOUTS[layout], image.size)
    assert damage == ""
    assert pixels is not None
    assert np.array_equal(pixels, np.asarray(image))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("way", [way for way in JPEG_WAYS if way != "cut"])
@pytest.mark.parametrize("at", [0.1, 0.55, 0.85])
def test_damage_inside_is_known_and_the_rest_can_still_be_seen(layout: str, way: str, at: float) -> None:
    torn = damaged(LAYOUTS[layout], way, at)
    try:
        pixels, damage = seen(torn)
    except UnreadablePhotoError as error:
        assert layout == "progressive", "of a single scan it is known which markers do not belong there"
        assert error.reason is Reason.DAMAGED
    else:
        assert damage == DAMAGED
        assert pixels.size >= (200, 150)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_one_that_ends_early_is_truncated_and_with_an_end_put_there_damaged(layout: str, at: float) -> None:
    cut = damaged(LAYOUTS[layout], "cut", at)
    with pytest.raises(UnreadablePhotoError) as caught:
        seen(cut)
    assert caught.value.reason is Reason.TRUNCATED
    if layout != "progressive":  # which may end early on purpose: less of each part was sent
        assert seen(cut + END)[1] == DAMAGED


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "trailer", [b"", b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1499158255000SEFH", random.Random(3).randbytes(5000)]
)
def test_only_the_end_marker_is_missing_and_nothing_of_the_picture(layout: str, trailer: bytes) -> None:
    whole, _ = seen(LAYOUTS[layout])
    pixels, damage = seen(LAYOUTS[layout][:-2] + trailer)
    assert damage == ""
    assert np.array_equal(np.asarray(pixels), np.asarray(whole))


@pytest.mark.parametrize("trailer", [b"\0" * 5000, random.Random(4).randbytes(5000), jpeg(PICTURE.resize((80, 60)))])
def test_what_is_behind_the_end_is_no_damage(trailer: bytes) -> None:
    assert seen(LAYOUTS["4:2:0"] + trailer)[1] == ""
    assert seen(LAYOUTS["4:2:0"] + damaged(trailer, "noise"))[1] == ""


@pytest.mark.parametrize("padding", [b"\0", b"\x3f\x10\x20", bytes(12), b"\xff" * 12])
def test_a_few_bytes_before_the_end_are_padding(padding: bytes) -> None:
    assert seen(LAYOUTS["4:2:0"][:-2] + padding + END)[1] == ""


def test_many_bytes_before_the_end_are_what_damage_leaves() -> None:
    assert seen(LAYOUTS["4:2:0"][:-2] + random.Random(1).randbytes(300).replace(b"\xff", b"\0") + END)[1] == DAMAGED


def test_other_colours_are_left_to_pillow() -> None:
    data = jpeg(PICTURE.convert("CMYK"))
    assert decode_strictly(data, (200, 150)) == (None, "")
    assert min(seen(data)[0].size) >= 150


def lossless(precision: int) -> bytes:
    """Return the head of a lossless JPEG, as RAWs hold them, and noise."""
    frame = bytes([0xFF, 0xC3, 0, 17, precision, 0, 92, 0, 99, 3, 0x52, 0x11, 0, 0x47, 0x11, 0, 0x42, 0x11, 0])
    scan = bytes.fromhex("ffda000c03520047004200010002")
    return b"\xff\xd8" + frame + scan + random.Random(1).randbytes(2000) + END


@pytest.mark.parametrize("precision", [2, 5, 6, 8, 12, 16])
def test_a_layout_that_the_strict_decoder_can_not_take_never_reaches_it(precision: int) -> None:
    assert read_header(lossless(precision)) is None
    assert decode_strictly(lossless(precision), (64, 64)) == (None, "")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), max_size=12),
    st.integers(0, 2**16),
)
def test_whatever_the_bytes_are_nothing_is_raised(layout: str, changes: list[tuple[int, int]], length: int) -> None:
    data = bytearray(LAYOUTS[layout])
    for at, value in changes:
        data[at % len(data)] = value
    torn = bytes(data[: max(2, length % len(data))] if length % 5 == 0 else data)
    head = read_header(torn)
    if head is None or head.width * head.height < 10_000_000:
        pixels, damage = decode_strictly(torn, (64, 64))
        assert pixels is None or damage == ""
    again = without_stray_markers(torn)
    assert again is None or has_end_marker(again)
    assert len(parts_of(torn)) <= 64


def test_only_the_picture_counts_for_the_fingerprint() -> None:
    tagged = jpeg(exif=b"Exif\0\0" + bytes(500))
    assert parts_of(tagged) == parts_of(jpeg()) == parts_of(jpeg() + b"more")
    start, end = scan_span(tagged) or (0, 0)
    torn = bytearray(tagged)
    torn[(start + end) // 2] ^= 1
    changed = [a != b for a, b in zip(parts_of(tagged), parts_of(bytes(torn)), strict=True)]
    assert (len(changed), sum(changed)) == (64, 1)

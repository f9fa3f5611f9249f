"""The thumbnail in a HEIC takes the place of its picture where that is safe, and what it hides is found out."""

import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.photo import THUMBNAIL_DIFFERS
from dejashot.reading.decode import decoder
from dejashot.reading.decode.heif.thumbnails import ONLY_THUMBNAIL, shows_same
from dejashot.reading.photo_picture import decode_picture, decode_thumbnail
from heifs import Item, coded, grid, heif, nclx, turned
from scenes import scene

decoder.prepare_decoders(220)
PICTURE, OTHER = scene(5, (640, 480)), scene(6, (640, 480))
SMALL = PICTURE.resize((320, 240))


def with_thumbnail(thumbnail: Image.Image, *more: bytes, picture: Item | None = None) -> bytes:
    return heif([picture or coded(PICTURE), coded(thumbnail, *more, hidden=True, thmb=[0])])


def opened(data: bytes) -> Image.Image:
    return decoder.open_image(data, "x.heic", 220)


def broken(item: Item) -> Item:
    """Return an item of which the decoder can make nothing, behind the head of its one NAL unit."""
    return Item(item.kind, item.data[:6] + random.Random(1).randbytes(len(item.data) - 6), item.properties)


@pytest.mark.parametrize("quarters", [0, 1, 2])
def test_a_thumbnail_is_upright_and_the_picture_is_not_decoded_for_it(quarters: int) -> None:
    data = with_thumbnail(SMALL, turned(quarters), picture=broken(coded(PICTURE, turned(quarters))))
    found = decode_thumbnail(opened(data))
    assert found is not None
    upright = PICTURE.rotate(90 * quarters, expand=True)
    assert found.pixels.size == upright.resize((found.pixels.width, found.pixels.height)).size
    assert (found.thumbnail_px, found.damage) == (320, "")
    assert shows_same(found.pixels, upright)


def zeroed(data: bytes) -> bytes:
    stream = coded(SMALL, hidden=True).data
    at = data.index(stream) + len(stream) // 3
    return data[:at] + bytes(600) + data[at + 600 :]


REFUSED: dict[str, Callable[[], bytes]] = {
    "none": lambda: heif([coded(PICTURE)]),
    "smaller than the model's input": lambda: with_thumbnail(PICTURE.resize((256, 192))),
    "padded to another shape": lambda: with_thumbnail(PICTURE.resize((320, 320))),
    "turned otherwise": lambda: with_thumbnail(SMALL, turned(2)),
    "in other colours": lambda: with_thumbnail(SMALL, nclx(12, 13, 6), picture=coded(PICTURE, nclx(9, 16, 9))),
    "with a hole in it": lambda: zeroed(with_thumbnail(SMALL)),
    "cut off": lambda: with_thumbnail(SMALL)[:-500],
    "of another item": lambda: heif([coded(PICTURE), coded(OTHER), coded(SMALL, hidden=True, thmb=[1])]),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_thumbnail_that_may_not_show_the_picture_is_passed_over(why: str) -> None:
    image = opened(REFUSED[why]())
    assert decode_thumbnail(image) is None
    picture = decode_picture(image)
    assert (picture.pixels.size, picture.thumbnail_px) == (PICTURE.size, 0)


def test_a_picture_that_can_not_be_decoded_is_damaged_and_its_thumbnail_all_that_is_left() -> None:
    picture = decode_picture(opened(with_thumbnail(SMALL, picture=broken(coded(PICTURE)))))
    assert picture.pixels.size == SMALL.size
    assert picture.damage == ONLY_THUMBNAIL
    with pytest.raises(UnreadablePhotoError) as alone:
        decode_picture(opened(heif([broken(coded(PICTURE))])))
    assert alone.value.reason in (Reason.CORRUPT, Reason.TRUNCATED)


def test_a_thumbnail_of_something_else_is_found_out_when_the_picture_is_decoded() -> None:
    assert decode_picture(opened(with_thumbnail(SMALL))).damage == ""
    assert decode_picture(opened(with_thumbnail(OTHER.resize(SMALL.size)))).damage == THUMBNAIL_DIFFERS


def test_a_picture_of_which_tiles_were_overwritten_does_not_agree_with_its_thumbnail() -> None:
    tiles = [coded(PICTURE.crop((x, y, x + 320, y + 240)), hidden=True) for y in (0, 240) for x in (0, 320)]
    whole = heif([grid(PICTURE.size, 2, 2, 2), coded(SMALL, hidden=True, thmb=[0]), *tiles])
    assert decode_picture(opened(whole)).damage == ""
    stream = tiles[3].data
    at = whole.index(stream)
    torn = whole[: at + 40] + random.Random(2).randbytes(len(stream) - 40) + whole[at + len(stream) :]
    assert decode_thumbnail(opened(torn)) is not None
    assert decode_picture(opened(torn)).damage != ""


@pytest.mark.parametrize("at_least", [(300, 200), (213, 160), (160, 1), (7, 5)])
def test_a_picture_that_is_decoded_in_bands_is_the_whole_one_reduced(at_least: tuple[int, int]) -> None:
    out = io.BytesIO()
    PICTURE.crop((0, 0, 637, 479)).save(out, "HEIF")
    data = out.getvalue()
    whole = decoder.upright_pixels(opened(data), (637, 479))
    factor = min(637 // at_least[0], 479 // at_least[1])
    reduced = decoder.upright_pixels(opened(data), at_least)
    assert (reduced.size, reduced.tobytes()) == (whole.reduce(factor).size, whole.reduce(factor).tobytes())


@given(st.integers(0, 200), st.floats(0.85, 1.15), st.floats(0.85, 1.15), st.sampled_from([320, 416, 512]))
def test_a_change_of_tone_or_size_is_no_other_picture(seed: int, light: float, contrast: float, side: int) -> None:
    picture = scene(seed, (640, 480))
    toned = ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(light)).enhance(contrast)
    assert shows_same(toned.resize((side, side * 3 // 4)), picture)


@given(st.integers(0, 200), st.integers(1, 200).filter(lambda apart: apart % 8))
def test_another_scene_is_another_picture(seed: int, apart: int) -> None:
    assert not shows_same(scene(seed + apart, (320, 240)), scene(seed, (640, 480)))

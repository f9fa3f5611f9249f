"""A photo's picture is as large as looks need it, whatever its format, and kept for a while."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dejashot.reading.decode import decoder
from dejashot.reading.photo_picture import PICTURE_PX, PhotoPicture, RecentPictures, decode_picture
from dejashot.reading.vision.quality import at_look_size, measure_quality
from scenes import scene


def decoded(picture: Image.Image, form: str) -> PhotoPicture:
    out = io.BytesIO()
    picture.save(out, form, **({"quality": 95, "subsampling": 0} if form == "JPEG" else {}))
    return decode_picture(decoder.open_image(out.getvalue(), f"x.{form.lower()}", 220))


@pytest.mark.parametrize("size", [(640, 480), (1999, 700), (900, 2600), (3000, 2)])
def test_a_picture_has_the_pixels_that_looks_need_and_no_more(size: tuple[int, int]) -> None:
    found = max(decoded(Image.new("RGB", size, "teal"), "PNG").pixels.size)
    assert min(PICTURE_PX, max(size)) <= found < 2 * PICTURE_PX


def test_one_picture_is_equally_sharp_in_every_format() -> None:
    picture = scene(1, (2016, 1512))
    jpeg, png = (measure_quality(at_look_size(decoded(picture, form).pixels)).sharpness for form in ("JPEG", "PNG"))
    assert jpeg == pytest.approx(png, rel=0.02)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40)), max_size=30))
def test_the_pictures_decoded_last_are_kept_as_many_as_fit(decoded_widths: list[tuple[int, int]]) -> None:
    recent, added = RecentPictures(4 * 60), list[tuple[bytes, PhotoPicture]]()
    for number, width in decoded_widths:
        content = bytes([number])
        if recent.get(content) is None:
            picture = PhotoPicture(Image.new("RGB", (width, 1)), {}, 0.0, by_camera=True, damage="")
            recent.add(content, picture)
            added.append((content, picture))
        kept = [n for n, (content, picture) in enumerate(added) if recent.get(content) is picture]
        assert kept == list(range(len(added)))[-len(kept) :]
        widths = [picture.pixels.width for _, picture in added[-len(kept) - 1 :]]
        assert sum(widths[-len(kept) :]) <= 60
        assert len(kept) == len(added) or sum(widths) > 60

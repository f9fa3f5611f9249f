"""A photo's picture is as large as looks need it, whatever its format, and kept for a while."""

import io

import numpy as np
import pytest
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


def test_the_pictures_decoded_last_are_kept() -> None:
    pictures = [PhotoPicture(Image.new("RGB", (100, 100), (n, n, n)), {}, 0.0, False, "") for n in range(3)]
    recent = RecentPictures(2 * 100 * 100 * 4)  # Pillow keeps RGB in 4 bytes
    for n, picture in enumerate(pictures):
        recent.add(bytes([n]), picture)
    assert [recent.get(bytes([n])) is picture for n, picture in enumerate(pictures)] == [False, True, True]
    assert np.asarray(pictures[2].pixels)[0, 0].tolist() == [2, 2, 2]

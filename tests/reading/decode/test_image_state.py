"""The state of an opened picture is kept with that picture, and no file can set it."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dejashot.reading.decode.image_state import decoded_damage, format_of, raw_of, state_of_image
from dejashot.reading.decode.raw.raw_file import RawFile


def test_the_state_of_a_picture_is_kept_with_it() -> None:
    image, other = Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8))
    state_of_image(image).add_damage("a part is missing")
    state_of_image(image).add_damage("another part is missing")
    state_of_image(image).raw = RawFile("NEF")
    assert (decoded_damage(image), format_of(image)) == ("a part is missing", "NEF")
    assert (decoded_damage(other), raw_of(other), format_of(other)) == ("", None, "")


def test_texts_in_a_png_do_not_become_its_state() -> None:
    texts, out = PngInfo(), io.BytesIO()
    for name in ("dejashot", "raw", "damage", "failed"):
        texts.add_text(name, "x")
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=texts)
    with Image.open(io.BytesIO(out.getvalue())) as image:
        image.load()
        assert "dejashot" in image.info
        assert (decoded_damage(image), raw_of(image), format_of(image)) == ("", None, "PNG")

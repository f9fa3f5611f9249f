"""From bytes to upright pixels, or a typed reason."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.files import FileStamp
from dejashot.reading.decode import decoder
from dejashot.reading.decode.image_state import decoded_damage, raw_of
from dejashot.reading.decode.orientation import upright_size
from scenes import save_photo, scene

decoder.prepare_decoders(220)
LIMIT = 50_000_000


def reason_of(data: bytes, name: str = "x.jpg", megapixels: float = 220) -> Reason:
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.upright_pixels(decoder.open_image(data, name, megapixels), (256, 256))
    return caught.value.reason


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif", "heic", "gif", "bmp"])
def test_every_supported_format_is_decoded(tmp_path: Path, suffix: str) -> None:
    picture = scene(1, (800, 600))
    file = tmp_path / f"x.{suffix}"
    picture.save(file)
    image = decoder.open_image(file.read_bytes(), file.name, 220)
    assert upright_size(image) == (800, 600)
    pixels = decoder.upright_pixels(image, (256, 256))
    assert pixels.mode == "RGB"
    assert min(pixels.size) >= 256
    want = np.asarray(picture.resize((64, 48)), dtype=float)
    got = np.asarray(pixels.resize((64, 48)), dtype=float)
    assert np.abs(want - got).mean() < 16


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "heic", "avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_in_every_format(tmp_path: Path, suffix: str, orientation: int) -> None:
    stored = Image.new("RGB", (400, 200), "white")
    stored.paste((255, 0, 0), (0, 0, 200, 100))
    file = save_photo(tmp_path / f"x.{suffix}", stored, orientation=orientation)
    image = decoder.open_image(file.read_bytes(), file.name, 220)
    size = upright_size(image)
    upright = decoder.upright_pixels(image, (50, 50))
    if suffix == "heic":
        orientation = 1  # ISO 23008-12: the picture is turned by its own property (irot), never by EXIF
    turned = orientation >= 5
    assert size == ((200, 400) if turned else (400, 200))
    assert (upright.width < upright.height) is turned
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    x, y = corners[orientation]
    red, green, _ = upright.getpixel((int((0.2 + 0.6 * x) * upright.width), int((0.2 + 0.6 * y) * upright.height)))
    assert red > 180
    assert green < 90


def test_jpeg_is_decoded_at_a_reduced_size() -> None:
    data = encoded(scene(2, (4000, 3000)), "JPEG")
    pixels = decoder.upright_pixels(decoder.open_image(data, "x.jpg", 220), (256, 256))
    assert pixels.size == (500, 375)


def test_half_a_photo_is_truncated_not_grey() -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        data = encoded(scene(3), form)
        assert reason_of(data[: len(data) // 2]) in (Reason.TRUNCATED, Reason.CORRUPT)
    data = encoded(scene(3), "JPEG")
    assert reason_of(data[: len(data) // 2]) is Reason.TRUNCATED
    assert reason_of(data[: len(data) // 2] + bytes(len(data) // 2)) in (Reason.TRUNCATED, Reason.CORRUPT)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    bomb = encoded(Image.new("L", (20_000, 12_000)), "PNG")
    assert reason_of(bomb, "bomb.png") is Reason.TOO_MANY_PIXELS
    assert reason_of(encoded(scene(1), "PNG"), megapixels=0.5) is Reason.TOO_MANY_PIXELS


def test_other_files_are_named_for_what_they_are() -> None:
    assert reason_of(b"hello, world", "x.jpg") is Reason.NOT_AN_IMAGE
    assert reason_of(encoded(scene(1), "PCX"), "x.pcx") is Reason.UNSUPPORTED_FORMAT
    assert reason_of(encoded(scene(1), "PCX"), "x.jpg") is Reason.NOT_AN_IMAGE
    assert reason_of(encoded(scene(1), "JPEG2000"), "x.jp2") is Reason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    picture = scene(4, (300, 300))
    wanted = (
        Image.fromarray(np.asarray(picture.convert("L"), dtype=np.uint16) * 257)
        if mode == "I;16"
        else picture.convert(mode)
    )
    pixels = decoder.upright_pixels(decoder.open_image(encoded(wanted, form), "x", 220), (256, 256))
    assert pixels.mode == "RGB"
    assert np.asarray(pixels).std() > 5


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    pixels = decoder.upright_pixels(decoder.open_image(encoded(clear, "PNG"), "x.png", 220), (256, 256))
    assert np.asarray(pixels).min() == 255


def test_a_file_is_read_within_limits_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "real.jpg").write_bytes(b"data")
    (tmp_path / "empty.jpg").touch()
    with (
        (tmp_path / "real.jpg").open("rb", buffering=0) as real,
        (tmp_path / "empty.jpg").open("rb", buffering=0) as empty,
    ):
        for file, limit, reason in ((empty, LIMIT, Reason.EMPTY), (real, 3, Reason.FILE_TOO_LARGE)):
            with pytest.raises(UnreadablePhotoError) as caught:
                decoder.read_bytes(file, limit)
            assert caught.value.reason is reason
        data, stamp = decoder.read_bytes(real, LIMIT)
    assert (data, stamp) == (b"data", FileStamp.of((tmp_path / "real.jpg").stat()))


@pytest.mark.parametrize("size", [(160, 120), (1600, 1200)])
def test_a_jpeg_whose_end_is_still_zeros_is_truncated_and_one_padded_with_zeros_is_not(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    whole = save_photo(tmp_path / "x.jpg", scene(1, size)).read_bytes()
    half = len(whole) // 2
    for data in (whole[:half] + bytes(len(whole) - half), whole[:half] + bytes(16)):
        with pytest.raises(UnreadablePhotoError) as caught:
            decoder.upright_pixels(decoder.open_image(data, "x.jpg", 200), (64, 64))
        assert caught.value.reason is Reason.TRUNCATED
    padded = decoder.upright_pixels(decoder.open_image(whole + bytes(4096), "x.jpg", 200), (64, 64))
    assert padded.width >= 64


def test_the_texts_of_a_png_are_no_notes_of_ours(tmp_path: Path) -> None:
    texts = PngInfo()
    for key in ("raw", "spare", "bytes", "damage", "steps"):
        texts.add_text(key, "\x1b[31m" + "x" * 500)
    file = tmp_path / "a.png"
    scene(1, (320, 240)).save(file, pnginfo=texts)
    image = decoder.open_image(file.read_bytes(), file.name, 100)
    assert (upright_size(image), decoded_damage(image), raw_of(image)) == ((320, 240), "", None)
    assert decoder.upright_pixels(image, (100, 100)).size >= (100, 75)
    assert decoded_damage(image) == ""

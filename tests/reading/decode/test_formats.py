"""Formats as phones and cameras write them: deep, wide, turned, animated, and with several pictures."""

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

import raws
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.names import EXTRAS
from dejashot.reading.decode import decoder
from dejashot.reading.decode.colour import in_srgb
from dejashot.reading.decode.image_state import format_of
from dejashot.reading.decode.orientation import upright_size
from scenes import scene

decoder.prepare_decoders(220)
PICTURE = scene(5, (640, 480))
OTHER = scene(4, (640, 480))


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def pixels(data: bytes, name: str) -> Image.Image:
    return decoder.upright_pixels(decoder.open_image(data, name, 220), (256, 256))


def likeness(a: Image.Image, b: Image.Image) -> float:
    return float(
        np.abs(np.asarray(a.resize((64, 48)), dtype=float) - np.asarray(b.resize((64, 48)), dtype=float)).mean()
    )


def test_ten_bits_a_channel_are_read() -> None:
    deep = (np.asarray(PICTURE, dtype=np.uint16) << 8).tobytes()
    out = io.BytesIO()
    pillow_heif.encode("RGB;16", PICTURE.size, deep, out, quality=90)
    assert pillow_heif.open_heif(out.getvalue(), convert_hdr_to_8bit=False).info["bit_depth"] == 10
    image = decoder.open_image(out.getvalue(), "x.heic", 220)
    assert image.size == (640, 480)
    assert likeness(decoder.upright_pixels(image, (256, 256)), PICTURE) < 16


# made from scene(6, (320, 240)) with libavif 0.11: avifenc -d 10 -s 4 --min 20 --max 20 --cicp 9/16/9,
# and -d 12 --min 24 --max 24 --cicp 1/13/6
@pytest.mark.parametrize(("name", "deep"), [("ten_bits_pq.avif", 0x40), ("twelve_bits.avif", 0x60)])
def test_an_avif_of_more_bits_a_channel_is_read(name: str, deep: int) -> None:
    data = Path(__file__).with_name(name).read_bytes()
    assert data[data.index(b"av1C") + 6] & 0x60 == deep
    image = decoder.open_image(data, name, 220)
    assert image.size == (320, 240)
    assert likeness(in_srgb(decoder.upright_pixels(image, (256, 256)), image.info), scene(6, (320, 240))) < 4


@pytest.mark.parametrize(
    ("form", "options"), [("WEBP", {}), ("AVIF", {}), ("GIF", {}), ("PNG", {}), ("TIFF", {}), ("MPO", {}), ("HEIF", {})]
)
def test_of_several_pictures_in_a_file_the_first_is_taken(form: str, options: dict[str, object]) -> None:
    data = encoded(PICTURE, form, save_all=True, append_images=[OTHER], **options)
    found = pixels(data, f"x.{form.lower()}")
    assert likeness(found, PICTURE) < 16 < likeness(found, OTHER)


def test_the_primary_picture_of_a_heif_is_taken_wherever_it_is() -> None:
    held = pillow_heif.HeifFile()
    held.add_from_pillow(OTHER.resize((320, 240)))
    held.add_from_pillow(PICTURE)
    out = io.BytesIO()
    held.save(out, primary_index=1)
    image = decoder.open_image(out.getvalue(), "x.heic", 220)
    assert upright_size(image) == (640, 480)
    assert likeness(decoder.upright_pixels(image, (256, 256)), PICTURE) < 16


def test_four_inks_sixteen_bits_and_floating_points_become_rgb() -> None:
    assert likeness(pixels(encoded(PICTURE.convert("CMYK"), "JPEG"), "x.jpg"), PICTURE) < 16
    grey = PICTURE.convert("L")
    deep = Image.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    assert likeness(pixels(encoded(deep, "PNG"), "x.png").convert("L"), grey) < 4
    assert likeness(pixels(encoded(deep, "TIFF"), "x.tif").convert("L"), grey) < 4
    for white in (1, 65535):
        light = Image.fromarray(np.asarray(grey, dtype=np.float32) * (white / 255))
        assert likeness(pixels(encoded(light, "TIFF"), "x.tif").convert("L"), grey) < 4
    colours = np.asarray(PICTURE, dtype="<u2") * 257
    tags = {
        0x0100: 640,
        0x0101: 480,
        0x0102: [16] * 3,
        0x0103: 1,
        0x0106: 2,
        0x0115: 3,
        0x0116: 480,
        0x0117: colours.nbytes,
    }
    tiff = raws.Tiff().made(raws.Directory({**tags, 0x0111: raws.Blob(colours.tobytes())}))
    assert likeness(pixels(tiff, "x.tif"), PICTURE) < 4


def test_a_progressive_jpeg_is_read() -> None:
    assert likeness(pixels(encoded(PICTURE, "JPEG", progressive=True), "x.jpg"), PICTURE) < 8


def test_jpeg_xl_is_read_with_its_extra_and_asks_for_it_without(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pillow_jxl")
    decoder.prepare_decoders(220)
    data = encoded(PICTURE, "JXL")
    image = decoder.open_image(data, "x.jxl", 220)
    assert format_of(image) == EXTRAS["jxl"].format == "JXL"
    assert likeness(decoder.upright_pixels(image, (256, 256)), PICTURE) < 16
    with pytest.raises(UnreadablePhotoError):
        pixels(data[: len(data) // 2], "x.jxl")
    monkeypatch.delitem(Image.OPEN, "JXL")
    with pytest.raises(UnreadablePhotoError) as caught:
        decoder.open_image(data, "x.jxl", 220)
    assert caught.value.reason is Reason.NEEDS_EXTRA
    assert "dejashot[jxl]" in caught.value.detail


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_odd_file_is_read_or_named_for_what_is_wrong_with_it(shared: Path) -> None:
    for file in sorted((shared / "data" / "odd").iterdir()):
        try:
            pixels(file.read_bytes(), file.name)
        except UnreadablePhotoError as error:
            assert error.reason in (
                *(Reason.TRUNCATED, Reason.CORRUPT, Reason.DAMAGED, Reason.NOT_AN_IMAGE, Reason.UNSUPPORTED_FORMAT),
                *(Reason.TOO_MANY_PIXELS, Reason.OUT_OF_MEMORY),
            )

"""From an opened picture to decoded pixels in RGB."""

import io

import numpy as np
import pillow_heif
from PIL import Image

from dejashot.language.texts import noted
from dejashot.reading.decode.containers.jpeg_markers import without_stray_markers
from dejashot.reading.decode.image_state import raw_of, state_of_image
from dejashot.reading.decode.jpeg import decode_strictly
from dejashot.reading.decode.tiff_variants import MAX_LIGHT

_BAND_ROWS = 64
PREVIEW_DAMAGED = noted("the preview in it is damaged")


def load(image: Image.Image) -> None:
    """Decode a picture in place; what failed once fails again, where Pillow would go on with black."""
    state = state_of_image(image)
    if state.failure is not None:
        raise state.failure
    try:
        image.load()
    except Exception as error:
        if str(error).startswith("APNG"):  # of an animation only the first picture counts, and that is there
            return
        state.failure = error
        raise


def decoded(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Return a picture decoded, a JPEG or a HEIC at a scale at which it is no smaller than `at_least` (width, height).

    JPEGs are decoded strictly, so that their damage is known.
    """
    if image.format == "HEIF":
        return _decoded_heic(image, at_least)
    if image.format not in ("JPEG", "MPO"):
        load(image)
        return image
    image.draft("RGB", at_least)
    state = state_of_image(image)
    pixels, damage = decode_strictly(state.jpeg, image.size)
    if pixels is not None:
        return Image.fromarray(pixels)
    state.add_damage(damage and (PREVIEW_DAMAGED if raw_of(image) else damage))
    try:
        image.load()
    except Exception:
        if not damage or (repaired := without_stray_markers(state.jpeg)) is None:
            raise
        fresh = Image.open(io.BytesIO(repaired), formats=("JPEG",))
        fresh.draft("RGB", at_least)
        fresh.load()
        return fresh
    return image


def _decoded_heic(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Return a HEIC decoded, reduced by a whole factor in bands: Pillow's picture of its full size takes 50 MB more."""
    factor, file = min(image.width // at_least[0], image.height // at_least[1]), getattr(image, "fp", None)
    opened = pillow_heif.open_heif(file) if factor > 1 and image.mode == "RGB" and file is not None else None
    if opened is None or (opened.size, opened.mode) != (image.size, "RGB"):  # a thumbnail, or of more than 8 bits
        load(image)
        return image
    (width, height), levels = opened.size, np.asarray(opened)
    reduced = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * _BAND_ROWS
    for top in range(0, height, rows):
        band = Image.fromarray(levels[top : top + rows, :width])
        reduced.paste(band.reduce(factor), (0, top // factor))
    return reduced


def as_rgb(image: Image.Image) -> Image.Image:
    """Return a decoded picture in RGB: 16-bit and floating-point grey scaled to 8 bits, transparency laid on white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        wide = np.asarray(image.convert("F"))
        most = wide.max(initial=0.0)
        scale = 255.0 / 65535.0 if most > 255 else 255.0 if image.mode == "F" and most <= MAX_LIGHT else 1.0
        return Image.fromarray(np.clip(np.nan_to_num(wide) * scale, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        white.alpha_composite(rgba)
        return white.convert("RGB")
    return image.convert("RGB")

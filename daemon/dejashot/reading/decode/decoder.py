"""From untrusted bytes to upright pixels: one place to open, limits, and a typed reason for every failure."""

import contextlib
import importlib
import io
import logging
import os
import warnings
from functools import partial

import pillow_heif
from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.files import FileStamp
from dejashot.reading.decode import damage
from dejashot.reading.decode.containers.iso_boxes import PictureFile
from dejashot.reading.decode.decode_errors import decoding_error, with_damage
from dejashot.reading.decode.formats import open_picture
from dejashot.reading.decode.heif.thumbnails import ONLY_THUMBNAIL, SMALLEST_PX, open_thumbnail
from dejashot.reading.decode.heif.transforms import transformed, transforms_of
from dejashot.reading.decode.image_state import decoded_damage, raw_of, state_of_image
from dejashot.reading.decode.orientation import orientation_of, turned
from dejashot.reading.decode.pixels import PREVIEW_DAMAGED, as_rgb, decoded
from dejashot.reading.decode.raw.layouts import find_raw
from dejashot.reading.decode.raw.previews import open_preview
from dejashot.reading.decode.raw.sensor_data import sensor_damage
from dejashot.reading.decode.size_limits import refuse_impossible
from dejashot.reading.opener import typed_errors

log = logging.getLogger(__name__)

_PNG_COLOURS = b"\0\0\0\4cICP"


def prepare_decoders(max_megapixels: float) -> None:
    """Register the decoders besides Pillow's own and set Pillow's pixel limit; call once, in the reader process."""
    pillow_heif.register_heif_opener(thumbnails=True, decode_threads=1)
    with contextlib.suppress(ImportError):  # an extra
        importlib.import_module("pillow_jxl")
    Image.MAX_IMAGE_PIXELS = int(max_megapixels * 1e6)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_bytes(file: io.FileIO, max_bytes: int) -> tuple[bytes, FileStamp]:
    """Return the bytes of an open regular file, from its current position, and its stamp.

    Raises UnreadablePhotoError when the file is empty, too large, changes while it is read, or the disk fails.
    """
    with typed_errors():
        status = os.fstat(file.fileno())
        if status.st_size == 0:
            raise UnreadablePhotoError(Reason.EMPTY)
        if status.st_size > max_bytes:
            raise UnreadablePhotoError(Reason.FILE_TOO_LARGE, f"{status.st_size} bytes")
        data = file.readall()
        after = os.fstat(file.fileno())
    if FileStamp.of(after) != FileStamp.of(status) or len(data) != after.st_size:
        raise UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
    return data, FileStamp.of(after)


def open_image(data: bytes, name: str, max_megapixels: float) -> Image.Image:
    """Open a picture of an allowed format, or the preview in a RAW, without decoding it.

    Raises UnreadablePhotoError with a typed reason.
    """
    image = _open_checked(data, name, max_megapixels * 1e6)
    if image.width * image.height > max_megapixels * 1e6:
        raise UnreadablePhotoError(Reason.TOO_MANY_PIXELS, f"{image.width} x {image.height}")
    refuse_impossible(data, image)
    return image


def _open_checked(data: bytes, name: str, max_pixels: float) -> Image.Image:
    """Open a picture with what is known of its damage, its colours and its transforms."""
    raw = find_raw(data, name)
    if raw is None and (missing := damage.missing_bytes(data)):
        raise UnreadablePhotoError(Reason.TRUNCATED, missing)
    found = damage.picture_damage(data) if raw is None else sensor_damage(data, raw.sensor_spans)
    try:
        image = open_picture(data, name, max_pixels) if raw is None else open_preview(data, raw)
    except UnreadablePhotoError as error:
        raise with_damage(error, found) from error
    state = state_of_image(image)
    state.add_damage(found)
    if raw is None:
        state.jpeg = data
    if (colours := _coded_colours(data, image.format)) is not None:  # in the form in which pillow-heif gives it
        image.info["nclx_profile"] = {"color_primaries": colours[0], "transfer_characteristics": colours[1]}
    if image.format == "AVIF":
        state.transforms = transforms_of(data, image.size)
    if image.format == "HEIF":
        state.thumbnail = partial(open_thumbnail, data, name, max_pixels)
        state.fallback = partial(state.thumbnail, SMALLEST_PX)
    return image


def _coded_colours(data: bytes, form: str | None) -> tuple[int, int] | None:
    """Return colour primaries and transfer (ITU-T H.273) where the file has them and its decoder ignores them."""
    if form == "AVIF":
        return PictureFile(data).colours()
    at = data.find(_PNG_COLOURS, 0, max(0, data.find(b"IDAT"))) + len(_PNG_COLOURS) if form == "PNG" else 0
    return (data[at], data[at + 1]) if at >= len(_PNG_COLOURS) else None


def upright_pixels(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Decode to upright RGB, no smaller than `at_least` (width, height) where the picture is not.

    Only the first frame is decoded. Where the preview of a RAW is damaged inside, the next smaller one is taken, of a
    broken HEIC its thumbnail, and `image` has its colours from then on. Raises UnreadablePhotoError.
    """
    try:
        flat = as_rgb(_reduced(decoded(image, at_least), at_least))
        transforms = state_of_image(image).transforms
        if transforms is not None:
            return transformed(flat, transforms)
        orientation = orientation_of(image)
    except Exception as error:  # noqa: BLE001 - decoders raise whatever the bytes provoke
        return _fallback_pixels(image, at_least, error)
    return turned(flat, orientation)


def _reduced(picture: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Return a picture reduced by a whole factor, to no less than twice `at_least`: smaller ones convert faster."""
    factor = min(picture.width // (2 * at_least[0]), picture.height // (2 * at_least[1]))
    return picture.reduce(factor) if factor > 1 and picture.mode in ("RGB", "L", "RGBA") else picture


def _fallback_pixels(image: Image.Image, at_least: tuple[int, int], error: Exception) -> Image.Image:
    """Return the pixels of the picture's fallback; raise UnreadablePhotoError where it has none."""
    state, typed = state_of_image(image), decoding_error(error)
    # a HEIC that is too large to decode, or of a variant, is sound: its thumbnail must not pass for all that is left
    broken = image.format != "HEIF" or typed.reason in (Reason.CORRUPT, Reason.TRUNCATED)
    fallback = state.fallback() if state.fallback is not None and broken else None
    if fallback is None:
        raise with_damage(typed, decoded_damage(image)) from error
    log.debug("it can't be decoded, another way is taken: %s", type(error).__name__)
    other = PREVIEW_DAMAGED if raw_of(image) else ONLY_THUMBNAIL if image.format == "HEIF" else ""
    state_of_image(fallback).add_damage(decoded_damage(image) or other)
    found = upright_pixels(fallback, at_least)
    image.info = fallback.info
    return found

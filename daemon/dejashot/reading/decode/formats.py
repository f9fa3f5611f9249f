"""Which formats are read, and by which code: a new format is a row in a table here.

A file is opened by what its bytes are, never by its name. RAWs have a table of their own: raw/layouts.py.
"""

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image, UnidentifiedImageError

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.names import EXTRAS, RAW, UNSUPPORTED, suffix_of
from dejashot.reading.decode.decode_errors import decoding_error, missing_extra
from dejashot.reading.decode.image_state import state_of_image
from dejashot.reading.decode.raw.older_raws import OLDER_RAWS
from dejashot.reading.decode.raw.previews import open_with_libraw
from dejashot.reading.decode.tiff_variants import correct_colour_map, read_tiff_variant
from dejashot.reading.decode.unsupported_variants import KNOWN_BRANDS, describe_variant, with_known_brand

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """A format that Pillow, or a plugin of Pillow, decodes: its name there, and how its files begin.

    A file with such a beginning that can't be opened is a damaged picture; without one it may be anything.
    """

    name: str
    beginnings: tuple[bytes, ...] = ()


FORMATS = (
    PictureFormat("JPEG", (b"\xff\xd8\xff",)),
    PictureFormat("PNG", (b"\x89PNG\r\n\x1a\n",)),
    PictureFormat("WEBP"),
    PictureFormat("TIFF", (b"II*\0", b"MM\0*")),
    PictureFormat("AVIF"),
    PictureFormat("GIF", (b"GIF8",)),
    PictureFormat("HEIF"),
    PictureFormat("BMP"),
    PictureFormat("DIB"),
)
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")


def open_picture(data: bytes, name: str, max_pixels: float) -> Image.Image:
    """Open a picture that is no RAW, without decoding it; raise UnreadablePhotoError with a typed reason."""
    try:
        for read in BEFORE_PILLOW:
            if (image := read(data, max_pixels)) is not None:
                return image
        return _open_with_pillow(data, max_pixels)
    except UnreadablePhotoError:
        raise
    except Exception as error:
        for read in AFTER_PILLOW:
            if (image := read(data, max_pixels)) is not None:
                return image
        if not isinstance(error, UnidentifiedImageError):
            raise decoding_error(error) from error
        suffix = suffix_of(name)
        if suffix in RAW and data.startswith(OLDER_RAWS):
            return open_with_libraw(data, suffix.upper())
        raise _unidentified(data, suffix) from error


def _open_with_pillow(data: bytes, max_pixels: float) -> Image.Image:
    extras = (extra.format for extra in dict.fromkeys(EXTRAS.values()) if extra.format in Image.OPEN)
    image = Image.open(io.BytesIO(data), formats=(*(known.name for known in FORMATS), *extras))
    if image.format == "TIFF":
        state_of_image(image).fallback = partial(_unknown_tiff, data, max_pixels)
        correct_colour_map(image)
    return image


def _unidentified(data: bytes, suffix: str) -> UnreadablePhotoError:
    """Return why a file can't be opened that no decoder knows."""
    if data.startswith(_JPEG_XL) and EXTRAS["jxl"].format not in Image.OPEN:
        return missing_extra("jxl")
    if data.startswith(tuple(begin for known in FORMATS for begin in known.beginnings)) or data[4:8] == b"ftyp":
        return UnreadablePhotoError(Reason.CORRUPT, "it begins as a picture does, and nothing more can be made of it")
    return UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT if suffix in UNSUPPORTED else Reason.NOT_AN_IMAGE)


# ---- variants that Pillow misreads or does not know


def _misread_tiff(data: bytes, max_pixels: float) -> Image.Image | None:
    return _tiff(data, max_pixels, failed=False)


def _unknown_tiff(data: bytes, max_pixels: float) -> Image.Image | None:
    return _tiff(data, max_pixels, failed=True)


def _tiff(data: bytes, max_pixels: float, *, failed: bool) -> Image.Image | None:
    """Return the picture of a TIFF variant, None for other files; raise UnreadablePhotoError for an unsupported one."""
    image, unsupported = read_tiff_variant(data, max_pixels, failed=failed)
    if unsupported:
        raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant of TIFF is not supported: {unsupported}")
    return image


def _unknown_brand(data: bytes, max_pixels: float) -> Image.Image | None:
    if data[4:8] != b"ftyp" or data[8:12] in KNOWN_BRANDS:
        return None
    return _rebranded(data, max_pixels)


def _rebranded(data: bytes, _max_pixels: float) -> Image.Image | None:
    """Open a HEIF or an AVIF under a brand that its decoder knows, None for other files or where that fails."""
    still = with_known_brand(data)
    if still is None:
        return None
    try:
        return Image.open(io.BytesIO(still[0]), formats=(still[1],))
    except Exception as error:  # noqa: BLE001 - Pillow or pillow-heif on a brand that the file does not have
        log.debug("a picture under another brand: %s", type(error).__name__)
        return None


def _unsupported(data: bytes, _max_pixels: float) -> Image.Image | None:
    """Raise UnreadablePhotoError for a sound file of a variant that no decoder reads."""
    if variant := describe_variant(data):
        raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant is not supported: {variant}")
    return None


VariantReader = Callable[[bytes, float], Image.Image | None]
BEFORE_PILLOW: tuple[VariantReader, ...] = (_misread_tiff, _unknown_brand)
AFTER_PILLOW: tuple[VariantReader, ...] = (_unknown_tiff, _rebranded, _unsupported)

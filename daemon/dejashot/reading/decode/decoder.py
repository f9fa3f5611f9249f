"""From untrusted bytes to upright pixels: one open, an allow-list of formats, limits, and a typed reason for every failure."""

import contextlib
import importlib
import io
import logging
import os
import warnings
from collections.abc import Sequence
from functools import partial

import numpy as np
import pillow_heif
from PIL import Image, UnidentifiedImageError

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.names import EXTRAS, RAW, UNSUPPORTED, suffix_of
from dejashot.models.files import FileStamp
from dejashot.reading.decode import damage as truncation
from dejashot.reading.decode import jpeg
from dejashot.reading.decode.heif_transforms import placed, placed_size, steps_of
from dejashot.reading.decode.iso_boxes import ByteSpan, PictureFile
from dejashot.reading.decode.raw import libraw, older_raws
from dejashot.reading.decode.raw import sensor_data as raw_data
from dejashot.reading.decode.raw.containers import Raw, as_tiff, find_raw
from dejashot.reading.decode.size_limits import refuse_impossible
from dejashot.reading.decode.tiff_variants import MAX_LIGHT, mend_colour_map, read_odd
from dejashot.reading.decode.unsupported_variants import KNOWN_BRANDS, as_still, variant_of
from dejashot.reading.opener import typed_errors

log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "HEIF", "BMP", "DIB")
_TRUNCATED_SIGNS = (
    "truncated",
    "unexpected end",
    "not enough",
    "broken data stream",
    "premature",
    "incomplete",
    "no more",
    "eof",
)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = 5  # from this EXIF orientation on, width and height are swapped
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*")
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_OLDER_RAWS = (b"\0MRM", b"II\x1a\0\0\0HEAPCCDR", b"FOVb")  # Minolta, Canon before 2004, Sigma
# Where an opened picture keeps what is ours: behind a zero byte, for the texts of a PNG stand beside it under names of their own.
_RAW = "\0raw"  # where an opened preview keeps what is known of the RAW that it is from
_SPARE = (
    "\0spare"  # and how the next smaller one is opened, or a TIFF that Pillow gives up on; None where there is none
)
_BYTES = "\0bytes"  # where an opened JPEG keeps what it is decoded from
_DAMAGE = "\0damage"  # where a picture keeps, in words, what of it is damaged
_FAILED = "failed"  # and the error that it could not be decoded for
_PREVIEW_DAMAGED = "the preview in it is damaged"
_STEPS = "\0steps"  # what an AVIF says is to be done to its decoded picture
_MAKE = 0x010F
_PNG_COLOURS = b"\0\0\0\4cICP"


def prepare_decoders(max_megapixels: float) -> None:
    """Register the decoders besides Pillow's own and set Pillow's pixel limit; call once, in the worker process."""
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    with contextlib.suppress(ImportError):  # an extra
        importlib.import_module("pillow_jxl")
    Image.MAX_IMAGE_PIXELS = int(max_megapixels * 1e6)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_bytes(file: io.FileIO, max_bytes: int) -> tuple[bytes, FileStamp]:
    """Return the bytes of an open regular file, from where it stands, and their stamp.

    Raises UnreadablePhotoError when the file is empty, too large, changes while it is read, or the disk can't deliver it.
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
    """Open a picture of an allowed format, or the preview in a RAW, without decoding it; raise UnreadablePhotoError with a typed reason."""
    raw = find_raw(data, name)
    if raw is None and (what := truncation.missing_bytes(data)):
        raise UnreadablePhotoError(Reason.TRUNCATED, what)
    damage = truncation.picture_damage(data) if raw is None else raw_data.raw_damage(data, raw.sensor)
    try:
        image = _plain(data, name, max_megapixels) if raw is None else _preview(data, raw)
    except UnreadablePhotoError as error:
        raise _as_damaged(error, damage) from error
    _note_damage(image, damage)
    if raw is None:
        image.info[_BYTES] = data
    if (said := _said_colours(data, image.format)) is not None:  # to be told as pillow-heif tells it
        image.info["nclx_profile"] = {"color_primaries": said[0], "transfer_characteristics": said[1]}
    if image.format == "AVIF":
        image.info[_STEPS] = steps_of(data, image.size)
    if image.width * image.height > max_megapixels * 1e6:
        raise UnreadablePhotoError(Reason.TOO_MANY_PIXELS, f"{image.width} x {image.height}")
    refuse_impossible(data, image)
    return image


def decoded_damage(image: Image.Image) -> str:
    """Return in words what of a picture is damaged, as far as is known once it was decoded; empty for a sound one."""
    return str(image.info.get(_DAMAGE, ""))


def _note_damage(image: Image.Image, damage: str) -> None:
    if damage and not decoded_damage(image):
        image.info[_DAMAGE] = damage


def _as_damaged(error: UnreadablePhotoError, damage: str) -> UnreadablePhotoError:
    """Return why a picture can't be read, heeding what is known of its damage."""
    undecided = error.reason in (Reason.CORRUPT, Reason.TRUNCATED)
    return UnreadablePhotoError(Reason.DAMAGED, f"{damage}; {error.detail}"[:200]) if damage and undecided else error


def _plain(data: bytes, name: str, max_megapixels: float) -> Image.Image:
    """Open what is no RAW by its first bytes; RAWs of older makes by LibRaw."""
    try:
        if (odd := _odd(data, max_megapixels, failed=False)) is not None:
            return odd
        if data[4:8] == b"ftyp" and data[8:12] not in KNOWN_BRANDS and (still := _still(data)) is not None:
            return still
        image = Image.open(io.BytesIO(data), formats=_formats())
        if image.format == "TIFF":
            image.info[_SPARE] = partial(_odd, data, max_megapixels, failed=True)
            mend_colour_map(image)
        return image
    except UnidentifiedImageError as error:
        suffix = suffix_of(name)
        if (image_of_variant := _of_variant(data, max_megapixels)) is not None:
            return image_of_variant
        if suffix in RAW and data.startswith(_OLDER_RAWS):
            return _by_libraw(data, suffix.upper())
        if data.startswith(_JPEG_XL) and EXTRAS["jxl"].format not in Image.OPEN:
            raise _needs_extra("jxl") from error
        if data.startswith(_BEGINNINGS) or data[4:8] == b"ftyp":
            raise UnreadablePhotoError(
                Reason.CORRUPT, "it begins as a picture does, and nothing more can be made of it"
            ) from error
        raise UnreadablePhotoError(
            Reason.UNSUPPORTED_FORMAT if suffix in UNSUPPORTED else Reason.NOT_AN_IMAGE
        ) from error
    except UnreadablePhotoError:
        raise
    except Exception as error:
        if (found := _of_variant(data, max_megapixels)) is not None:
            return found
        raise _decoding_failed(error) from error


def _odd(data: bytes, max_megapixels: float, *, failed: bool) -> Image.Image | None:
    """Return the picture of a TIFF that Pillow misreads, or failed to read; None where it is none; raise UnreadablePhotoError for a variant."""
    image, words = read_odd(data, max_megapixels * 1e6, failed=failed)
    if words:
        raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant of TIFF is not supported: {words}")
    return image


def _of_variant(data: bytes, max_megapixels: float) -> Image.Image | None:
    """Open what is of a variant that its decoder does not know by itself; raise UnreadablePhotoError for one that none reads."""
    if (odd := _odd(data, max_megapixels, failed=True)) is not None:
        return odd
    if (still := _still(data)) is not None:
        return still
    if words := variant_of(data):
        raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant is not supported: {words}")
    return None


def _still(data: bytes) -> Image.Image | None:
    """Open a HEIF or an AVIF under a brand that its decoder knows, None where it is none or can't be opened."""
    still = as_still(data)
    if still is None:
        return None
    try:
        return Image.open(io.BytesIO(still[0]), formats=(still[1],))
    except Exception as error:  # noqa: BLE001 - Pillow or pillow-heif on a brand that the file does not have
        log.debug("a picture under another brand: %s", type(error).__name__)
        return None


def _said_colours(data: bytes, form: str | None) -> tuple[int, int] | None:
    """Return colour primaries and transfer by their numbers (ITU-T H.273) where the file tells them and its decoder does not."""
    if form == "AVIF":
        return PictureFile(data).colours()
    at = data.find(_PNG_COLOURS, 0, max(0, data.find(b"IDAT"))) + len(_PNG_COLOURS) if form == "PNG" else 0
    return (data[at], data[at + 1]) if at >= len(_PNG_COLOURS) else None


def _preview(data: bytes, raw: Raw) -> Image.Image:
    """Open the largest JPEG in a RAW that is one, else the small picture a DNG begins with, else what LibRaw finds."""
    if raw.cut_off:
        raise UnreadablePhotoError(Reason.TRUNCATED, truncation.BEYOND)
    return _own_preview(data, raw, raw.previews) or _by_libraw(data, raw.format, raw)


def _own_preview(data: bytes, raw: Raw, spans: Sequence[ByteSpan]) -> Image.Image | None:
    """Open the first of these JPEGs in a RAW that is one, else the small picture a DNG begins with, None where neither is there."""
    for number, span in enumerate(spans, 1):
        if (image := _piece(data[slice(*span)], "JPEG")) is not None:
            image.info |= {
                _RAW: raw,
                _SPARE: partial(_own_preview, data, raw, spans[number:]),
                _BYTES: data[slice(*span)],
            }
            return image
    image = _piece(as_tiff(data), "TIFF") if raw.thumbnail else None
    if image is not None:
        image.info[_RAW] = raw
    return image


def _piece(data: bytes, form: str) -> Image.Image | None:
    """Open a picture in a RAW, None where it is none."""
    try:
        return Image.open(io.BytesIO(data), formats=(form,)) if form == "TIFF" or jpeg.has_end(data) else None
    except Exception as error:  # noqa: BLE001 - Pillow on a piece of a RAW: there may be another
        log.debug("a preview: %s", type(error).__name__)
        return None


def _by_libraw(data: bytes, form: str, walked: Raw | None = None) -> Image.Image:
    """Open the preview that LibRaw finds in a RAW; where its own tags lie is what our own walk found."""
    if not libraw.installed():
        raise _needs_extra(form.lower())
    told = walked.told if walked is not None else older_raws.canon_sizes(data)
    image, raw = libraw.libraw_preview(data, form, told)
    if walked is not None:
        raw.tiff, raw.blocks, raw.xmp = walked.tiff, walked.blocks, walked.xmp
    image.info[_RAW] = raw
    return image


def _needs_extra(suffix: str) -> UnreadablePhotoError:
    extra = EXTRAS.get(suffix, EXTRAS["crw"])
    return UnreadablePhotoError(Reason.NEEDS_EXTRA, f"pip install 'dejashot[{extra.name}]'")


def _formats() -> tuple[str, ...]:
    """Return the formats that may be opened, with the extra where it is installed."""
    return (*FORMATS, *(extra.format for extra in dict.fromkeys(EXTRAS.values()) if extra.format in Image.OPEN))


def raw_of(image: Image.Image) -> Raw | None:
    """Return what is known of the RAW whose preview a picture is, None for any other picture."""
    raw = image.info.get(_RAW)
    return raw if isinstance(raw, Raw) else None


def format_of(image: Image.Image) -> str:
    """Return the format of the file; a JPEG with others behind it is one, whatever they are."""
    raw = raw_of(image)
    if raw is not None:
        return raw.format
    return "JPEG" if image.format == "MPO" else image.format or ""


def _orientation(image: Image.Image) -> object:
    """Return how a picture is to be turned: a RAW's preview as it says itself, else as the RAW does, unless it stands upright already."""
    try:
        own: object = _exif(image).get(0x0112)
    except Exception:  # noqa: BLE001 - Pillow's EXIF parser; a picture with broken tags is still a picture
        own = None
    raw = raw_of(image)
    if raw is None or image.format == "TIFF" or own is not None:
        return own
    stands = raw.size is not None and (image.width < image.height) != (raw.size[0] < raw.size[1])
    return 1 if stands and raw.orientation >= _SIDEWAYS else raw.orientation


def has_make(image: Image.Image) -> bool:
    """Tell whether a picture is of a RAW, or names the maker of a camera."""
    try:
        return raw_of(image) is not None or bool(_exif(image).get(_MAKE))
    except Exception:  # noqa: BLE001 - Pillow's EXIF parser; a picture with broken tags is still a picture
        return False


def _exif(image: Image.Image) -> Image.Exif:
    """Return a picture's EXIF; of an AVIF without Pillow's look at XMP: the file turns its picture itself, as EXIF is made to say."""
    if image.format == "PNG":
        _load(image)  # as Pillow would, for what stands behind the picture, and swallow what is wrong
    if image.format != "AVIF":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height as a person sees them, orientation applied; of a RAW those of its own picture, not of the preview."""
    raw = raw_of(image)
    if raw is not None and raw.size is not None:
        turn = raw.orientation if raw.orientation > 1 else _orientation(image)
        return raw.size[::-1] if turn in range(_SIDEWAYS, 9) else raw.size
    width, height = image.size
    if image.format == "TIFF":
        return width, height  # Pillow turns a TIFF itself and tells the turned size beforehand
    if _STEPS in image.info:
        return placed_size(image.size, image.info[_STEPS])
    turned = _orientation(image) in range(_SIDEWAYS, 9)
    return (height, width) if turned else (width, height)


def upright_pixels(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Decode to upright RGB of no less than `at_least` (width, height) where the picture has that, JPEG by scaled decoding.

    Only the first frame is decoded, transparency lies on white. Where the preview of a RAW is damaged inside the next smaller one is
    taken, and `image` has its colours from then on. Raises UnreadablePhotoError.
    """
    try:
        whole_picture = _decoded(image, max(at_least))
        factor = min(whole_picture.width // (2 * max(at_least)), whole_picture.height // (2 * max(at_least)))
        small = (
            whole_picture.reduce(factor) if factor > 1 and whole_picture.mode in ("RGB", "L", "RGBA") else whole_picture
        )
        flat = _flat(small)
        if _STEPS in image.info:
            return placed(flat, image.info[_STEPS])
        orientation = _orientation(image)
    except Exception as error:
        spare = image.info[_SPARE]() if _SPARE in image.info else None
        if spare is None:
            raise _as_damaged(_decoding_failed(error), decoded_damage(image)) from error
        log.debug("it can't be decoded, another way is taken: %s", type(error).__name__)
        _note_damage(spare, decoded_damage(image) or (_PREVIEW_DAMAGED if raw_of(image) else ""))
        found = upright_pixels(spare, at_least)
        image.info = spare.info
        return found
    return _turned(flat, orientation)


def _load(image: Image.Image) -> None:
    """Have a picture decoded; what fails once fails again, where Pillow would go on with black."""
    failed = image.info.get(_FAILED)
    if isinstance(failed, Exception):
        raise failed
    try:
        image.load()
    except Exception as error:
        if str(error).startswith("APNG"):  # of an animation only the first picture counts, and that is there
            return
        image.info[_FAILED] = error
        raise


def _decoded(image: Image.Image, side: int) -> Image.Image:
    """Return a picture decoded: a JPEG at a scale at which no side is shorter than `side`, and strictly, so that its damage is known."""
    if image.format not in ("JPEG", "MPO"):
        _load(image)
        return image
    image.draft("RGB", (side, side))
    data = image.info.get(_BYTES, b"")
    pixels, damage = jpeg.strictly(data, image.size)
    if pixels is not None:
        return Image.fromarray(pixels)
    _note_damage(image, damage and (_PREVIEW_DAMAGED if raw_of(image) else damage))
    try:
        image.load()
    except Exception:
        if not damage or (again := jpeg.mended(data)) is None:
            raise
        fresh = Image.open(io.BytesIO(again), formats=("JPEG",))
        fresh.draft("RGB", (side, side))
        fresh.load()
        return fresh
    return image


def _flat(image: Image.Image) -> Image.Image:
    """Return RGB: grey of 16 bits or of floating-point numbers scaled to 8, transparency laid on white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        wide = np.asarray(image.convert("F"))
        most = wide.max(initial=0.0)
        scale = 255.0 / 65535.0 if most > 255 else 255.0 if image.mode == "F" and most <= MAX_LIGHT else 1.0
        return Image.fromarray(np.clip(np.nan_to_num(wide) * scale, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        sheet = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        sheet.alpha_composite(rgba)
        return sheet.convert("RGB")
    return image.convert("RGB")


def _turned(image: Image.Image, orientation: object) -> Image.Image:
    """Apply an EXIF orientation to decoded pixels."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _decoding_failed(error: Exception) -> UnreadablePhotoError:
    """Give a decoder's error its typed reason."""
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return UnreadablePhotoError(Reason.TOO_MANY_PIXELS)
    if isinstance(error, MemoryError):
        return UnreadablePhotoError(Reason.OUT_OF_MEMORY)
    text = f"{type(error).__name__}: {error}"
    lower = text.lower()
    if "not been built in" in lower or "unsupported codec" in lower:
        return UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, f"this variant is not supported: {text[:200]}")
    if any(sign in lower for sign in _TRUNCATED_SIGNS):
        return UnreadablePhotoError(Reason.TRUNCATED, text[:200])
    if "limit" in lower and "exceed" in lower:  # libheif says that memory is lacking where it refuses a size
        return UnreadablePhotoError(Reason.TOO_MANY_PIXELS, text[:200])
    if "memory" in lower or "alloc" in lower:
        return UnreadablePhotoError(Reason.OUT_OF_MEMORY, text[:200])
    return UnreadablePhotoError(Reason.CORRUPT, text[:200])

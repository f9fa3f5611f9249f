"""From untrusted bytes to upright pixels: one open, an allow-list of formats, limits, and a typed reason for every failure."""

import contextlib
import errno
import importlib
import io
import logging
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, UnidentifiedImageError

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.intake.names import EXTRAS, RAW, UNSUPPORTED, suffix_of
from dejashot.intake.opening import open_unfollowed
from dejashot.models import FileStamp
from dejashot.reading import libraw, older_raws
from dejashot.reading.boxes import PictureFile, Span
from dejashot.reading.raw import Raw, as_tiff, find_raw
from dejashot.reading.whole import BEYOND, has_end, missing

log = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "HEIF", "BMP", "DIB")
_TRUNCATED_SIGNS = ("truncated", "unexpected end", "not enough", "broken data stream", "premature", "incomplete", "no more", "eof")
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
_RAW = "raw"  # where an opened preview keeps what is known of the RAW that it is from
_SPARE = "spare"  # and how the next smaller one is opened, None where there is none
_MOST_LIGHT = 16.0  # up to here the floating-point numbers of a picture count light, 1 for white
_PNG_COLOURS = b"\0\0\0\4cICP"


def prepare_decoders(max_megapixels: float) -> None:
    """Register the decoders besides Pillow's own and set Pillow's pixel limit; call once, in the worker process."""
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    with contextlib.suppress(ImportError):  # an extra
        importlib.import_module("pillow_jxl")
    Image.MAX_IMAGE_PIXELS = int(max_megapixels * 1e6)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_bytes(path: bytes, max_bytes: int) -> tuple[bytes, FileStamp]:
    """Return the bytes of a regular file and their stamp, following no link anywhere in its absolute path and waiting for no pipe.

    Raises UnreadablePhotoError when the file is not regular, too large, or changes while it is read.
    """
    with open_regular(path) as (file, status):
        if status.st_size == 0:
            raise UnreadablePhotoError(Reason.EMPTY)
        if status.st_size > max_bytes:
            raise UnreadablePhotoError(Reason.FILE_TOO_LARGE, f"{status.st_size} bytes")
        data = file.readall()
        after = os.fstat(file.fileno())
    if FileStamp.of(after) != FileStamp.of(status) or len(data) != after.st_size:
        raise UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
    return data, FileStamp.of(after)


@contextmanager
def open_regular(path: bytes) -> Iterator[tuple[io.FileIO, os.stat_result]]:
    """Hold a regular file open, with its stat, following no link anywhere in its absolute path and waiting for no pipe.

    Raises UnreadablePhotoError, also for what the system says while it is read.
    """
    try:
        with open(open_unfollowed(path), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadablePhotoError(Reason.NOT_A_REGULAR_FILE)
            yield file, status
    except OSError as error:
        raise _typed(error) from error


def _typed(error: OSError) -> UnreadablePhotoError:
    reason = {
        errno.ENOENT: Reason.VANISHED,
        errno.ENOTDIR: Reason.VANISHED,
        errno.EACCES: Reason.PERMISSION_DENIED,
        errno.EPERM: Reason.PERMISSION_DENIED,
        errno.ELOOP: Reason.NOT_A_REGULAR_FILE,
        errno.ENXIO: Reason.NOT_A_REGULAR_FILE,
        errno.EISDIR: Reason.NOT_A_REGULAR_FILE,
    }.get(error.errno or 0, Reason.IO_ERROR)
    return UnreadablePhotoError(reason, error.strerror or "")


def open_image(data: bytes, name: str, max_megapixels: float) -> Image.Image:
    """Open a picture of an allowed format, or the preview in a RAW, without decoding it; raise UnreadablePhotoError with a typed reason."""
    raw = find_raw(data, name)
    if raw is None and (what := missing(data)):
        raise UnreadablePhotoError(Reason.TRUNCATED, what)
    image = _plain(data, name) if raw is None else _preview(data, raw)
    if (said := _said_colours(data, image.format)) is not None:  # to be told as pillow-heif tells it
        image.info["nclx_profile"] = {"color_primaries": said[0], "transfer_characteristics": said[1]}
    if image.width * image.height > max_megapixels * 1e6:
        raise UnreadablePhotoError(Reason.TOO_MANY_PIXELS, f"{image.width} x {image.height}")
    return image


def _plain(data: bytes, name: str) -> Image.Image:
    """Open what is no RAW by its first bytes; RAWs of older makes by LibRaw."""
    try:
        return Image.open(io.BytesIO(data), formats=_formats())
    except UnidentifiedImageError as error:
        suffix = suffix_of(name)
        if suffix in RAW and data.startswith(_OLDER_RAWS):
            return _by_libraw(data, suffix.upper())
        if data.startswith(_JPEG_XL) and EXTRAS["jxl"].format not in Image.OPEN:
            raise _needs_extra("jxl") from error
        if data.startswith(_BEGINNINGS) or data[4:8] == b"ftyp":
            raise UnreadablePhotoError(Reason.CORRUPT, "it begins as a picture does, and nothing more can be made of it") from error
        raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT if suffix in UNSUPPORTED else Reason.NOT_AN_IMAGE) from error
    except Exception as error:
        raise _decoding_failed(error) from error


def _said_colours(data: bytes, form: str | None) -> tuple[int, int] | None:
    """Return colour primaries and transfer by their numbers (ITU-T H.273) where the file tells them and its decoder does not."""
    if form == "AVIF":
        return PictureFile(data).colours()
    at = data.find(_PNG_COLOURS, 0, max(0, data.find(b"IDAT"))) + len(_PNG_COLOURS) if form == "PNG" else 0
    return (data[at], data[at + 1]) if at >= len(_PNG_COLOURS) else None


def _preview(data: bytes, raw: Raw) -> Image.Image:
    """Open the largest JPEG in a RAW that is one, else the small picture a DNG begins with, else what LibRaw finds."""
    if raw.cut_off:
        raise UnreadablePhotoError(Reason.TRUNCATED, BEYOND)
    return _own_preview(data, raw, raw.previews) or _by_libraw(data, raw.format, raw)


def _own_preview(data: bytes, raw: Raw, spans: Sequence[Span]) -> Image.Image | None:
    """Open the first of these JPEGs in a RAW that is one, else the small picture a DNG begins with, None where neither is there."""
    for number, span in enumerate(spans, 1):
        if (image := _piece(data[slice(*span)], "JPEG")) is not None:
            image.info |= {_RAW: raw, _SPARE: partial(_own_preview, data, raw, spans[number:])}
            return image
    image = _piece(as_tiff(data), "TIFF") if raw.thumbnail else None
    if image is not None:
        image.info[_RAW] = raw
    return image


def _piece(data: bytes, form: str) -> Image.Image | None:
    """Open a picture in a RAW, None where it is none."""
    try:
        return Image.open(io.BytesIO(data), formats=(form,)) if form == "TIFF" or has_end(data) else None
    except Exception as error:  # noqa: BLE001 - Pillow on a piece of a RAW: there may be another
        log.debug("a preview: %s", type(error).__name__)
        return None


def _by_libraw(data: bytes, form: str, walked: Raw | None = None) -> Image.Image:
    """Open the preview that LibRaw finds in a RAW; where its own tags lie is what our own walk found."""
    if not libraw.installed():
        raise _needs_extra(form.lower())
    told = walked.told if walked is not None else older_raws.canon_sizes(data)
    image, raw = libraw.preview(data, form, told)
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


def _exif(image: Image.Image) -> Image.Exif:
    """Return a picture's EXIF; of an AVIF without Pillow's look at XMP: the file turns its picture itself, as EXIF is made to say."""
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
    turned = _orientation(image) in range(_SIDEWAYS, 9)
    return (height, width) if turned else (width, height)


def upright_pixels(image: Image.Image, at_least: tuple[int, int]) -> Image.Image:
    """Decode to upright RGB of no less than `at_least` (width, height) where the picture has that, JPEG by scaled decoding.

    Only the first frame is decoded, transparency lies on white. Where the preview of a RAW is damaged inside the next smaller one is
    taken, and `image` has its colours from then on. Raises UnreadablePhotoError.
    """
    try:
        if image.format in ("JPEG", "MPO"):
            image.draft("RGB", (max(at_least), max(at_least)))
        image.load()
        factor = min(image.width // (2 * max(at_least)), image.height // (2 * max(at_least)))
        small = image.reduce(factor) if factor > 1 and image.mode in ("RGB", "L", "RGBA") else image
        flat = _flat(small)
        orientation = _orientation(image)
    except Exception as error:
        spare = image.info[_SPARE]() if _SPARE in image.info else None
        if spare is None:
            raise _decoding_failed(error) from error
        log.debug("a preview is damaged, a smaller one is taken: %s", type(error).__name__)
        found = upright_pixels(spare, at_least)
        image.info = spare.info
        return found
    return _turned(flat, orientation)


def _flat(image: Image.Image) -> Image.Image:
    """Return RGB: grey of 16 bits or of floating-point numbers scaled to 8, transparency laid on white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        wide = np.asarray(image.convert("F"))
        most = wide.max(initial=0.0)
        scale = 255.0 / 65535.0 if most > 255 else 255.0 if image.mode == "F" and most <= _MOST_LIGHT else 1.0
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
    if any(sign in lower for sign in _TRUNCATED_SIGNS):
        return UnreadablePhotoError(Reason.TRUNCATED, text[:200])
    if "memory" in lower or "alloc" in lower:
        return UnreadablePhotoError(Reason.OUT_OF_MEMORY, text[:200])
    if "limit" in lower and "exceed" in lower:
        return UnreadablePhotoError(Reason.TOO_MANY_PIXELS, text[:200])
    return UnreadablePhotoError(Reason.CORRUPT, text[:200])


def file_name(path: bytes) -> str:
    """Return a path's last part as text, undecodable bytes as surrogates."""
    return Path(os.fsdecode(path)).name

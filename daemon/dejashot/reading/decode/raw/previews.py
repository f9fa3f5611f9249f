"""The preview in a RAW: its own JPEGs, the thumbnail of a DNG, or what LibRaw finds."""

import io
import logging
from collections.abc import Sequence
from functools import partial

from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode.containers.iso_boxes import ByteSpan
from dejashot.reading.decode.containers.jpeg_markers import has_end_marker
from dejashot.reading.decode.damage import BEYOND
from dejashot.reading.decode.decode_errors import missing_extra
from dejashot.reading.decode.image_state import state_of_image
from dejashot.reading.decode.raw import libraw
from dejashot.reading.decode.raw.older_raws import crw_sizes
from dejashot.reading.decode.raw.raw_file import RawFile
from dejashot.reading.decode.raw.tiff_raw import as_tiff

log = logging.getLogger(__name__)


def open_preview(data: bytes, raw: RawFile) -> Image.Image:
    """Open the largest whole JPEG in a RAW, else the thumbnail a DNG begins with, else what LibRaw finds.

    Raises UnreadablePhotoError.
    """
    if raw.truncated:
        raise UnreadablePhotoError(Reason.TRUNCATED, BEYOND)
    return _own_preview(data, raw, raw.previews) or open_with_libraw(data, raw.format, raw)


def open_with_libraw(data: bytes, form: str, walked: RawFile | None = None) -> Image.Image:
    """Open the preview that LibRaw finds in a RAW; its tags are where our own walk found them.

    Raises UnreadablePhotoError, also where LibRaw is not installed.
    """
    if not libraw.installed():
        raise missing_extra(form.lower())
    sizes = walked.stated_sizes if walked is not None else crw_sizes(data)
    image, raw = libraw.libraw_preview(data, form, sizes)
    if walked is not None:
        raw.is_tiff, raw.tag_blocks, raw.xmp = walked.is_tiff, walked.tag_blocks, walked.xmp
    state_of_image(image).raw = raw
    return image


def _own_preview(data: bytes, raw: RawFile, spans: Sequence[ByteSpan]) -> Image.Image | None:
    """Open the first of these JPEGs that is one, else a DNG's thumbnail; None where there is neither."""
    for number, span in enumerate(spans, 1):
        piece = data[slice(*span)]
        if (image := _open_piece(piece, "JPEG")) is not None:
            state = state_of_image(image)
            state.raw, state.jpeg = raw, piece
            state.fallback = partial(_own_preview, data, raw, spans[number:])
            return image
    image = _open_piece(as_tiff(data), "TIFF") if raw.thumbnail else None
    if image is not None:
        state_of_image(image).raw = raw
    return image


def _open_piece(data: bytes, form: str) -> Image.Image | None:
    """Open a picture in a RAW, None where it is none."""
    try:
        return Image.open(io.BytesIO(data), formats=(form,)) if form == "TIFF" or has_end_marker(data) else None
    except Exception as error:  # noqa: BLE001 - Pillow on a piece of a RAW: there may be another
        log.debug("a preview: %s", type(error).__name__)
        return None

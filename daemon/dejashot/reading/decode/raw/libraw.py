"""RAWs that our own walk finds no picture in, through LibRaw's preview: only where the extra `raw` is installed."""

import importlib
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.reading.decode.raw.raw_file import RawFile, RawSize

MARGIN = 0.1  # of a sensor's width or height may be invisible
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}  # LibRaw's, as EXIF numbers them


def installed() -> bool:
    """Return whether LibRaw is installed."""
    return _rawpy() is not None


def _rawpy() -> Any:
    try:
        return importlib.import_module("rawpy")
    except ImportError:
        return None


def visible_size(sizes: Any, stated: Sequence[RawSize] = ()) -> RawSize | None:
    """Return width and height of the visible part of a sensor; `sizes` are LibRaw's, `stated` those in the tags.

    It is the camera's crop, else the smallest stated size that fits closely, else LibRaw's; None where it has none.
    """
    whole, crop = (int(sizes.width), int(sizes.height)), (int(sizes.crop_width), int(sizes.crop_height))
    if min(whole) <= 0:
        return None
    cropped = all(whole[n] < 2 * crop[n] <= 2 * whole[n] for n in (0, 1))
    close = [size for size in stated if all((1 - MARGIN) * whole[n] <= size[n] <= whole[n] for n in (0, 1))]
    return crop if cropped else min([whole, *close], key=lambda size: size[0] * size[1])


def libraw_preview(data: bytes, form: str, stated: Sequence[RawSize] = ()) -> tuple[Image.Image, RawFile]:
    """Return the preview in a RAW, not decoded, and what is known of the RAW; `stated` are the sizes in its tags.

    Nothing is developed. Raises UnreadablePhotoError when there is no preview, or LibRaw can't read the file.
    """
    rawpy = _rawpy()
    try:
        with rawpy.imread(io.BytesIO(data)) as opened:
            thumb, sizes = opened.extract_thumb(), opened.sizes
            raw = RawFile(form, size=visible_size(sizes, stated), orientation=_ORIENTATIONS.get(int(sizes.flip), 1))
            if thumb.format == rawpy.ThumbFormat.JPEG:
                return Image.open(io.BytesIO(thumb.data), formats=("JPEG",)), raw
            return Image.fromarray(thumb.data), raw
    except Exception as error:
        if "Thumbnail" in type(error).__name__:
            raise UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT, "there is no preview in it") from error
        raise UnreadablePhotoError(Reason.CORRUPT, f"LibRaw: {type(error).__name__}: {error}"[:200]) from error

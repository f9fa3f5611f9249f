"""The thumbnail in a HEIC, for what needs no more than a small picture: it is decoded in a few milliseconds."""

import logging

import numpy as np
import numpy.typing as npt
from PIL import Image

from dejashot.language.texts import noted
from dejashot.reading.decode.damage import has_whole_thumbnail
from dejashot.reading.decode.formats import open_picture

log = logging.getLogger(__name__)

SMALLEST_PX = 200  # the short side of a thumbnail that is of use
ONLY_THUMBNAIL = noted("its thumbnail alone can be decoded")
_CELLS = 16
# thumbnail and picture in cells of luma, but for a change of tone: codings of one photo differ by 11 levels at most
_MOST_LEVELS, _USUAL_LEVELS, _LEAST_CORRELATION = 32.0, 2.0, 0.93


def open_thumbnail(data: bytes, name: str, max_pixels: float, at_least_px: int) -> Image.Image | None:
    """Open a HEIC as its smallest thumbnail with a short side of `at_least_px`; None where it has none.

    A thumbnail of another shape, crop, rotation or colour profile than the picture is passed over, and a damaged one.
    """
    if not has_whole_thumbnail(data):
        return None
    try:
        image = open_picture(data, name, max_pixels)
        return image if image.draft("RGB", (at_least_px, at_least_px)) is not None else None
    except Exception as error:  # noqa: BLE001 - decoders raise whatever the bytes provoke; the picture is still there
        log.debug("a thumbnail: %s", type(error).__name__)
        return None


def shows_same(thumbnail: Image.Image, picture: Image.Image) -> bool:
    """Return whether a thumbnail shows what its picture shows, both upright, whatever their tones."""
    small, whole = _cells(thumbnail), _cells(picture)
    deviation = whole - whole.mean()
    slope = float((small * deviation).sum() / max(1e-6, (deviation**2).sum()))
    left = np.abs(small - small.mean() - slope * deviation)
    if left.max() > _MOST_LEVELS:
        return False
    correlation = slope * float(whole.std()) / max(1e-6, float(small.std()))
    return correlation >= _LEAST_CORRELATION or float(left.mean()) <= _USUAL_LEVELS


def _cells(picture: Image.Image) -> npt.NDArray[np.float64]:
    """Return the luma of a picture in 16 x 16 cells."""
    return np.asarray(picture.convert("L").resize((_CELLS, _CELLS), Image.Resampling.BOX), dtype=np.float64)

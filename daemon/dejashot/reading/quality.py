"""A closer look at a shot that has look-alikes: sharpness, clipping, brightness, and a small picture for the digest."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from dejashot.models import Quality

LOOK_PX = 1024
PREVIEW_PX = 360
_BLUR_RADIUS = 0.8
_VARIANCE_FLOOR = 25.0


def measure(picture: Image.Image) -> Quality:
    """Measure an upright RGB picture at a long side of 1024 pixels.

    Sharpness is the square root of the normalised Tenengrad: Sobel energy after a Gaussian of 0.8 pixels, over the variance of
    the luma plus 25, so that neither exposure nor noise passes for sharpness. Smaller pictures are enlarged: a reduced copy
    is measured at the size it would be looked at.
    """
    scale = LOOK_PX / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    luma = picture.convert("L").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    grey = np.asarray(luma, dtype=np.float32)
    smooth = np.asarray(luma.filter(ImageFilter.GaussianBlur(_BLUR_RADIUS)), dtype=np.float32)
    return Quality(
        sharpness=float(np.sqrt(_tenengrad(smooth) / (grey.var() + _VARIANCE_FLOOR))),
        clipped_light=float(np.mean(grey >= 251)),
        clipped_dark=float(np.mean(grey <= 4)),
        brightness=float(grey.mean()),
    )


def _tenengrad(grey: npt.NDArray[np.float32]) -> float:
    """Return the mean squared Sobel gradient (Tenenbaum 1970)."""
    columns = grey[:-2] + 2 * grey[1:-1] + grey[2:]
    rows = grey[:, :-2] + 2 * grey[:, 1:-1] + grey[:, 2:]
    across = columns[:, 2:] - columns[:, :-2]
    down = rows[2:] - rows[:-2]
    return float(np.mean(across * across + down * down))


def preview(picture: Image.Image) -> bytes:
    """Return a small WebP of an upright RGB picture, re-encoded from pixels: no metadata goes along."""
    small = picture.copy()
    small.thumbnail((PREVIEW_PX, PREVIEW_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    bare = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=72, method=4)
    return out.getvalue()

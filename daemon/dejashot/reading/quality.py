"""A closer look at a shot that has look-alikes: sharpness, clipping, brightness, and a small picture for the digest."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from dejashot.models import Quality

LOOK_PX = 1024
PREVIEW_PX = 360
_VARIANCE_FLOOR = 25.0
_GAUSSIAN = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))  # standard deviation 0.7 pixels


def measure(picture: Image.Image) -> Quality:
    """Measure an upright RGB picture at a long side of 1024 pixels.

    Sharpness is the square root of the normalised Tenengrad: Sobel energy after a small Gaussian, over the variance of the
    luma plus 25, so that neither exposure nor noise passes for sharpness. Smaller pictures are enlarged: a reduced copy
    is measured at the size it would be looked at.
    """
    scale = LOOK_PX / max(picture.size)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    luma = picture.convert("L").resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    counts = np.array(luma.histogram(), dtype=np.float64)
    shares = counts / counts.sum()
    levels = np.arange(256)
    mean = float(shares @ levels)
    variance = float(shares @ (levels - mean) ** 2)
    smooth = np.asarray(luma.filter(_GAUSSIAN), dtype=np.float32)
    return Quality(
        sharpness=float(np.sqrt(_tenengrad(smooth) / (variance + _VARIANCE_FLOOR))),
        clipped_light=float(shares[251:].sum()),
        clipped_dark=float(shares[:5].sum()),
        brightness=mean,
    )


def _tenengrad(grey: npt.NDArray[np.float32]) -> float:
    """Return the mean squared Sobel gradient (Tenenbaum 1970)."""
    columns = grey[:-2] + grey[2:]
    columns += grey[1:-1]
    columns += grey[1:-1]
    rows = grey[:, :-2] + grey[:, 2:]
    rows += grey[:, 1:-1]
    rows += grey[:, 1:-1]
    across = columns[:, 2:] - columns[:, :-2]
    down = rows[2:] - rows[:-2]
    return (float(np.vdot(across, across)) + float(np.vdot(down, down))) / across.size


def preview(picture: Image.Image) -> bytes:
    """Return a small JPEG of an upright RGB picture, re-encoded from pixels: no metadata goes along."""
    scale = min(1.0, PREVIEW_PX / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    bare = Image.frombytes("RGB", small.size, small.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=74, optimize=True)
    return out.getvalue()

"""How much more light one picture holds than another."""

import math

import numpy as np

from dejashot.models.arrays import Floats64, Levels

_COUNTS = 256
_LEAST_LIGHT = 1e-4  # of white: below it a camera's black tells nothing


def light_step(a: Levels, b: Levels) -> float:
    """Return by how many stops the mean light of two lumas (sRGB) differs."""
    return abs(math.log2(_mean_light(a) / _mean_light(b)))


def _mean_light(luma: Levels) -> float:
    """Return the mean linear light of a luma, 1 for white."""
    import cv2  # noqa: PLC0415 - it takes time to load, and only those who make reports need it

    counts = cv2.calcHist([luma], [0], None, [_COUNTS], [0, _COUNTS]).ravel().astype(np.float64)
    return max(float(counts @ _linear_levels()) / luma.size, _LEAST_LIGHT)


def _linear_levels() -> Floats64:
    """Return the linear light of each level (IEC 61966-2-1)."""
    coded = np.arange(_COUNTS) / (_COUNTS - 1)
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)

"""Is one picture the other, saved again: reduced and compressed, with nothing moved, cropped or recoloured?"""

import math

import numpy as np

from dejashot.models.arrays import Floats32, Levels

MOST_DIFFERENCE = 1.0  # of two lumas that are one picture, by `resaved_difference`
_BLOCK_PX = 16
_BLUR_PX = 2.0  # what resizing and compression change is finer than that
_TOLERANCE_LEVELS = 1.8  # by which a flat block may differ
_PER_GRADIENT = 0.27  # pixels by which edges may lie elsewhere
_CHROMA_LEVELS, _CHROMA_SHARE = 0.7, 0.06  # on average, and of its strength: an edit by a quarter differs by 0.25
_CHROMA = np.array([(-0.1687, 0.5), (-0.3313, -0.4187), (0.5, -0.0813)], np.float32)
_MOST_ROUNDING_PX = 2  # of a side: two ways of reducing a picture round differently
_LEAST_SIDE_PX, _LEAST_DEVIATION = 192, 6.0  # a smaller or an emptier picture shows too little to be told by


def resaved_difference(a: Levels, b: Levels) -> float:
    """Return how far two lumas (uint8, long side of 768 pixels at most) are from being one picture saved twice.

    It is that of the block that differs most, in units of what saving again explains: copies stay below 1. It is
    infinite where the frames differ, or show too little.
    """
    import cv2  # noqa: PLC0415 - it takes time to load, and only those who make reports need it

    small, large = sorted((a, b), key=lambda luma: luma.shape)
    if not _have_one_frame(small, large) or min(small.std(), large.std()) < _LEAST_DEVIATION:
        return math.inf
    fitted = cv2.resize(large, small.shape[::-1], interpolation=cv2.INTER_AREA)
    soft = [cv2.GaussianBlur(luma.astype(np.float32), (0, 0), _BLUR_PX) for luma in (small, fitted)]
    first, second = (np.asarray(luma, np.float32) for luma in soft)
    detail = np.asarray((_squared_gradients(first) + _squared_gradients(second)) / 2, np.float32)
    differs = np.sqrt(_block_means((first - second) ** 2))
    explained = _TOLERANCE_LEVELS + _PER_GRADIENT * np.sqrt(_block_means(detail))
    return float((differs / explained).max())


def are_recoloured(a: Levels, b: Levels) -> bool:
    """Return whether two pictures in few cells (uint8 sRGB [n, n, 3]) differ in colour by more than saving explains."""
    first, second = _chroma(a), _chroma(b)
    strength = (np.abs(first).mean() + np.abs(second).mean()) / 2
    return bool(np.abs(first - second).mean() > _CHROMA_LEVELS + _CHROMA_SHARE * strength)


def _chroma(colours: Levels) -> Floats32:
    """Return the two chroma planes of JPEG (ITU-R BT.601) [n, n, 2]."""
    return np.asarray(colours.astype(np.float32) @ _CHROMA, np.float32)


def _have_one_frame(small: Levels, large: Levels) -> bool:
    """Return whether two pictures have one aspect, but for rounding, and are large enough."""
    if min(small.shape) < _LEAST_SIDE_PX:
        return False
    scale = max(small.shape) / max(large.shape)
    sides = zip(small.shape, large.shape, strict=True)
    return all(abs(have - side * scale) <= _MOST_ROUNDING_PX for have, side in sides)


def _squared_gradients(luma: Floats32) -> Floats32:
    """Return the squared slope of a luma at each pixel, in levels per pixel."""
    import cv2  # noqa: PLC0415

    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(across**2 + down**2, np.float32)


def _block_means(values: Floats32) -> Floats32:
    """Return the means of square blocks; what is left over at the right and the lower edge is left out."""
    height, width = (side // _BLOCK_PX for side in values.shape)
    whole = values[: height * _BLOCK_PX, : width * _BLOCK_PX]
    return np.asarray(whole.reshape(height, _BLOCK_PX, width, _BLOCK_PX).mean(axis=(1, 3)), np.float32)

"""Local features of a picture: points with their surroundings, luma, and an outline free of tones."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from dejashot.models.arrays import Floats32, Levels
from dejashot.models.features import (
    COLOUR_SIDE,
    DESCRIPTOR_SIZE,
    FEATURES_PX,
    MAX_OUTLINE,
    MAX_POINTS,
    OUTLINE_SIDE,
    LocalFeatures,
)
from dejashot.reading.decode.colour import in_srgb, is_srgb
from dejashot.reading.vision.opencv import opencv

# of the long side, and layers an octave of scales, one more than usual: a third of the time of 768 pixels, and the same
# pairs are found, as exactly
_SEARCHED_PX, _LAYERS = 384, 4
_MIN_CONTRAST = 0.01  # of a point; the default of 0.04 leaves too few in dark pictures
_DARKEST_SHARE, _LIGHTEST_SHARE = 0.005, 0.997
_LEAST_RANGE = 3.0  # levels: less than that is noise, and is not stretched further
_EQUALISER_LIMIT, _EQUALISER_TILES = 3.0, (8, 8)
_DESCRIPTOR_SCALE = 512.0  # of a descriptor of unit length
_OUTLINE_SIGMA_PX, _LEAST_DEVIATION = 8.0, 0.02


def local_features(picture: Image.Image, info: Mapping[Any, Any]) -> LocalFeatures:
    """Return the local features of an upright RGB picture, given its decoder's `info`, which has its colours.

    It is reduced to a long side of 768 pixels; smaller ones stay as they are. Raises ModelError without OpenCV.
    """
    scale = min(1.0, FEATURES_PX / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if not is_srgb(info):
        picture = in_srgb(picture.resize(size, Image.Resampling.HAMMING), info)
    luma = np.asarray(picture.convert("L").resize(size, Image.Resampling.HAMMING))
    with opencv() as cv2:
        colours = cv2.resize(np.asarray(picture), (COLOUR_SIDE, COLOUR_SIDE), interpolation=cv2.INTER_AREA)
        points, descriptors = _described_points(luma, cv2)
        return LocalFeatures(points, descriptors, luma, _outline(luma, cv2), np.asarray(colours, np.uint8))


def _described_points(luma: Levels, cv2: ModuleType) -> tuple[Floats32, Levels]:
    """Return the strongest points of a luma and their descriptors (RootSIFT: square roots of shares)."""
    finder = cv2.SIFT.create(nfeatures=MAX_POINTS, nOctaveLayers=_LAYERS, contrastThreshold=_MIN_CONTRAST)
    equaliser = cv2.createCLAHE(_EQUALISER_LIMIT, _EQUALISER_TILES)
    size = np.array(luma.shape[::-1])
    searched = np.maximum(1, np.rint(size * min(1.0, _SEARCHED_PX / size.max()))).astype(np.int64)
    small = cv2.resize(equaliser.apply(_levelled(luma, cv2)), searched.tolist(), interpolation=cv2.INTER_AREA)
    found, histograms = finder.detectAndCompute(small, None)
    if histograms is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, DESCRIPTOR_SIZE), np.uint8)
    points = np.array([each.pt for each in found[:MAX_POINTS]])  # it may find one or two more
    shares = histograms[:MAX_POINTS] / np.maximum(histograms[:MAX_POINTS].sum(axis=1, keepdims=True), 1.0)
    in_luma = ((points + 0.5) * size / searched - 0.5).clip(0, size).astype(np.float32)
    return in_luma, np.rint(np.sqrt(shares) * _DESCRIPTOR_SCALE).clip(0, 255).astype(np.uint8)


def _levelled(luma: Levels, cv2: ModuleType) -> Levels:
    """Return a luma stretched to all levels."""
    below = np.cumsum(cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel()) / luma.size
    dark, light = np.searchsorted(below, (_DARKEST_SHARE, _LIGHTEST_SHARE))
    stretched = (np.arange(256) - dark) / max(light - dark, _LEAST_RANGE)
    return np.asarray(cv2.LUT(luma, (stretched.clip(0, 1) * 255).astype(np.uint8)), np.uint8)


def _outline(luma: Levels, cv2: ModuleType) -> Floats32:
    """Return a luma as a square without its tones."""
    small = cv2.resize(luma, (OUTLINE_SIDE, OUTLINE_SIDE), interpolation=cv2.INTER_AREA)
    tones = np.log1p(small.astype(np.float32))
    detail = tones - cv2.GaussianBlur(tones, (0, 0), _OUTLINE_SIGMA_PX)
    deviation = np.sqrt(cv2.GaussianBlur(detail**2, (0, 0), _OUTLINE_SIGMA_PX)) + _LEAST_DEVIATION
    return np.asarray((detail / deviation).clip(-MAX_OUTLINE, MAX_OUTLINE), np.float32)

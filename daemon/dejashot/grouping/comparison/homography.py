"""The homography that lays one picture over another: found from local features, and refused where it makes no sense."""

import math
from dataclasses import dataclass

import numpy as np

from dejashot.models.arrays import Floats32, Floats64, Indices, Levels
from dejashot.models.features import LocalFeatures

_RATIO = 0.8  # of the distances of the best and the second best partner (Lowe 2004)
_MIN_MATCHES = 6
_TOLERANCE_PX = 4.0
_CLOSE_PX, _MIN_CLOSE = 2.0, 8
_MAX_TRIALS, _CONFIDENCE = 2000, 0.999
_SCALES = (0.2, 5.0)
_FARTHEST_PX = 1e4  # of a corner


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A homography from one picture to another (float64 [3, 3]), its inliers, and the smaller share that overlaps."""

    homography: Floats64
    inliers: int
    overlap: float


def fitted(a: LocalFeatures, b: LocalFeatures) -> Fit | None:
    """Return the homography that lays `a` over `b`; None where none fits that a camera could have made."""
    import cv2  # noqa: PLC0415 - it takes time to load, and only those who make reports need it

    of_a, of_b = _partners(a.descriptors, b.descriptors)
    if len(of_a) < _MIN_MATCHES:
        return None
    found, inside = cv2.findHomography(
        a.points[of_a],
        b.points[of_b],
        cv2.USAC_MAGSAC,
        _TOLERANCE_PX,
        maxIters=_MAX_TRIALS,
        confidence=_CONFIDENCE,
    )
    if found is None:
        return None
    homography = _refined(np.asarray(found, np.float64), a.points[of_a], b.points[of_b])
    overlap = _overlap(homography, a.luma.shape, b.luma.shape)
    return None if overlap is None else Fit(homography, int(inside.sum()), overlap)


def _refined(homography: Floats64, a: Floats32, b: Floats32) -> Floats64:
    """Return a homography fitted by least squares to the points that it brings closest together."""
    import cv2  # noqa: PLC0415

    laid = cv2.perspectiveTransform(a[:, None], homography)[:, 0]
    close = np.hypot(*(laid - b).T) < _CLOSE_PX
    found = cv2.findHomography(a[close], b[close], 0)[0] if np.count_nonzero(close) >= _MIN_CLOSE else None
    return homography if found is None else np.asarray(found, np.float64)


def _partners(a: Levels, b: Levels) -> tuple[Indices, Indices]:
    """Return which descriptors of one picture belong to which of another, one to one."""
    if len(a) < 2 or len(b) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    squares = _squared_distances(a, b)
    rows = np.arange(len(a))
    best = squares.argmin(axis=1)
    nearest = squares[rows, best]
    squares[rows, best] = np.inf
    clear = nearest < _RATIO**2 * squares.min(axis=1)
    squares[rows, best] = nearest
    chosen = rows[clear]
    mutual = squares[:, best[chosen]].argmin(axis=0) == chosen
    return chosen[mutual], best[chosen[mutual]]


def _squared_distances(a: Levels, b: Levels) -> Floats32:
    """Return the squared distances of all descriptors: whole numbers below 2^24, so exact in any order of adding."""
    wide_a, wide_b = a.astype(np.float32), b.astype(np.float32)
    lengths_a, lengths_b = (wide_a**2).sum(axis=1), (wide_b**2).sum(axis=1)
    return np.asarray(lengths_a[:, None] + lengths_b[None, :] - 2 * (wide_a @ wide_b.T), np.float32)


def _overlap(homography: Floats64, size_a: tuple[int, ...], size_b: tuple[int, ...]) -> float | None:
    """Return the smaller share of two pictures that the other shows; None where a picture would be torn or folded."""
    import cv2  # noqa: PLC0415

    corners, (height, width) = _corners(size_a), size_b
    laid = cv2.perspectiveTransform(corners[:, None], homography)[:, 0].astype(np.float64)
    if not np.isfinite(laid).all() or np.abs(laid).max() > _FARTHEST_PX:
        return None
    if not cv2.isContourConvex(laid[:, None].astype(np.float32)):
        return None
    area_a, area_b = _area(laid), float(width * height)
    scale = math.sqrt(area_a / _area(corners))
    if not _SCALES[0] < scale < _SCALES[1]:
        return None
    shared = laid
    for axis, side, most in ((0, 1, width), (0, -1, 0), (1, 1, height), (1, -1, 0)):
        shared = _clipped(shared, axis, side, most)
    return min(1.0, _area(shared) / max(area_a, area_b))


def _corners(size: tuple[int, ...]) -> Floats64:
    height, width = size
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)


def _clipped(polygon: Floats64, axis: int, side: int, most: float) -> Floats64:
    """Return the part of a convex polygon [n, 2] where a coordinate is at most (side 1) or at least (-1) a value."""
    beyond = side * (polygon[:, axis] - most)
    kept: list[Floats64] = []
    for at, (corner, excess) in enumerate(zip(polygon, beyond, strict=True)):
        before, excess_before = polygon[at - 1], beyond[at - 1]
        if (excess > 0) != (excess_before > 0):
            kept.append(before + (corner - before) * (excess_before / (excess_before - excess)))
        if excess <= 0:
            kept.append(corner)
    return np.array(kept, np.float64).reshape(-1, 2)


def _area(polygon: Floats64) -> float:
    """Return the area of a simple polygon [n, 2]."""
    x, y = polygon[:, 0], polygon[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2

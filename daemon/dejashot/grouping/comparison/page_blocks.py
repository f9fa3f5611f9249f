"""Pictures compared block by block, once one is laid over the other: is the same seen in the same places?

Templates repeat headers, lines and logos, so the share of the ink that agrees is not enough: a patch of blocks side by
side that all disagree is another number, or another line of text, however well the rest fits.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from dejashot.models.arrays import Booleans, Floats32, Floats64, Levels

_COARSE_PX, _FINE_PX = (24, 24), (12, 24)  # height and width: paper moves as a block, letters differ within a line
_COARSE_SHIFT_PX, _COARSE_STEP_PX, _FINE_SHIFT_PX = 4, 2, 1  # paper bends
_GRAIN_SIGMA_PX, _PAPER_SIGMA_PX = 0.8, 4.0
_COVER_MARGIN_PX = 8
_BEND_SIGMA_BLOCKS = 2.0
_LEAST_INK, _LEAST_INK_SHARE = 4.0, 0.4  # deviation in levels, and as a share of that of the strongest ink
_STRONGEST_PERCENT, _LEAST_TRACE = 95, 1.0
# other words on the same lines correlate too: what agrees does so nearly as well as the middle block
_MIN_CORRELATION, _MIN_CORRELATION_SHARE = 0.6, 0.85
_MIN_BLOCKS = 6
_WHOLE_PATCH = 16  # blocks: a patch of so many that disagrees leaves no agreement
_FLAT = 1e-2  # variance


class Agreement(NamedTuple):
    """How far two pictures agree where one covers the other, 0 to 1: the content, and pages to the letter."""

    content: float
    page: float


NO_AGREEMENT = Agreement(0.0, 0.0)


class _Blocks(NamedTuple):
    """Of each block its best correlation, the shift (x, y) in pixels there, and the deviations of both pictures."""

    correlation: Floats32
    shift_px: Floats32
    deviation_a: Floats32
    deviation_b: Floats32


def agreement_of(a: Levels, b: Levels, homography: Floats64) -> Agreement:
    """Return how far luma `a`, laid over luma `b`, agrees with it; nothing below six blocks that hold something.

    Of the content it is the share of coarse blocks that correlate. Of pages it is the share of fine blocks with ink
    that agree, or less: 1 less a sixteenth for each block of the largest patch that does not.
    """
    import cv2  # noqa: PLC0415 - it takes time to load, and only those who make reports need it

    height, width = (side // each * each for side, each in zip(b.shape, _COARSE_PX, strict=True))
    if not height or not width:
        return NO_AGREEMENT
    ink = _ink(b)[:height, :width]
    laid = cv2.warpPerspective(_ink(a), homography, (width, height))
    shown = cv2.warpPerspective(np.ones_like(a), homography, (width, height), borderValue=0)
    margin = np.ones((2 * _COVER_MARGIN_PX + 1,) * 2, np.uint8)
    covered = cv2.erode(shown, margin, borderType=cv2.BORDER_CONSTANT, borderValue=1).astype(np.float32)
    shifts = range(-_COARSE_SHIFT_PX, _COARSE_SHIFT_PX + 1, _COARSE_STEP_PX)
    coarse = _correlated(np.asarray(laid, np.float32), ink, _COARSE_PX, shifts)
    content = _content_agreement(coarse, _means(covered, _COARSE_PX) > 0.999)
    straight = _straightened(np.asarray(laid, np.float32), ink, coarse)
    blocks = _correlated(straight, ink, _FINE_PX, range(-_FINE_SHIFT_PX, _FINE_SHIFT_PX + 1))
    inked = _inked(blocks, _means(covered, _FINE_PX) > 0.999)
    traced = np.minimum(blocks.deviation_a, blocks.deviation_b) >= _LEAST_TRACE
    count = int(inked.sum())
    if count < _MIN_BLOCKS:
        return Agreement(content, 0.0)
    least = max(_MIN_CORRELATION, _MIN_CORRELATION_SHARE * float(np.median(blocks.correlation[inked])))
    differing = inked & ~(traced & (blocks.correlation > least))
    share = 1 - float(differing.sum()) / count
    return Agreement(content, max(0.0, min(share, 1 - _largest_patch(differing) / _WHOLE_PATCH)))


def _content_agreement(blocks: _Blocks, covered: Booleans) -> float:
    """Return the share of covered blocks with something in them that correlate, 0 where there are too few."""
    full = covered & (np.maximum(blocks.deviation_a, blocks.deviation_b) >= _LEAST_INK)
    traced = np.minimum(blocks.deviation_a, blocks.deviation_b) >= _LEAST_TRACE
    agreeing = full & traced & (blocks.correlation > _MIN_CORRELATION)
    count = int(full.sum())
    return float(agreeing.sum()) / count if count >= _MIN_BLOCKS else 0.0


def _ink(luma: Levels) -> Floats32:
    """Return a luma less that of the paper around, without the finest grain."""
    import cv2  # noqa: PLC0415

    smooth = cv2.GaussianBlur(luma.astype(np.float32), (0, 0), _GRAIN_SIGMA_PX)
    return np.asarray(smooth - cv2.GaussianBlur(smooth, (0, 0), _PAPER_SIGMA_PX), np.float32)


def _straightened(laid: Floats32, ink: Floats32, blocks: _Blocks) -> Floats32:
    """Return ink with its bends followed: moved by smooth small shifts to where its blocks agree with the other."""
    import cv2  # noqa: PLC0415

    height, width = ink.shape
    clear = np.minimum(blocks.deviation_a, blocks.deviation_b) >= _LEAST_INK
    weight = np.where(clear, np.maximum(blocks.correlation, 0) ** 4, 0).astype(np.float32) + np.float32(1e-6)
    total = cv2.GaussianBlur(weight, (0, 0), _BEND_SIGMA_BLOCKS)
    bends = []
    for axis in (0, 1):
        moves = np.asarray(weight * blocks.shift_px[..., axis], np.float32)
        smooth = np.asarray(cv2.GaussianBlur(moves, (0, 0), _BEND_SIGMA_BLOCKS) / total, np.float32)
        bends.append(cv2.resize(smooth, (width, height)))
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(laid, across + bends[0], down + bends[1], cv2.INTER_LINEAR), np.float32)


def _correlated(laid: Floats32, ink: Floats32, block_px: tuple[int, int], shifts: range) -> _Blocks:
    """Return the blocks of two pictures of one size, of whole blocks, at the best of the shifts (both ways)."""
    height, width = ink.shape
    margin = max(shifts)
    wide = np.pad(laid, margin)
    means = _ShiftedMeans(wide, block_px, (height, width))
    mean_b = _means(ink, block_px)
    variance_b = _means(ink * ink, block_px) - mean_b**2
    best = np.full(mean_b.shape, -1, np.float32)
    best_shift = np.zeros((*mean_b.shape, 2), np.float32)
    for dy, dx in product(shifts, shifts):
        place = slice(margin + dy, margin + dy + height), slice(margin + dx, margin + dx + width)
        moved = wide[place]
        mean_a, variance_a = means.at(margin + dy, margin + dx)
        shared = _means(moved * ink, block_px) - mean_a * mean_b
        correlation = shared / np.sqrt(np.maximum(variance_a * variance_b, _FLAT))
        better = correlation > best
        best[better] = correlation[better]
        best_shift[better] = (dx, dy)
    _, variance_a = means.at(margin, margin)
    return _Blocks(best, best_shift, np.sqrt(np.maximum(variance_a, 0)), np.sqrt(np.maximum(variance_b, 0)))


class _ShiftedMeans:
    """The means and variances of the blocks of a picture of whole blocks, cut out of a wider one anywhere."""

    def __init__(self, wide: Floats32, block_px: tuple[int, int], size: tuple[int, int]) -> None:
        import cv2  # noqa: PLC0415

        self._sums = cv2.integral2(wide, sdepth=cv2.CV_64F, sqdepth=cv2.CV_64F)
        self._block_px, self._size = block_px, size

    def at(self, top: int, left: int) -> tuple[Floats32, Floats32]:
        """Return mean and variance of each block of the part that begins there."""
        (high, wide), (height, width) = self._block_px, self._size
        corners = slice(top, top + height + 1, high), slice(left, left + width + 1, wide)
        mean, squares = (np.diff(np.diff(sums[corners], axis=0), axis=1) / (high * wide) for sums in self._sums)
        return mean.astype(np.float32), (squares - mean**2).astype(np.float32)


def _means(values: Floats32, block_px: tuple[int, int]) -> Floats32:
    """Return the mean of each block."""
    import cv2  # noqa: PLC0415

    height, width = values.shape
    blocks = (width // block_px[1], height // block_px[0])
    return np.asarray(cv2.resize(values, blocks, interpolation=cv2.INTER_AREA), np.float32)


def _inked(blocks: _Blocks, covered: Booleans) -> Booleans:
    """Return which covered blocks hold ink in one of the pictures, compared with the strongest ink on them."""
    strongest = np.maximum(blocks.deviation_a, blocks.deviation_b)
    if not covered.any():
        return covered
    least = _LEAST_INK_SHARE * float(np.percentile(strongest[covered], _STRONGEST_PERCENT))
    return np.asarray(covered & (strongest >= max(_LEAST_INK, least)), np.bool_)


def _largest_patch(blocks: Booleans) -> int:
    """Return the number of blocks of the largest patch of them, corner to corner."""
    import cv2  # noqa: PLC0415

    _, _, stats, _ = cv2.connectedComponentsWithStats(blocks.astype(np.uint8), connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))

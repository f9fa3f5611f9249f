"""Pages compared block by block, once one is laid over the other: is there the same ink in the same places?"""

import numpy as np

from dejashot.models.arrays import Floats32, Floats64, Levels

_BLOCK_PX = 24
_SLACK_PX = 4  # paper bends
_PAPER_SIGMA_PX = 10.0
_MIN_INK, _MIN_TRACE = 4.0, 1.0  # deviations, in levels: of the darker block, and of the lighter one
_MIN_CORRELATION = 0.6
_MIN_BLOCKS = 6


def page_agreement(a: Levels, b: Levels, homography: Floats64) -> float:
    """Return the share of inked blocks of luma `b` that luma `a`, laid over it, agrees with; 0 below six blocks."""
    import cv2  # noqa: PLC0415 - it takes time to load, and only those who make reports need it

    height, width = b.shape
    laid = cv2.warpPerspective(_ink(a), homography, (width, height))
    covered = cv2.warpPerspective(np.ones_like(a), homography, (width, height)) > 0
    ink = _ink(b)
    inked = agreeing = 0
    for top in range(0, height - _BLOCK_PX + 1, _BLOCK_PX):
        for left in range(0, width - _BLOCK_PX + 1, _BLOCK_PX):
            block = np.s_[top : top + _BLOCK_PX, left : left + _BLOCK_PX]
            deviations = float(laid[block].std()), float(ink[block].std())
            if not covered[block].all() or max(deviations) < _MIN_INK:
                continue
            inked += 1
            around = np.s_[
                max(0, top - _SLACK_PX) : top + _BLOCK_PX + _SLACK_PX,
                max(0, left - _SLACK_PX) : left + _BLOCK_PX + _SLACK_PX,
            ]
            if min(deviations) >= _MIN_TRACE:
                found = cv2.matchTemplate(laid[around], ink[block], cv2.TM_CCOEFF_NORMED)
                agreeing += bool(found.max() > _MIN_CORRELATION)
    return agreeing / inked if inked >= _MIN_BLOCKS else 0.0


def _ink(luma: Levels) -> Floats32:
    """Return a luma less that of the paper around."""
    import cv2  # noqa: PLC0415

    levels = luma.astype(np.float32)
    return np.asarray(levels - cv2.GaussianBlur(levels, (0, 0), _PAPER_SIGMA_PX), np.float32)

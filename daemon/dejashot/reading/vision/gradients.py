"""The sharpness of a part of a picture: the energy of its Sobel gradients over the variance of its luma.

This is the normalised Tenengrad.
"""

import math
from typing import NamedTuple

import numpy as np

from dejashot.models.arrays import Floats32
from dejashot.reading.vision.blocks import Mask, grid_sums

_VARIANCE_FLOOR = 25.0
_MIDDLE_LEVEL = 128
_MIN_MEASURED = 0.1  # of a part: less is not enough to judge it


def sobel(grey: Floats32) -> tuple[Floats32, Floats32]:
    """Return the Sobel gradients across and down, one pixel less at every edge (Tenenbaum 1970)."""
    columns = grey[:-2] + grey[2:]
    columns += grey[1:-1]
    columns += grey[1:-1]
    rows = grey[:, :-2] + grey[:, 2:]
    rows += grey[:, 1:-1]
    rows += grey[:, 1:-1]
    return columns[:, 2:] - columns[:, :-2], rows[2:] - rows[:-2]


class Gradients(NamedTuple):
    """The gradients of a picture, pixel by pixel, its smoothed luma, and the energy of grain in one gradient.

    `measured` are the pixels that count, `missing` those whose area counts all the same; None where all are measured.
    """

    across: Floats32
    down: Floats32
    smooth: Floats32
    grain: float
    measured: Mask | None = None
    missing: Mask | None = None

    def tensor(self, rows: slice, columns: slice) -> tuple[float, float, float]:
        """Return the normalised energy across, down and of both in a part; zeros where hardly any of it is measured."""
        dx, dy, levels = self.across[rows, columns], self.down[rows, columns], self.smooth[rows, columns]
        counted = size = dx.size
        if self.measured is not None and self.missing is not None:
            measured = self.measured[rows, columns]
            dx, dy, levels = dx[measured], dy[measured], levels[measured]
            size = levels.size
            if size < _MIN_MEASURED * counted:
                return 0.0, 0.0, 0.0
            counted = size + int(np.count_nonzero(self.missing[rows, columns]))
        spread = (float(levels.var()) + _VARIANCE_FLOOR) * counted
        xx, yy, xy = (float(np.vdot(a, b)) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
        return max(0.0, xx - self.grain * size) / spread, max(0.0, yy - self.grain * size) / spread, xy / spread

    def sharpness(self, rows: slice, columns: slice) -> float:
        """Return the square root of the energy of both gradients in a part."""
        xx, yy, _ = self.tensor(rows, columns)
        return math.sqrt(xx + yy)

    def grid_sharpness(self, side: int) -> Floats32:
        """Return the sharpness of the cells of a grid, so many a side; 0 where hardly any of a cell is measured."""
        levels = self.smooth - np.float32(_MIDDLE_LEVEL)
        energy = self.across * self.across
        energy += self.down * self.down
        sizes = grid_sums(np.ones(levels.shape, dtype=np.uint8), side, side)
        counts, areas = sizes, sizes
        if self.measured is not None and self.missing is not None:
            counts = grid_sums(self.measured, side, side)
            areas = counts + grid_sums(self.missing, side, side)
            levels, energy = levels * self.measured, energy * self.measured
        total, sums, squares = (grid_sums(plane, side, side) for plane in (energy, levels, levels * levels))
        safe = np.maximum(counts, 1)
        spread = (np.maximum(squares / safe - (sums / safe) ** 2, 0) + _VARIANCE_FLOOR) * np.maximum(areas, 1)
        sharpness = np.sqrt(np.maximum(total - 2 * self.grain * counts, 0) / spread)
        return np.where(counts >= _MIN_MEASURED * sizes, sharpness, 0).astype(np.float32)

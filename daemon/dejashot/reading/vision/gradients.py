"""The sharpness of parts of a picture: the energy of their Sobel gradients over the variance of their luma.

This is the normalised Tenengrad (Tenenbaum 1970).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dejashot.models.arrays import Floats32, Floats64
from dejashot.reading.vision.blocks import Luma, Mask, grid_sizes, grid_sums
from dejashot.reading.vision.opencv import opencv

_ROWS, _COLUMNS = 48, 16  # cells of a grid that others of 4, 12 or 16 rows are made of
_VARIANCE_FLOOR = 25.0
MIDDLE_LEVEL = 128
_MIN_MEASURED = 0.1  # of a part: less is not enough to judge it


class Sums(NamedTuple):
    """Sums over parts of a picture, of all parts in one shape.

    `sizes` are all pixels, `counts` those that are measured, `areas` these and the missing ones. The others are sums
    over what is measured: of the luma less 128, of its squares, and of the energies.
    """

    sizes: Floats64
    counts: Floats64
    areas: Floats64
    levels: Floats64
    squares: Floats64
    across: Floats64
    down: Floats64
    both: Floats64

    def merged(self, rows: int, columns: int) -> "Sums":
        """Return the sums of a grid of fewer rows and columns, whole parts of those of this one."""
        high, wide = self.sizes.shape
        shape = (len(self), rows, high // rows, columns, wide // columns)
        return Sums(*np.stack(self).reshape(shape).sum(axis=(2, 4)))

    def tensor(self, grain: float) -> tuple[Floats64, Floats64, Floats64]:
        """Return the normalised energy across, down and of both, less what grain leaves in one gradient.

        Zeros where hardly any of a part is measured.
        """
        counts = np.maximum(self.counts, 1)
        variance = np.maximum(self.squares / counts - (self.levels / counts) ** 2, 0)
        spread = (variance + _VARIANCE_FLOOR) * np.maximum(self.areas, 1)
        judged = self.counts >= _MIN_MEASURED * self.sizes
        across, down = (
            np.maximum(energy - grain * self.counts, 0) / spread * judged for energy in (self.across, self.down)
        )
        return across, down, self.both / spread * judged

    def sharpness(self, grain: float) -> Floats64:
        """Return the square root of the energy of both gradients."""
        across, down, _ = self.tensor(grain)
        return np.sqrt(across + down)


class ScenePlanes(NamedTuple):
    """A picture, pixel by pixel: what is measured, and what is missing; without masks all is measured.

    `planes` float32 [5, height, width] are zero where nothing is measured: the luma less 128, its squares, and the
    energies across, down and of both.
    """

    planes: Floats32
    measured: Mask | None = None
    missing: Mask | None = None

    @property
    def energies(self) -> Floats32:
        """Return the squares of the gradients across and down, and their product: [3, height, width]."""
        return self.planes[2:]

    def within(self, measured: Mask | None, missing: Mask | None) -> "ScenePlanes":
        """Return the planes of what is measured alone."""
        return self if measured is None else ScenePlanes(self.planes * measured, measured, missing)

    def grid(self) -> Sums:
        """Return the sums over a grid of 48 rows and 16 columns."""
        shape, add = self.planes.shape[1:], lambda planes: grid_sums(planes, _ROWS, _COLUMNS)
        return self._sums(grid_sizes(shape, _ROWS, _COLUMNS), add)

    def box(self, rows: slice, columns: slice) -> Sums:
        """Return the sums over one part."""
        part = self.planes[0, rows, columns]
        return self._sums(np.float32(part.size), lambda planes: planes[..., rows, columns].sum(axis=(-2, -1)))

    def _sums(self, sizes: Any, add: Callable[[npt.NDArray[Any]], Any]) -> Sums:
        counts = sizes if self.measured is None else add(self.measured)
        areas = counts if self.missing is None else counts + add(self.missing)
        return Sums(*(np.asarray(each, np.float64) for each in (sizes, counts, areas, *add(self.planes))))


def planes_of(luma: Luma) -> ScenePlanes:
    """Return a picture's planes, all of it measured, without its outermost pixels.

    Its gradients are taken after a small Gaussian, of a standard deviation of 0.7 pixels.
    """
    inner = slice(1, -1)
    planes = np.empty((5, luma.shape[0] - 2, luma.shape[1] - 2), np.float32)
    levels, squares, *energies = planes
    with opencv() as cv2:
        smooth = cv2.GaussianBlur(luma, (3, 3), 0)  # weights 1, 2, 1
        across, down = (each[inner, inner] for each in cv2.spatialGradient(smooth))
        np.subtract(smooth[inner, inner], np.float32(MIDDLE_LEVEL), out=levels, dtype=np.float32)
        np.multiply(levels, levels, out=squares)
        for product, a, b in zip(energies, (across, down, across), (across, down, down), strict=True):
            cv2.multiply(a, b, dst=product, dtype=cv2.CV_32F)
    return ScenePlanes(planes)

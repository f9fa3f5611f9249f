"""Outlines compared: what two pictures have in common when one is too dark or too light to show it."""

import math
from itertools import product

import numpy as np

from dejashot.models.arrays import Floats32, Floats64

_MAX_SHIFT = 3  # cells, either way: a hand moves that much between two frames


def outline_agreement(a: Floats32, b: Floats32) -> float:
    """Return the best normalised correlation of two outlines of one size over small shifts, -1 to 1."""
    shifts = range(-_MAX_SHIFT, _MAX_SHIFT + 1)
    first, second = _Outline(a), _Outline(b)
    return max(_correlation(first, second, dy, dx) for dy, dx in product(shifts, shifts))


class _Outline:
    """An outline, and the sums of its values and of their squares over any of its parts."""

    def __init__(self, outline: Floats32) -> None:
        self.values = outline.astype(np.float64)
        both = np.stack([self.values, self.values**2])
        self._sums = np.pad(both.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))

    def part(self, dy: int, dx: int) -> tuple[Floats64, Floats64]:
        """Return what remains when it is moved up and left by so many cells, and the two sums over that."""
        height, width = self.values.shape
        top, bottom, left, right = max(0, dy), height + min(0, dy), max(0, dx), width + min(0, dx)
        sums = self._sums
        total = sums[:, bottom, right] - sums[:, top, right] - sums[:, bottom, left] + sums[:, top, left]
        return self.values[top:bottom, left:right], total


def _correlation(a: _Outline, b: _Outline, dy: int, dx: int) -> float:
    """Return the normalised correlation of two outlines at a shift; 0 where one has no contrast."""
    (some, (sum_a, squares_a)), (other, (sum_b, squares_b)) = a.part(dy, dx), b.part(-dy, -dx)
    shared = float(np.einsum("ij,ij->", some, other)) - sum_a * sum_b / some.size
    norm = math.sqrt(max(0.0, squares_a - sum_a**2 / some.size) * max(0.0, squares_b - sum_b**2 / some.size))
    return min(1.0, max(-1.0, shared / norm)) if norm > 1e-3 else 0.0

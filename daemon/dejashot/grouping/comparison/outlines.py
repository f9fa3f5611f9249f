"""Outlines compared: what two pictures have in common when one is too dark or too light to show it."""

from itertools import product

import numpy as np

from dejashot.models.arrays import Floats32

_MAX_SHIFT = 3  # cells, either way: a hand moves that much between two frames


def outline_agreement(a: Floats32, b: Floats32) -> float:
    """Return the best normalised correlation of two outlines of one size over small shifts, -1 to 1."""
    shifts = range(-_MAX_SHIFT, _MAX_SHIFT + 1)
    return max(_correlation(_shifted(a, dy, dx), _shifted(b, -dy, -dx)) for dy, dx in product(shifts, shifts))


def _shifted(outline: Floats32, dy: int, dx: int) -> Floats32:
    """Return the part of an outline that remains when it is moved up and left by so many cells."""
    height, width = outline.shape
    return outline[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)]


def _correlation(a: Floats32, b: Floats32) -> float:
    """Return the normalised correlation of two pictures; 0 where one has no contrast."""
    level_a, level_b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt(float((level_a**2).sum()) * float((level_b**2).sum())))
    return min(1.0, max(-1.0, float((level_a * level_b).sum()) / norm)) if norm > 1e-3 else 0.0

"""How far the upright and the level lines of a picture lean: the camera's tilt, where there are such lines."""

import numpy as np

from dejashot.models.arrays import Floats32

BLOCK_PX = 16
_STRAIGHT = 0.85  # of the coherence of a block's gradients: one straight edge reaches 1
_MIN_ENERGY, _FULL_ENERGY = 400.0, 100.0**2  # squared Sobel gradient a pixel: a faint edge, and one that counts fully
_REACH_DEGREES, _STEP_DEGREES = 15.0, 0.25
_SPREAD_DEGREES, _NEAR_DEGREES = 0.75, 1.5
_MIN_BLOCKS = 8

Lean = tuple[float, float]


def leans_of(energies: Floats32) -> tuple[Lean, Lean]:
    """Return the lean of upright and of level lines, in degrees, each with its strength.

    `energies` [3, height, width] are the squares of the Sobel gradients across and down, and their product.

    The strength is the share of all straight edges that lean alike; zeros where there are hardly any.
    """
    xx, yy, xy = map(_sums, energies)
    energy = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / np.maximum(energy, 1e-6)
    straight = (coherence > _STRAIGHT) & (energy > _MIN_ENERGY * BLOCK_PX**2)
    weights = np.sqrt(np.minimum(energy / BLOCK_PX**2, _FULL_ENERGY))[straight]
    angles = np.degrees(0.5 * np.arctan2(2 * xy, xx - yy))[straight]
    turned = np.where(angles > 0, angles - 90, angles + 90)
    return _most_common(angles, weights), _most_common(turned, weights)


def _most_common(angles: Floats32, weights: Floats32) -> Lean:
    """Return the angle near zero that most edges have, and the share of all edges that have it."""
    near = np.abs(angles) < _REACH_DEGREES
    if np.count_nonzero(near) < _MIN_BLOCKS:
        return 0.0, 0.0
    some, their = angles[near], weights[near]
    grid = np.arange(-_REACH_DEGREES, _REACH_DEGREES + _STEP_DEGREES / 2, _STEP_DEGREES, dtype=np.float32)
    density = np.exp(-0.5 * ((some - grid[:, None]) / _SPREAD_DEGREES) ** 2) @ their
    alike = np.abs(some - grid[density.argmax()]) < _NEAR_DEGREES
    total = float(their[alike].sum())
    return float((some[alike] * their[alike]).sum()) / total, total / float(weights.sum())


def _sums(plane: Floats32) -> Floats32:
    """Return the sums of a plane over its whole blocks."""
    high, wide = (length // BLOCK_PX for length in plane.shape)
    rows = plane[: high * BLOCK_PX, : wide * BLOCK_PX].reshape(high, BLOCK_PX, BLOCK_PX * wide).sum(axis=1)
    sums: Floats32 = rows.reshape(high, wide, BLOCK_PX).sum(axis=2)
    return sums

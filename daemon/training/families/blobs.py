"""Smooth things of any shape with a texture out of a photo, as food on a plate looks from above."""

import cv2
import numpy as np

from families.common import Rng, colour, patch_of
from families.cutouts import Cutout
from families.stock import Stock

SIDE = 180


def blob(stock: Stock, rng: Rng) -> Cutout:
    """Return a shaded thing with a random outline, uint8 [180, 180, 4]."""
    texture = patch_of(stock.photo(rng), (0.15, 0.6), SIDE, rng)
    if rng.random() < 0.6:  # one colour with a little texture
        plain = np.array(colour(rng, 20, 240), np.float32)
        texture = plain + (texture - texture.mean((0, 1))) * rng.uniform(0.05, 0.5)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, [_outline(rng)], 255)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    texture = texture * (0.55 + 0.45 * np.clip(depth / (0.25 * SIDE), 0, 1))[:, :, None]
    if rng.random() < 0.6:  # it shines
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        from_spot = (x - SIDE * rng.uniform(0.3, 0.6)) ** 2 + (y - SIDE * rng.uniform(0.3, 0.6)) ** 2
        texture = texture + np.exp(-from_spot / (2 * (SIDE * 0.1) ** 2))[:, :, None] * rng.uniform(20, 90)
    return np.dstack([np.clip(texture, 0, 255).astype(np.uint8), cv2.GaussianBlur(mask, (0, 0), 1.5)])


def _outline(rng: Rng) -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    """Return a smooth closed line, int32 [60, 2]."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.16 / n**1.1) * np.cos(n * angle + rng.uniform(0, 6.3)) for n in range(2, 7))
    radius = radius / radius.max() * SIDE * 0.47
    flat = np.exp(rng.uniform(-0.9, 0))
    return np.stack([SIDE / 2 + radius * np.cos(angle), SIDE / 2 + radius * np.sin(angle) * flat], 1).astype(np.int32)

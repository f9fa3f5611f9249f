"""Water to the horizon: what is above it mirrored in ripples or waves."""

from dataclasses import dataclass

import numpy as np

from dejashot.demo.drawing.fields import (
    Field,
    layered_noise,
    pixel_grid,
    sampled,
    smooth_step,
    tiled,
    value_noise,
)

_TEXTURE = (1024, 1024)


@dataclass(frozen=True, slots=True)
class Water:
    """Where water meets the sky (a share of the height), its own light, and how far ripples bend what it mirrors.

    `rough` is the share of the water on which wind stands, `time` moves the ripples.
    """

    horizon: float
    colour: Field
    ripple: float
    rough: float = 0.75
    time: float = 0.0


def mirrored(above: Field, water: Water, rng: np.random.Generator) -> Field:
    """Return the water below a picture, over all of the picture; ripples are larger where they are near."""
    height, width = above.shape[:2]
    x, y = pixel_grid((width, height))
    row = water.horizon * height
    unit = height / 1200
    depth = np.clip(y - row, 1, None) / unit
    map_x, map_y = (x - width / 2) / unit / depth * 340, 26000 / depth
    ripple, swell = (tiled(layered_noise(_TEXTURE, (60, 110), 4, rng)) - 0.5 for _ in range(2))
    gusts = tiled(value_noise(_TEXTURE, (7, 5), rng))
    windy = smooth_step(0.35, 0.62, sampled(gusts, map_x * 0.4, map_y))
    shift = sampled(ripple, map_x + np.float32(9 * water.time), map_y * 6)
    shift += sampled(swell, map_x - np.float32(7 * water.time), map_y * 6 + np.float32(13 * water.time))
    shift *= np.float32(water.ripple * 0.75) * (1 - water.rough + water.rough * windy)
    squeezed = min(1.0, 0.93 * row / (height - row))  # so that the lowest row still mirrors the sky
    from_row = np.clip(row - (depth * squeezed - shift * (10 + depth * 0.16)) * unit, 0, row - 1)
    found = sampled(above, x + shift * 6 * unit, from_row)
    steep = np.clip((y - row) / (height - row), 0, 1) ** 0.8
    return np.asarray(
        found * (0.86 - 0.5 * steep)[..., None] + water.colour * (0.1 + 0.6 * steep)[..., None], np.float32
    )

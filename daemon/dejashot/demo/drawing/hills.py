"""Green hills with fields and trees in the afternoon."""

import cv2
import numpy as np
import numpy.typing as npt

from dejashot.demo.drawing.fields import (
    AnyField,
    Field,
    Size,
    layered_noise,
    light,
    mixed,
    pixel_grid,
    sampled,
    smooth_step,
)
from dejashot.demo.drawing.land import View, in_haze, look, sunlit
from dejashot.demo.drawing.sky import Sky, draw_sky

_MAP_PX = 1024
_FIELDS = 95
_TREES = 2600
_SUN = (0.8, 0.1, 0.62)


def draw_hills(size: Size, rng: np.random.Generator) -> Field:
    """Return rolling fields under summer clouds."""
    sky = Sky(
        zenith=light(62, 122, 196),
        middle=light(128, 176, 222),
        horizon=light(214, 228, 236),
        sun=(1.25, -0.1),
        sun_light=light(255, 240, 214),
        cloud_light=light(255, 253, 248) * 1.25,
        cloud_shade=light(158, 172, 194),
        cover=0.62,
        glow=0.5,
    )
    heights, ground = _fields(rng)
    view = View(at=(512, 1000), height=float(heights[960:1000, 500:524].max()) + 46, near=24, far=900, horizon=0.3)
    seen = look(heights, view, size)
    ground = ground * (light(128, 158, 206) * 0.5 + light(255, 236, 196) * 1.75 * sunlit(heights, _SUN)[..., None])
    land = sampled(ground, seen.x, seen.y)
    blades = layered_noise(size, (420, 240), 3, rng, gain=0.8)
    land = land * (0.55 + 0.9 * blades)[..., None]
    land = in_haze(land, seen.distance, light(184, 206, 230), 1700)
    return mixed(draw_sky(sky, size, view.horizon, rng), land, seen.is_land)


def _fields(rng: np.random.Generator) -> tuple[Field, Field]:
    """Return a map of heights, and the colour of each place: fields of crops with furrows, hedges and trees."""
    shape = (_MAP_PX, _MAP_PX)
    x, y = pixel_grid(shape)
    heights = 105 * layered_noise(shape, (4.2, 5.0), 3, rng, gain=0.34) + 80 * smooth_step(760, 60, y)
    places = rng.random((_FIELDS, 2), dtype=np.float32) * _MAP_PX
    field, edge = _nearest(x + 30 * (layered_noise(shape, (7, 7), 2, rng) - 0.5), y, places)
    crops = [light(104, 138, 46), light(78, 118, 40), light(200, 176, 88), light(138, 158, 60), light(154, 128, 84)]
    crops += [light(58, 96, 40), light(216, 198, 70), light(120, 150, 70)]
    colour = np.stack(crops)[rng.integers(0, len(crops), _FIELDS)][field]
    turn = rng.random(_FIELDS, dtype=np.float32)[field] * np.float32(np.pi)
    furrows = np.sin((x * np.cos(turn) + y * np.sin(turn)) * np.float32(1.9))
    colour = colour * (1 + 0.13 * furrows + 0.5 * (layered_noise(shape, (60, 60), 4, rng) - 0.5))[..., None]
    hedge = smooth_step(3.2, 1.6, edge) * smooth_step(0.42, 0.5, layered_noise(shape, (9, 9), 2, rng))
    ground = mixed(colour, light(40, 64, 28), hedge)
    bumps = 3.2 * hedge * layered_noise(shape, (280, 280), 2, rng) + _trees(ground, rng)
    return np.asarray(heights + bumps, np.float32), ground


def _nearest(x: Field, y: Field, places: Field) -> tuple[npt.NDArray[np.int32], AnyField]:
    """Return which place is nearest to each pixel, and how far its border is, in pixels."""
    first, second = np.full_like(x, 1e9), np.full_like(x, 1e9)
    which = np.zeros(x.shape, np.int32)
    for number, (at_x, at_y) in enumerate(places):
        away = np.abs(x - at_x) * 0.9 + np.abs(y - at_y)
        nearer = away < first
        second = np.where(nearer, first, np.minimum(second, away))
        which[nearer] = number
        first = np.where(nearer, away, first)
    return which, (second - first) / 2


def _trees(ground: Field, rng: np.random.Generator) -> Field:
    """Return how high trees stand on a map, and colour the ground under them as their leaves."""
    crowns = np.zeros(ground.shape[:2], np.float32)
    grove = layered_noise((_MAP_PX, _MAP_PX), (6, 6), 2, rng)
    for _ in range(_TREES):
        at_x, at_y = (int(v) for v in rng.integers(8, _MAP_PX - 8, 2))
        if grove[at_y, at_x] < 0.53 or at_y > _MAP_PX - 150:
            continue
        radius = float(rng.uniform(1.6, 3.4))
        leaves = light(34, 62, 26) * rng.uniform(0.7, 1.5)
        cv2.circle(ground, (at_x, at_y), round(radius) + 1, tuple(map(float, leaves)), -1)
        side = slice(at_y - 6, at_y + 7), slice(at_x - 6, at_x + 7)
        dy, dx = np.mgrid[-6:7, -6:7]
        round_top = np.sqrt(np.clip(1 - (dx**2 + dy**2) / radius**2, 0, None)) * radius * 1.5
        crowns[side] = np.maximum(crowns[side], round_top)
    return crowns

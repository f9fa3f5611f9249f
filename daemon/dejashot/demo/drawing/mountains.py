"""Mountains over a lake in the morning."""

import numpy as np

from dejashot.demo.drawing.fields import (
    Field,
    Size,
    layered_noise,
    light,
    mixed,
    pixel_grid,
    ridged_noise,
    sampled,
    smooth_step,
    softened,
)
from dejashot.demo.drawing.land import View, in_haze, look, slopes, sunlit
from dejashot.demo.drawing.sky import Sky, draw_sky
from dejashot.demo.drawing.water import Water, mirrored

_MAP_PX = 1024
_LAKE_VIEW = View(at=(512, 1010), height=15, near=14, far=900, horizon=0.47, zoom=1.0)
_LAKE = Water(horizon=_LAKE_VIEW.horizon, colour=light(18, 50, 58) * np.float32(0.8), ripple=1.0)
_LAKE_SUN = (-0.9, 0.35, 0.42)


def draw_lake(size: Size, rng: np.random.Generator) -> Field:
    """Return mountains and their reflection in a lake, in the light of the morning."""
    sky = Sky(
        zenith=light(70, 118, 178),
        middle=light(150, 186, 216),
        horizon=light(250, 222, 190),
        sun=(0.13, 0.2),
        sun_light=light(255, 214, 150),
        cloud_light=light(255, 240, 224) * 1.15,
        cloud_shade=light(150, 160, 182),
        cover=0.42,
        glow=0.9,
    )
    heights = _alps(rng)
    above = draw_sky(sky, size, _LAKE_VIEW.horizon, rng)
    seen = look(np.maximum(heights, 0), _LAKE_VIEW, size)
    ground = _alpine_ground(heights, rng)
    land = sampled(ground, seen.x, seen.y)
    grain = layered_noise(size, (300, 260), 3, rng, gain=0.8)
    land *= (0.45 + 1.1 * grain)[..., None]
    land = in_haze(land, seen.distance, light(184, 200, 226), 1900)
    water = (sampled(heights, seen.x, seen.y) <= 0.05) * seen.is_land
    shore = softened(water, 1.0)
    dry = mixed(above, land, seen.is_land)
    return mixed(dry, mirrored(dry, _LAKE, rng), shore)


def _alps(rng: np.random.Generator) -> Field:
    """Return a map of heights: a lake in the middle, steep mountains around and behind it."""
    shape = (_MAP_PX, _MAP_PX)
    x, y = pixel_grid(shape)
    ridges = ridged_noise(shape, (4.5, 4.5), 8, rng)
    rough = layered_noise(shape, (14, 14), 6, rng)
    back = smooth_step(640, 150, y)
    sides = smooth_step(70, 330, np.abs(x - 512 + 60 * np.sin(y / 130)))
    bowl = np.maximum(back * 0.95, sides * (0.3 + 0.45 * smooth_step(900, 300, y)))
    shore = 4 * (layered_noise(shape, (9, 9), 5, rng) - 0.5)
    return np.asarray((ridges**1.15 * 185 + rough * 26 + 18) * bowl**1.35 - 5.5 + shore, np.float32)


def _alpine_ground(heights: Field, rng: np.random.Generator) -> Field:
    """Return the light that comes from each place of the map."""
    shape = (_MAP_PX, _MAP_PX)
    _, _, up = slopes(heights)
    noise = layered_noise(shape, (40, 40), 5, rng)
    rock = mixed(light(96, 88, 84), light(146, 134, 124), noise)
    forest = mixed(light(22, 38, 26), light(52, 74, 40), layered_noise(shape, (170, 170), 3, rng))
    meadow = mixed(light(88, 106, 50), light(128, 132, 70), noise)
    tree_line = 42 + 26 * (noise - 0.5)
    ground = mixed(rock, meadow, smooth_step(0.62, 0.86, up) * smooth_step(76, 50, heights))
    ground = mixed(
        ground, forest, smooth_step(0.42, 0.6, up) * smooth_step(tree_line[0, 0] + 9, tree_line[0, 0], heights)
    )
    snow = smooth_step(82, 112, heights + 46 * (noise - 0.5)) * smooth_step(0.30, 0.52, up)
    ground = mixed(ground, light(244, 246, 252), snow)
    shore = smooth_step(2.4, 0.4, heights)
    ground = mixed(ground, light(150, 138, 118), shore)
    sun = sunlit(heights, _LAKE_SUN)
    ambient = light(110, 136, 184) * 0.62
    return np.asarray(ground * (ambient + light(255, 226, 178) * 1.5 * sun[..., None]), np.float32)

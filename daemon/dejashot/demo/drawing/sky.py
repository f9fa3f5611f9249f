"""The sky: its gradient, the sun and its glow, and clouds on a plane that runs to the horizon."""

from dataclasses import dataclass

import numpy as np

from dejashot.demo.drawing.fields import (
    Field,
    Size,
    gradient,
    layered_noise,
    mixed,
    pixel_grid,
    sampled,
    smooth_step,
    tiled,
)

_TEXTURE_PX = 1024
_CLOUD_HEIGHT = 190.0  # texture pixels for each unit of distance on the plane of clouds


@dataclass(frozen=True, slots=True)
class Sky:
    """Light from zenith to horizon, where the sun stands (shares of width and height), and its clouds.

    `cover` is the share of the sky that clouds hide, 0 to 1.
    """

    zenith: Field
    middle: Field
    horizon: Field
    sun: tuple[float, float]
    sun_light: Field
    cloud_light: Field
    cloud_shade: Field
    cover: float
    glow: float = 1.0


def draw_sky(sky: Sky, size: Size, horizon: float, rng: np.random.Generator, drift: float = 0.0) -> Field:
    """Return the sky over a whole picture; below `horizon`, a share of the height, it goes on as it is there.

    `drift` moves the clouds, in texture pixels.
    """
    width, height = size
    picture = gradient(
        size, [(0.0, sky.zenith), (horizon * 0.62, sky.middle), (horizon, sky.horizon), (1.0, sky.horizon)]
    )
    x, y = pixel_grid(size)
    sun_x, sun_y = sky.sun[0] * width, sky.sun[1] * height
    away = np.hypot(x - sun_x, (y - sun_y) * 1.1) / height
    halo = np.exp(-away * 3.2) * 0.55 + np.exp(-away * 11) * 0.9 + np.exp(-away * 42) * 3
    picture += sky.sun_light * (np.float32(sky.glow) * halo)[..., None]
    picture += sky.sun_light * (smooth_step(0.0165, 0.0125, away) * np.float32(24 * sky.glow))[..., None]
    return _with_clouds(picture, sky, (x, y, away), horizon, (rng, drift))


def _with_clouds(
    picture: Field,
    sky: Sky,
    grid: tuple[Field, Field, Field],
    horizon: float,
    noise: tuple[np.random.Generator, float],
) -> Field:
    height, width = picture.shape[:2]
    x, y, away = grid
    rng, drift = noise
    texture = tiled(layered_noise((_TEXTURE_PX, _TEXTURE_PX), (5, 5), 7, rng, gain=0.56))
    up = np.clip((horizon * height - y) / height, 0.004, None) + 0.06
    across = (x / width - 0.5) * (width / height) / up * _CLOUD_HEIGHT + drift
    depth = 1 / up * _CLOUD_HEIGHT
    density = sampled(texture, across + 300, depth)
    towards = np.clip((sky.sun[0] * width - x) / 160, -1, 1) * 9
    lit_side = sampled(texture, across + 300 + towards, depth - 7)
    low = 0.66 - 0.3 * sky.cover
    cloud = smooth_step(low, low + 0.17, density)
    thin = smooth_step(0.0, 0.12, (horizon * height - y) / height) * 0.9 + 0.1
    lit = np.clip(0.5 + (density - lit_side) * 5 + 0.25 * (1 - cloud), 0, 1)
    colour = mixed(sky.cloud_shade, sky.cloud_light, lit)
    colour += sky.sun_light * (np.exp(-away * 5) * (1 - 0.6 * cloud) * np.float32(0.7 * sky.glow))[..., None]
    return mixed(picture, colour, cloud * thin * np.float32(0.92))

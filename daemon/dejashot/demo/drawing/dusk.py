"""A street after rain at dusk: houses on both sides, lit windows, lamps, and their light on the wet ground."""

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
    paint_line,
    paint_oval,
    pixel_grid,
    sampled,
    smooth_step,
    softened,
    tiled,
    value_noise,
)
from dejashot.demo.drawing.sky import Sky, draw_sky

_HORIZON, _SIDE, _EYE = 0.56, 5.2, 1.75  # share of the height; half the width of the street and the eye's height in m
_FOCAL = 0.92  # widths
_HOUSES = 14
_WALLS = ((176, 130, 96), (150, 96, 78), (186, 168, 140), (120, 116, 118), (168, 148, 104), (134, 88, 66))
_LIT = ((255, 190, 96), (255, 214, 140), (255, 168, 72), (246, 226, 190))


def draw_street(size: Size, rng: np.random.Generator) -> Field:
    """Return the street."""
    sky = Sky(
        zenith=light(24, 38, 84) * 0.8,
        middle=light(74, 84, 136) * 0.8,
        horizon=light(236, 150, 104) * 0.9,
        sun=(0.5, 0.62),
        sun_light=light(255, 140, 80) * 0.25,
        cloud_light=light(214, 124, 112) * 0.7,
        cloud_shade=light(62, 62, 104) * 0.7,
        cover=0.62,
        glow=0.5,
    )
    picture = draw_sky(sky, size, _HORIZON, rng)
    half = size[0] // 2
    picture[:, half:] = _with_houses(picture[:, half:], size, rng)
    picture[:, :half] = _with_houses(picture[:, :half][:, ::-1], size, rng)[:, ::-1]
    lamps = _lamps(size)
    for x, y, radius in lamps:
        foot = _row(0.0, _far_of(radius), size)
        paint_line(picture, [(x, y), (x, foot)], max(1.2, radius / 4), light(24, 26, 34))
    for x, y, radius in lamps:
        paint_oval(picture, (x, y), (radius, radius), light(255, 206, 130) * 9)
    picture = _on_wet_ground(picture, size, rng)
    glow = softened(np.clip(picture - 0.7, 0, 6), 26)
    return np.asarray(picture + glow * 0.5 + softened(glow, 90) * 0.75, np.float32)


def _row(height_m: float, away_m: float, size: Size) -> float:
    return _HORIZON * size[1] - (height_m - _EYE) / away_m * _FOCAL * size[0]


def _far_of(radius: int) -> float:
    return 150 / radius


def _lamps(size: Size) -> list[tuple[int, int, int]]:
    """Return where lamps hang: column, row and radius in pixels, the far ones first."""
    found = []
    for n in range(7, 0, -1):
        away = 6.5 * n + 3.0
        for side in (-1, 1):
            x = size[0] * (0.5 + side * (_SIDE - 1.3) / away * _FOCAL)
            radius = max(2, round(150 / away * size[0] / 1600))
            if -40 < x < size[0] + 40:
                found.append((round(x), round(_row(4.3, away, size)), radius))
    return found


def _with_houses(picture: Field, size: Size, rng: np.random.Generator) -> Field:
    """Return the right half with its houses: walls, cornices, shops, and windows of which many are lit."""
    width, height = size
    x, y = pixel_grid((picture.shape[1], height))
    across = (x + 0.5) / width / _FOCAL
    away = _SIDE / across
    seen = away < 140
    up = _EYE - (y - _HORIZON * height) / (width * _FOCAL) * away
    edges = np.cumsum(rng.uniform(5.5, 9.5, _HOUSES)).astype(np.float32)
    house = np.clip(np.searchsorted(edges, away), 0, _HOUSES - 1)
    tops = rng.uniform(9.5, 15.5, _HOUSES).astype(np.float32)[house]
    walls = np.stack([light(*_WALLS[n]) for n in rng.integers(0, len(_WALLS), _HOUSES)])[house]
    plaster = layered_noise((1024, 1024), (18, 60), 5, rng)
    rough = sampled(plaster, away * 30, up * 60)
    colour = walls * (0.6 + 0.7 * rough)[..., None] * (light(92, 104, 150) * 0.62 + light(255, 170, 96) * 0.05)
    lamp_light = np.exp(-(((up - 3.6) / 2.6) ** 2)) * (0.45 + 0.55 * np.cos((away - 9.5) / 6.5 * 2 * np.pi))
    colour = colour + walls * light(255, 178, 96) * (np.clip(lamp_light, 0, 1) * 0.5)[..., None]
    start = np.concatenate([[0], edges])[house].astype(np.float32)
    colour = _with_windows(colour, (away - start, up, tops), house, rng)
    ledge = np.abs(up - tops + 0.25) < 0.2
    colour = np.where(ledge[..., None], colour * 1.7, colour)
    colour = mixed(colour, light(120, 96, 112) * 0.5, smooth_step(8, 120, away) * 0.8)
    wall = smooth_step(0.0, 1.2 / (width * _FOCAL), (tops - up) / np.maximum(away, 1)) * seen * (up > 0)
    return mixed(picture, colour, wall)


def _with_windows(
    colour: Field,
    place: tuple[AnyField, AnyField, AnyField],
    house: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Field:
    """Return walls with their windows and, on the ground, their shops."""
    along, up, tops = place
    pitch = rng.uniform(1.7, 2.4, _HOUSES).astype(np.float32)[house]
    column, floor = np.floor(along / pitch), np.floor((up - 3.5) / 2.9)
    in_column, in_floor = along / pitch - column, (up - 3.5) / 2.9 - floor
    chance = np.mod(np.sin(column * 12.9898 + floor * 78.233 + house * 37.719) * 43758.5453, 1).astype(np.float32)
    pane = _box(in_column, 0.26, 0.74, 0.012) * _box(in_floor, 0.22, 0.80, 0.012)
    pane = pane * (floor >= 0) * (up < tops - 0.9)
    frame = _box(in_column, 0.2, 0.8, 0.012) * _box(in_floor, 0.17, 0.85, 0.012) * (floor >= 0) * (up < tops - 0.9)
    bars = (np.abs(in_column - 0.5) < 0.014) | (np.abs(in_floor - 0.58) < 0.012)
    warm = np.stack([light(*c) for c in _LIT])[(chance * 997).astype(np.int64) % len(_LIT)]
    curtain = 0.5 + 0.5 * smooth_step(0.02, 0.2, np.abs(in_column - 0.5)) * (0.7 + 0.3 * np.cos(in_column * 90))
    lit = warm * (np.float32(2.2) * (0.45 + 0.55 * in_floor) * curtain)[..., None]
    dark = light(40, 52, 84) * (0.25 + 0.5 * in_floor)[..., None]
    inside = np.where((chance < 0.55)[..., None], lit, dark)
    colour = mixed(colour, colour * 1.8, frame)
    colour = mixed(colour, inside, pane * np.where(bars, 0.2, 1))
    shop = _box(along / 5.5, 0.1, 0.86, 0.01) * _box(up, 0.5, 2.5, 0.04)
    shelf = value_noise((256, 64), (90, 12), rng)
    goods = sampled(shelf, along * 20 + house * 31, up * 12)
    goods = (0.25 + goods) * np.where(np.mod(up, 0.55) < 0.06, 0.2, 1) + 0.5 * smooth_step(1.9, 2.5, up)
    shop_light = light(255, 210, 150) * (1.5 * goods * np.where(house % 3 == 1, 0.12, 1))[..., None]
    colour = mixed(colour, shop_light, shop)
    awning = _box(along / 5.5, 0.06, 0.9, 0.01) * _box(up, 2.55, 3.05, 0.03)
    stripes = np.where(np.mod(along * 1.6, 1) < 0.5, 1, 0.25).astype(np.float32)
    cloth = np.stack([light(170, 40, 40), light(40, 90, 80), light(50, 60, 120)])[house % 3] * stripes[..., None] * 0.5
    return mixed(colour, cloth, awning)


def _box(values: AnyField, low: float, high: float, soft: float) -> Field:
    return smooth_step(low - soft, low + soft, values) * smooth_step(high + soft, high - soft, values)


def _on_wet_ground(picture: Field, size: Size, rng: np.random.Generator) -> Field:
    """Return the picture with the street below: paving stones, puddles, and what is above mirrored in them."""
    width, height = size
    x, y = pixel_grid(size)
    down = np.maximum(y - _HORIZON * height, 0.5)
    away = _EYE * width * _FOCAL / down
    across = (x / width - 0.5) / _FOCAL * away
    ground = (y > _HORIZON * height) & (np.abs(across) < _SIDE)
    row = np.floor(away / 0.34)
    stone_x, stone_y = across / 0.42 + 0.5 * np.mod(row, 2), away / 0.34
    joint = np.maximum(np.abs(np.mod(stone_x, 1) - 0.5), np.abs(np.mod(stone_y, 1) - 0.5))
    near = np.exp(-away / 9)
    relief = smooth_step(0.5, 0.38, joint) * near + (1 - near) * 0.75
    tone = np.mod(np.sin(np.floor(stone_x) * 127.1 + row * 311.7) * 43758.5, 1)
    noise = tiled(layered_noise((1024, 1024), (7, 7), 6, rng))
    wet = sampled(noise, across * 60 + 500, away * 34)
    puddle = smooth_step(0.46, 0.58, wet)
    shake = (tone - 0.5) * near * (1 - puddle) * 60 + (wet - 0.5) * 16
    mirrored_row = np.clip(2 * _HORIZON * height - y + shake, 0, _HORIZON * height - 1)
    mirrored = sampled(picture, np.clip(x + shake * 0.35, 0, width - 1), mirrored_row)
    streaks = cv2.blur(mirrored, (3, 61))
    stones = light(92, 92, 104) * (relief * (0.55 + 0.5 * tone) * 0.2)[..., None]
    share = 0.25 + 0.5 * puddle
    lit = stones + streaks * (share * (0.5 + 0.5 * relief))[..., None] * (1 - 0.5 * puddle)[..., None]
    lit += mirrored * (0.62 * puddle)[..., None]
    curb = np.abs(np.abs(across) - _SIDE + 0.75) < 0.06
    lit = np.where(curb[..., None], lit * 0.4, lit)
    return np.asarray(np.where(ground[..., None], lit, picture), np.float32)

"""A beach by the sea, and a kite that a child flies over it."""

from dataclasses import dataclass

import numpy as np

from dejashot.demo.drawing.fields import (
    Field,
    Size,
    layered_noise,
    light,
    mixed,
    paint,
    paint_line,
    paint_oval,
    pixel_grid,
    sampled,
    shade_painted,
    smooth_step,
    softened,
    tiled,
)
from dejashot.demo.drawing.sky import Sky, draw_sky

_HORIZON, _SHORE = 0.6, 0.715
_CHILD = (0.26, 0.83)
_CLOTH = 0.85  # sizes of a kite within which its cloth lies
_REACH = 2.8  # sizes of a kite within which its tail lies


@dataclass(frozen=True, slots=True)
class Kite:
    """Where a kite is (shares of the picture), its size (a share of the height), its turn in degrees, and its blur.

    `motion_px` is how far it moves while the shutter is open.
    """

    at: tuple[float, float]
    scale: float
    turn: float
    motion_px: float = 0.0


def draw_beach(size: Size, rng: np.random.Generator) -> Field:
    """Return the beach without a kite."""
    sky = Sky(
        zenith=light(46, 116, 196),
        middle=light(112, 176, 226),
        horizon=light(206, 228, 238),
        sun=(1.1, -0.15),
        sun_light=light(255, 244, 220),
        cloud_light=light(255, 255, 252) * 1.3,
        cloud_shade=light(170, 186, 208),
        cover=0.5,
        glow=0.4,
    )
    picture = draw_sky(sky, size, _HORIZON, rng)
    x, y = pixel_grid(size)
    width, height = size
    sea, sand = _sea(size, rng), _sand(size, rng)
    wave = 0.012 * np.sin(x / width * 9 + 0.6) + 0.006 * np.sin(x / width * 31) + 0.02 * (x / width - 0.5)
    shore = (_SHORE + wave) * height
    wet = smooth_step(0.075, 0.0, (y - shore) / height) * smooth_step(-1, 4, y - shore)
    gleam = picture[::-1][np.clip((height * 1.2 - y).astype(int), 0, height - 1), x.astype(int)]
    sand = mixed(sand, sand * np.float32(0.5) + gleam * np.float32(0.34), wet)
    ground = mixed(sea, sand, smooth_step(-2, 2, y - shore))
    foam_noise = layered_noise(size, (90, 60), 5, rng)
    for behind, breadth, strength in ((0, 9, 1.0), (-34, 8, 0.85), (-62, 4, 0.5)):
        curve = shore + behind + 10 * np.sin(x / width * 14 + behind)
        foam = np.exp(-(((y - curve) / breadth) ** 2)) * smooth_step(0.40, 0.56, foam_noise + 0.08) * strength
        ground = mixed(ground, light(250, 252, 252) * np.float32(1.1), foam)
    row = _HORIZON * height
    picture = mixed(picture, ground, smooth_step(row - 0.7, row + 0.7, y))
    _paint_child(picture, size)
    return picture


def _sea(size: Size, rng: np.random.Generator) -> Field:
    x, y = pixel_grid(size)
    width, height = size
    depth = np.clip(y - _HORIZON * height, 1, None)
    far = np.clip(depth / ((_SHORE - _HORIZON) * height), 0, 1.3)
    colour = mixed(
        light(38, 100, 150) * np.ones((1, 1, 3), np.float32), light(110, 196, 190), smooth_step(0.25, 1.1, far)
    )
    noise = tiled(layered_noise((1024, 1024), (60, 60), 5, rng))
    map_x, map_y = (x - width / 2) / depth * 60, 5200 / depth
    waves = sampled(noise, map_x, map_y * 5)
    caps = smooth_step(0.62, 0.7, waves) * 0.55
    return mixed(colour * (0.62 + 0.76 * waves)[..., None], light(240, 248, 250), caps)


def _sand(size: Size, rng: np.random.Generator) -> Field:
    x, y = pixel_grid(size)
    width, height = size
    depth = np.clip(y - _HORIZON * height, 1, None)
    map_x, map_y = (x - width / 2) / depth * 700, 90000 / depth
    noise = tiled(layered_noise((1024, 1024), (24, 24), 6, rng, gain=0.62))
    fine = layered_noise(size, (420, 320), 2, rng, gain=0.8)
    dents = sampled(noise, map_x, map_y * 4)
    lower = sampled(noise, map_x + 3, map_y * 4 + 3)
    tone = 0.84 + 0.42 * (fine - 0.5) + 2.2 * np.clip(dents - lower, -0.09, 0.09)
    colour = mixed(light(206, 178, 136) * np.ones((1, 1, 3), np.float32), light(232, 208, 166), dents)
    return np.asarray(colour * tone[..., None], np.float32)


def _paint_child(picture: Field, size: Size) -> None:
    """Paint a child that holds the string of a kite, with its shadow on the sand."""
    width, height = size
    x, y, unit = _CHILD[0] * width, _CHILD[1] * height, height * 0.028
    shadow = np.zeros_like(picture[..., 0])[..., None].repeat(3, axis=2)
    paint_oval(shadow, (x - unit * 1.7, y + unit * 0.05), (unit * 1.9, unit * 0.28), light(255, 255, 255))
    picture *= 1 - 0.55 * softened(shadow, 3)
    left, top, room = int(x - 2 * unit), int(y - 5 * unit), int(4 * unit)
    window = picture[top : int(y + unit), left : left + room]
    before = window.copy()
    skin, hair, jacket, trousers = light(226, 172, 138), light(84, 52, 30), light(214, 58, 40), light(44, 66, 112)
    for step in (-0.42, 0.34):
        paint_line(picture, [(x, y - unit * 1.7), (x + step * unit, y)], unit * 0.42, trousers)
        paint_oval(picture, (x + (step + 0.1) * unit, y), (unit * 0.28, unit * 0.13), light(240, 240, 236))
    body = [(-0.48, -1.5), (-0.4, -3.0), (0.4, -3.0), (0.48, -1.5)]
    paint(picture, [(x + dx * unit, y + dy * unit) for dx, dy in body], jacket)
    paint(
        picture, [(x + dx * unit, y + dy * unit) for dx, dy in [*body[:2], (-0.1, -3.0), (-0.14, -1.5)]], jacket * 0.6
    )
    for elbow, hand in (((0.75, -2.9), (1.15, -3.7)), ((0.6, -2.3), (1.05, -3.0))):
        paint_line(picture, [(x + 0.3 * unit, y - 2.75 * unit), _off(x, y, elbow, unit)], unit * 0.34, jacket * 0.85)
        paint_line(picture, [_off(x, y, elbow, unit), _off(x, y, hand, unit)], unit * 0.3, jacket)
        paint_oval(picture, _off(x, y, hand, unit), (unit * 0.17, unit * 0.17), skin)
    paint_oval(picture, _off(x, y, (0.02, -3.55), unit), (unit * 0.5, unit * 0.56), skin)
    paint(picture, [_off(x, y, p, unit) for p in _HAIR], hair)
    lit = smooth_step(0.3, 0.72, np.linspace(0, 1, room, dtype=np.float32))[None]  # the sun stands on the right
    shade_painted(window, before, 0.42 + 0.6 * lit)
    window[:] = softened(window, 0.8)


_HAIR = [
    (-0.54, -3.3),
    (-0.6, -3.8),
    (-0.3, -4.2),
    (0.2, -4.22),
    (0.48, -3.9),
    (0.2, -3.85),
    (-0.1, -3.75),
    (-0.2, -3.3),
]


def _off(x: float, y: float, by: tuple[float, float], unit: float) -> tuple[float, float]:
    return x + by[0] * unit, y + by[1] * unit


def with_kite(beach: Field, kite: Kite) -> Field:
    """Return the beach with a kite, its tail and its string."""
    picture = beach.copy()
    height, width = beach.shape[:2]
    x, y, scale = kite.at[0] * width, kite.at[1] * height, kite.scale * height
    hand = (_CHILD[0] * width + 1.15 * height * 0.028, (_CHILD[1] - 3.7 * 0.028) * height)
    t = np.linspace(0, 1, 40)
    line_x, line_y = hand[0] + (x - hand[0]) * t, hand[1] + (y - hand[1]) * t + 0.06 * height * np.sin(np.pi * t)
    for n in range(len(t) - 1):
        ends = [(line_x[n], line_y[n]), (line_x[n + 1], line_y[n + 1])]
        paint_line(picture, ends, 1.6 * height / 1200, light(60, 60, 66), 0.7)
    shifts = np.linspace(-0.5, 0.5, max(1, round(kite.motion_px / 2))) if kite.motion_px else np.zeros(1)
    left, top = max(0, int(x - scale * _REACH)), max(0, int(y - scale * _REACH))
    window = picture[top : int(y + scale * _REACH), left : int(x + scale * _REACH)]
    moved = [(x - left + s * kite.motion_px, y - top - s * kite.motion_px * 0.5) for s in shifts]
    window[:] = np.mean([_flown(window, at, scale, kite.turn) for at in moved], axis=0)
    return picture


def _flown(picture: Field, at: tuple[float, float], scale: float, turn: float) -> Field:
    """Return a picture with the kite alone."""
    before, picture = picture, picture.copy()
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))

    def place(px: float, py: float) -> tuple[float, float]:
        return at[0] + scale * (c * px - s * py), at[1] + scale * (s * px + c * py)

    top, left, right, low, middle = (0.0, -0.62), (-0.46, -0.12), (0.46, -0.12), (0.0, 0.78), (0.0, -0.12)
    tail = [(0.12 * np.sin(n * 0.55) * (1 + n / 16), 0.78 + 0.085 * n) for n in range(22)]
    for n in range(len(tail) - 1):
        paint_line(picture, [place(*tail[n]), place(*tail[n + 1])], scale * 0.02, light(70, 60, 60))
    for n in range(3, 22, 4):
        (bx, by), colour = tail[n], (light(240, 190, 30), light(40, 120, 190), light(220, 60, 50))[n % 3]
        for way in (-1, 1):
            wing = [(bx, by), (bx + way * 0.15, by - 0.07), (bx + way * 0.13, by + 0.07)]
            paint(picture, [place(*p) for p in wing], colour)
    panels = [(top, left, light(236, 66, 44)), (top, right, light(250, 196, 40))]
    panels += [(low, left, light(233, 168, 28)), (low, right, light(201, 43, 39))]
    for first, second, colour in panels:
        paint(picture, [place(*first), place(*second), place(*middle)], colour)
        inner = [tuple(np.add(np.multiply(p, 0.45), np.multiply(middle, 0.55))) for p in (first, second)]
        paint(picture, [place(*inner[0]), place(*inner[1]), place(*middle)], light(250, 240, 224), 0.9)
    paint_line(picture, [place(*top), place(*low)], scale * 0.018, light(90, 60, 40))
    paint_line(picture, [place(*left), place(*right)], scale * 0.018, light(90, 60, 40))
    _fold_cloth(picture, before, (at, scale, turn))
    return picture


def _fold_cloth(picture: Field, before: Field, kite: tuple[tuple[float, float], float, float]) -> None:
    """Shade the cloth of a kite that was painted on a picture, as it bulges and folds in the wind."""
    at, scale, turn = kite
    left, top = (max(0, int(v - _CLOTH * scale)) for v in at)
    part = slice(top, int(at[1] + _CLOTH * scale) + 1), slice(left, int(at[0] + _CLOTH * scale) + 1)
    window, c, s = picture[part], np.cos(np.radians(turn)), np.sin(np.radians(turn))
    x, y = pixel_grid((window.shape[1], window.shape[0]))
    x, y = (x + (left - at[0])) / scale, (y + (top - at[1])) / scale
    across, down = c * x + s * y, c * y - s * x
    folds = 0.07 * np.sin(across * 34 + down * 9) + 0.05 * np.sin(down * 27 - across * 11)
    shade = 0.94 - 0.5 * (across - 0.2) ** 2 - 0.22 * np.maximum(across, 0) + folds
    shade_painted(window, before[part], np.clip(shade, 0.3, 1.1))

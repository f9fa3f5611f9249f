"""A sailing boat on the sea while the sun goes down, still or as a film."""

import numpy as np

from dejashot.demo.drawing.fields import Field, Size, light, mixed, paint, paint_line, pixel_grid, smooth_step
from dejashot.demo.drawing.sky import Sky, draw_sky
from dejashot.demo.drawing.water import Water, mirrored

_HORIZON = 0.58


def draw_boat(size: Size, seed: int, time: float = 0.0, at: float = 0.34) -> Field:
    """Return the sea at a time (seconds), with the boat at a share of the width."""
    sky = Sky(
        zenith=light(58, 78, 138),
        middle=light(214, 140, 122),
        horizon=light(255, 196, 120),
        sun=(0.64, 0.5),
        sun_light=light(255, 176, 92),
        cloud_light=light(255, 176, 132) * 1.1,
        cloud_shade=light(122, 92, 126),
        cover=0.55,
        glow=1.1,
    )
    rng = np.random.default_rng(seed)
    above = draw_sky(sky, size, _HORIZON, rng, drift=time * 1.5)
    _paint_coast(above, size)
    width, height = size
    heel = 0.05 + 0.035 * np.sin(time * 2.1)
    bob = 3 * np.sin(time * 2.6) * height / 1200
    _paint_boat(above, ((at + 0.006 * time) * width, _HORIZON * height + bob), height * 0.34, heel)
    water = Water(_HORIZON, light(26, 40, 66), ripple=2.6, rough=0.5, time=time)
    below = mirrored(above, water, rng)
    _, y = pixel_grid(size)
    row = _HORIZON * height
    picture = mixed(above, below, smooth_step(row - 0.5, row + 0.5, y))
    _paint_hull(picture, ((at + 0.006 * time) * width, row + bob), height * 0.34, heel)
    return picture


def _paint_coast(picture: Field, size: Size) -> None:
    """Paint two lines of far hills over the horizon."""
    width, height = size
    x = np.linspace(0, 1, 160)
    for far, top, colour in ((0.0, 0.030, light(186, 126, 124)), (1.7, 0.022, light(112, 80, 104))):
        hills = top * (0.5 + 0.3 * np.sin(x * 7 + far * 3) + 0.2 * np.sin(x * 19 + far) + 0.06 * np.sin(x * 61 + far))
        slope = np.clip((0.52 - x) * 4 if far else (x - 0.1) * 3, 0, 1)
        rows = (_HORIZON - hills * slope) * height
        outline = [*zip(x * width, rows, strict=True), (width, _HORIZON * height), (0, _HORIZON * height)]
        paint(picture, outline, colour)


def _turned(points: list[tuple[float, float]], foot: tuple[float, float], scale: float, heel: float) -> Field:
    """Return places of a boat (heights of its mast, up is negative) as places of the picture."""
    c, s = np.cos(heel), np.sin(heel)
    local = np.array(points) * scale
    return np.asarray(local @ np.array([[c, s], [-s, c]]) + foot, np.float32)


def _paint_boat(picture: Field, foot: tuple[float, float], scale: float, heel: float) -> None:
    turn = np.linspace(0, 1, 24)
    leech = [(0.02 + 0.36 * t - 0.06 * np.sin(np.pi * t), -0.95 + 0.83 * t) for t in turn]
    main = [(0.012, -0.96), *leech, (0.012, -0.11)]
    luff = [(-0.02 - 0.3 * t + 0.03 * np.sin(np.pi * t), -0.86 + 0.76 * t) for t in turn]
    jib = [*luff, *((-0.32 + 0.27 * t, -0.1 - 0.05 * np.sin(np.pi * t)) for t in turn)]
    for n in range(7):
        share = n / 7
        part = [(0.012 + (x - 0.012) * (1 - share), y) for x, y in main]
        cloth = light(150, 106, 96) * np.float32(1 - share) + light(255, 222, 186) * np.float32(share)
        paint(picture, _turned(part, foot, scale, heel), cloth)
    paint(picture, _turned(jib, foot, scale, heel), light(244, 200, 164))
    for height in (0.3, 0.5, 0.7):
        edge = 0.02 + 0.36 * (0.95 - height) / 0.83
        line = _turned([(0.012, -height), (edge * 0.9, -height + 0.02)], foot, scale, heel)
        paint_line(picture, line, scale * 0.004, light(120, 84, 80))
    paint_line(picture, _turned([(0, -1.0), (0, -0.06)], foot, scale, heel), scale * 0.012, light(60, 44, 44))
    paint_line(picture, _turned([(0, -0.11), (0.38, -0.1)], foot, scale, heel), scale * 0.014, light(60, 44, 44))
    _paint_hull(picture, foot, scale, heel)


def _paint_hull(picture: Field, foot: tuple[float, float], scale: float, heel: float) -> None:
    hull = [(-0.36, -0.085), (0.0, -0.07), (0.4, -0.08), (0.37, 0.0), (0.28, 0.028), (-0.2, 0.028), (-0.3, 0.0)]
    paint(picture, _turned(hull, foot, scale, heel), light(44, 36, 48))
    stripe = [(-0.35, -0.08), (0.0, -0.066), (0.4, -0.075), (0.395, -0.058), (0.0, -0.05), (-0.335, -0.062)]
    paint(picture, _turned(stripe, foot, scale, heel), light(226, 180, 150))
    crew = [(0.2, -0.075), (0.2, -0.13), (0.215, -0.155), (0.235, -0.155), (0.25, -0.13), (0.25, -0.075)]
    paint(picture, _turned(crew, foot, scale, heel), light(60, 34, 44))

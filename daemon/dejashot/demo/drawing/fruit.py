"""A bowl of fruit on a wooden table, lit from a window."""

import cv2
import numpy as np

from dejashot.demo.drawing.fields import (
    Field,
    Size,
    layered_noise,
    light,
    mixed,
    sampled_at,
    smooth_step,
    softened,
)
from dejashot.demo.drawing.solids import FAR, NOTHING, Eye, Hits, Solid, meet, no_hits, openness_past, shade_of

_EYE = Eye(np.array([0.25, 3.5, -7.4], np.float32), np.array([0.05, 0.78, 0.0], np.float32), 0.80)
_WINDOW = np.array([-0.62, 0.66, -0.42], np.float32) / np.float32(np.linalg.norm([-0.62, 0.66, -0.42]))
_BOWL_MIDDLE, _BOWL_RADIUS, _RIM = np.array([0, 1.72, 0], np.float32), np.float32(1.74), np.float32(1.02)
_TABLE, _BOWL = -2, -3
_PX = 1024


def draw_fruit(size: Size, rng: np.random.Generator) -> Field:
    """Return oranges, apples, lemons and grapes in and beside a bowl."""
    solids = _fruits(rng)
    rays = _EYE.rays(size)
    hits = no_hits(size)
    _meet_table(hits, rays)
    _meet_bowl(hits, rays)
    for number, solid in enumerate(solids):
        meet(hits, (_EYE, rays), solid, number)
    points = _EYE.at + rays * np.minimum(hits.distance, 60)[..., None]
    bowl = Solid((0.0, 0.62, 0.0), (1.25, 0.62, 1.25), light(0, 0, 0), "bowl")
    colour, gloss = _surfaces(solids, hits, points, rng)
    picture = _lit(colour, gloss, (hits, points, rays), (solids, bowl))
    return _with_wall(picture, hits, size, rng)


def _fruits(rng: np.random.Generator) -> list[Solid]:
    """Return the fruits, each resting in the bowl, on others, or on the table."""
    orange, red, lemon = light(232, 116, 20), light(178, 26, 22), light(236, 196, 52) * np.float32(0.9)
    green, purple = light(150, 180, 50), light(70, 26, 66)
    found = [
        Solid((-0.62, 1.0, -0.34), (0.60, 0.58, 0.60), orange, "peel"),
        Solid((0.58, 0.98, -0.46), (0.60, 0.55, 0.60), red, "apple"),
        Solid((0.06, 1.02, 0.58), (0.62, 0.60, 0.62), orange, "peel"),
        Solid((-0.72, 1.06, 0.56), (0.56, 0.52, 0.56), green, "apple"),
        Solid((0.86, 1.06, 0.42), (0.56, 0.52, 0.56), red, "apple"),
        Solid((-0.04, 1.60, 0.02), (0.70, 0.47, 0.47), lemon, "peel", lean=0.35),
        Solid((-1.95, 0.56, -0.95), (0.60, 0.56, 0.60), red, "apple"),
        Solid((2.05, 0.46, -0.75), (0.66, 0.45, 0.45), lemon, "peel", lean=-0.16),
    ]
    found += [_stem(fruit) for fruit in found if fruit.surface == "apple"]
    found += [_tip(fruit) for fruit in found if fruit.axes[0] > fruit.axes[2]]
    for layer, count in enumerate((11, 7, 3)):
        for n in range(count):
            turn, out = n * 2.4 + layer, (0.12 + 0.165 * np.sqrt(n)) * (1 - 0.2 * layer)
            at = (1.36 + 1.25 * out * np.cos(turn), 0.165 + 0.2 * layer, -1.95 + 0.8 * out * np.sin(turn))
            found.append(Solid(at, (0.165, 0.17, 0.165), purple * np.float32(rng.uniform(0.7, 1.5)), "grape"))
    return found


def _stem(fruit: Solid) -> Solid:
    x, y, z = fruit.middle
    return Solid((x + 0.03, y + fruit.axes[1] + 0.05, z), (0.025, 0.15, 0.025), light(70, 48, 28), "stem", lean=-0.3)


def _tip(lemon: Solid) -> Solid:
    x, y, z = lemon.middle
    out = lemon.axes[0] * 0.97
    at = (x + out * float(np.cos(lemon.lean)), y + out * float(np.sin(lemon.lean)), z)
    return Solid(at, (0.13, 0.1, 0.1), lemon.colour, "peel", lean=lemon.lean)


def _meet_table(hits: Hits, rays: Field) -> None:
    down = rays[..., 1] < -1e-3
    distance = np.where(down, -_EYE.at[1] / np.minimum(rays[..., 1], -1e-3), FAR)
    on = down & (_EYE.at[2] + rays[..., 2] * distance < 5.0)
    hits.distance[on], hits.number[on] = distance[on], _TABLE
    hits.normal[on] = (0, 1, 0)


def _meet_bowl(hits: Hits, rays: Field) -> None:
    """Note where rays meet the bowl: a part of a ball, seen from outside, or from inside over its rim."""
    start = _EYE.at - _BOWL_MIDDLE
    across = rays @ start
    inside = across * across - (start @ start - _BOWL_RADIUS**2)
    root = np.sqrt(np.maximum(inside, 0))
    for sign in (-1, 1):
        distance = -across + sign * root
        height = _EYE.at[1] + rays[..., 1] * distance
        on = (inside > 0) & (height < _RIM) & (height > 0) & (distance < hits.distance)
        normal = (start + rays[on] * distance[on][:, None]) / _BOWL_RADIUS
        hits.distance[on], hits.number[on] = distance[on], _BOWL
        hits.normal[on] = normal * np.float32(-sign)


def _surfaces(solids: list[Solid], hits: Hits, points: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Return the colour and the gloss of what each ray meets; peels get pores, which bend their normals."""
    colour = np.zeros_like(points)
    gloss = np.zeros(points.shape[:2], np.float32)
    pores = layered_noise((_PX, _PX), (150, 150), 2, rng)
    spots = layered_noise((_PX, _PX), (10, 10), 6, rng)
    for number, solid in enumerate(solids):
        on = hits.number == number
        if not on.any():
            continue
        normal = hits.normal[on]
        around = np.arctan2(normal[:, 0], -normal[:, 2]) * 160 + 31 * number + 400
        height = normal[:, 1] * 160 + 17 * number + 400
        colour[on], gloss[on] = _painted(solid, normal, sampled_at(spots, around, height))
        if solid.surface == "peel":
            bend = np.stack([sampled_at(pores, around + d, height + e) for d, e in ((2, 0), (0, 2), (1, 1))], axis=1)
            bent = normal + (bend - bend.mean(axis=1, keepdims=True)) * np.float32(0.42)
            hits.normal[on] = bent / np.linalg.norm(bent, axis=1, keepdims=True)
    table, bowl = hits.number == _TABLE, hits.number == _BOWL
    colour[table], gloss[table] = _wood(points[table], rng), 0.16
    colour[bowl], gloss[bowl] = _glaze(points[bowl], hits.normal[bowl], sampled_at(spots, *_around(points[bowl]))), 0.9
    return colour, gloss


def _around(points: Field) -> tuple[Field, Field]:
    turn = np.arctan2(points[:, 0], points[:, 2]) * 120 + 500
    return turn, (points[:, 1] * 140)


def _painted(solid: Solid, normal: Field, spots: Field) -> tuple[Field, float]:
    """Return the colour of a fruit by its kind of surface, and its gloss."""
    colour = np.repeat(solid.colour[None], len(normal), axis=0)
    if solid.surface == "apple":
        turn = np.arctan2(normal[:, 0], normal[:, 2])
        streaks = smooth_step(0.42, 0.72, spots * 0.75 + 0.25 * np.abs(np.sin(turn * 41 + spots * 14)))
        colour = mixed(colour, light(226, 176, 70), streaks * np.float32(0.3))
        colour = mixed(colour, light(150, 150, 60), smooth_step(0.86, 0.99, normal[:, 1]))
        return colour, 0.62
    if solid.surface == "grape":
        return mixed(colour, light(140, 120, 160), smooth_step(0.45, 0.75, spots) * np.float32(0.35)), 0.7
    colour = colour * (0.86 + 0.28 * spots)[:, None]
    return np.asarray(colour, np.float32), 0.05 if solid.surface == "stem" else 0.34


def _wood(points: Field, rng: np.random.Generator) -> Field:
    """Return the colour of the boards of the table."""
    board = np.floor(points[:, 2] / 1.35)
    shift = board * 371
    grain = layered_noise((_PX, _PX), (3, 150), 5, rng, gain=0.62)
    rings = layered_noise((_PX, _PX), (4, 22), 3, rng)
    x, z = (points[:, 0] * 60 + shift), (points[:, 2] * 120)
    lines = sampled_at(grain, x, z)
    wave = 0.5 + 0.5 * np.sin(sampled_at(rings, x * np.float32(0.6), z) * 46)
    colour = mixed(light(112, 68, 38), light(176, 122, 76), lines * 0.62 + wave * 0.38)
    tone = 0.86 + 0.22 * np.mod(board * 0.618, 1)
    gap = np.abs(np.mod(points[:, 2] / 1.35, 1) - 0.5) > 0.492
    return np.asarray(colour * (tone * np.where(gap, 0.25, 1))[:, None], np.float32)


def _glaze(points: Field, normal: Field, spots: Field) -> Field:
    """Return the colour of the bowl: white, with blue bands outside."""
    white = light(232, 228, 218) * (0.94 + 0.1 * spots)[:, None]
    outside = np.einsum("ij,ij->i", normal, points - _BOWL_MIDDLE) > 0
    band = smooth_step(0.10, 0.08, np.abs(points[:, 1] - 0.74)) + smooth_step(0.03, 0.02, np.abs(points[:, 1] - 0.5))
    return mixed(white, light(38, 74, 132), np.clip(band, 0, 1) * outside)


def _lit(colour: Field, gloss: Field, met: tuple[Hits, Field, Field], things: tuple[list[Solid], Solid]) -> Field:
    """Return the light that comes back: from the window with soft shadows, from the room, and mirrored."""
    hits, points, rays = met
    solids, bowl = things
    shade, room = _shades(hits, points, solids, bowl)
    facing = np.clip(hits.normal @ _WINDOW, 0, 1)
    up = 0.5 + 0.5 * hits.normal[..., 1]
    ambient = (light(150, 158, 180) * 0.5 * up[..., None] + light(180, 130, 90) * 0.26 * (1 - up)[..., None]) * room[
        ..., None
    ]
    picture = colour * (light(255, 238, 212) * np.float32(2.3) * (facing * shade)[..., None] + ambient)
    half = _WINDOW - rays
    half = half / np.linalg.norm(half, axis=2, keepdims=True)
    shine = np.clip(np.einsum("ijk,ijk->ij", half, hits.normal), 0, 1)
    edge = (1 - np.clip(-np.einsum("ijk,ijk->ij", rays, hits.normal), 0, 1)) ** 4
    picture += light(255, 246, 230) * (gloss * shade * (shine**90 * 3.2 + shine**16 * 0.25))[..., None]
    picture += light(190, 200, 220) * (gloss * edge * room * 0.55)[..., None]
    return np.asarray(picture, np.float32)


def _shades(hits: Hits, points: Field, solids: list[Solid], bowl: Solid) -> tuple[Field, Field]:
    """Return how much light of the window, and of the room, reaches what each ray meets."""
    shade, room = np.ones(points.shape[:2], np.float32), np.ones(points.shape[:2], np.float32)
    for number, solid in enumerate([*solids, bowl]):
        if solid.surface == "stem":
            continue
        reach = 3.2 if solid.surface in ("grape", "bowl") else 4.5
        window = _EYE.around(solid, reach, shade.shape)
        at, numbers = points[window], hits.number[window]
        other = numbers == _TABLE if solid is bowl else numbers != number
        past = np.where(other, shade_of(solid, at, _WINDOW, 0.42), 1)
        shade[window] = np.minimum(shade[window], past)
        room[window] *= np.where(other, openness_past(solid, at, hits.normal[window]), 1)
    return shade, room


def _with_wall(picture: Field, hits: Hits, size: Size, rng: np.random.Generator) -> Field:
    """Return the picture with a wall far behind the table, and what is far away out of focus."""
    wall = np.zeros_like(picture)
    width, height = size
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    wall += light(150, 136, 118) * (1.1 - 0.75 * across) + light(120, 116, 112) * np.float32(0.12)
    for n in range(3):
        left = int(width * (0.05 + 0.13 * n))
        cv2.rectangle(wall, (left, 0), (left + int(width * 0.1), int(height * 0.13)), (1.7, 1.62, 1.45), -1)
    wall *= (0.9 + 0.2 * layered_noise(size, (12, 9), 3, rng))[..., None]
    beyond = hits.number == NOTHING
    whole = np.where(beyond[..., None], wall, picture)
    far = np.where(hits.number == _TABLE, smooth_step(9.2, 13.0, np.minimum(hits.distance, 99)), beyond)
    blurred = softened(whole * far[..., None], 14) / np.maximum(softened(far, 14), 1e-3)[..., None]
    return mixed(whole, blurred, far)

"""Small things of one class on one surface: boxes, bottles, cups, cards, cans, fruit, or one cut-out in other colours.

All things of a family have one outline and lie at one spot; what is on them differs.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from families.common import (
    CANVAS,
    CONTENTS,
    Colour,
    Rng,
    View,
    any_camera,
    colour,
    patch_of,
    photo_background,
    pick,
    surface,
)
from families.cutouts import Cutout, put
from families.stock import Stock
from views import Picture

SIDE = 160
LEAST_DIFFERENCE = 28.0  # mean distance of two things' colours, in levels
LEAST_HUE, MOST_HUE = 25, 155  # degrees of OpenCV's 180
Mask = npt.NDArray[np.uint8]


class _Lot(NamedTuple):
    """Things of one outline: the outline, and the parts of it that get colours of their own."""

    outline: Mask
    parts: tuple[Mask, ...]


def _blank() -> Mask:
    return np.zeros((SIDE, SIDE), np.uint8)


def _rectangle(left: float, top: float, right: float, bottom: float) -> Mask:
    """Return a rectangle in shares of the side."""
    mask = _blank()
    cv2.rectangle(mask, (int(left * SIDE), int(top * SIDE)), (int(right * SIDE), int(bottom * SIDE)), 255, -1)
    return mask


def _ellipse(x: float, y: float, wide: float, high: float) -> Mask:
    """Return an ellipse in shares of the side: its middle and half its axes."""
    mask, axes = _blank(), (int(wide * SIDE), int(high * SIDE))
    cv2.ellipse(mask, (int(x * SIDE), int(y * SIDE)), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    return mask


def _box(rng: Rng) -> _Lot:
    """Return boxes or cards, with a panel and a band."""
    wide, high = rng.uniform(0.25, 0.46, 2)
    outline = _rectangle(0.5 - wide, 0.5 - high, 0.5 + wide, 0.5 + high)
    panel = _rectangle(0.5 - wide * 0.7, 0.5 - high * 0.6, 0.5 + wide * rng.uniform(0.1, 0.8), 0.5 + high * 0.2)
    at = rng.uniform(0.1, 0.7)
    band = _rectangle(0.5 - wide, 0.5 + high * at, 0.5 + wide, 0.5 + high * (at + 0.25))
    return _Lot(outline, (panel, band))


def _bottle(rng: Rng) -> _Lot:
    """Return bottles, with a cap and a label."""
    wide, neck = rng.uniform(0.12, 0.22), rng.uniform(0.25, 0.4)
    slim = wide * rng.uniform(0.3, 0.5)
    outline = _rectangle(0.5 - wide, neck + 0.08, 0.5 + wide, 0.96) | _rectangle(0.5 - slim, 0.04, 0.5 + slim, 0.5)
    outline |= _ellipse(0.5, neck + 0.1, wide, 0.09)
    label = _rectangle(0.5 - wide, neck + 0.2, 0.5 + wide, rng.uniform(0.7, 0.88))
    return _Lot(outline, (label, _rectangle(0.5 - slim * 1.2, 0.03, 0.5 + slim * 1.2, 0.1)))


def _cup(rng: Rng) -> _Lot:
    """Return cups from above or from aside, or cans."""
    wide = rng.uniform(0.22, 0.34)
    high = wide * rng.uniform(0.3, 1.0)
    top, bottom = 0.1 + high, rng.uniform(0.65, 0.88)
    outline = _rectangle(0.5 - wide, top, 0.5 + wide, bottom) | _ellipse(0.5, top, wide, high)
    outline |= _ellipse(0.5, bottom, wide, min(high, 0.1))
    return _Lot(outline, (_ellipse(0.5, top, wide * 0.85, high * 0.85), _rectangle(0.5 - wide, 0.5, 0.5 + wide, 0.62)))


def _round(rng: Rng) -> _Lot:
    """Return round things, with a spot."""
    wide, high = rng.uniform(0.3, 0.46, 2)
    spot = _ellipse(0.5 + rng.uniform(-0.1, 0.1), 0.5 + rng.uniform(-0.1, 0.1), wide * 0.5, high * 0.5)
    return _Lot(_ellipse(0.5, 0.5, wide, high), (spot,))


def _coat(stock: Stock, rng: Rng) -> npt.NDArray[np.float32]:
    """Return what a thing is covered with: a colour, or a texture in a colour, or a piece of a photo."""
    plain, kind = np.array(colour(rng, 10, 250), np.float32), rng.random()
    if kind < 0.35:
        return np.broadcast_to(plain, (SIDE, SIDE, 3)).astype(np.float32)
    printed = patch_of(stock.photo(rng), (0.3, 1.0), SIDE, rng)
    return (
        printed if kind > 0.65 else np.asarray(plain + (printed - printed.mean()) * rng.uniform(0.2, 0.6), np.float32)
    )


def _lettered(coat: npt.NDArray[np.float32], ink: Colour, rng: Rng) -> npt.NDArray[np.float32]:
    """Return a coat with rows of letters on it."""
    out = np.ascontiguousarray(np.clip(coat, 0, 255).astype(np.uint8))
    for row in range(int(rng.integers(1, 4))):
        letters = "".join(chr(int(v)) for v in rng.integers(65, 91, int(rng.integers(2, 8))))
        at = (int(SIDE * rng.uniform(0.15, 0.4)), int(SIDE * (0.4 + 0.15 * row)))
        cv2.putText(out, letters, at, cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.4, 1.2), ink, 2, cv2.LINE_AA)
    return out.astype(np.float32)


def _thing(stock: Stock, lot: _Lot, rng: Rng) -> Cutout:
    """Return one thing of a lot."""
    out = _coat(stock, rng)
    if rng.random() < 0.4:
        out = _lettered(out, colour(rng), rng)
    for part in lot.parts:
        if rng.random() < 0.75:
            share = (part.astype(np.float32) / 255)[:, :, None]
            out = out * (1 - share) + _coat(stock, rng) * share
    x = np.linspace(-1, 1, SIDE, dtype=np.float32)[None, :, None]
    out = np.clip(out * (1.08 - 0.4 * x**2), 0, 255)
    return np.dstack([out.astype(np.uint8), cv2.GaussianBlur(lot.outline, (0, 0), 0.8)])


def _recoloured(cutout: Cutout, coat: npt.NDArray[np.float32], rng: Rng) -> Cutout:
    """Return a cut-out in other colours and, half the time, of other stuff."""
    hsv = cv2.cvtColor(np.ascontiguousarray(cutout[:, :, :3]), cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[:, :, 0] = (hsv[:, :, 0] + rng.uniform(LEAST_HUE, MOST_HUE)) % 180
    hsv[:, :, 1] = np.clip(hsv[:, :, 1] * rng.uniform(0.6, 1.6) + rng.uniform(20, 90), 0, 255)
    out = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB).astype(np.float32)
    if rng.random() < 0.5:
        stuff = cv2.resize(coat, (cutout.shape[1], cutout.shape[0]))
        out = out * 0.4 + stuff * 0.6 * (0.5 + out.mean(2, keepdims=True) / 255)
    return np.dstack([np.clip(out, 0, 255).astype(np.uint8), cutout[:, :, 3]])


def _colours(thing: Cutout) -> npt.NDArray[np.float32]:
    """Return a thing's colours, coarsely, [8, 8, 3]."""
    small = cv2.resize(thing, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small[:, :, :3] * small[:, :, 3:] / 255, np.float32)


def _source(stock: Stock, rng: Rng) -> Callable[[], Cutout]:
    """Return what makes the things of one family."""
    if rng.random() < 0.3:
        model = stock.cutout(rng)
        return lambda: _recoloured(model, _coat(stock, rng), rng)
    lot = pick((_box, _box, _bottle, _cup, _round), rng)(rng)
    return lambda: _thing(stock, lot, rng)


def _different(make: Callable[[], Cutout], known: list[Cutout]) -> Cutout:
    """Return a thing that a person tells from the known ones; the last try where none is found in twenty."""
    thing = make()
    for _ in range(20):
        gaps = [np.abs(_colours(thing) - _colours(k)).sum(2).mean() for k in known]
        if not gaps or min(gaps) > LEAST_DIFFERENCE:
            break
        thing = make()
    return thing


def _ground(stock: Stock, rng: Rng) -> Picture:
    """Return a surface, a belt with its edges, or a photo."""
    kind = rng.random()
    if kind < 0.2:
        return photo_background(stock, rng)
    ground = surface(rng)
    if kind < 0.5:
        edge = int(CANVAS * rng.uniform(0.08, 0.25))
        belt = np.array(colour(rng, 20, 110), np.float32) + rng.normal(0, 3, (CANVAS - 2 * edge, CANVAS, 1))
        ground[edge : CANVAS - edge] = np.clip(belt, 0, 255).astype(np.uint8)
        if rng.random() < 0.5:
            ground = np.ascontiguousarray(ground.transpose(1, 0, 2))
    return ground


def object_family(stock: Stock, rng: Rng) -> list[View]:
    """Return a family of like things at one spot, alone or in a row."""
    ground, camera, make = _ground(stock, rng), any_camera(rng), _source(stock, rng)
    in_row = pick((1, 1, 1, 2, 3), rng)
    size = CANVAS * rng.uniform(0.25, 0.7) / np.sqrt(in_row)
    x, y = rng.uniform(0.4, 0.6, 2) * CANVAS
    move, turn = pick((0.01, 0.03, 0.08), rng), pick((3.0, 15.0, 90.0), rng)
    upright = rng.uniform(0, 360) if rng.random() < 0.3 else rng.normal(0, 6)
    family, known = [], list[Cutout]()
    for number in range(CONTENTS):
        things = [_different(make, known) for _ in range(in_row)]
        known += things
        for _ in range(2):
            scene, turned = ground, upright + rng.normal(0, turn * 0.5)
            shift = rng.normal(0, move, 2) * CANVAS
            for place, thing in enumerate(things):
                along = (place - (in_row - 1) / 2) * size * 0.95
                scene = put(scene, thing, (x + shift[0] + along, y + shift[1]), size, turned)
            family.append(View(camera.take(scene, rng), number))
    return family

"""One background, another subject in front of it each time; a subject moves, turns and grows between two views."""

from typing import NamedTuple

import numpy as np

from families.blobs import blob
from families.common import CANVAS, CONTENTS, Rng, View, any_camera, background, pick
from families.cutouts import Cutout, put
from families.stock import Stock
from views import Picture


class _Stage(NamedTuple):
    """Where subjects stand, how large they are, and how far they move and turn (shares of the side, degrees)."""

    middle: tuple[float, float]
    size_px: float
    move: float
    turn_degrees: float


def _decorated(stock: Stock, rng: Rng) -> Picture:
    """Return a background with up to two small things that stay where they are."""
    scene = background(stock, rng)
    for _ in range(int(rng.integers(0, 3))):
        at = (rng.uniform(0, 1) * CANVAS, rng.uniform(0.3, 1) * CANVAS)
        scene = put(scene, stock.cutout(rng), at, CANVAS * rng.uniform(0.12, 0.3), rng.normal(0, 20))
    return scene


def _posed(scene: Picture, subject: Cutout, stage: _Stage, rng: Rng) -> Picture:
    """Return the scene with the subject somewhere near its place."""
    x, y = (float(np.clip(v + rng.normal(0, stage.move) * CANVAS, 0.22 * CANVAS, 0.78 * CANVAS)) for v in stage.middle)
    size = stage.size_px * np.exp(rng.normal(0, 0.1))
    return put(scene, subject, (x, y), size, stage.turn_degrees)


def subject_family(stock: Stock, rng: Rng) -> list[View]:
    """Return a family of subjects in front of one background."""
    scene, camera = _decorated(stock, rng), any_camera(rng, follows=True)
    size = CANVAS * (rng.uniform(0.15, 0.3) if rng.random() < 0.2 else rng.uniform(0.3, 0.8))
    x, y = rng.uniform(0.3, 0.7) * CANVAS, rng.uniform(0.4, 0.65) * CANVAS
    move, turn = pick((0.02, 0.06, 0.15), rng), pick((5.0, 20.0, 60.0), rng)
    family = []
    for number in range(CONTENTS):
        subject = stock.cutout(rng) if rng.random() < 0.8 else blob(stock, rng)
        at = (x + rng.normal(0, 0.05) * CANVAS, y + rng.normal(0, 0.05) * CANVAS)
        size_px, upright = size * np.exp(rng.normal(0, 0.15)), rng.normal(0, 8)
        if rng.random() < 0.5:
            subject = np.ascontiguousarray(subject[:, ::-1])
        for _ in range(2):
            facing = np.ascontiguousarray(subject[:, ::-1]) if rng.random() < 0.15 else subject
            stage = _Stage(at, size_px, move, upright + rng.normal(0, turn * 0.5))
            family.append(View(camera.take(_posed(scene, facing, stage, rng), rng), number))
    return family

"""One table and plate, another dish on it each time; between two views the plate moves and turns."""

from typing import NamedTuple

import cv2
import numpy as np

from families.blobs import blob
from families.common import CANVAS, CONTENTS, Colour, Rng, View, any_camera, colour, photo_background, pick, surface
from families.cutouts import Cutout, put
from families.stock import Stock
from views import Picture


class _Plate(NamedTuple):
    """Middle, radius, height over width."""

    x: float
    y: float
    radius: float
    flat: float


class _Food(NamedTuple):
    """A piece of food, its size, its place from the plate's middle in pixels, and how it lies."""

    cutout: Cutout
    size_px: float
    x: float
    y: float
    turn_degrees: float


class _Coin(NamedTuple):
    """A small round thing beside the plate."""

    x: float
    y: float
    metal: Colour


def _draw_plate(scene: Picture, plate: _Plate, china: Colour) -> Picture:
    """Return the table with a plate."""
    axes = (int(plate.radius), int(plate.radius * plate.flat))
    shadow = np.zeros(scene.shape[:2], np.float32)
    cv2.ellipse(shadow, (int(plate.x + 4), int(plate.y + 6)), axes, 0, 0, 360, 1.0, -1)
    shadow = cv2.GaussianBlur(shadow, (0, 0), 6)
    out = (scene * (1 - 0.45 * shadow[:, :, None])).astype(np.uint8)
    middle = (int(plate.x), int(plate.y))
    cv2.ellipse(out, middle, axes, 0, 0, 360, china, -1, cv2.LINE_AA)
    for share, tone, width in ((0.68, 0.9, 2), (0.66, 1.03, -1)):
        inner = (int(plate.radius * share), int(plate.radius * share * plate.flat))
        cv2.ellipse(out, middle, inner, 0, 0, 360, [min(255.0, v * tone) for v in china], width, cv2.LINE_AA)
    return out


def _draw_coin(scene: Picture, coin: _Coin, move: float, rng: Rng) -> Picture:
    """Return the scene with the coin near its place."""
    out = scene.copy()
    at = (int(coin.x + rng.normal(0, move) * CANVAS), int(coin.y + rng.normal(0, move) * CANVAS))
    cv2.circle(out, at, 9, coin.metal, -1, cv2.LINE_AA)
    cv2.circle(out, at, 9, [v * 0.6 for v in coin.metal], 1, cv2.LINE_AA)
    return out


def _dish(stock: Stock, plate_px: float, rng: Rng) -> list[_Food]:
    """Return what lies on a plate."""
    count = pick((1, 1, 1, 2, 3), rng)
    spread = (0.12, 0.12) if count < 2 else (0.3, 0.25)
    return [
        _Food(
            blob(stock, rng) if rng.random() < 0.75 else stock.cutout(rng),
            plate_px * rng.uniform(0.5, 1.35) / np.sqrt(count),
            rng.normal(0, spread[0]) * plate_px,
            rng.normal(0, spread[1]) * plate_px,
            rng.uniform(0, 360),
        )
        for _ in range(count)
    ]


def _served(scene: Picture, dish: list[_Food], plate: _Plate, turn_degrees: float) -> Picture:
    """Return the scene with the dish on its plate, turned as a whole."""
    turn = np.deg2rad(-turn_degrees)
    for food in dish:
        x = plate.x + food.x * np.cos(turn) - food.y * np.sin(turn)
        y = plate.y + food.x * np.sin(turn) + food.y * np.cos(turn)
        scene = put(scene, food.cutout, (x, y), food.size_px, food.turn_degrees + turn_degrees)
    return scene


def _table(stock: Stock, rng: Rng) -> Picture:
    """Return a table, perhaps with something on it that stays."""
    table = surface(rng) if rng.random() < 0.75 else photo_background(stock, rng)
    if rng.random() < 0.4:
        at = (rng.uniform(0, 1) * CANVAS, rng.uniform(0, 1) * CANVAS)
        table = put(table, stock.cutout(rng), at, CANVAS * rng.uniform(0.15, 0.35), rng.uniform(0, 360))
    return table


def dish_family(stock: Stock, rng: Rng) -> list[View]:
    """Return a family of dishes on one table."""
    table, camera = _table(stock, rng), any_camera(rng)
    plate = _Plate(
        *rng.uniform(0.4, 0.6, 2) * CANVAS, radius=CANVAS * rng.uniform(0.28, 0.46), flat=rng.uniform(0.65, 1)
    )
    china = colour(rng, 200, 255) if rng.random() < 0.7 else colour(rng, 20, 255)
    coin = _Coin(rng.uniform(0.05, 0.3) * CANVAS, rng.uniform(0.1, 0.9) * CANVAS, colour(rng, 120, 230))
    has_coin, has_plate = rng.random() < 0.5, rng.random() < 0.85
    move = pick((0.01, 0.03, 0.08), rng)
    family = []
    for number in range(CONTENTS):
        dish, turn = _dish(stock, plate.radius, rng), pick((8.0, 40.0, 120.0), rng)
        own = china if rng.random() < 0.8 else colour(rng, 120, 255)
        for _ in range(2):
            x, y = rng.normal(0, move, 2) * CANVAS
            moved = plate._replace(x=plate.x + x, y=plate.y + y)
            scene = _draw_plate(table, moved, own) if has_plate else table
            scene = _served(scene, dish, moved, rng.normal(0, turn * 0.5))
            if has_coin:
                scene = _draw_coin(scene, coin, move, rng)
            family.append(View(camera.take(scene, rng), number))
    return family

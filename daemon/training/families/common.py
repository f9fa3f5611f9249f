"""What all families use: chance, light, optics, a camera that is held by hand, and backgrounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from families.stock import Stock
from views import Picture, exposed, sent, shaken

Rng = np.random.Generator
Colour = tuple[int, int, int]
Floats = npt.NDArray[np.float32]
Choice = TypeVar("Choice")

SIDE = 224  # of a view, in pixels
CANVAS = 300  # of a scene, which the camera takes a part of
CONTENTS = 4
MARGIN = 0.08  # share of a scene round what the camera is pointed at
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


class View(NamedTuple):
    """A picture uint8 [224, 224, 3], and the number of what it shows within its family."""

    picture: Picture
    content: int


def pick(choices: Sequence[Choice], rng: Rng) -> Choice:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def colour(rng: Rng, least: int = 0, most: int = 255) -> Colour:
    """Return a colour with every channel in a range."""
    red, green, blue = (int(v) for v in rng.integers(least, most + 1, 3))
    return red, green, blue


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture at another size, of at least two pixels a side."""
    size = (max(2, width), max(2, height))
    how = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def patch_of(picture: Picture, shares: tuple[float, float], side: int, rng: Rng) -> Floats:
    """Return a square piece of a picture, float32 [side, side, 3]; `shares` of its shorter side are its range."""
    height, width = picture.shape[:2]
    cut = int(min(height, width) * rng.uniform(*shares))
    top, left = int(rng.integers(0, height - cut + 1)), int(rng.integers(0, width - cut + 1))
    return resized(picture[top : top + cut, left : left + cut], side, side).astype(np.float32)


def ramp(height: int, width: int, rng: Rng) -> Floats:
    """Return a plane that rises in some direction by one at most, float32 [H, W, 1]."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)).astype(np.float32)[:, :, None]


def lit_from_aside(picture: Picture, strength: float, rng: Rng) -> Picture:
    """Return the picture with light that falls off to one side, and another white balance."""
    height, width = picture.shape[:2]
    light = 1 + ramp(height, width, rng) * rng.uniform(0, 0.7 * strength)
    return np.clip(picture * light * (1 + rng.normal(0, 0.04 * strength, 3)), 0, 255).astype(np.uint8)


def through_optics(picture: Picture, strength: float, ev: float, rng: Rng) -> Picture:
    """Return the picture as lens, sensor and messenger leave it: light, exposure, blur, noise, compression."""
    out = picture
    if rng.random() < 0.5 * strength + 0.1:
        out = lit_from_aside(out, strength, rng)
    if rng.random() < 0.7:
        out = exposed(out, float(rng.uniform(-ev, ev)), rng)
    if rng.random() < 0.25 * strength:
        soft = float(rng.uniform(0.3, 1.3))
        out = shaken(out, rng) if rng.random() < 0.3 else np.asarray(cv2.GaussianBlur(out, (0, 0), soft), np.uint8)
    if rng.random() < 0.35:
        out = np.clip(out + rng.normal(0, rng.uniform(1, 10), out.shape), 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        out = sent(out, rng) if rng.random() < 0.5 else compressed(out, int(rng.integers(40, 92)))
    return out


def compressed(picture: Picture, quality: int) -> Picture:
    """Return the picture after JPEG compression."""
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


@dataclass(frozen=True, slots=True)
class Camera:
    """How a family is photographed: how much the hand moves, exposures within `ev` stops, how far it follows."""

    strength: float
    ev: float
    follow: float = 0.0

    def take(self, scene: Picture, rng: Rng) -> Picture:
        """Return a photo [SIDE, SIDE, 3] of a scene, which is larger than the frame."""
        height, width = scene.shape[:2]
        size = np.array([width, height], np.float32)
        corners = (MARGIN + (1 - 2 * MARGIN) * SQUARE) * size
        corners = self._moved(corners, min(height, width), rng) + rng.uniform(-self.follow, self.follow, 2) * size
        warp = cv2.getPerspectiveTransform(corners.astype(np.float32), SQUARE * SIDE)
        how = cv2.INTER_AREA if width > 1.6 * SIDE else cv2.INTER_LINEAR
        framed = cv2.warpPerspective(scene, warp, (SIDE, SIDE), flags=how, borderMode=cv2.BORDER_REFLECT_101)
        return through_optics(np.asarray(framed, np.uint8), min(1.0, self.strength), self.ev, rng)

    def _moved(self, corners: Floats, side: int, rng: Rng) -> Floats:
        """Return the frame's corners after the camera shifted, came nearer, turned and tilted."""
        middle = corners.mean(0)
        turn = np.deg2rad(rng.normal(0, 3 * self.strength))
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        nearer = np.exp(rng.normal(0, 0.05 * self.strength))
        out = (corners - middle) @ turned.T * nearer + middle + rng.normal(0, 0.035 * self.strength * side, 2)
        return np.asarray(out + rng.normal(0, 0.012 * self.strength * side, (4, 2)), np.float32)


def any_camera(rng: Rng, *, follows: bool = False) -> Camera:
    """Return a camera: a steady one or a restless one."""
    follow = 0.2 if follows and rng.random() < 0.15 else 0.0
    return Camera(pick((0.3, 0.7, 1.3, 2.0), rng), pick((0.4, 0.8, 1.5), rng), follow)


def surface(rng: Rng, height: int = CANVAS, width: int = CANVAS) -> Picture:
    """Return wood, cloth, tiles or a plain wall."""
    base = np.array(colour(rng, 30, 240), np.float32)
    kind = rng.random()
    pattern = np.zeros((height, width), np.float32)
    if kind < 0.45:
        if rng.random() < 0.4:
            base = np.array([rng.uniform(120, 220), rng.uniform(80, 150), rng.uniform(30, 90)], np.float32)
        pattern = _grain(rng, height, width)
    elif kind < 0.7:
        blotches = rng.normal(0, 1, (int(rng.integers(3, 40)), int(rng.integers(3, 40)))).astype(np.float32)
        pattern = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_CUBIC) * rng.uniform(2, 14)
    elif kind < 0.8:
        pitch = int(rng.integers(8, 50))
        y, x = np.mgrid[0:height, 0:width]
        tiles = (x // pitch + y // pitch) % 2 if rng.random() < 0.5 else (x // pitch) % 2
        pattern = tiles.astype(np.float32) * rng.uniform(5, 60)
    out = base + pattern[:, :, None] + rng.normal(0, rng.uniform(0, 4), (height, width, 1))
    return np.clip(out * (1 + rng.uniform(0, 0.4) * ramp(height, width, rng)), 0, 255).astype(np.uint8)


def _grain(rng: Rng, height: int, width: int) -> Floats:
    """Return the grain of wood, along or across."""
    rows, columns = max(2, height // int(rng.integers(3, 12))), max(2, int(rng.integers(2, 6)))
    streaks = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    if rng.random() < 0.5:
        streaks = np.ascontiguousarray(streaks.T)
    return cv2.resize(streaks, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32) * rng.uniform(4, 22)


def photo_background(stock: Stock, rng: Rng, side: int = CANVAS) -> Picture:
    """Return a photo, as it is or mirrored."""
    photo = stock.photo(rng)
    if rng.random() < 0.5:
        photo = np.ascontiguousarray(photo[:, ::-1])
    return resized(photo, side, side)


def room(stock: Stock, rng: Rng, side: int = CANVAS) -> Picture:
    """Return a wall with a floor, and doors or pictures on it."""
    out = surface(rng, side, side)
    if rng.random() < 0.6:
        floor = int(side * rng.uniform(0.6, 0.85))
        out[floor:] = surface(rng, side - floor, side)
    for _ in range(int(rng.integers(1, 5))):
        wide, high = int(side * rng.uniform(0.08, 0.35)), int(side * rng.uniform(0.1, 0.5))
        left, top = int(rng.uniform(-0.1, 0.9) * side), int(rng.uniform(0, 0.6) * side)
        right, bottom, left = min(side, left + wide), min(side, top + high), max(0, left)
        if right - left < 6 or bottom - top < 6:
            continue
        framed = resized(stock.photo(rng), right - left, bottom - top) if rng.random() < 0.5 else colour(rng)
        out[top:bottom, left:right] = framed
    return out


def background(stock: Stock, rng: Rng) -> Picture:
    """Return a photo, a room or a surface."""
    kind = rng.random()
    if kind < 0.45:
        return photo_background(stock, rng)
    return room(stock, rng) if kind < 0.7 else surface(rng)

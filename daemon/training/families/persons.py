"""One background, other people in front of it each time, drawn as jointed figures in any pose."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from families.common import CANVAS, CONTENTS, Colour, Rng, View, any_camera, background, colour, patch_of, pick
from families.stock import Stock
from views import Picture

CLOTH_PX = 96
Cloth = Picture | Colour
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """Looks: skin, hair and clothes; the head's size and the shoulders' breadth against the usual."""

    skin: Colour
    hair: Colour
    top: Cloth
    upper_arm: Cloth
    forearm: Cloth
    legs: Cloth
    head: float
    breadth: float
    long_hair: bool
    beard: bool


class Stance(NamedTuple):
    """Where the top of a head is, how tall the figure is (pixels), and how wild its pose, from 0 to 1."""

    x: float
    y: float
    height: float
    wild: float


def cloth(stock: Stock, rng: Rng) -> Picture:
    """Return a piece of cloth: plain, striped or with a pattern, at times with a print, uint8 [96, 96, 3]."""
    kind, plain = rng.random(), np.array(colour(rng, 5, 245), np.float32)
    out = np.zeros((CLOTH_PX, CLOTH_PX, 3), np.float32) + plain
    if kind < 0.4:
        out += rng.normal(0, rng.uniform(0, 6), (CLOTH_PX, CLOTH_PX, 1)).astype(np.float32)
    elif kind < 0.55:
        striped = (np.arange(CLOTH_PX) // int(rng.integers(4, 20))) % 2 == 0
        rows_or_columns = out if rng.random() < 0.5 else out.transpose(1, 0, 2)
        rows_or_columns[striped] = colour(rng)
    else:
        patterned = patch_of(stock.photo(rng), (0.3, 0.9), CLOTH_PX, rng)
        out = plain + (patterned - 128) * rng.uniform(0.1, 0.4) if kind < 0.8 else patterned
    if rng.random() < 0.3:
        side = int(rng.integers(20, 50))
        left = CLOTH_PX // 2 - side // 2
        out[30 : 30 + side, left : left + side] = patch_of(stock.photo(rng), (0.9, 1.0), side, rng)
    return np.clip(out, 0, 255).astype(np.uint8)


def any_person(stock: Stock, rng: Rng) -> Person:
    """Return somebody."""
    tone = rng.uniform(90, 240)
    skin = (int(tone), int(tone * rng.uniform(0.7, 0.85)), int(tone * rng.uniform(0.5, 0.75)))
    top = cloth(stock, rng)
    return Person(
        skin=skin,
        hair=colour(rng, 5, 110) if rng.random() < 0.75 else colour(rng, 60, 220),
        top=top,
        upper_arm=top if rng.random() < 0.7 else skin,
        forearm=top if rng.random() < 0.5 else skin,
        legs=cloth(stock, rng),
        head=rng.uniform(0.85, 1.2),
        breadth=rng.uniform(0.8, 1.35),
        long_hair=rng.random() < 0.4,
        beard=rng.random() < 0.2,
    )


def _cover(scene: Picture, mask: npt.NDArray[np.uint8], with_cloth: Cloth, shade: float) -> None:
    """Paint what the mask covers."""
    left, top, wide, high = cv2.boundingRect(mask)
    if wide == 0:
        return
    box = np.s_[top : top + high, left : left + wide]
    if isinstance(with_cloth, tuple):
        texture = np.array(with_cloth, np.float32)
    else:
        texture = np.asarray(cv2.resize(with_cloth, (wide, high)), np.float32)
    alpha = (mask[box].astype(np.float32) / 255)[:, :, None]
    scene[box] = np.clip(scene[box] * (1 - alpha) + texture * shade * alpha, 0, 255).astype(np.uint8)


def _limb(scene: Picture, ends: tuple[Point, Point], width: float, with_cloth: Cloth, shade: float) -> None:
    """Draw an arm's or a leg's part."""
    mask = np.zeros(scene.shape[:2], np.uint8)
    first, last = ((int(x), int(y)) for x, y in ends)
    cv2.line(mask, first, last, 255, int(max(2, width)), cv2.LINE_AA)
    _cover(scene, mask, with_cloth, shade)


def draw_person(scene: Picture, person: Person, stance: Stance, rng: Rng) -> Picture:
    """Return the scene with a person in a random pose."""
    out, tall, wild = scene.copy(), stance.height, stance.wild
    head, shoulder, width = tall * 0.13 * person.head, tall * 0.11 * person.breadth, tall * 0.075
    neck = (stance.x + rng.normal(0, 0.03 + 0.06 * wild) * tall, stance.y + head * 1.9)
    hip = (stance.x, stance.y + tall * 0.5)
    for side in (-1, 1):
        foot = (hip[0] + side * tall * (0.06 + 0.12 * wild * rng.random()), stance.y + tall)
        _limb(out, ((hip[0] + side * tall * 0.05, hip[1]), foot), width * 1.3, person.legs, 0.9)
    trunk = np.zeros(out.shape[:2], np.uint8)
    low = hip[1] + tall * 0.03
    corners = [(neck[0] - shoulder, neck[1]), (neck[0] + shoulder, neck[1])]
    corners += [(hip[0] + shoulder * 0.85, low), (hip[0] - shoulder * 0.85, low)]
    cv2.fillPoly(trunk, [np.array(corners, np.int32)], 255, cv2.LINE_AA)
    _cover(out, trunk, person.top, 1.0)
    for side in (-1, 1):
        start = (neck[0] + side * shoulder * 0.95, neck[1] + width * 0.5)
        _arm(out, person, start, side, Stance(stance.x, stance.y, tall, wild), rng)
    _head(out, person, (neck[0] + rng.normal(0, 0.02 + 0.03 * wild) * tall, stance.y + head), head, rng)
    return out


def _arm(scene: Picture, person: Person, start: Point, side: int, stance: Stance, rng: Rng) -> None:
    """Draw an arm from the shoulder, bent anywhere."""
    width, tall, wild = stance.height * 0.075, stance.height, stance.wild
    upper = rng.uniform(0, 0.5 + wild * 2.2)
    elbow = (start[0] + side * np.sin(upper) * tall * 0.16, start[1] + np.cos(upper) * tall * 0.16)
    lower = upper + rng.uniform(-0.3, 0.6 + 1.6 * wild) * pick((-1, 1), rng)
    hand = (elbow[0] + side * np.sin(lower) * tall * 0.15, elbow[1] + np.cos(lower) * tall * 0.15)
    _limb(scene, (start, elbow), width, person.upper_arm, 0.85)
    _limb(scene, (elbow, hand), width * 0.85, person.forearm, 0.9)
    cv2.circle(scene, (int(hand[0]), int(hand[1])), int(width * 0.55), person.skin, -1, cv2.LINE_AA)


def _head(scene: Picture, person: Person, at: Point, size: float, rng: Rng) -> None:
    """Draw a head with its face turned a little."""
    middle, turned = (int(at[0]), int(at[1])), rng.normal(0, 0.15) * size
    oval = (int(size * 0.75), int(size))
    if person.long_hair:
        long = (int(size * 0.95), int(size * 1.35))
        cv2.ellipse(scene, (middle[0], int(at[1] + size * 0.35)), long, 0, 0, 360, person.hair, -1, cv2.LINE_AA)
    cv2.ellipse(scene, middle, oval, rng.normal(0, 8), 0, 360, person.skin, -1, cv2.LINE_AA)
    cv2.ellipse(scene, middle, (int(size * 0.8), int(size)), 0, 185, 355, person.hair, -1, cv2.LINE_AA)
    for side in (-1, 1):
        eye = (int(middle[0] + side * size * 0.3 + turned), int(middle[1] + size * 0.05))
        cv2.circle(scene, eye, max(1, int(size * 0.09)), (30, 25, 25), -1, cv2.LINE_AA)
    mouth_y = int(middle[1] + size * 0.5)
    ends = [(int(middle[0] + side * size * 0.25 + turned), mouth_y) for side in (-1, 1)]
    cv2.line(scene, ends[0], ends[1], (140, 60, 60), max(1, int(size * 0.08)), cv2.LINE_AA)
    if person.beard:
        cv2.ellipse(scene, middle, oval, 0, 20, 160, person.hair, -1, cv2.LINE_AA)


def person_family(stock: Stock, rng: Rng) -> list[View]:
    """Return a family of people in front of one background."""
    scene, camera = background(stock, rng), any_camera(rng, follows=True)
    tall = CANVAS * pick((0.6, 0.8, 1.0, 1.4, 1.8), rng)
    x, y = CANVAS * rng.uniform(0.3, 0.7), CANVAS * 0.98 - min(tall, CANVAS * 0.9 * rng.uniform(0.8, 1))
    wild, count = pick((0.1, 0.4, 1.0), rng), pick((1, 1, 1, 2), rng)
    bystander = any_person(stock, rng) if rng.random() < 0.25 else None
    family = []
    for number in range(CONTENTS):
        people = [any_person(stock, rng) for _ in range(count)]
        own_x, move = x + rng.normal(0, 0.04) * CANVAS, pick((0.01, 0.04, 0.12), rng)
        for _ in range(2):
            shown = scene
            if bystander is not None:
                shown = draw_person(shown, bystander, Stance(CANVAS * 0.12, CANVAS * 0.35, CANVAS * 0.6, 0.1), rng)
            for place, person in enumerate(people):
                at = float(np.clip(own_x + rng.normal(0, move) * CANVAS, 0.3 * CANVAS, 0.7 * CANVAS))
                stance = Stance(
                    at + place * 0.3 * tall,
                    y + rng.normal(0, move * 0.4) * CANVAS,
                    tall * np.exp(rng.normal(0, 0.03)),
                    wild,
                )
                shown = draw_person(shown, person, stance, rng)
            family.append(View(camera.take(shown, rng), number))
    return family

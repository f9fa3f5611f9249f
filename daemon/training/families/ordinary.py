"""Ordinary photos: one category and often one place, two presses of the shutter each, in five ways."""

from collections.abc import Callable

import cv2
import numpy as np

from families.common import CANVAS, SIDE, SQUARE, Camera, Rng, View, pick, resized, through_optics
from families.cutouts import Cutout, put
from families.stock import Stock, load
from views import Picture, exposed, framed, same_shot, two_places, walked_round

PHOTOS = 3
PLACES_SHARE = 0.4
OVERLAP = (0.45, 0.7)
NIGHT_DEVIATION = 1.5  # luma levels that must be left after averaging: something is to be seen
Pair = tuple[Picture, Picture]


def _swept(photo: Picture, rng: Rng) -> Pair:
    """Return two neighbours of a sweep: windows that share 45 to 70 % of their width or height."""
    overlap = rng.uniform(*OVERLAP)
    share = rng.uniform(0.88, 1.0) / (2 - overlap)
    across = rng.random() < 0.75
    length = photo.shape[1 if across else 0]
    window, start = int(length * share), 0
    step = int(window * (1 - overlap))
    start = int(rng.integers(0, length - window - step + 1))
    views = []
    for at in (start, start + step):
        seen = photo[:, at : at + window] if across else photo[at : at + window]
        turned = framed(np.ascontiguousarray(seen), SIDE, rng.uniform(0.9, 1.0), rng, strength=rng.uniform(0.1, 0.5))
        views.append(through_optics(turned, 0.5, 0.6, rng))
    return views[0], views[1]


def _orbited(photo: Picture, rng: Rng) -> Picture:
    """Return the picture from another side: foreshortened, near things moved, turned and nearer or farther."""
    picture = resized(photo, CANVAS, CANVAS)
    onto = SQUARE.copy()
    far = onto[:, 0] == int(rng.integers(2))
    onto[far, 1] = 0.5 + (onto[far, 1] - 0.5) * rng.uniform(0.7, 1.0)
    onto[:, 0] = 0.5 + (onto[:, 0] - 0.5) * rng.uniform(0.75, 1.0)
    warp = cv2.getPerspectiveTransform(SQUARE * CANVAS, (onto * CANVAS).astype(np.float32))
    seen = cv2.warpPerspective(picture, warp, (CANVAS, CANVAS), borderMode=cv2.BORDER_REFLECT_101)
    turned = framed(np.asarray(seen, np.uint8), SIDE, rng.uniform(0.5, 0.95), rng, strength=rng.uniform(0.5, 1.5))
    return through_optics(walked_round(turned, rng), 0.7, 0.6, rng)


def _walked(photo: Picture, rng: Rng) -> Pair:
    """Return two views of a walk round what the photo shows."""
    return through_optics(framed(photo, SIDE, 0.9, rng, strength=0.3), 0.5, 0.5, rng), _orbited(photo, rng)


def _bent(subject: Cutout, rng: Rng) -> Cutout:
    """Return the subject in another pose: its parts moved, seen from another side."""
    high, wide = subject.shape[:2]
    if rng.random() < 0.4:
        subject = np.ascontiguousarray(subject[:, ::-1])
    coarse = rng.uniform(-0.09, 0.09, (3, 3, 2)).astype(np.float32) * np.array([wide, high], np.float32)
    field = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    moved = cv2.remap(subject, x + field[:, :, 0], y + field[:, :, 1], cv2.INTER_LINEAR)
    return resized(np.asarray(moved, np.uint8), int(wide * rng.uniform(0.7, 1.2)), int(high * rng.uniform(0.85, 1.1)))


def _ran(photo: Picture, subject: Cutout, rng: Rng) -> Pair:
    """Return two frames of a burst: the subject runs or turns, the background stays or is panned over."""
    scene = resized(photo, CANVAS, CANVAS)
    size, y = CANVAS * rng.uniform(0.25, 0.65), rng.uniform(0.4, 0.7) * CANVAS
    x = rng.uniform(0.25, 0.75) * CANVAS
    reach = pick((0.03, 0.12, 0.3), rng) * CANVAS
    camera = Camera(pick((0.3, 0.8, 1.5), rng), 0.4, pick((0.0, 0.0, 0.1), rng))
    views = []
    for _ in range(2):
        at = (
            float(np.clip(x + rng.uniform(-reach, reach), 0.2 * CANVAS, 0.8 * CANVAS)),
            y + rng.normal(0, 0.04) * CANVAS,
        )
        posed = put(scene, _bent(subject, rng), at, size * np.exp(rng.normal(0, 0.1)), rng.normal(0, 12))
        views.append(camera.take(posed, rng))
    return views[0], views[1]


def _night(photo: Picture, rng: Rng) -> Pair:
    """Return two frames in which little is left: near black with its noise, or blown."""
    blown = rng.random() < 0.3
    views = []
    for number in range(2):
        seen = framed(photo, SIDE, rng.uniform(0.8, 1.0), rng, strength=rng.uniform(0.1, 0.6))
        stops = rng.uniform(2.0, 3.5) if blown else rng.uniform(-6.0, -3.5)
        if number and rng.random() < 0.3:
            stops = rng.uniform(-2.0, 0.5)
        views.append(_as_dark(seen, stops, rng))
    return views[0], views[1]


def _as_dark(seen: Picture, stops: float, rng: Rng) -> Picture:
    """Return the view at an exposure, or at the nearest milder one at which something is left to be seen."""
    noise = rng.uniform(0.5, 6) if stops < -2 else rng.uniform(0.5, 2)
    for milder in (1.0, 0.75, 0.5, 0.25):
        out = exposed(seen, stops * milder, rng)
        left = cv2.resize(out.mean(2).astype(np.float32), (28, 28), interpolation=cv2.INTER_AREA)
        if left.std() >= NIGHT_DEVIATION:
            break
    return np.clip(out + rng.normal(0, noise, out.shape), 0, 255).astype(np.uint8)


def _way(stock: Stock, rng: Rng) -> Callable[[Picture], Pair]:
    """Return how all photos of a family are taken."""
    kind = rng.random()
    if kind < 0.14:
        return lambda photo: _swept(photo, rng)
    if kind < 0.26:
        return lambda photo: _walked(photo, rng)
    if kind < 0.40:
        return lambda photo: _ran(photo, stock.cutout(rng), rng)
    if kind < 0.48:
        return lambda photo: _night(photo, rng)
    return lambda photo: same_shot(photo, stock.photo(rng), SIDE, rng)


def ordinary_family(stock: Stock, rng: Rng) -> list[View]:
    """Return photos of one category, some of them two windows of one place, with two views each."""
    files, way = pick(stock.categories, rng), _way(stock, rng)
    family: list[View] = []
    for number in rng.choice(len(files), PHOTOS, replace=False):
        photo = load(files[number])
        if rng.random() < 0.5:
            photo = np.ascontiguousarray(photo[:, ::-1])
        places = two_places(photo, rng) if rng.random() < PLACES_SHARE else None
        for place in places or (photo,):
            content = len(family) // 2
            family += [View(view, content) for view in way(place)]
    return family

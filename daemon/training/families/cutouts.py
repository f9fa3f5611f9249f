"""Subjects cut out of photos by GrabCut, and their placement in a scene; uint8 [H, W, 4], RGB and alpha."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from views import Picture

Cutout = npt.NDArray[np.uint8]

CUTOUTS, SEED = 700, 0
LONG_SIDE = 180
GRABCUT_SIDE, GRABCUT_BORDER, GRABCUT_ROUNDS = 120, 0.05, 2
SUBJECT_SHARE = (0.12, 0.7)  # of the photo's area
LEAST_SIDE = 40


def stored_cutouts(file: Path, photo: Callable[[int], Picture], photos: int) -> tuple[Cutout, ...]:
    """Return the cut-outs in a file; make the file from photos first where there is none."""
    if not file.exists():
        order = np.random.default_rng(SEED).permutation(photos).tolist()
        made = list(_first_cutouts(photo, order))
        np.savez(file, **{f"{number:04d}": cutout for number, cutout in enumerate(made)})
    with np.load(file) as stored:
        return tuple(stored[name] for name in sorted(stored.files))


def _first_cutouts(photo: Callable[[int], Picture], order: list[int]) -> Iterator[Cutout]:
    """Yield the first cut-outs that photos in this order give."""
    found = 0
    for number in order:
        cutout = cut_out(photo(number))
        if cutout is not None:
            yield cutout
            found += 1
        if found == CUTOUTS:
            return


def cut_out(photo: Picture) -> Cutout | None:
    """Return the subject of a photo, None where GrabCut finds none of a fitting size."""
    height, width = photo.shape[:2]
    scale = GRABCUT_SIDE / max(height, width)
    small = cv2.resize(photo, (int(width * scale), int(height * scale)), interpolation=cv2.INTER_AREA)
    mask = _subject_mask(np.asarray(small, np.uint8))
    if mask is None:
        return None
    alpha = cv2.GaussianBlur(cv2.resize(mask, (width, height), interpolation=cv2.INTER_CUBIC), (0, 0), 1.2)
    rows, columns = np.where(alpha > 20)
    whole = np.dstack([photo, alpha])[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    if min(whole.shape[:2]) < LEAST_SIDE:
        return None
    scale = LONG_SIDE / max(whole.shape[:2])
    size = (max(8, int(whole.shape[1] * scale)), max(8, int(whole.shape[0] * scale)))
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)


def _subject_mask(small: Picture) -> npt.NDArray[np.uint8] | None:
    """Return the largest piece of foreground as a mask of 0 and 255."""
    height, width = small.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    inner = 1 - 2 * GRABCUT_BORDER
    box = tuple(int(v) for v in (width * GRABCUT_BORDER, height * GRABCUT_BORDER, width * inner, height * inner))
    cv2.setRNGSeed(SEED)
    try:
        cv2.grabCut(
            cv2.cvtColor(small, cv2.COLOR_RGB2BGR), mask, box, np.zeros((1, 65)), np.zeros((1, 65)), GRABCUT_ROUNDS,
            cv2.GC_INIT_WITH_RECT,
        )  # fmt: skip
    except cv2.error:  # a photo of one colour
        return None
    found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    pieces, numbered, measures, _ = cv2.connectedComponentsWithStats(found)
    if pieces < 2:
        return None
    largest = 1 + int(np.argmax(measures[1:, cv2.CC_STAT_AREA]))
    share = measures[largest, cv2.CC_STAT_AREA] / mask.size
    if not SUBJECT_SHARE[0] < share < SUBJECT_SHARE[1]:
        return None
    return (numbered == largest).astype(np.uint8) * np.uint8(255)


def put(scene: Picture, cutout: Cutout, middle: tuple[float, float], long_px: float, turn_degrees: float) -> Picture:
    """Return the scene with a cut-out in it and the shadow it throws; `middle` is (x, y) in pixels."""
    height, width = scene.shape[:2]
    reach = int(long_px * 0.95) + 4
    left, top = max(0, int(middle[0]) - reach), max(0, int(middle[1]) - reach)
    right, bottom = min(width, int(middle[0]) + reach), min(height, int(middle[1]) + reach)
    if right - left < 2 or bottom - top < 2:
        return scene
    high, wide = cutout.shape[:2]
    scale = long_px / max(high, wide)
    warp = cv2.getRotationMatrix2D((wide / 2, high / 2), turn_degrees, scale)
    warp[:, 2] += [middle[0] - left - wide / 2, middle[1] - top - high / 2]
    if scale < 0.6:
        cutout = np.asarray(cv2.GaussianBlur(cutout, (0, 0), 0.4 / scale), np.uint8)
    size = (right - left, bottom - top)
    alpha = cv2.warpAffine(cutout[:, :, 3], warp, size, flags=cv2.INTER_LINEAR).astype(np.float32)[:, :, None] / 255
    colours = cv2.warpAffine(cutout[:, :, :3], warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    step = int(long_px * 0.03)
    shadow = cv2.GaussianBlur(np.roll(alpha[:, :, 0], (step, step), (0, 1)), (0, 0), max(1.0, long_px * 0.04))
    out = scene.copy()
    under = out[top:bottom, left:right] * (1 - 0.4 * shadow[:, :, None] * (1 - alpha))
    out[top:bottom, left:right] = np.clip(under * (1 - alpha) + colours * alpha, 0, 255).astype(np.uint8)
    return out

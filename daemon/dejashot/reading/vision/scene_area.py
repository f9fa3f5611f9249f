"""Which pixels of a picture show its scene: no frame, bar, overlaid text or rounded corner, and nothing undecoded."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from dejashot.reading.vision.blocks import BLOCK_PX, Blocks, Luma, Mask, dilated, to_pixels
from dejashot.reading.vision.panel_layout import SAME_COLOUR, Panel, PanelLayout, find_layout

SCENE, MISSING, OUTSIDE = 255, 128, 0
MIN_CUT = 0.03  # of the longer side: where less is cut off the size is kept
FLAT_LEVELS = 1  # between the darkest and lightest of a block that was not decoded
CLIPPED_LEVELS = 5  # from black and white: there a sound picture has flat blocks too
# of the blocks have one flat value, or any: less is a detail of a drawing, more a drawing
MIN_FLAT, MAX_FLAT = 0.03, 0.85
WHOLE_ROW, MAX_IN_ROWS = 0.9, 0.7  # of the blocks of a row, and of those of the value
HARD_EDGE = 4.0  # levels a pixel
CORNER_MATCH = 0.5  # by which a corner's blocks may differ from those that a quarter of a circle leaves


class Area(NamedTuple):
    """The part of a picture that is measured: its luma, and its place (left, top, width and height in shares).

    `kinds` is one value a pixel, SCENE, MISSING or OUTSIDE; None where all of it is the scene.
    """

    luma: Image.Image
    place: tuple[float, float, float, float]
    kinds: Luma | None


def inside_frame(luma: Image.Image) -> Area:
    """Return the area inside a picture's frame, at the size it would have without the frame."""
    found = find_layout(np.asarray(luma))
    width, height = luma.size
    if found == PanelLayout([Panel(0, height, 0, width)], []):
        return Area(luma, (0.0, 0.0, 1.0, 1.0), None)
    parts = [*found.scenes, *found.missing]
    box = (
        min(p.left for p in parts),
        min(p.top for p in parts),
        max(p.right for p in parts),
        max(p.bottom for p in parts),
    )
    kinds = np.full((height, width), OUTSIDE, dtype=np.uint8)
    for part, value in (*((p, MISSING) for p in found.missing), *((p, SCENE) for p in found.scenes)):
        kinds[part.top : part.bottom, part.left : part.right] = value
    cut, mask = luma.crop(box), Image.fromarray(kinds).crop(box)
    scale = max(luma.size) / max(cut.size)
    if scale > 1 + MIN_CUT:
        size = (round(cut.width * scale), round(cut.height * scale))
        cut, mask = cut.resize(size, Image.Resampling.BICUBIC), mask.resize(size, Image.Resampling.NEAREST)
    place = (box[0] / width, box[1] / height, (box[2] - box[0]) / width, (box[3] - box[1]) / height)
    shown = np.asarray(mask)
    return Area(cut, place, None if (shown == SCENE).all() else shown)


def undecoded(blocks: Blocks) -> Mask:
    """Return the blocks that a decoder left in one flat value: rows of them, with an edge that no smooth sky has."""
    flat: Mask = blocks.high - blocks.low <= FLAT_LEVELS
    found: Mask = np.zeros(flat.shape, dtype=np.bool_)
    if flat.mean() > MAX_FLAT:
        return found
    values = np.bincount(blocks.low[flat], minlength=256)
    for value in np.flatnonzero(values >= MIN_FLAT * flat.size):
        region = flat & (blocks.low == value)
        edge = dilated(region) & ~flat
        if not CLIPPED_LEVELS <= value <= 255 - CLIPPED_LEVELS or not edge.any():
            continue
        if _in_whole_rows(region) and np.median(blocks.slope[edge]) >= HARD_EDGE:
            found |= region
    return found


def _in_whole_rows(region: Mask) -> bool:
    """Return whether most blocks of a region are in whole rows, or in whole columns."""
    return any(
        np.count_nonzero(turned[turned.mean(axis=1) >= WHOLE_ROW]) >= MAX_IN_ROWS * np.count_nonzero(turned)
        for turned in (region, region.T)
    )


def without_corners(luma: Luma, blocks: Blocks) -> Mask | None:
    """Return the pixels inside rounded corners, None where there are none.

    All four corners have one colour, and are cut along a quarter of a circle.
    """
    height, width = luma.shape
    colour = int(luma[0, 0])
    if any(abs(int(luma[y, x]) - colour) > SAME_COLOUR for y, x in ((0, -1), (-1, 0), (-1, -1))):
        return None
    filled = (blocks.low >= max(0, colour - SAME_COLOUR)) & (blocks.high <= min(255, colour + SAME_COLOUR))
    radii = []
    for turned in (filled, filled[:, ::-1], filled[::-1], filled[::-1, ::-1]):
        corner = np.logical_and.accumulate(turned, axis=1) & np.logical_and.accumulate(turned, axis=0)
        edge = BLOCK_PX * int(np.count_nonzero(corner[0]))
        radius = edge + BLOCK_PX + math.sqrt(2 * BLOCK_PX * edge)
        expected = (1 - math.pi / 4) * (radius / BLOCK_PX) ** 2
        if not edge or radius > 0.55 * min(luma.shape) or abs(np.count_nonzero(corner) / expected - 1) > CORNER_MATCH:
            return None
        radii.append(radius)
    mask = Image.new("1", (width, height))
    inset = BLOCK_PX // 2
    ImageDraw.Draw(mask).rounded_rectangle((inset, inset, width - 1 - inset, height - 1 - inset), max(radii), fill=1)
    return np.asarray(mask)


def scene_masks(luma: Luma, blocks: Blocks, text: Mask, kinds: Luma | None) -> tuple[Mask, Mask] | None:
    """Return the pixels that are measured and those that are missing, None where all are measured.

    The area of missing pixels still counts, so that a damaged picture is not sharper than a sound one. What was put on
    or around a picture does not count.
    """
    flat, inner = undecoded(blocks), without_corners(luma, blocks)
    if kinds is None and inner is None and not text.any() and not flat.any():
        return None
    missing = to_pixels(flat, luma.shape)
    measured = ~to_pixels(dilated(flat) | text, luma.shape)
    if kinds is not None:
        measured &= kinds == SCENE
        missing |= kinds == MISSING
    if inner is not None:
        measured &= inner
    return measured, missing

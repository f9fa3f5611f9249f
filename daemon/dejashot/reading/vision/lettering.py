"""Where words were put on a photo: date stamps, captions and marks, told from what is in the scene by their ink and their edges."""

from collections.abc import Iterator

import numpy as np

from dejashot.models.arrays import Floats32
from dejashot.reading.vision.blocks import BLOCK_PX, Blocks, Luma, Mask, around, most_around

HARD_SHARE, STEEPEST_PERCENT, HARD_LEVELS = (
    0.25,
    99.7,
    8.0,
)  # of the steepest edges, and in levels a pixel: perhaps a letter's edge
STRUCTURE_LEVELS = 30  # a block with less between its darkest and lightest has no edges to compare
REACH = 1, 5  # blocks up and across in which letters stand together
MIN_TOGETHER, INKED_SHARE = 8, 0.6  # blocks with hard edges in that reach, and how many of them show the ink
SAME_INK = 14  # levels: fine strokes do not quite reach it
GAP = 3  # blocks between words
MIN_HIGH, MAX_HIGH, MIN_SHAPE, MIN_FILL = 2, 25, 1.5, 0.4
LARGE, LARGE_FILL, DENSE = (
    400,
    0.3,
    0.65,
)  # blocks of a caption, which is looser; and the fill from which a line is hardly anything else
PLATEAU, SLOPES, MIN_SPIKE, MAX_INK = (
    4,
    13,
    2.0,
    0.18,
)  # pixels of the very ink for each a little off it, and their share of a box
FLAT_TOPPED, NARROW = 40, 60  # blocks that are enough to tell by the tops of the strokes, and by their edges
AS_NARROW, NARROWER = (
    0.88,
    0.95,
)  # how narrow those have to be beside the scene's, where the words are large or dense, and elsewhere
SCENE_PERCENT = 90  # of the scene's edges are less narrow than those it is judged by
MAX_SHARE, MAX_LINES = 0.2, 6  # of the picture, and lines: more is a page

LetteringBox = tuple[slice, slice]


def lettering(luma: Luma, blocks: Blocks) -> Mask:
    """Return the blocks that hold words, and those beside them.

    Words are lines of hard edges that all reach one lightest, or one darkest, value: the ink. They count as put on afterwards where
    their strokes have flat tops, or where their edges are narrower than the scene's, as when the photo below them is blurred.
    """
    steepest = float(np.percentile(blocks.slope, STEEPEST_PERCENT))
    hard = blocks.slope >= max(HARD_LEVELS, HARD_SHARE * steepest)
    depth = blocks.high - blocks.low
    narrow = np.where(depth >= STRUCTURE_LEVELS, blocks.slope / np.maximum(depth, 1), np.float32(0))
    together = around(hard, *REACH)
    found, like_words = np.zeros(hard.shape, dtype=np.bool_), 0
    for ink, plane in ((blocks.high, luma), (255 - blocks.low, 255 - luma)):
        lightest = most_around(np.where(hard, ink, np.uint8(0)), *REACH)
        inked = hard & (ink >= lightest - np.minimum(lightest, SAME_INK))
        dense = inked & (together >= MIN_TOGETHER) & (around(inked, *REACH) >= INKED_SHARE * together)
        lines = inked & (around(dense, *REACH) > 0)
        for box in _boxes(lines):
            if _like_words(lines[box]):
                like_words += 1
                found[box] |= _put_on(plane, ink, lines, narrow, box)
    if like_words > MAX_LINES or found.mean() > MAX_SHARE:
        return np.zeros_like(found)
    return around(found, 1, 1) > 0 if found.any() else found


def _like_words(part: Mask) -> bool:
    """Tell whether a box has the shape of a line or two of words."""
    high, wide = part.shape
    fill = LARGE_FILL if part.size >= LARGE else MIN_FILL
    return (
        part.size >= FLAT_TOPPED
        and MIN_HIGH <= high <= MAX_HIGH
        and wide >= MIN_SHAPE * high
        and bool(part.mean() >= fill)
    )


def _put_on(plane: Luma, ink: Luma, lines: Mask, narrow: Floats32, box: LetteringBox) -> bool:
    """Tell whether a box of words is not part of the scene."""
    letters, outside = lines[box], narrow > 0
    outside[max(0, box[0].start - 1) : box[0].stop + 1, max(0, box[1].start - 1) : box[1].stop + 1] = False
    if not outside.any():
        return True
    narrower = float(np.median(narrow[box][letters])) / float(np.percentile(narrow[outside], SCENE_PERCENT))
    evident = letters.size >= LARGE or letters.mean() >= DENSE
    if letters.size >= NARROW and narrower >= (AS_NARROW if evident else NARROWER):
        return True
    return narrower >= AS_NARROW and _flat_topped(plane, int(np.median(ink[box][letters])), box)


def _flat_topped(plane: Luma, ink: int, box: LetteringBox) -> bool:
    """Tell whether far more pixels of a box have the very ink than what is a little off it, without filling it."""
    rows, columns = (slice(BLOCK_PX * span.start, BLOCK_PX * span.stop) for span in box)
    off = np.abs(plane[rows, columns].astype(np.int16) - ink)
    itself = int(np.count_nonzero(off <= PLATEAU))
    return MIN_SPIKE * (int(np.count_nonzero(off <= SLOPES)) - itself) <= itself <= MAX_INK * off.size


def _boxes(mask: Mask, top: int = 0, left: int = 0) -> Iterator[LetteringBox]:
    """Cut a mask along its empty rows and columns into boxes without any."""
    for first, last in _runs(np.any(mask, axis=1)):
        part = mask[first:last]
        for start, end in _runs(np.any(part, axis=0)):
            if (last - first, end - start) == mask.shape:
                yield slice(top + first, top + last), slice(left + start, left + end)
            else:
                yield from _boxes(part[:, start:end], top + first, left + start)


def _runs(filled: Mask) -> list[tuple[int, int]]:
    """Return where runs start and end, over gaps as between words."""
    at = np.flatnonzero(filled)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > GAP)
    return list(zip(at[np.r_[0, breaks + 1]].tolist(), (at[np.r_[breaks, len(at) - 1]] + 1).tolist(), strict=True))

"""Text that was put on a photo: date stamps, captions and watermarks.

Its ink and its edges distinguish it from text in the scene.
"""

from collections.abc import Iterator

import numpy as np

from dejashot.models.arrays import Floats32
from dejashot.reading.vision.blocks import BLOCK_PX, Blocks, Luma, Mask, count_around, dilated, max_around

# of the steepest edges, and in levels a pixel: perhaps a letter's edge
HARD_SHARE, STEEPEST_PERCENT, HARD_LEVELS = 0.25, 99.7, 8.0
STRUCTURE_LEVELS = 30  # a block with less between its darkest and lightest has no edges to compare
REACH = 1, 5  # blocks up and across in which letters stand together
MIN_TOGETHER, INKED_SHARE = 8, 0.6  # blocks with hard edges in that reach, and how many of them show the ink
SAME_INK = 14  # levels: fine strokes do not quite reach it
GAP = 3  # blocks between words
MIN_HIGH, MAX_HIGH, MIN_SHAPE, MIN_FILL = 2, 25, 1.5, 0.4
# blocks of a caption, which is looser; and the fill from which a box is hardly anything but text
LARGE, LARGE_FILL, DENSE = 400, 0.3, 0.65
# pixels of exactly the ink's level for each a little off it, and their share of a box
PLATEAU, SLOPES, MIN_SPIKE, MAX_INK = 4, 13, 2.0, 0.18
FLAT_TOPPED, NARROW = 40, 60  # blocks that are enough to judge by the tops of the strokes, and by their edges
# how narrow the edges must be against the scene's, where the text is large or dense, and elsewhere
AS_NARROW, NARROWER = 0.88, 0.95
SCENE_PERCENT = 90  # of the scene's edges are less narrow than those it is judged by
MAX_SHARE, MAX_LINES = 0.2, 6  # of the picture, and lines: more is a page

TextBox = tuple[slice, slice]


def find_overlay_text(luma: Luma, blocks: Blocks) -> Mask:
    """Return the blocks with overlaid text, and their neighbours.

    Text is lines of hard edges that all reach one lightest, or one darkest, value: the ink. It counts as overlaid where
    its strokes have flat tops, or where its edges are narrower than the scene's, as on a blurred photo.
    """
    steepest = float(np.percentile(blocks.slope, STEEPEST_PERCENT))
    hard = blocks.slope >= max(HARD_LEVELS, HARD_SHARE * steepest)
    depth = blocks.high - blocks.low
    narrow = np.where(depth >= STRUCTURE_LEVELS, blocks.slope / np.maximum(depth, 1), np.float32(0))
    together = count_around(hard, *REACH)
    found, text_like = np.zeros(hard.shape, dtype=np.bool_), 0
    for ink, plane in ((blocks.high, luma), (255 - blocks.low, 255 - luma)):
        lightest = max_around(np.where(hard, ink, np.uint8(0)), *REACH)
        inked = hard & (ink >= lightest - np.minimum(lightest, SAME_INK))
        dense = inked & (together >= MIN_TOGETHER) & (count_around(inked, *REACH) >= INKED_SHARE * together)
        lines = inked & (count_around(dense, *REACH) > 0)
        for box in _boxes(lines):
            if _is_text_like(lines[box]):
                text_like += 1
                found[box] |= _is_overlaid(plane, ink, lines, narrow, box)
    if text_like > MAX_LINES or found.mean() > MAX_SHARE:
        return np.zeros_like(found)
    return dilated(found) if found.any() else found


def _is_text_like(part: Mask) -> bool:
    """Return whether a box has the shape of a line or two of text."""
    high, wide = part.shape
    fill = LARGE_FILL if part.size >= LARGE else MIN_FILL
    return (
        part.size >= FLAT_TOPPED
        and MIN_HIGH <= high <= MAX_HIGH
        and wide >= MIN_SHAPE * high
        and bool(part.mean() >= fill)
    )


def _is_overlaid(plane: Luma, ink: Luma, lines: Mask, narrow: Floats32, box: TextBox) -> bool:
    """Return whether a box of text is not part of the scene."""
    letters, outside = lines[box], narrow > 0
    outside[max(0, box[0].start - 1) : box[0].stop + 1, max(0, box[1].start - 1) : box[1].stop + 1] = False
    if not outside.any():
        return True
    narrower = float(np.median(narrow[box][letters])) / float(np.percentile(narrow[outside], SCENE_PERCENT))
    evident = letters.size >= LARGE or letters.mean() >= DENSE
    if letters.size >= NARROW and narrower >= (AS_NARROW if evident else NARROWER):
        return True
    return narrower >= AS_NARROW and _has_flat_tops(plane, int(np.median(ink[box][letters])), box)


def _has_flat_tops(plane: Luma, ink: int, box: TextBox) -> bool:
    """Return whether far more pixels of a box have the ink's level than one a little off it, without filling it."""
    rows, columns = (slice(BLOCK_PX * span.start, BLOCK_PX * span.stop) for span in box)
    off = np.abs(plane[rows, columns].astype(np.int16) - ink)
    itself = int(np.count_nonzero(off <= PLATEAU))
    return MIN_SPIKE * (int(np.count_nonzero(off <= SLOPES)) - itself) <= itself <= MAX_INK * off.size


def _boxes(mask: Mask, top: int = 0, left: int = 0) -> Iterator[TextBox]:
    """Cut a mask along its empty rows and columns into boxes without any."""
    for first, last in _runs(np.asarray(mask.any(axis=1))):
        part = mask[first:last]
        for start, end in _runs(np.asarray(part.any(axis=0))):
            if (last - first, end - start) == mask.shape:
                yield slice(top + first, top + last), slice(left + start, left + end)
            else:
                yield from _boxes(part[:, start:end], top + first, left + start)


def _runs(filled: Mask) -> list[tuple[int, int]]:
    """Return where runs start and end; gaps as between words do not end them."""
    at = np.flatnonzero(filled)
    if not len(at):
        return []
    breaks = np.flatnonzero(at[1:] - at[:-1] > GAP)
    starts, lasts = at[breaks + 1].tolist(), at[breaks].tolist()
    return [(start, last + 1) for start, last in zip([int(at[0]), *starts], [*lasts, int(at[-1])], strict=True)]

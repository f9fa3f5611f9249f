"""Focus stacks: the plane of focus moves through a scene, everything else stays."""

from collections.abc import Mapping, Sequence

import numpy as np

from dejashot.grouping.series.exposure import exposure_ev
from dejashot.grouping.series.takes import MIN_SHOTS, gaps_s
from dejashot.language.texts import noted
from dejashot.models.arrays import Floats64
from dejashot.models.capture import Certainty
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot

FOCUS_STACK = "focus stack"
FOCUS_MOVES = noted("the focus moves through the scene, the frame stays")
MAX_FOCUS_GAP_S, MAX_FOCUS_EXPOSURE_EV = 10.0, 0.2
MAX_FRAME_CHANGE, MAX_CELL_CHANGE = 6.0, 40.0  # levels of 255, mean and most: focusing changes little at 16 x 16
FOCUS_STEP, FOCUS_DIP, MIN_FOCUS_TILES = 0.15, 0.2, 2  # log sharpness; tiles of 16


def is_focus_stack(shots: Sequence[Shot], qualities: Mapping[bytes, Quality]) -> bool:
    """Return whether shots are a focus stack; `qualities` is by content.

    Between the first shot, one in the middle and the last, some tiles become sharper while others become less sharp,
    and no tile is sharp, blurred and sharp again. A shot that is blurred all over gains nowhere, and shots focused
    twice alike do not differ.
    """
    tiles = [q.tiles for s in shots if (q := qualities.get(s.content)) is not None and q.tiles]
    if len(shots) < MIN_SHOTS or len(tiles) < len(shots) or not _frame_stays(shots):
        return False
    sharp = np.array(tiles)
    level = np.log(sharp + 0.1 * np.median(sharp) + 1e-6)
    before, after = np.maximum.accumulate(level), np.maximum.accumulate(level[::-1])[::-1]
    if (np.minimum(before, after) - level > FOCUS_DIP).any():
        return False
    return any(_is_refocused(level[0], between) and _is_refocused(between, level[-1]) for between in level[1:-1])


def _is_refocused(a: Floats64, b: Floats64) -> bool:
    gained, lost = int((b - a > FOCUS_STEP).sum()), int((a - b > FOCUS_STEP).sum())
    return min(gained, lost) >= MIN_FOCUS_TILES


def _frame_stays(shots: Sequence[Shot]) -> bool:
    """Return whether one camera took the same frame with the same exposure, in quick succession."""
    first = shots[0]
    if any((s.camera.name, s.width, s.height) != (first.camera.name, first.width, first.height) for s in shots):
        return False
    if any(s.taken.certainty is Certainty.LOW for s in shots) or max(gaps_s(shots)) > MAX_FOCUS_GAP_S:
        return False
    values = [ev for s in shots if (ev := exposure_ev(s.camera)) is not None]
    if values and (len(values) < len(shots) or max(values) - min(values) > MAX_FOCUS_EXPOSURE_EV):
        return False
    change = np.abs(np.diff(np.stack([s.signature for s in shots]).astype(np.float64), axis=0))
    return bool((change.mean(axis=(1, 2)) <= MAX_FRAME_CHANGE).all() and change.max() <= MAX_CELL_CHANGE)

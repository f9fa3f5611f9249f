"""Where takes of one scene are sharp, cell by cell (32 x 32), and which part of it may be the subject."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from dejashot.models.arrays import Booleans, Floats32
from dejashot.models.photo import Quality
from dejashot.models.sketch import LUMA_SIDE

MIDDLE, SPREAD = (0.55, 0.5), (0.25, 0.25)  # of what counts where nothing moves, in shares: down and across
# of the logarithm: how much a part must differ in sharpness, and what is as sharp as the sharpest; share of the picture
FOCUS_STEP, SAME_FOCUS, LEAST_FOCUSED = 0.25, 0.1, 0.06
GRAINY = 1.5  # levels of grain more than in the cleanest take: what looks sharper in it may be grain
LEAST_SMALL, CENTRAL = 0.008, 0.5  # of the picture, and mean weight: a small part in the middle may be the subject
SMOOTHED = 1  # cells to each side over which sharpness is averaged
MIN_DETAIL = 0.4  # of the sharpest tenth: grain makes cells without detail look sharper
ONE_PART = 0.15  # of the logarithm: at most as much counts one part that is sharper, as it may be grain
MOST_OF_IT = 0.5  # of what has detail: a take that is sharper in as much is sharper all over
LEAST_SHARPNESS = 1e-3
SOFT_FLOOR = 0.1  # added to sharpness: what is never sharp does not count

_MIDDLES = (np.arange(LUMA_SIDE) + 0.5) / LUMA_SIDE
_DOWN, _ACROSS = (((_MIDDLES - middle) / spread) ** 2 for middle, spread in zip(MIDDLE, SPREAD, strict=True))
_CENTRAL = np.exp(-0.5 * (_DOWN[:, None] + _ACROSS)).astype(np.float32)


def clean_takes(qualities: Mapping[int, Quality]) -> list[int]:
    """Return the takes that have little more grain than the cleanest one."""
    least = min(quality.noise for quality in qualities.values())
    return [m for m, quality in qualities.items() if quality.noise <= least + GRAINY]


def less_grain(
    log_sharpness: Mapping[int, float], qualities: Mapping[int, Quality], clean: Sequence[int]
) -> dict[int, float]:
    """Return log sharpness, that of grainy takes no further ahead of clean ones than the whole picture is.

    Grain was subtracted from the sharpness of the whole picture, not from that of its cells.
    """
    best = max(clean, key=lambda m: log_sharpness[m])
    whole = {m: math.log(max(quality.sharpness, LEAST_SHARPNESS)) for m, quality in qualities.items()}
    most = {m: log_sharpness[best] + max(0.0, whole[m] - whole[best]) for m in log_sharpness}
    return {m: value if m in clean else min(value, most[m]) for m, value in log_sharpness.items()}


def focused_parts(planes: Floats32) -> tuple[Booleans, Booleans]:
    """Return the cells that have detail in all takes, and of each take the cells in which it is the sharpest."""
    smooth = np.stack([_smooth(plane) for plane in planes])
    logs, best = np.log(smooth + SOFT_FLOOR), smooth.max(axis=0)
    detailed: Booleans = (planes.min(axis=0) > 0) & (best >= MIN_DETAIL * np.percentile(best, 90))
    most = logs.max(axis=0)
    parts: Booleans = detailed & (most - logs.min(axis=0) > FOCUS_STEP) & (logs >= most - SAME_FOCUS)
    return detailed, parts


def central_sharpness(planes: Floats32, detailed: Booleans, parts: Sequence[Booleans]) -> list[float]:
    """Return the log sharpness of what has detail, the middle of it most.

    Where takes of a still scene differ in where they are sharp, the most central part in which one is ahead is the
    subject.
    """
    weights = _CENTRAL * detailed
    if parts:
        weights = max(parts, key=lambda part: float(_CENTRAL[part].mean())).astype(np.float32)
    if not weights.any():
        weights = _CENTRAL
    means = [math.log(max(float(np.average(plane, weights=weights)), LEAST_SHARPNESS)) for plane in planes]
    is_small = len(parts) == 1 and parts[0].sum() < MOST_OF_IT * detailed.sum()
    least = max(means) - ONE_PART if is_small else -math.inf
    return [max(mean, least) for mean in means]


def may_be_subject(part: Booleans) -> bool:
    """Return whether a part of the picture is large enough for a subject, or small and in the middle."""
    return bool(part.mean() >= LEAST_FOCUSED or (part.mean() >= LEAST_SMALL and _CENTRAL[part].mean() >= CENTRAL))


def _smooth(plane: Floats32) -> Floats32:
    """Return the mean of each cell and its near neighbours: takes are laid on each other by whole cells only."""
    size = 2 * SMOOTHED + 1
    rows = np.pad(plane, SMOOTHED, mode="edge")
    rows = np.mean([rows[n : n + LUMA_SIDE] for n in range(size)], axis=0)
    smoothed: Floats32 = np.mean([rows[:, n : n + LUMA_SIDE] for n in range(size)], axis=0)
    return smoothed

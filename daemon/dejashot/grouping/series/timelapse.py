"""Time-lapses: shots that a clock released."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dejashot.grouping.series.takes import FoundSeries, Takes, median_gap_s
from dejashot.language.texts import noted
from dejashot.models.arrays import Booleans, Floats64
from dejashot.models.shot import Shot

TIME_LAPSE = "time-lapse"
MIN_LAPSE_SHOTS, MIN_LAPSE_GAP_S, LAPSE_JITTER, LAPSE_JITTER_S = 10, 0.8, 0.08, 0.05
DEFAULT_LAPSE_GAP_S = 10.0  # where the members of a group have one time only
# a clock that knows whole seconds only hides the jitter of a hand: more shots make up for it, where the gaps are short
MIN_WHOLE_SECONDS_GAP_S, WHOLE_SECONDS_SPREAD_S = 1.9, 1.2
MIN_WHOLE_SECONDS_SHOTS, WHOLE_SECONDS_CLEAR_GAP_S = 20, 4.9


class TimeLapseDetector:
    """Finds time-lapses that all wanted shots are of."""

    def max_gap_s(self, members: Sequence[Shot]) -> float:
        """Return the longest gap inside a time-lapse that members are of, in seconds."""
        median_s = median_gap_s(members)
        return DEFAULT_LAPSE_GAP_S if median_s is None else 2 * median_s + 1

    def detect(self, takes: Takes) -> Iterator[FoundSeries]:
        """Yield the time-lapses, each with its median gap."""
        if len(takes.shots) < MIN_LAPSE_SHOTS:
            return
        for chain in takes.chains(self.max_gap_s(takes.members)):
            released, gap_s = _released_by_clock(chain)
            if takes.wanted <= {s.content for s in released}:
                yield FoundSeries(TIME_LAPSE, released, noted("one shot every {gap} s").format(gap=f"{gap_s:.1f}"))


def _released_by_clock(chain: Sequence[Shot]) -> tuple[list[Shot], float]:
    """Return the shots that a clock released, ten or more in a row, and their median gap in seconds."""
    if len(chain) < MIN_LAPSE_SHOTS:  # as most are: not worth the arrays
        return [], 0.0
    second_us = chain[0].taken.taken_us // 1_000_000 * 1_000_000
    at_s = np.array([s.taken.taken_us - second_us for s in chain], dtype=np.float64) / 1e6
    inside = np.zeros(len(chain), dtype=np.bool_)
    for count in (MIN_LAPSE_SHOTS, MIN_WHOLE_SECONDS_SHOTS):
        if len(chain) >= count:
            for start in np.flatnonzero(_regular(sliding_window_view(at_s, count))).tolist():
                inside[start : start + count] = True
    released = list(itertools.compress(chain, inside))
    return released, float(np.median(np.diff(at_s[inside]))) if released else 0.0


def _regular(at_s: Floats64) -> Booleans:
    """Return for each row of times (in seconds) whether all gaps in it are alike, as a clock makes them.

    Where a camera writes whole seconds, gaps may differ by one; then the times must lie on a line to within the
    rounding.
    """
    count = at_s.shape[1]
    gaps = np.sort(np.diff(at_s), axis=1)
    middle = gaps[:, (count - 1) // 2]
    alike = np.maximum(gaps[:, -1] - middle, middle - gaps[:, 0]) <= np.maximum(LAPSE_JITTER * middle, LAPSE_JITTER_S)
    fine = (at_s % 1).any(axis=1)
    min_gap_s = WHOLE_SECONDS_CLEAR_GAP_S if count < MIN_WHOLE_SECONDS_SHOTS else MIN_WHOLE_SECONDS_GAP_S
    slow = middle >= np.where(fine, MIN_LAPSE_GAP_S, min_gap_s)
    if not (slow & ~fine & ~alike).any():
        return slow & alike
    order = np.arange(count) - (count - 1) / 2
    slopes = at_s @ order / (order @ order)
    straight = np.ptp(at_s - slopes[:, None] * order, axis=1) <= WHOLE_SECONDS_SPREAD_S
    regular: Booleans = slow & (alike | (straight & ~fine))
    return regular

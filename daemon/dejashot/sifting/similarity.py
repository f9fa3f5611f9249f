"""How alike are two shots: P(same shot | vision, gap, burst tags), and the percent shown for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.models import Certainty, Pair, Shot

BYTE_EQUAL_PERCENT = 100.0
LOWEST_PERCENT, HIGHEST_PERCENT = 1.0, 99.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The decision: a logistic of cosine, nearness in time and burst tags, and its operating point.

    evidence = bias + cosine * c + near * exp(-gap_s / near_s) + burst * same_burst; P = 1 / (1 + exp(-evidence)).
    A gap below `nearest_s` counts as that: many clocks know no fractions of a second.
    Where a frame shows nothing (luma deviation below `blank_contrast`), `blank_cosine` caps what its cosine may claim.
    """

    bias: float
    cosine: float
    near: float
    near_s: float
    nearest_s: float
    burst: float
    blank_cosine: float
    blank_contrast: float
    threshold: float


def probability(rules: Rules, cosine: float, gap_s: float | None, *, same_burst: bool = False, blank: bool = False) -> float:
    """Return P(same shot), 0 to 1; `gap_s` None when the gap says nothing: times not to be trusted, or two cameras."""
    seen = min(cosine, rules.blank_cosine) if blank else cosine
    near = 0.0 if gap_s is None else rules.near * math.exp(-max(rules.nearest_s, gap_s) / rules.near_s)
    evidence = rules.bias + rules.cosine * seen + near + (rules.burst if same_burst else 0.0)
    return 1 / (1 + math.exp(-evidence)) if evidence > -700 else 0.0


def compare(rules: Rules, shots: Sequence[Shot], a: int, b: int) -> Pair:
    """Compare two shots of a timeline, given by index in time order."""
    first, second = shots[a], shots[b]
    gap_s = (second.taken.taken_us - first.taken.taken_us) / 1e6
    if first.content == second.content:
        return Pair(a, b, gap_s, 1.0, BYTE_EQUAL_PERCENT, True)
    if first.vector is None or second.vector is None:
        return Pair(a, b, gap_s, None, None, False)
    timed = Certainty.LOW not in (first.taken.certainty, second.taken.certainty) and first.camera.name == second.camera.name
    cosine = min(1.0, max(-1.0, float(np.dot(first.vector, second.vector))))
    p = probability(
        rules,
        cosine,
        gap_s if timed else None,
        same_burst=bool(first.camera.burst_id) and first.camera.burst_id == second.camera.burst_id,
        blank=min(first.contrast, second.contrast) < rules.blank_contrast,
    )
    return Pair(a, b, gap_s, cosine, percent(p), p >= rules.threshold)


def percent(p: float) -> float:
    """Return a probability as the percent shown: 1 to 99, one decimal; 100 is kept for equal bytes."""
    return round(min(HIGHEST_PERCENT, max(LOWEST_PERCENT, 100 * p)), 1)


def adjacent_pairs(rules: Rules, shots: Sequence[Shot], interval_s: float) -> list[Pair]:
    """Return every pair of time-adjacent shots whose gap is at most the interval, alike or not."""
    return [
        compare(rules, shots, n, n + 1)
        for n in range(len(shots) - 1)
        if shots[n + 1].taken.taken_us - shots[n].taken.taken_us <= interval_s * 1e6
    ]

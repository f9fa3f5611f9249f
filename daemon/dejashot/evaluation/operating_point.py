"""Fit the operating point to the owner's decisions, no further from the one in force than they support."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dejashot.evaluation.measures import DecidedPair, MeasuredShare, share_right

HALF_STEP = 0.0005  # half of the last digit of a percent with one decimal, as a probability
SURE_PERCENT = 100.0  # equal bytes: the same shot at any threshold
FOLDS = 5
PRIOR_DECISIONS = 50  # the weight of the threshold in force, in decisions
MIN_THRESHOLD, MAX_THRESHOLD = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class TuningTarget:
    """What a fitted threshold must reach: the specificity (0 to 1), from which threshold, and within which bounds."""

    specificity: float
    start: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Performance:
    """Recall and specificity at one threshold."""

    recall: MeasuredShare
    specificity: MeasuredShare


# The rule of fit_threshold, with n different pairs:
# 1. Bound: the threshold lies above the ceil((n + 1) * specificity)-th lowest different pair. That order statistic,
#    not the share in the sample, keeps the next different pair below it with the wanted probability (the bound of
#    split conformal prediction; Vovk et al. 2005). With too few different pairs for such a rank it lies above all of
#    them.
# 2. Recall: it lies below the lowest of the same pairs above that bound. Where the threshold in force does, it stays;
#    else the middle of the two, in log odds, is called for.
# 3. Shrinkage: in log odds it moves only m / (m + 50) of the way from the threshold in force, m being the number of
#    same or of different pairs, whichever is less: few decisions move little. It stays within the bounds of the
#    target.
# 4. Least change: it moves back as far as that costs no different pair won on the way up, and no same pair on the way
#    down.


def fit_threshold(pairs: Sequence[DecidedPair], target: TuningTarget) -> float:
    """Return the threshold on P(same shot) that labelled pairs call for, by the rule above.

    Pairs whose decision no threshold can change (equal bytes, or no percent) are left out.
    """
    scored = [(p.percent / 100, p.same) for p in pairs if p.percent is not None and p.percent < SURE_PERCENT]
    different, same = sorted(p for p, is_same in scored if not is_same), sorted(p for p, is_same in scored if is_same)
    if not different or not same:
        return target.start
    rank = min(math.ceil((len(different) + 1) * target.specificity - 1e-9), len(different))
    above = different[rank - 1] + HALF_STEP
    below = next((p - HALF_STEP for p in same if p > above), max(above, MAX_THRESHOLD))
    start = _logit(target.start)
    if above <= target.start <= below:
        return target.start
    called_for = (_logit(above) + _logit(below)) / 2
    few = min(len(different), len(same))
    reached = min(
        max(_sigmoid(start + (called_for - start) * few / (few + PRIOR_DECISIONS)), target.lowest), target.highest
    )
    if reached > target.start:
        won = [p + HALF_STEP for p in different if target.start < p + HALF_STEP <= reached]
        return max(target.start, round(max(won), 4)) if won else target.start
    won = [p - HALF_STEP for p in same if reached <= p - HALF_STEP < target.start]
    return min(target.start, round(min(won), 4)) if won else target.start


def decided_at(pairs: Sequence[DecidedPair], threshold: float) -> list[DecidedPair]:
    """Return the pairs as a threshold decides them."""
    return [
        replace(p, decided_same=p.percent is not None and (p.percent >= SURE_PERCENT or p.percent / 100 >= threshold))
        for p in pairs
    ]


def performance_of(pairs: Sequence[DecidedPair]) -> Performance:
    """Return recall and specificity of decided pairs."""
    return Performance(share_right([p for p in pairs if p.same]), share_right([p for p in pairs if not p.same]))


def cross_validate(pairs: Sequence[DecidedPair], target: TuningTarget) -> Performance:
    """Return the performance of `fit_threshold` on pairs held out of the fit, by five-fold cross-validation.

    Every fifth pair in order of label and percent goes into the same fold: the folds are alike, and the result is
    fixed.
    """
    ordered = sorted(pairs, key=lambda p: (p.same, -1.0 if p.percent is None else p.percent))
    held_out: list[DecidedPair] = []
    for fold in range(FOLDS):
        rest = [p for n, p in enumerate(ordered) if n % FOLDS != fold]
        held_out += decided_at(ordered[fold::FOLDS], fit_threshold(rest, target))
    return performance_of(held_out)


def _logit(p: float) -> float:
    p = min(max(p, MIN_THRESHOLD), MAX_THRESHOLD)
    return math.log(p / (1 - p))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

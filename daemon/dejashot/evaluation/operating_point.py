"""The operating point from the owner's own decisions: no further from the one in force than they bear out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dejashot.evaluation.measures import Judged, MeasuredShare, share_right

HALF_STEP = 0.0005  # of a percent with one decimal, as a probability: nothing finer is known of a pair
SURE_PERCENT = 100.0  # equal bytes: the same shot at any threshold
FOLDS = 5
START_WORTH = 50  # decisions that the threshold in force weighs as much as
MIN, MAX = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a threshold: specificity (0 to 1), the threshold to start from, and the bounds to stay within."""

    specificity: float
    start: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Recall and specificity at one threshold."""

    recall: MeasuredShare
    specificity: MeasuredShare


def fit(pairs: Sequence[Judged], wish: Wish) -> float:
    """Return the threshold on P(same shot) that some labelled pairs call for.

    1. Bound: it lies above the ceil((n + 1) * specificity)-th lowest of the n different pairs. That order statistic, not the share in
       the sample, keeps the *next* different pair apart with the wanted probability (the bound of split conformal prediction; Vovk et
       al. 2005). With too few different pairs for such a rank it lies above all of them.
    2. Recall: it lies below the lowest of the same pairs above that bound. Where the start does, it is called for; else the
       middle of the two, in log odds.
    3. Shrinkage: in log odds it goes only n / (n + 50) of the way from the start, n being the number of same or of
       different pairs, whichever is less: few decisions move little. It stays within the bounds of the wish.
    4. Least change: it goes back towards the start as far as costs nothing that was won: different pairs told apart on the
       way up, same pairs found on the way down.

    Pairs whose decision no threshold can change (equal bytes, or no percent) say nothing.
    """
    told = [(p.percent / 100, p.same) for p in pairs if p.percent is not None and p.percent < SURE_PERCENT]
    different, same = sorted(p for p, is_same in told if not is_same), sorted(p for p, is_same in told if is_same)
    if not different or not same:
        return wish.start
    rank = min(math.ceil((len(different) + 1) * wish.specificity - 1e-9), len(different))
    above = different[rank - 1] + HALF_STEP
    below = next((p - HALF_STEP for p in same if p > above), max(above, MAX))
    start = _logit(wish.start)
    if above <= wish.start <= below:
        return wish.start
    called_for = (_logit(above) + _logit(below)) / 2
    few = min(len(different), len(same))
    reached = min(max(_sigmoid(start + (called_for - start) * few / (few + START_WORTH)), wish.lowest), wish.highest)
    if reached > wish.start:
        return round(max([wish.start, *(p + HALF_STEP for p in different if p + HALF_STEP <= reached)]), 4)
    return round(min([wish.start, *(p - HALF_STEP for p in same if p - HALF_STEP >= reached)]), 4)


def at(pairs: Sequence[Judged], threshold: float) -> list[Judged]:
    """Return the pairs as they would be decided at a threshold."""
    return [
        replace(p, said_same=p.percent is not None and (p.percent >= SURE_PERCENT or p.percent / 100 >= threshold))
        for p in pairs
    ]


def outlook(pairs: Sequence[Judged]) -> Outlook:
    """Return recall and specificity of decided pairs."""
    return Outlook(share_right([p for p in pairs if p.same]), share_right([p for p in pairs if not p.same]))


def cross_validated(pairs: Sequence[Judged], wish: Wish) -> Outlook:
    """Return what `fit` reaches on pairs it has not seen: each fifth is decided by the threshold fitted to the other four.

    Every fifth pair in order of label and percent goes into the same part, so that the parts are alike and the outcome is fixed.
    """
    ordered = sorted(pairs, key=lambda p: (p.same, -1.0 if p.percent is None else p.percent))
    unseen: list[Judged] = []
    for fold in range(FOLDS):
        rest = [p for n, p in enumerate(ordered) if n % FOLDS != fold]
        unseen += at(ordered[fold::FOLDS], fit(rest, wish))
    return outlook(unseen)


def _logit(p: float) -> float:
    p = min(max(p, MIN), MAX)
    return math.log(p / (1 - p))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

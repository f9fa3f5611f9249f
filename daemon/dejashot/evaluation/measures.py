"""How good was the decision: the measures of labelled pairs, as people and papers know them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled pair and what was said of it: the label, the decision, the percent shown (None: not known), the kind of change."""

    same: bool
    said_same: bool
    percent: float | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredShare:
    """How many of how many."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        """Return the share, 0 to 1; None of nothing."""
        return self.right / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Bin:
    """The pairs shown with a percent from `low` to `high`: their number, the mean percent shown, how many really were the same."""

    low: int
    high: int
    shown_percent: float
    really: MeasuredShare


@dataclass(frozen=True, slots=True)
class Measures:
    """What labelled pairs say of the decision; a figure is None where there is nothing to take it from.

    `recall` is the share of the same that were called the same, `specificity` that of the different that were told apart; the macro
    forms are the means over the kinds in `same_kinds` and `different_kinds`, each kind counting the same.
    `brier` is the mean squared error of the percent as a probability, `calibration_error` the expected calibration error over ten
    bins of equal width (Naeini et al. 2015), both over the pairs with a percent.
    """

    recall: MeasuredShare
    specificity: MeasuredShare
    precision: MeasuredShare
    f1: float | None
    same_kinds: dict[str, MeasuredShare]
    different_kinds: dict[str, MeasuredShare]
    brier: float | None
    calibration_error: float | None
    bins: tuple[Bin, ...]

    @property
    def macro_recall(self) -> float | None:
        """Return the mean recall over the kinds of the same."""
        return _mean(s.value for s in self.same_kinds.values())

    @property
    def macro_specificity(self) -> float | None:
        """Return the mean specificity over the kinds of the different."""
        return _mean(s.value for s in self.different_kinds.values())


def measure_pairs(pairs: Sequence[Judged]) -> Measures:
    """Return the measures of some labelled pairs."""
    same, different = [p for p in pairs if p.same], [p for p in pairs if not p.same]
    said = [p for p in pairs if p.said_same]
    told = [(p.percent, p.same) for p in pairs if p.percent is not None]
    bins = _bins(told)
    return Measures(
        recall=share_right(same),
        specificity=share_right(different),
        precision=share_right(said),
        f1=2 * share_right(same).right / (len(same) + len(said)) if same or said else None,
        same_kinds=_by_kind(same),
        different_kinds=_by_kind(different),
        brier=_mean((percent / 100 - is_same) ** 2 for percent, is_same in told),
        calibration_error=sum(abs(b.shown_percent / 100 * b.really.of - b.really.right) for b in bins) / len(told)
        if told
        else None,
        bins=bins,
    )


def share_right(pairs: Sequence[Judged]) -> MeasuredShare:
    """Return how many of some pairs were decided as they are labelled."""
    return MeasuredShare(sum(p.said_same == p.same for p in pairs), len(pairs))


def _by_kind(pairs: Sequence[Judged]) -> dict[str, MeasuredShare]:
    kinds: defaultdict[str, list[Judged]] = defaultdict(list)
    for pair in pairs:
        kinds[pair.kind].append(pair)
    return {kind: share_right(kinds[kind]) for kind in sorted(kinds)}


def _bins(told: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Return the bins that hold any pair, lowest first."""
    filled: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for percent, same in told:
        filled[min(int(percent * BINS / 100), BINS - 1)].append((percent, same))
    width = 100 // BINS
    return tuple(
        Bin(
            n * width,
            (n + 1) * width,
            sum(p for p, _ in held) / len(held),
            MeasuredShare(sum(same for _, same in held), len(held)),
        )
        for n, held in sorted(filled.items())
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None

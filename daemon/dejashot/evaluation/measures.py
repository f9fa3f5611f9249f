"""Measures of the decision on labelled pairs: recall, specificity, precision, F1, Brier score and calibration error."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A labelled pair with its decision; `percent` is the similarity shown, None where it is not known."""

    same: bool
    decided_same: bool
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
class ReliabilityBin:
    """The pairs with a percent from `low` to `high`: the mean percent shown, and how many of them are the same shot."""

    low: int
    high: int
    shown_percent: float
    actual: MeasuredShare


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of labelled pairs; a figure is None where no pair enters it.

    `same_kinds` and `different_kinds` are recall and specificity by kind of change. `brier` and `calibration_error`
    are over the pairs with a percent, the latter the expected calibration error over ten bins of equal width (Naeini
    et al. 2015).
    """

    recall: MeasuredShare
    specificity: MeasuredShare
    precision: MeasuredShare
    f1: float | None
    same_kinds: dict[str, MeasuredShare]
    different_kinds: dict[str, MeasuredShare]
    brier: float | None
    calibration_error: float | None
    bins: tuple[ReliabilityBin, ...]

    @property
    def macro_recall(self) -> float | None:
        """Return the mean recall over the kinds of the same."""
        return _mean(s.value for s in self.same_kinds.values())

    @property
    def macro_specificity(self) -> float | None:
        """Return the mean specificity over the kinds of the different."""
        return _mean(s.value for s in self.different_kinds.values())


def measure_pairs(pairs: Sequence[DecidedPair]) -> Measures:
    """Return the measures of some labelled pairs."""
    same, different = [p for p in pairs if p.same], [p for p in pairs if not p.same]
    called_same = [p for p in pairs if p.decided_same]
    scored = [(p.percent, p.same) for p in pairs if p.percent is not None]
    bins = _bins(scored)
    return Measures(
        recall=share_right(same),
        specificity=share_right(different),
        precision=share_right(called_same),
        f1=2 * share_right(same).right / (len(same) + len(called_same)) if same or called_same else None,
        same_kinds=_by_kind(same),
        different_kinds=_by_kind(different),
        brier=_mean((percent / 100 - is_same) ** 2 for percent, is_same in scored),
        calibration_error=sum(abs(b.shown_percent / 100 * b.actual.of - b.actual.right) for b in bins) / len(scored)
        if scored
        else None,
        bins=bins,
    )


def share_right(pairs: Sequence[DecidedPair]) -> MeasuredShare:
    """Return how many of some pairs were decided as they are labelled."""
    return MeasuredShare(sum(p.decided_same == p.same for p in pairs), len(pairs))


def _by_kind(pairs: Sequence[DecidedPair]) -> dict[str, MeasuredShare]:
    kinds: defaultdict[str, list[DecidedPair]] = defaultdict(list)
    for pair in pairs:
        kinds[pair.kind].append(pair)
    return {kind: share_right(kinds[kind]) for kind in sorted(kinds)}


def _bins(scored: Sequence[tuple[float, bool]]) -> tuple[ReliabilityBin, ...]:
    """Return the bins that hold any pair, lowest first."""
    filled: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for percent, same in scored:
        filled[min(int(percent * BINS / 100), BINS - 1)].append((percent, same))
    width = 100 // BINS
    return tuple(
        ReliabilityBin(
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

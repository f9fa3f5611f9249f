"""What evaluating and tuning find, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dejashot.evaluation.measures import Measures
from dejashot.evaluation.operating_point import Performance
from dejashot.models.groups import Pair

MIN_CHANGE = 0.00005  # half of the last digit that is written


class NotComparedReason(StrEnum):
    """Why labelled photos were not compared."""

    UNKNOWN = "not in the folders"
    AMBIGUOUS = "the name fits several photos"
    UNREADABLE = "not readable"
    TOO_FAR = "taken further apart than the interval"
    IN_BETWEEN = "not neighbours: other photos were taken in between"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Photos (one name, or the two of a pair) whose label could not be used, and why."""

    names: tuple[str, ...]
    reason: NotComparedReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WrongDecision:
    """A labelled pair that was decided otherwise."""

    a: str
    b: str
    pair: Pair
    same: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The decision measured on labelled photos.

    `threshold` is the operating point in use, `not_judged` the number of pairs that the labels leave open.
    """

    title: str
    model: str
    interval_s: float
    strictness: str
    threshold: float
    measures: Measures
    wrong: Sequence[WrongDecision]
    not_compared: Sequence[NotCompared]
    not_judged: int

    @property
    def compared(self) -> int:
        """Return how many labelled pairs were compared."""
        return self.measures.recall.of + self.measures.specificity.of


@dataclass(frozen=True, slots=True)
class Tuning:
    """An operating point fitted to decisions, with its performance before, after, and on pairs held out of the fit.

    `not_compared` is the number of labels that could not be used.
    """

    wanted_specificity: float
    strictness: str
    before: float
    after: float
    performance_before: Performance
    performance_after: Performance
    performance_held_out: Performance
    not_compared: int = 0

    @property
    def changes(self) -> bool:
        """Return whether the fitted threshold differs from the one in force."""
        return abs(self.after - self.before) >= MIN_CHANGE

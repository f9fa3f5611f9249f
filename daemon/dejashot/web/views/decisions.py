"""The owner's decisions as the page lays them over groups, and what taking some back changes."""

from dataclasses import dataclass
from functools import cached_property

from dejashot.grouping.verdicts import Verdicts
from dejashot.models.decisions import Decision, SeparatedPairs


@dataclass(frozen=True)
class OwnerDecisions:
    """The decisions in force: verdicts by content, and the pairs of contents that are not the same shot."""

    verdicts: Verdicts
    separated: SeparatedPairs = frozenset()

    @cached_property
    def separated_contents(self) -> frozenset[bytes]:
        """Return the contents that separated pairs are made of."""
        return frozenset(content for pair in self.separated for content in pair)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What undoing changed: the ids of groups, and the decisions as they are since."""

    groups: tuple[str, ...]
    decisions: tuple[Decision, ...]

    @property
    def contents(self) -> tuple[bytes, ...]:
        """Return the contents of which a verdict was taken back or restored."""
        return tuple(d.content for d in self.decisions if not d.other)

    @property
    def rejoined(self) -> tuple[bytes, ...]:
        """Return the contents told apart no more: the one that all these pairs share, else both of the pair."""
        pairs = [{d.content, d.other} for d in self.decisions if d.other]
        shared = set.intersection(*pairs) if pairs else set()
        return tuple(sorted(shared))

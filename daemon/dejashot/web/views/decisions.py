"""The owner's decisions as the page lays them over a report."""

from dataclasses import dataclass
from functools import cached_property

from dejashot.grouping.verdicts import Verdicts
from dejashot.models.decisions import SeparatedPairs


@dataclass(frozen=True)
class OwnerDecisions:
    """The decisions in force: verdicts by content, and the pairs of contents that are not the same shot."""

    verdicts: Verdicts
    separated: SeparatedPairs = frozenset()

    @cached_property
    def separated_contents(self) -> frozenset[bytes]:
        """Return the contents that separated pairs are made of."""
        return frozenset(content for pair in self.separated for content in pair)

"""How alike two shots are: the pairs of a timeline, each with its cosine and the percent shown."""

import math
from collections.abc import Sequence

import numpy as np

from dejashot.grouping.pairs.columns import Clocks, StretchColumns, VerifiedColumns
from dejashot.grouping.pairs.evidence import (
    DOUBT_EVIDENCE,
    HIGHEST_PERCENT,
    LOWEST_PERCENT,
    are_doubtful,
    evidence_of,
    judged,
    logistic,
    percent,
)
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.timeline import runs, stretches, times_of
from dejashot.models.arrays import Booleans, Floats32, Floats64, Indices, Integers
from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs
from dejashot.models.groups import Pair, VerifiedPairs
from dejashot.models.shot import Shot

BYTE_EQUAL_PERCENT = 100.0
MAX_REGISTERED_PLACES = 3  # pairs further apart on the timeline are not registered, but for pages
SHOWN = (LOWEST_PERCENT / 100, HIGHEST_PERCENT / 100)  # P(same shot) beyond them is shown as the same percent
OPEN = (0.03, 0.97)  # between them a pair is registered: that costs as much as reading both photos again

NOTHING_VERIFIED = VerifiedPairs()


class Comparer:
    """Compare the shots of a stretch of the timeline with each other, many pairs at a time, by index in the stretch.

    `offset` is where the stretch begins on the timeline: the pairs it returns index the timeline. A shot whose time is
    of less than the `least` certainty has no chance with any but its copies.
    """

    def __init__(
        self,
        rules: Rules,
        shots: Sequence[Shot],
        offset: int = 0,
        verified: VerifiedPairs = NOTHING_VERIFIED,
        separated: SeparatedPairs = frozenset(),
        least: Certainty = Certainty.LOW,
    ) -> None:
        self._rules = rules
        self._offset = offset
        self._clocks = Clocks(shots)
        self._columns = StretchColumns(rules, shots)
        self._verified = VerifiedColumns(shots, verified)
        self._alone = np.array([not s.taken.certainty.reaches(least) for s in shots])
        self._separated = self._separated_codes(shots, separated)

    @property
    def pages(self) -> Booleans:
        """Return of each shot whether it is a page; none is whose time is too uncertain to be grouped by."""
        return np.asarray(self._columns.is_page & ~self._alone)

    def chances(self, a: Indices, b: Indices) -> Floats64:
        """Return P(same shot) of shots `a[i]` and `b[i]`.

        It is 1 for equal bytes, 0 where the owner separated them, NaN where one has no vector.
        """
        chances = self._judge(a, b, self._columns.cosines(a, b))
        alone = (self._alone[a] | self._alone[b]) & ~self._columns.equal(a, b)
        return np.where(alone | self.are_separated(a, b), 0.0, chances)

    def pairs(self, a: Indices, b: Indices) -> list[Pair]:
        """Return the pairs of shots `a[i]` and `b[i]`."""
        cosines = self._columns.cosines(a, b)
        chances, pages = self._judge(a, b, cosines), self._columns.pages(a, b)
        columns = (
            a + self._offset,
            b + self._offset,
            self._clocks.gaps_s(a, b),
            cosines,
            chances,
            self._columns.equal(a, b),
            self.are_separated(a, b),
            are_doubtful(self._rules, chances, self._verified.registrations(a, b), pages),
        )
        made: list[Pair] = []
        rows = zip(*(c.tolist() for c in columns), strict=True)
        for first, second, gap_s, cosine, chance, equal, separated, doubtful in rows:
            if equal:
                made.append(Pair(first, second, gap_s, 1.0, BYTE_EQUAL_PERCENT, True))
            elif math.isnan(chance):
                made.append(Pair(first, second, gap_s, None, None, False, True))
            else:
                same = chance >= self._rules.threshold and not separated
                made.append(Pair(first, second, gap_s, cosine, percent(chance), same, doubtful or separated))
        return made

    def are_uncertain(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether the match of their maps could change the percent shown."""
        cosines = self._columns.cosines(a, b)
        lowest = np.full(len(a), self._rules.match_least)
        least = self._or_doubted(self._evidence(a, b, cosines, lowest), lowest)
        most = self._evidence(a, b, cosines, np.full(len(a), self._rules.match_most))
        return self._are_open(a, b) & (least < most) & _between_bounds(least, most, SHOWN)

    def are_worth_registering(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether they are to be registered.

        Those are pages that are not clearly different, frames of which one shows nothing, and what is still open; but
        for pages only what lies near.
        """
        rules = self._rules
        pages, wanted = self._columns.pages(a, b), np.zeros(len(a), dtype=np.bool_)
        match = self._verified.matches(a, b)
        evidence = self._evidence(a, b, self._columns.cosines(a, b), match)
        if rules.registration is not None:
            shift = np.where(self._columns.blank(a, b), 1.0, 0.0)
            least = self._or_doubted(evidence - shift * rules.registration.blank_other, match)
            most = evidence + shift * rules.registration.blank_same
            wanted = (b - a <= MAX_REGISTERED_PLACES) & _between_bounds(least, most, OPEN)
        if rules.page is not None:
            wanted = np.where(pages, logistic(evidence) > rules.page.other_page, wanted)
        return self._are_open(a, b) & wanted

    def count_as_verified(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether they were verified; no burst by tags, which say more."""
        registered = self._verified.registrations(a, b).inliers
        verified = ~np.isnan(self._verified.matches(a, b)) | ~np.isnan(registered)
        return np.asarray(verified & ~self._columns.of_one_burst(a, b))

    def are_separated(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether the owner said that they are not the same."""
        if not len(self._separated):
            return np.zeros(len(a), dtype=np.bool_)
        first, second = self._columns.contents[a], self._columns.contents[b]
        return np.isin(len(self._alone) * np.minimum(first, second) + np.maximum(first, second), self._separated)

    def _are_open(self, a: Indices, b: Indices) -> Booleans:
        """Return of pairs whether there is anything to judge: both were read, and their bytes differ."""
        return self._columns.seen(a, b) & ~self._columns.equal(a, b)

    def _separated_codes(self, shots: Sequence[Shot], separated: SeparatedPairs) -> Integers:
        """Return the separated pairs, each as one number made of the codes of both contents."""
        contents = self._columns.contents.tolist()
        code = dict(zip((s.content for s in shots), contents, strict=True)) if separated else {}
        known = [(code[a], code[b]) for a, b in separated if a in code and b in code]
        return np.array([len(shots) * min(pair) + max(pair) for pair in known], dtype=np.int64)

    def _or_doubted(self, evidence: Floats64, match: Floats64) -> Floats64:
        """Return evidence, at most that of a pair in doubt where a match says that two shots differ."""
        return np.where(match < self._rules.match_doubt, np.minimum(evidence, DOUBT_EVIDENCE), evidence)

    def _evidence(self, a: Indices, b: Indices, cosines: Floats32, match: Floats64) -> Floats64:
        """Return the evidence of pairs before any registration."""
        gaps_s, burst = self._clocks.trusted_gaps_s(a, b), self._columns.of_one_burst(a, b)
        return evidence_of(self._rules, cosines, gaps_s, burst, self._columns.blank(a, b), match)

    def _judge(self, a: Indices, b: Indices, cosines: Floats32) -> Floats64:
        """Return P(same shot) of pairs whose cosines are known, whatever the owner says of them."""
        match = self._verified.matches(a, b)
        evidence = self._evidence(a, b, cosines, match)
        registered, blank = self._verified.registrations(a, b), self._columns.blank(a, b)
        chances = judged(self._rules, evidence, match, registered, blank, self._columns.pages(a, b))
        chances = np.where(self._columns.seen(a, b), chances, np.nan)
        return np.where(self._columns.equal(a, b), 1.0, chances)


def _between_bounds(least: Floats64, most: Floats64, bounds: tuple[float, float]) -> Booleans:
    """Return whether evidence that may lie anywhere from `least` to `most` may give a P(same shot) within bounds."""
    lowest, highest = bounds
    return np.asarray((logistic(least) < highest) & (logistic(most) > lowest))


def adjacent_pairs(
    rules: Rules,
    shots: Sequence[Shot],
    interval_s: float,
    verified: VerifiedPairs = NOTHING_VERIFIED,
    separated: SeparatedPairs = frozenset(),
) -> list[Pair]:
    """Return every pair of time-adjacent shots with a gap of at most the interval, alike or not."""
    made: list[Pair] = []
    for stretch in stretches(runs(times_of(shots), interval_s)):
        start, end = stretch[0][0], stretch[-1][1]
        first = np.concatenate([np.arange(low, high - 1) for low, high in stretch]) - start
        made += Comparer(rules, shots[start:end], start, verified, separated).pairs(first, first + 1)
    return made

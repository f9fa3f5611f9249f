"""How alike two shots are: P(same shot | vision, pair verification, gap, camera, burst tags), and the percent shown."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from dejashot.grouping.pages import PageRule, are_pages
from dejashot.grouping.timeline import runs, stretches, times_of
from dejashot.models.arrays import Booleans, Floats32, Floats64, Indices, Integers
from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs
from dejashot.models.groups import Matches, Pair
from dejashot.models.shot import Shot

BYTE_EQUAL_PERCENT = 100.0
LOWEST_PERCENT, HIGHEST_PERCENT = 1.0, 99.0
_EVIDENCE_LIMIT = 60.0
MAX_VERIFIED_PLACES = 16  # pairs further apart on the timeline are not verified: keeps the work linear

NO_MATCHES: Matches = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rules:
    """The decision: a logistic of cosine, match, nearness in time and burst tags, and its operating point.

    evidence = bias + cosine * c + match * m + near * exp(-gap_s / near_s) + burst * same_burst; P = 1 / (1 +
    exp(-evidence)).
    """

    bias: float
    cosine: float
    match: float
    match_least: float  # a match counts from here
    match_most: float  # to here
    match_base: float  # of a pair not verified: what pairs of its cosine have on average,
    match_slope: float  # match_base + match_slope * c
    near: float
    near_s: float
    nearest_s: float  # a smaller gap counts as this: many clocks know no fractions of a second
    burst: float
    blank_cosine: float  # the most that the cosine counts where a frame shows nothing; nothing matches there
    blank_contrast: float  # the deviation of the luma below which a frame shows nothing
    threshold: float
    page: PageRule | None = None  # None where the model can't tell pages


def probability(
    rules: Rules,
    cosine: npt.ArrayLike,
    gap_s: npt.ArrayLike,
    same_burst: npt.ArrayLike = False,
    blank: npt.ArrayLike = False,
    match: npt.ArrayLike = math.nan,
) -> Floats64:
    """Return P(same shot), 0 to 1, element by element; it rises with the cosine, the match and the nearness in time.

    `gap_s` is NaN where the gap says nothing: times not to be trusted, two cameras, or two ways to know the zone.
    `match` is NaN where the pair was not verified.
    """
    cosine, gap_s, match = (np.asarray(x, dtype=np.float64) for x in (cosine, gap_s, match))
    seen = np.where(blank, np.minimum(cosine, rules.blank_cosine), cosine)
    matched = np.where(np.isnan(match), rules.match_base + rules.match_slope * seen, match)
    matched = np.where(blank, rules.match_least, np.clip(matched, rules.match_least, rules.match_most))
    near = np.exp(-np.maximum(rules.nearest_s, np.nan_to_num(gap_s)) / rules.near_s)
    evidence = rules.bias + rules.cosine * seen + rules.match * matched
    evidence = evidence + rules.near * np.where(np.isnan(gap_s), 0.0, near) + rules.burst * np.asarray(same_burst)
    return np.asarray(1 / (1 + np.exp(-np.clip(evidence, -_EVIDENCE_LIMIT, _EVIDENCE_LIMIT))))


def percent(p: float) -> float:
    """Return a probability as the percent shown: 1 to 99, one decimal; 100 is kept for equal bytes."""
    return round(min(HIGHEST_PERCENT, max(LOWEST_PERCENT, 100 * p)), 1)


class _Clocks:
    """By whose clocks the shots of a stretch were timed, and the gaps between them."""

    def __init__(self, shots: Sequence[Shot]) -> None:
        self._times_us = times_of(shots)
        self._timed = np.array([s.taken.certainty is not Certainty.LOW for s in shots])
        self._zoned = np.array([s.taken.zone_known for s in shots])
        self._cameras = _codes(s.camera.name for s in shots)

    def gaps_s(self, a: Indices, b: Indices) -> Floats64:
        """Return the seconds between shots `a[i]` and `b[i]`."""
        gaps_s: Floats64 = (self._times_us[b] - self._times_us[a]) / 1e6
        return gaps_s

    def trusted_gaps_s(self, a: Indices, b: Indices) -> Floats64:
        """Return the seconds between shots, NaN where they say nothing: uncertain times, or two clocks."""
        # of one camera's shots, the zone known of one and guessed of the other, the gap is a guess
        comparable = (
            self._timed[a]
            & self._timed[b]
            & (self._cameras[a] == self._cameras[b])
            & (self._zoned[a] == self._zoned[b])
        )
        return np.where(comparable, self.gaps_s(a, b), np.nan)


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
        matches: Matches = NO_MATCHES,
        separated: SeparatedPairs = frozenset(),
        least: Certainty = Certainty.LOW,
    ) -> None:
        self._rules = rules
        self._matches = matches
        self._keys = [s.key for s in shots]
        self._offset = offset
        known = next((s.vector for s in shots if s.vector is not None), np.zeros(1, np.float32))
        self._vectors = np.stack([np.zeros_like(known) if s.vector is None else s.vector for s in shots])
        self._seen = np.array([s.vector is not None for s in shots])
        self._clocks = _Clocks(shots)
        self._alone = np.array([not s.taken.certainty.reaches(least) for s in shots])
        self._bursts = _codes(s.camera.burst_id for s in shots)
        self._tagged = np.array([bool(s.camera.burst_id) for s in shots])
        self._contents = _codes(s.content for s in shots)
        self._blank = np.array([s.contrast < rules.blank_contrast for s in shots])
        self._separated = self._separated_codes(shots, separated)

    @property
    def pages(self) -> Booleans:
        """Return of each shot whether it is a page; none is whose time is too uncertain to be grouped by."""
        pages: Booleans = are_pages(self._rules.page, self._vectors) & ~self._alone
        return pages

    def chances(self, a: Indices, b: Indices) -> Floats64:
        """Return P(same shot) of shots `a[i]` and `b[i]`.

        It is 1 for equal bytes, 0 where the owner separated them, NaN where one has no vector.
        """
        chances = self._judge(a, b, self._cosines(a, b), self._known_matches(a, b))
        alone = (self._alone[a] | self._alone[b]) & (self._contents[a] != self._contents[b])
        return np.where(alone | self.are_separated(a, b), 0.0, chances)

    def pairs(self, a: Indices, b: Indices) -> list[Pair]:
        """Return the pairs of shots `a[i]` and `b[i]`."""
        cosines = self._cosines(a, b)
        equal = self._contents[a] == self._contents[b]
        gaps_s = self._clocks.gaps_s(a, b)
        chances = self._judge(a, b, cosines, self._known_matches(a, b))
        columns = (a + self._offset, b + self._offset, gaps_s, cosines, chances, equal, self.are_separated(a, b))
        made: list[Pair] = []
        for first, second, gap_s, cosine, chance, same, separated in zip(*(c.tolist() for c in columns), strict=True):
            if same:
                made.append(Pair(first, second, gap_s, 1.0, BYTE_EQUAL_PERCENT, True))
            elif math.isnan(chance):
                made.append(Pair(first, second, gap_s, None, None, False))
            else:
                made.append(
                    Pair(
                        first, second, gap_s, cosine, percent(chance), chance >= self._rules.threshold and not separated
                    )
                )
        return made

    def are_uncertain(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether verification could change the percent shown for them."""
        cosines = self._cosines(a, b)
        least = self._judge(a, b, cosines, np.full(len(a), self._rules.match_least))
        most = self._judge(a, b, cosines, np.full(len(a), self._rules.match_most))
        return (least < HIGHEST_PERCENT / 100) & (most > LOWEST_PERCENT / 100) & (least < most)

    def are_verified(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether their parts were compared."""
        verified: Booleans = ~np.isnan(self._known_matches(a, b))
        return verified

    def are_one_burst(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether the camera tagged them as one burst."""
        same: Booleans = self._tagged[a] & (self._bursts[a] == self._bursts[b])
        return same

    def are_separated(self, a: Indices, b: Indices) -> Booleans:
        """Return of shots `a[i]` and `b[i]` whether the owner said that they are not the same."""
        if not len(self._separated):
            return np.zeros(len(a), dtype=np.bool_)
        first, second = self._contents[a], self._contents[b]
        return np.isin(len(self._keys) * np.minimum(first, second) + np.maximum(first, second), self._separated)

    def _separated_codes(self, shots: Sequence[Shot], separated: SeparatedPairs) -> Integers:
        """Return the separated pairs, each as one number made of the codes of both contents."""
        code = dict(zip((s.content for s in shots), self._contents.tolist(), strict=True)) if separated else {}
        known = [(code[a], code[b]) for a, b in separated if a in code and b in code]
        return np.array([len(shots) * min(pair) + max(pair) for pair in known], dtype=np.int64)

    def _cosines(self, a: Indices, b: Indices) -> Floats32:
        cosines: Floats32 = np.einsum("ij,ij->i", self._vectors[a], self._vectors[b])
        return np.clip(cosines, -1.0, 1.0)

    def _known_matches(self, a: Indices, b: Indices) -> Floats64:
        """Return the matches of pairs, NaN where they were not verified."""
        if not self._matches:
            return np.full(len(a), np.nan)
        keys, found = self._keys, np.full(len(a), np.nan)
        near = np.flatnonzero(b - a <= MAX_VERIFIED_PLACES)
        found[near] = [
            self._matches.get((keys[i], keys[j]), math.nan)
            for i, j in zip(a[near].tolist(), b[near].tolist(), strict=True)
        ]
        return found

    def _judge(self, a: Indices, b: Indices, cosines: Floats32, match: Floats64) -> Floats64:
        """Return P(same shot) of pairs whose cosines are known."""
        gaps_s = self._clocks.trusted_gaps_s(a, b)
        blank = self._blank[a] | self._blank[b]
        chances = probability(self._rules, cosines, gaps_s, self.are_one_burst(a, b), blank, match)
        chances = np.where(self._seen[a] & self._seen[b], chances, np.nan)
        return np.where(self._contents[a] == self._contents[b], 1.0, chances)


def _codes(values: Iterable[str | bytes]) -> Integers:
    """Return a number for each value, equal for equal values."""
    seen: dict[str | bytes, int] = {}
    return np.array([seen.setdefault(v, len(seen)) for v in values], dtype=np.int64)


def uncertain_pairs(rules: Rules, shots: Sequence[Shot], interval_s: float, max_span_s: float) -> list[tuple[int, int]]:
    """Return the pairs of shots to be verified, as indices into the timeline, ordered by the later one.

    They lie in one run, are at most 16 places and `max_span_s` apart, and the match could change the percent shown.
    """
    found: list[tuple[int, int]] = []
    if rules.match == 0:
        return found
    for stretch in stretches(runs(times_of(shots), interval_s)):
        start, end = stretch[0][0], stretch[-1][1]
        comparer = Comparer(rules, shots[start:end], start)
        times_us = times_of(shots[start:end])
        run_of = np.concatenate([np.full(high - low, low) for low, high in stretch])
        for back in range(1, min(MAX_VERIFIED_PLACES, end - start - 1) + 1):
            near = (run_of[back:] == run_of[:-back]) & (times_us[back:] - times_us[:-back] <= max_span_s * 1e6)
            later = np.flatnonzero(near) + back
            later = later[comparer.are_uncertain(later - back, later)]
            found += zip((later - back + start).tolist(), (later + start).tolist(), strict=True)
    return sorted(found, key=lambda pair: pair[::-1])


def adjacent_pairs(
    rules: Rules,
    shots: Sequence[Shot],
    interval_s: float,
    matches: Matches = NO_MATCHES,
    separated: SeparatedPairs = frozenset(),
) -> list[Pair]:
    """Return every pair of time-adjacent shots with a gap of at most the interval, alike or not."""
    made: list[Pair] = []
    for stretch in stretches(runs(times_of(shots), interval_s)):
        start, end = stretch[0][0], stretch[-1][1]
        first = np.concatenate([np.arange(low, high - 1) for low, high in stretch]) - start
        made += Comparer(rules, shots[start:end], start, matches, separated).pairs(first, first + 1)
    return made

"""Which pairs of shots are worth a closer look: those of which it could change the percent shown."""

from collections.abc import Callable, Sequence

import numpy as np

from dejashot.grouping.pairs.columns import MAX_VERIFIED_PLACES
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.similarity import MAX_REGISTERED_PLACES, Comparer
from dejashot.grouping.timeline import runs, stretches, times_of
from dejashot.models.arrays import Booleans, Indices
from dejashot.models.groups import VerifiedPairs
from dejashot.models.shot import Shot


def uncertain_pairs(rules: Rules, shots: Sequence[Shot], interval_s: float, max_span_s: float) -> list[tuple[int, int]]:
    """Return the pairs of shots whose maps are to be matched, as indices into the timeline, ordered by the later one.

    They lie in one run, are at most 16 places and `max_span_s` apart, and the match could change the percent shown.
    """
    if rules.match == 0:
        return []
    near = _Neighbours(shots, interval_s, max_span_s, MAX_VERIFIED_PLACES)
    return near.chosen(lambda start, end: Comparer(rules, shots[start:end], start).are_uncertain)


def pairs_to_register(
    rules: Rules, shots: Sequence[Shot], interval_s: float, max_span_s: float, verified: VerifiedPairs
) -> list[tuple[int, int]]:
    """Return the pairs of shots to be registered, as indices into the timeline, ordered by the later one.

    They lie in one run and within `max_span_s`: at most 3 places apart and still open, or pages at most 16 places apart
    that are not clearly different.
    """
    if rules.registration is None and rules.page is None:
        return []
    places = MAX_REGISTERED_PLACES if rules.page is None else MAX_VERIFIED_PLACES
    near = _Neighbours(shots, interval_s, max_span_s, places)
    return near.chosen(lambda start, end: Comparer(rules, shots[start:end], start, verified).are_worth_registering)


class _Neighbours:
    """The pairs of a timeline that lie near each other: in one run, within a span and some places."""

    def __init__(self, shots: Sequence[Shot], interval_s: float, max_span_s: float, places: int) -> None:
        self._times_us = times_of(shots)
        self._interval_s, self._max_span_s, self._places = interval_s, max_span_s, places

    def chosen(self, chooser: Callable[[int, int], Callable[[Indices, Indices], Booleans]]) -> list[tuple[int, int]]:
        """Return the pairs that are chosen, ordered by the later one.

        `chooser` returns, for a stretch [start, end), what chooses among pairs by their index in it.
        """
        found: list[tuple[int, int]] = []
        for stretch in stretches(runs(self._times_us, self._interval_s)):
            start, end = stretch[0][0], stretch[-1][1]
            choose, times_us = chooser(start, end), self._times_us[start:end]
            run_of = np.concatenate([np.full(high - low, low) for low, high in stretch])
            for back in range(1, min(self._places, end - start - 1) + 1):
                short = times_us[back:] - times_us[:-back] <= self._max_span_s * 1e6
                later = np.flatnonzero((run_of[back:] == run_of[:-back]) & short) + back
                later = later[choose(later - back, later)]
                found += zip((later - back + start).tolist(), (later + start).tolist(), strict=True)
        return sorted(found, key=lambda pair: pair[::-1])

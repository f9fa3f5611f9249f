"""Which shots belong together: groups that hold together as a whole, never chains."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from dejashot.grouping.group_kinds import kinds_of
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.series.detect import SeriesDetectors
from dejashot.grouping.series.page_runs import IN_A_ROW, page_runs, page_series_name
from dejashot.grouping.similarity import NOTHING_VERIFIED, Comparer
from dejashot.grouping.timeline import runs, stretches, times_of
from dejashot.models.arrays import Booleans, Floats64, Indices
from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs
from dejashot.models.groups import Group, Kind, VerifiedPairs
from dejashot.models.shot import Shot

LOOK_BACK = 128  # a group lies within this many neighbours on the timeline: keeps the work linear
WHOLE = 0.5  # a shot must be more likely than not the same shot as the members are on average
FLOOR = 0.05  # no two members may be as unlike as this probability, whatever the others say
VERIFIED_FLOOR = 0.1  # nor as this where their parts were compared
CLEARLY = 0.9  # a page and an ordinary photo must be the same shot by as much as this


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """The interval and the longest span of a group, and the longest gap inside a burst, in seconds.

    A shot whose time is less certain than `least_certainty` joins its copies only.
    """

    interval_s: float
    max_span_s: float
    burst_gap_s: float
    least_certainty: Certainty = Certainty.LOW


def group_shots(
    shots: Sequence[Shot],
    rules: Rules,
    limits: GroupLimits,
    verified: VerifiedPairs = NOTHING_VERIFIED,
    separated: SeparatedPairs = frozenset(),
) -> list[Group]:
    """Group a timeline: a shot joins the group that it fits best; `separated` pairs never share one.

    It fits if it is the same shot as one member by the operating point, more likely than not the same as all on
    average, above the floor with each, and within the limits. Pages in a row are a series besides. Linear in the shots.
    """
    made: list[Group] = []
    detectors = SeriesDetectors(limits.burst_gap_s)
    times_us = times_of(shots).tolist()
    for stretch in stretches(runs(times_of(shots), limits.interval_s)):
        start, end = stretch[0][0], stretch[-1][1]
        comparer = Comparer(rules, shots[start:end], start, verified, separated, limits.least_certainty)
        band = _band(comparer, [(low - start, high - start) for low, high in stretch])
        found = [
            members
            for low, high in stretch
            for members in _group_run(band, start, times_us, (low, high), rules, limits)
        ]
        in_a_row = _pages_in_a_row(comparer, shots, stretch, limits)
        ends = [pair for members in (*found, *in_a_row) for pair in combinations(members, 2)]
        if not ends:
            continue
        a, b = np.array(ends, dtype=np.int64).T - start
        detectors.prepare(shots[start:end], (m - start for members in found for m in members))
        pairs = iter(comparer.pairs(a, b))
        for members in found:
            own = tuple(islice(pairs, _pairs_among(members)))
            made += kinds_of(shots, members, own, limits.burst_gap_s, detectors)
        for members in in_a_row:
            own = tuple(islice(pairs, _pairs_among(members)))
            made.append(Group(tuple(members), Kind.SERIES, page_series_name(shots[members[0]]), own, IN_A_ROW))
    return sorted(made, key=lambda g: g.members)


def _pairs_among(members: Sequence[int]) -> int:
    return len(members) * (len(members) - 1) // 2


def _pages_in_a_row(
    comparer: Comparer, shots: Sequence[Shot], stretch: Sequence[tuple[int, int]], limits: GroupLimits
) -> list[list[int]]:
    """Return the pages of a stretch of the timeline that follow each other."""
    start, end = stretch[0][0], stretch[-1][1]
    inside = [(low - start, high - start) for low, high in stretch]
    found = page_runs(shots[start:end], comparer, inside, limits.max_span_s, LOOK_BACK)
    return [[m + start for m in members] for members in found]


def _band(comparer: Comparer, stretch: Sequence[tuple[int, int]]) -> Floats64:
    """Return the probability of each shot with the ones before it in its run, NaN outside.

    Row n, column d - 1 is for the shots n and n - d.
    """
    count, pages = stretch[-1][1], comparer.pages
    run_of = np.concatenate([np.full(high - low, number) for number, (low, high) in enumerate(stretch)])
    depth = min(LOOK_BACK, max(high - low for low, high in stretch)) - 1
    band = np.full((count, depth), np.nan)
    for back in range(1, depth + 1):
        later = np.flatnonzero(run_of[back:] == run_of[:-back]) + back
        band[later, back - 1] = _chances_together(comparer, pages, later - back, later)
    return band


def _chances_together(comparer: Comparer, pages: Booleans, a: Indices, b: Indices) -> Floats64:
    """Return P(same shot) of shots, 0 of those that must not share a group.

    They look alike to the model, but their parts do not match; or one is a page, and it is not quite clear.
    """
    chances = comparer.chances(a, b)
    chances[(pages[a] != pages[b]) & (chances < CLEARLY)] = 0.0
    low = np.flatnonzero((chances >= FLOOR) & (chances < VERIFIED_FLOOR))
    chances[low[comparer.count_as_verified(a[low], b[low])]] = 0.0
    return chances


def _group_run(
    band: Floats64, offset: int, times_us: list[int], run: tuple[int, int], rules: Rules, limits: GroupLimits
) -> list[list[int]]:
    """Return the groups of two or more in one run [start, end) of the timeline, ordered by their first member.

    `band` begins at `offset` on the timeline.
    """
    done: list[list[int]] = []
    forming: list[list[int]] = []
    for n in range(*run):
        open_still: list[list[int]] = []
        for members in forming:
            fresh = times_us[n] - times_us[members[-1]] <= limits.interval_s * 1e6
            short = times_us[n] - times_us[members[0]] <= limits.max_span_s * 1e6
            (open_still if fresh and short and n - members[0] < LOOK_BACK else done).append(members)
        forming = open_still
        chances: list[float] = band[n - offset].tolist()
        best, home = -1.0, None
        for members in forming:
            fit = _fit([chances[n - m - 1] for m in members], rules)
            if fit > best:
                best, home = fit, members
        if home is None:
            forming.append([n])
        else:
            home.append(n)
    return sorted(members for members in done + forming if len(members) > 1)


def _fit(chances: list[float], rules: Rules) -> float:
    """Return the mean probability over a group's members, -1 when the shot does not fit.

    It must be the same shot as one of them by the operating point, and hold together with all of them as a whole.
    """
    if not all(chance >= FLOOR for chance in chances):  # NaN is below every floor
        return -1.0
    mean = sum(chances) / len(chances)
    return mean if mean >= WHOLE and max(chances) >= rules.threshold else -1.0

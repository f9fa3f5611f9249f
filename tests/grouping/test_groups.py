"""Groups hold together as a whole."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.grouping.groups import FLOOR, LOOK_BACK, VERIFIED_FLOOR, GroupLimits, group_shots
from dejashot.grouping.similarity import Comparer
from dejashot.models.groups import Group, VerifiedPairs
from dejashot.models.shot import Shot
from shots import LOOKING_RULES, RULES, at_cosine, shot, unit

LIMITS = GroupLimits(60.0, 600.0, 2)


def groups(shots: list[Shot], limits: GroupLimits = LIMITS) -> list[tuple[int, ...]]:
    return [g.members for g in group_shots(shots, RULES, limits)]


def test_two_scenes_in_one_minute_are_two_groups() -> None:
    a, b = unit(1), unit(0, 1)
    shots = [shot(0, a), shot(5, b), shot(9, a), shot(14, b), shot(20, unit(0, 0, 1))]
    assert groups(shots) == [(0, 2), (1, 3)]


def test_there_are_no_chains() -> None:
    angles = [0.0, 0.62, 1.24, 1.86, 2.48]
    shots = [shot(3 * n, unit(float(np.cos(a)), float(np.sin(a)))) for n, a in enumerate(angles)]
    found = group_shots(shots, RULES, LIMITS)
    assert max(len(g.members) for g in found) < len(shots)
    for g in found:
        assert min(p.similarity_percent or 0 for p in g.pairs) >= 100 * FLOOR


def test_interval_and_longest_span_end_a_group() -> None:
    assert groups([shot(0), shot(61, path="b.jpg")]) == []
    steady = [shot(50 * n, path=f"{n}.jpg") for n in range(20)]
    assert groups(steady, GroupLimits(60.0, 120.0, 2.0))[0] == (0, 1, 2)


def test_a_shot_joins_the_group_it_fits_best() -> None:
    shots = [shot(0, at_cosine(1.0)), shot(10, unit(0.6, 0.8)), shot(20, unit(0.62, 0.784))]
    assert groups(shots) == [(1, 2)]


VECTORS = st.lists(st.tuples(st.floats(0, 400), st.integers(0, 5), st.floats(0.5, 1.0)), max_size=30)


@settings(max_examples=60, deadline=None)
@given(VECTORS)
def test_groups_are_disjoint_in_order_whole_and_complete_with_pairs(items: list[tuple[float, int, float]]) -> None:
    shots = [shot(t, at_cosine(c, axis + 1), path=f"{n}.jpg") for n, (t, axis, c) in enumerate(sorted(items))]
    found: list[Group] = group_shots(shots, RULES, LIMITS)
    members = [m for g in found for m in g.members]
    assert len(members) == len(set(members))
    for g in found:
        assert list(g.members) == sorted(g.members)
        assert len(g.members) >= 2
        assert {(p.a, p.b) for p in g.pairs} == set(combinations(g.members, 2))
        assert all(p.similarity_percent is not None and p.similarity_percent >= 100 * FLOOR for p in g.pairs)
        times = [shots[m].taken.taken_us for m in g.members]
        assert times[-1] - times[0] <= LIMITS.max_span_s * 1e6
        assert max(b - a for a, b in pairwise(times)) <= LIMITS.interval_s * 1e6
    assert [g.members[0] for g in found] == sorted(g.members[0] for g in found)


def test_a_crowd_at_one_instant_is_cut_into_groups_of_a_size() -> None:
    crowd = [shot(0, path=f"{n:04d}.jpg") for n in range(300)]
    assert [len(g) for g in groups(crowd)] == [LOOK_BACK, LOOK_BACK, 300 - 2 * LOOK_BACK]


def _between(at: float) -> Shot:
    """Return a shot that looks the less like the first one the larger its angle is."""
    return shot(20 * at, unit(float(np.cos(at)), float(np.sin(at))), path=f"{at}.jpg")


def test_a_low_percent_weighs_more_where_the_pair_was_verified() -> None:
    shots = [_between(0.0), _between(0.5), _between(1.0)]
    assert [g.members for g in group_shots(shots, LOOKING_RULES, LIMITS)] == [(0, 1, 2)]
    ends = (shots[0].key, shots[2].key)
    (found,) = group_shots(shots, LOOKING_RULES, LIMITS, VerifiedPairs({ends: 0.572}))
    assert found.members == (0, 1)
    tagged = [replace(s, camera=replace(s.camera, burst_id="u")) for s in shots]
    (burst,) = group_shots(tagged, LOOKING_RULES, LIMITS, VerifiedPairs({ends: 0.35}))
    assert burst.members == (0, 1, 2)
    for group, ends_of in ((shots, 0.572), (tagged, 0.35)):
        low = Comparer(LOOKING_RULES, group, verified=VerifiedPairs({ends: ends_of})).chances(
            np.array([0]), np.array([2])
        )
        assert FLOOR < low[0] < VERIFIED_FLOOR

"""What holds for series of every sort."""

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.series.brackets import BRACKET, BracketDetector
from dejashot.grouping.series.detect import SeriesDetectors
from dejashot.grouping.series.panorama import SWEEP, PanoramaDetector
from dejashot.grouping.series.takes import Takes
from dejashot.models.groups import Kind
from series_shots import exposed, groups, swept
from shots import unit


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.sampled_from((-2.0, -1.0, 0.0, 1.0)), st.integers(0, 1)), min_size=2, max_size=14
    )
)
def test_no_shot_is_in_two_groups_and_series_are_kept_whole(items: list[tuple[float, float, int]]) -> None:
    at_s = np.cumsum([gap_s for gap_s, _, _ in items])
    shots = [
        exposed(float(t) + n / 1000, ev, vector=unit(1) if look else unit(0, 1))
        for n, (t, (_, ev, look)) in enumerate(zip(at_s, items, strict=True))
    ]
    found = groups(shots)
    members = [m for g in found for m in g.members]
    assert len(members) == len(set(members))
    for g in found:
        assert {(p.a, p.b) for p in g.pairs} == set(itertools.combinations(g.members, 2))
        assert bool(g.series) == bool(g.because) == (g.kind is Kind.SERIES)
        if g.kind is Kind.SERIES:
            assert suggest_keepers(shots, g, {}).keepers == g.members


def test_a_take_in_two_series_counts_in_the_first() -> None:
    shots = [exposed(5.0 * n, (0, -2, 2)[n % 3]) for n in range(12)]
    found = SeriesDetectors(3.0).series_among(shots, range(len(shots)))
    assert BracketDetector(3.0).max_gap_s(shots) >= 5
    members = [m for series in found for take in series.takes for m in take]
    assert len(members) == len(set(members))
    assert found[0].name == BRACKET


def test_a_detector_finds_its_series_by_itself() -> None:
    chain = swept(3, [(0, 0), (-4, 0), (-8, 0)])
    takes = Takes(chain, {chain[1].content}, chain[1:2])
    (found,) = PanoramaDetector().detect(takes)
    assert (found.name, list(found.takes)) == (SWEEP, chain)
    assert list(PanoramaDetector().detect(replace(takes, wanted=set()))) == []

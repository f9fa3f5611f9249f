"""Counting what is left out."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.exclusions import EXAMPLES, Exclusion, ExclusionCounts, ExclusionReason, merged

WHYS = st.sampled_from(list(ExclusionReason))


@given(st.lists(WHYS, max_size=60), st.lists(WHYS, max_size=60))
def test_everything_told_is_counted_once_and_some_is_named(
    one: list[ExclusionReason], other: list[ExclusionReason]
) -> None:
    tallies = ExclusionCounts(), ExclusionCounts()
    for tally, whys in zip(tallies, (one, other), strict=True):
        for n, why in enumerate(whys):
            tally.add(why, b"%d" % n)
    found = merged(part for tally in tallies for part in tally.all())
    assert {p.why: p.count for p in found} == {
        w: (one + other).count(w) for w in ExclusionReason if w.is_reported and w in one + other
    }
    assert [p.why for p in found] == sorted((p.why for p in found), key=list(ExclusionReason).index)
    assert all(len(p.paths) == min(EXAMPLES, p.count) for p in tallies[0].all())
    assert all(0 < len(p.paths) <= EXAMPLES for p in found)


def test_it_is_said_in_the_number_of_its_count() -> None:
    assert Exclusion(ExclusionReason.LINK, 1).counted == "1 link to a file, not followed"
    assert Exclusion(ExclusionReason.LINK, 2000).counted == "2,000 links to files, not followed"
    assert not ExclusionReason.SYSTEM.is_reported
    assert all(len(Exclusion(why, n).counted) <= 52 for why in ExclusionReason if why.is_reported for n in (1, 2))

"""Counting what is left out."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.exclusions import EXAMPLES, LeftOut, Tally, Why, together

WHYS = st.sampled_from(list(Why))


@given(st.lists(WHYS, max_size=60), st.lists(WHYS, max_size=60))
def test_everything_told_is_counted_once_and_some_is_named(one: list[Why], other: list[Why]) -> None:
    tallies = Tally(), Tally()
    for tally, whys in zip(tallies, (one, other), strict=True):
        for n, why in enumerate(whys):
            tally.add(why, b"%d" % n)
    found = together(part for tally in tallies for part in tally.all())
    assert {p.why: p.count for p in found} == {w: (one + other).count(w) for w in Why if w.told and w in one + other}
    assert [p.why for p in found] == sorted((p.why for p in found), key=list(Why).index)
    assert all(len(p.paths) == min(EXAMPLES, p.count) for p in tallies[0].all())
    assert all(0 < len(p.paths) <= EXAMPLES for p in found)


def test_it_is_said_in_the_number_of_its_count() -> None:
    assert LeftOut(Why.LINK, 1).counted == "1 link to a file, not followed"
    assert LeftOut(Why.LINK, 2000).counted == "2,000 links to files, not followed"
    assert not Why.SYSTEM.told
    assert all(len(why.words(n)) <= 50 for why in Why if why.told for n in (1, 2))

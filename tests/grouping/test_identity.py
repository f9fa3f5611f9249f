"""Group ids: stable whatever joins, never shared, the larger part of a split keeps its own."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.identity import identities, member_key
from dejashot.models.groups import Group, Kind
from shots import shot

SHOTS = [shot(n) for n in range(24)]


def group(*members: int, kind: Kind = Kind.BURST) -> Group:
    return Group(members, kind, "", ())


def told(
    groups: Sequence[Group], remembered: dict[tuple[bytes, bool], str] | None = None
) -> tuple[list[str], dict[tuple[bytes, bool], str]]:
    """Return the ids of some groups and what is remembered after them."""
    before = remembered or {}
    names = identities(SHOTS, groups, before)
    return names, before | {
        member_key(SHOTS, g, m): name for g, name in zip(groups, names, strict=True) for m in g.members
    }


def test_a_shot_that_comes_late_and_was_taken_first_changes_no_id() -> None:
    (before,), remembered = told([group(3, 4)])
    (after,), _ = told([group(1, 3, 4, 9)], remembered)
    assert after == before


def test_the_larger_part_of_a_split_keeps_the_id_and_of_equals_the_earlier() -> None:
    (whole,), remembered = told([group(0, 1, 2, 3, 4)])
    (small, large), _ = told([group(0, 1), group(2, 3, 4)], remembered)
    assert large == whole
    assert small != whole
    (first, second), _ = told([group(0, 1), group(2, 3)], remembered)
    assert first == whole
    assert second != whole


def test_groups_that_become_one_take_the_id_of_most() -> None:
    (_, large), remembered = told([group(0, 1), group(2, 3, 4)])
    (both,), _ = told([group(0, 1, 2, 3, 4)], remembered)
    assert both == large


def test_an_id_that_lives_on_outside_of_the_report_is_not_taken() -> None:
    (whole,), remembered = told([group(0, 1, 2, 3)])
    (part,), _ = told([group(0, 9)], remembered)
    assert part != whole


def test_a_series_and_the_copies_of_its_shots_are_two_groups() -> None:
    (copies, series), remembered = told([group(0, 1), group(0, 1, 2, kind=Kind.SERIES)])
    assert copies != series
    assert told([group(0, 1), group(0, 1, 2, kind=Kind.SERIES)], remembered)[0] == [copies, series]


@given(st.lists(st.lists(st.integers(0, 5), min_size=len(SHOTS), max_size=len(SHOTS)), min_size=1, max_size=6))
def test_through_any_life_ids_are_unique_stable_and_the_same_for_whoever_asks(lives: list[list[int]]) -> None:
    remembered: dict[tuple[bytes, bool], str] = {}
    for life in lives:
        groups = [
            group(*members, kind=Kind.SERIES if colour == 5 else Kind.SIMILAR)
            for colour in range(6)
            if len(members := [m for m, c in enumerate(life) if c == colour]) > 1
        ]
        before = dict(remembered)
        names, remembered = told(groups, remembered)
        assert len(set(names)) == len(names)
        assert told(groups, remembered)[0] == names
        assert told(groups, before)[0] == names
        for g, name in zip(groups, names, strict=True):
            had = [before.get(member_key(SHOTS, g, m)) for m in g.members]
            if had[0] is not None and set(had) == {had[0]} and sum(v == had[0] for v in before.values()) == len(had):
                assert name == had[0]

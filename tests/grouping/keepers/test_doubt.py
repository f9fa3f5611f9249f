"""What is not beyond doubt the same shot as a keeper is kept too."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.doubt import doubtful_members
from dejashot.grouping.keepers.reasons import MAY_BE_ANOTHER
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, Kind, Pair
from shots import quality, shot

COUNT = 5
SHOTS = [shot(4.0 * n) for n in range(COUNT)]
PAIRS = [(a, b) for a in range(COUNT) for b in range(a + 1, COUNT)]
QUALITIES = {s.content: quality(float(n + 1)) for n, s in enumerate(SHOTS)}


def group_with(doubts: set[tuple[int, int]], kind: Kind = Kind.SIMILAR) -> Group:
    pairs = tuple(Pair(a, b, 4.0, 0.9, 90.0, True, (a, b) in doubts) for a, b in PAIRS)
    return Group(tuple(range(COUNT)), kind, "", pairs)


@given(st.sets(st.sampled_from(PAIRS)), st.integers(0, COUNT - 1))
def test_whoever_goes_is_beyond_doubt_the_same_as_one_that_stays(doubts: set[tuple[int, int]], best: int) -> None:
    more = doubtful_members(SHOTS, group_with(doubts), {best}, range(COUNT), QUALITIES)
    staying = {best, *more}
    for gone in set(range(COUNT)) - staying:
        assert any((min(gone, k), max(gone, k)) not in doubts for k in staying)
    for kept in more:
        earlier = {best, *more[: more.index(kept)]}
        assert all((min(kept, k), max(kept, k)) in doubts for k in earlier)


def test_of_two_shots_of_another_scene_the_sharper_stays() -> None:
    other = {(a, b) for a, b in PAIRS if (a in (1, 3)) != (b in (1, 3))}
    assert doubtful_members(SHOTS, group_with(other), {4}, range(COUNT), QUALITIES) == [3]


def test_the_suggestion_says_why_and_is_not_sure() -> None:
    other = {(a, b) for a, b in PAIRS if 0 in (a, b)}
    suggestion = suggest_keepers(SHOTS, group_with(other), QUALITIES)
    assert 0 in suggestion.keepers
    assert suggestion.reasons[0] == (MAY_BE_ANOTHER,)
    assert suggestion.confidence is Certainty.LOW
    assert len(suggestion.keepers) == 2


def test_copies_of_one_picture_are_not_kept_for_a_low_percent() -> None:
    assert len(suggest_keepers(SHOTS, group_with(set(PAIRS), Kind.DUPLICATE), QUALITIES).keepers) == 1


def test_what_was_taken_after_something_else_stays_too() -> None:
    group = Group((0, 4), Kind.SIMILAR, "", (Pair(0, 4, 16.0, 0.97, 99.0, True),))
    suggestion = suggest_keepers(SHOTS, group, QUALITIES)
    assert suggestion.keepers == (0, 4)
    other_camera = [replace(s, camera=replace(s.camera, model="T-2")) if 0 < n < 4 else s for n, s in enumerate(SHOTS)]
    assert suggest_keepers(other_camera, group, QUALITIES).keepers == (4,)

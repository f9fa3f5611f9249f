"""What is damaged is never kept before what is sound, and where that can't be told nothing goes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.reasons import MAY_BE_BETTER
from dejashot.grouping.soundness import CHANGED_TWIN, DAMAGED_ALL, without_misjudged
from dejashot.models.capture import Certainty
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import THUMBNAIL_DIFFERS, Quality
from dejashot.models.shot import Shot
from shots import quality, shot

BROKEN = "a part of it is broken"
PARTS = tuple(f"{n:08x}" for n in range(64))


def changed(*places: int) -> tuple[str, ...]:
    return tuple("ffffffff" if n in places else part for n, part in enumerate(PARTS))


def group_of(shots: Sequence[Shot], kind: Kind) -> Group:
    pairs = tuple(Pair(a, b, 1.0, 0.97, 99.0, True) for a in range(len(shots)) for b in range(a + 1, len(shots)))
    return Group(tuple(range(len(shots))), kind, "", pairs)


def chosen(shots: Sequence[Shot], looks: Sequence[Quality | None], kind: Kind) -> tuple[Group, KeeperSuggestion]:
    known = {s.content: q for s, q in zip(shots, looks, strict=True) if q is not None}
    (group,) = refine_kind(shots, group_of(shots, kind), known)
    return group, suggest_keepers(shots, group, known)


@given(
    st.sampled_from([Kind.BURST, Kind.SIMILAR, Kind.DUPLICATE]),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.1, 9), st.integers(1, 9)), min_size=2, max_size=6),
)
def test_no_damaged_shot_is_kept_beside_a_sound_one_and_never_are_all_lost(
    kind: Kind, members: list[tuple[bool, bool, float, int]]
) -> None:
    shots = [
        replace(shot(n, size_bytes=size * 1000), damage=BROKEN * read) for n, (read, _, _, size) in enumerate(members)
    ]
    looks = [quality(sharp, damage=BROKEN * (read or seen)) for read, seen, sharp, _ in members]
    damaged = {n for n, (read, seen, _, _) in enumerate(members) if read or seen}
    _, choice = chosen(shots, looks, kind)
    assert choice.keepers
    if len(damaged) < len(members):
        assert damaged.isdisjoint(choice.keepers)
    else:
        assert choice.keepers == tuple(range(len(members))), "one may hold what another lacks"
        assert choice.reclaimable_bytes == 0
        assert choice.reasons[0] == (DAMAGED_ALL,)


def test_the_reason_says_that_the_others_are_damaged() -> None:
    two = [shot(0), replace(shot(0, path="b.jpg"), damage=BROKEN)]
    assert chosen(two, [quality(1), quality(3)], Kind.BURST)[1].reasons == {
        0: ("the only sound one: the other is damaged",)
    }
    assert chosen(two, [None, None], Kind.DUPLICATE)[1].confidence is Certainty.HIGH
    three = [shot(0), shot(1), replace(shot(2), damage=BROKEN)]
    _, choice = chosen(three, [quality(1), quality(1.5), quality(3)], Kind.BURST)
    assert choice.keepers == (1,)
    assert choice.reasons[1][0] == "50 % sharper: the other is blurred"
    assert choice.reasons[1][-1] == "sound: 1 of the others is damaged"
    assert choice.reclaimable_bytes == 6_000_000


def test_copies_of_a_damaged_photo_are_copies_all_the_same() -> None:
    same = [replace(shot(0, path=name, content=b"c" * 32), damage=BROKEN) for name in ("a.jpg", "b.jpg")]
    _, choice = chosen(same, [quality(1, damage=BROKEN)] * 2, Kind.DUPLICATE)
    assert len(choice.keepers) == 1


@pytest.mark.parametrize("kind", [Kind.BURST, Kind.SIMILAR, Kind.DUPLICATE])
@pytest.mark.parametrize("places", [(0,), (5, 9), tuple(range(50))])
def test_where_nothing_tells_which_of_two_copies_is_damaged_both_stay(kind: Kind, places: tuple[int, ...]) -> None:
    two = [shot(0), shot(0, path="b.jpg")]
    group, choice = chosen(two, [quality(1, parts=PARTS), quality(2, parts=changed(*places))], kind)
    assert group.kind is Kind.DUPLICATE
    assert choice.keepers == (0, 1)
    assert [CHANGED_TWIN in why for why in choice.reasons.values()].count(True) == 1, "said once"
    assert (choice.confidence, choice.reclaimable_bytes) == (Certainty.LOW, 0)


def test_where_it_is_known_only_the_sound_copy_stays() -> None:
    two = [shot(0), shot(0, path="b.jpg")]
    group, choice = chosen(two, [quality(2, parts=changed(3), damage=BROKEN), quality(1, parts=PARTS)], Kind.BURST)
    assert (group.kind, choice.keepers, choice.confidence) == (Kind.DUPLICATE, (1,), Certainty.HIGH)


def test_takes_that_share_nothing_are_no_copies() -> None:
    other = tuple(f"{n + 900:08x}" for n in range(64))
    two = [shot(0), shot(1)]
    group, choice = chosen(two, [quality(1, parts=PARTS), quality(2, parts=other)], Kind.BURST)
    assert (group.kind, choice.keepers) == (Kind.BURST, (1,))
    few = (*PARTS[:4], *other[4:])  # equal heads
    assert chosen(two, [quality(1, parts=PARTS), quality(2, parts=few)], Kind.BURST)[1].keepers == (1,)


SAME_BYTES, MORE_BYTES = 3_000_000, 3_100_000


@pytest.mark.parametrize(
    ("a", "b", "more", "reason"),
    [
        (quality(1, parts=PARTS), quality(1, parts=PARTS), MORE_BYTES, "the same picture to the bit"),
        (quality(1, coarseness=4.0), quality(1, coarseness=7.0), MORE_BYTES, "the least compressed"),
        (quality(1, coarseness=7.0), quality(1, coarseness=4.0), MORE_BYTES, "the largest file"),
        (quality(1), quality(1), MORE_BYTES, "the largest file"),
        (None, None, MORE_BYTES, "the largest file"),
        (quality(1, coarseness=4.0), quality(1, coarseness=4.0), SAME_BYTES, "nothing tells these files apart"),
        (quality(1), quality(1), SAME_BYTES, "nothing tells these files apart"),
        (None, None, SAME_BYTES, "nothing tells these files apart"),
    ],
)
def test_what_is_said_of_equal_pictures_is_true(a: Quality | None, b: Quality | None, more: int, reason: str) -> None:
    for names in (("a.jpg", "b.jpg"), ("b.jpg", "a.jpg")):
        two = [shot(0, path=names[0], size_bytes=more), shot(0, path=names[1], size_bytes=SAME_BYTES)]
        _, choice = chosen(two, [a, b], Kind.DUPLICATE)
        (keeper,) = choice.keepers
        assert reason in choice.reasons[keeper][0]
        assert choice.confidence is Certainty.LOW
        if more != SAME_BYTES:
            assert keeper == 0, "whatever the files are called"
        else:
            assert two[keeper].path == "a.jpg", "the name is the last resort"


@given(st.lists(st.booleans(), min_size=2, max_size=6))
def test_what_came_into_a_group_by_a_thumbnail_of_something_else_is_in_none(differs: list[bool]) -> None:
    shots = [replace(shot(n), damage=THUMBNAIL_DIFFERS * wrong) for n, wrong in enumerate(differs)]
    right = tuple(n for n, wrong in enumerate(differs) if not wrong)
    left = without_misjudged(shots, [group_of(shots, Kind.SIMILAR)])
    assert [g.members for g in left] == ([right] if len(right) > 1 else [])
    assert all({p.a, p.b} <= set(right) for g in left for p in g.pairs)


@pytest.mark.parametrize("kind", [Kind.BURST, Kind.SIMILAR, Kind.DUPLICATE])
def test_what_could_not_be_looked_at_stays_beside_what_was(kind: Kind) -> None:
    _, choice = chosen([shot(0), shot(1), shot(2)], [quality(2), None, quality(1)], kind)
    assert {0, 1} <= set(choice.keepers)
    assert choice.reasons[1] == (MAY_BE_BETTER,)
    assert choice.confidence is Certainty.LOW
    damaged = [shot(0), replace(shot(1), damage=BROKEN)]
    assert chosen(damaged, [quality(1), None], kind)[1].keepers == (0,)

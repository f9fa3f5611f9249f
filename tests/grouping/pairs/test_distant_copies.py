"""Copies from other times in the groups of a timeline."""

from dataclasses import replace

import pytest

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.copy_reasons import describe_copies
from dejashot.grouping.pairs.distant_copies import may_be_copy_of, with_distant_copies
from dejashot.grouping.verdicts import with_decisions
from dejashot.models.capture import TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, Kind, Pair
from dejashot.models.shot import Shot
from shots import quality, shot, unit

YEAR_S = 365 * 86400


def copy_at(at_s: float, *, size: tuple[int, int] = (1600, 1200), name: str = "IMG-20270701-WA0001.jpg") -> Shot:
    """Return what a messenger made of a photo, with a content of its own."""
    made = shot(at_s, unit(1, 0.02), path=name, size=size, size_bytes=200_000, model="", content=name.encode())
    return replace(made, taken=replace(made.taken, source=TimeSource.NAME))


ORIGINAL, BURST = shot(0, unit(1), path="a.jpg", content=b"a"), shot(1, unit(1, 0.1), path="b.jpg", content=b"b")
COPY = copy_at(YEAR_S)
BOTH = Group((0, 1), Kind.BURST, "", (Pair(0, 1, 1.0, 0.99, 97.0, same_shot=True, doubtful=True),))


def test_an_original_stays_and_its_copy_of_a_year_later_may_go() -> None:
    shots = [ORIGINAL, COPY]
    (group,) = with_distant_copies(shots, [], {COPY.content: [b"a"]}, frozenset())
    assert (group.members, group.kind, group.pairs[0].gap_s) == ((0, 1), Kind.DUPLICATE, YEAR_S)
    suggestion = suggest_keepers(shots, group, {})
    assert (suggestion.keepers, suggestion.reclaimable_bytes) == ((0,), COPY.size_bytes)
    rejected = with_decisions(shots, group, suggestion, {}, {b"a": Verdict.REJECT})
    assert rejected.keepers == (1,)


def test_a_copy_joins_the_group_of_its_original_and_stands_to_the_others_as_that_does() -> None:
    (group,) = with_distant_copies([ORIGINAL, BURST, COPY], [BOTH], {COPY.content: [b"a"]}, frozenset())
    assert (group.members, group.kind) == ((0, 1, 2), Kind.SIMILAR)
    doubtful = {(p.a, p.b): p.doubtful for p in group.pairs}
    assert doubtful == {(0, 1): True, (0, 2): False, (1, 2): True}


@pytest.mark.parametrize("of_copy", [20.0, 90.0])
def test_an_original_stays_beside_a_better_take_and_never_goes_for_its_copy(of_copy: float) -> None:
    cells = COPY.signature.copy()
    cells[0, 0] += 40  # more than what is saved again differs in one cell, as beside a sharpened edge
    shots = [ORIGINAL, BURST, replace(COPY, signature=cells)]
    sure = replace(BOTH, pairs=(replace(BOTH.pairs[0], doubtful=False),))
    (group,) = with_distant_copies(shots, [sure], {COPY.content: [b"a"]}, frozenset())
    qualities = {b"a": quality(30.0), b"b": quality(60.0), COPY.content: quality(of_copy)}
    suggested = suggest_keepers(shots, group, qualities)
    assert suggested.keepers == (0, 1)
    assert describe_copies(1, 2) not in suggested.reasons[1], "it is the original of none"
    damaged = qualities | {b"a": replace(quality(30.0), damage="its end is missing")}
    assert 0 not in suggest_keepers(shots, group, damaged).keepers


def test_a_series_stays_what_it_is_beside_the_copies_of_one_of_its_pictures() -> None:
    series = replace(BOTH, kind=Kind.SERIES, series="bracket")
    found = with_distant_copies([ORIGINAL, BURST, COPY], [series], {COPY.content: [b"a"]}, frozenset())
    assert [(g.kind, g.members) for g in found] == [(Kind.SERIES, (0, 1)), (Kind.DUPLICATE, (0, 2))]


def test_a_copy_in_a_group_of_its_own_time_or_separated_by_the_owner_stays_there() -> None:
    shots, copies = [ORIGINAL, COPY, copy_at(YEAR_S + 1, name="IMG-20270701-WA0002.jpg")], {COPY.content: [b"a"]}
    own = Group((1, 2), Kind.SIMILAR, "", (Pair(1, 2, 1.0, 0.99, 99.0, same_shot=True),))
    assert with_distant_copies(shots, [own], copies, frozenset()) == [own]
    separated = frozenset({tuple(sorted((b"a", COPY.content)))})
    assert with_distant_copies(shots, [], copies, separated) == []  # type: ignore[arg-type]
    assert with_distant_copies([COPY], [], copies, frozenset()) == []


@pytest.mark.parametrize(
    ("copy", "original", "may"),
    [
        (COPY, ORIGINAL, True),
        (ORIGINAL, COPY, False),
        (COPY, COPY, False),
        (replace(COPY, taken=ORIGINAL.taken), ORIGINAL, False),
        (replace(COPY, width=1200), ORIGINAL, False),
        (replace(COPY, width=8000, height=6000), ORIGINAL, False),
        (replace(COPY, signature=COPY.signature + 9), ORIGINAL, False),
        (COPY, replace(ORIGINAL, damage="its end is missing"), False),
        (COPY, replace(ORIGINAL, path="Screenshot_20260701-120000.png"), False),
        (copy_at(9, name="a.jpg"), copy_at(0, name="b.jpg"), False),
    ],
)
def test_what_may_be_a_copy_lost_its_tags_and_gained_nothing(copy: Shot, original: Shot, may: bool) -> None:
    assert may_be_copy_of(copy, original) is may

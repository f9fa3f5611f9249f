"""Pages in a row are a series of which all are kept; the takes of one page are a group."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.grouping.groups import LOOK_BACK, GroupLimits, group_shots
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.pages import PageRule
from dejashot.grouping.series.page_runs import (
    IN_A_ROW,
    PAGES,
    is_page_series,
    members_elsewhere,
    without_takes_elsewhere,
)
from dejashot.grouping.series.screenshots import SCREENSHOTS
from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs
from dejashot.models.groups import Group, Kind, VerifiedPairs
from dejashot.models.registration import Registration
from dejashot.models.shot import Shot
from shots import RULES, quality, shot, unit

# a vector is a page's by its second component; the first makes any two of them alike
PAGE_RULES = replace(RULES, page=PageRule(weights=100 * unit(0, 1), bias=-10.0, least=0.5))
PAGE, PHOTO = unit(1, 1), unit(1, 0, 0.2)
LIMITS = GroupLimits(60.0, 600.0, 2.0)
ONE_PAGE = Registration(200, 0.9, 900, 0.97, 0.97, 0.8, 0.0)


def paper(at_s: float, name: str = "", **changes: object) -> Shot:
    return replace(shot(at_s, PAGE, path=f"{name or at_s}.jpg"), **changes)


def photo(at_s: float) -> Shot:
    return shot(at_s, PHOTO, path=f"photo {at_s}.jpg")


def takes_of_one_page(a: Shot, b: Shot) -> VerifiedPairs:
    return VerifiedPairs({}, {(a.key, b.key): ONE_PAGE})


def grouped(
    shots: list[Shot], verified: VerifiedPairs | None = None, separated: SeparatedPairs = frozenset()
) -> list[Group]:
    """Return the groups as a report has them."""
    looks = {s.content: quality(1 + n) for n, s in enumerate(shots)}
    found = group_shots(shots, PAGE_RULES, LIMITS, verified or VerifiedPairs(), separated)
    elsewhere = members_elsewhere(found, [suggest_keepers(shots, g, looks).keepers for g in found])
    return [left for g in found if (left := without_takes_elsewhere(g, elsewhere))]


def names(groups: list[Group]) -> list[tuple[str, tuple[int, ...]]]:
    return [(g.series or str(g.kind), g.members) for g in groups]


def test_pages_in_a_row_are_a_series_of_which_nothing_goes() -> None:
    shots = [paper(0), paper(20), paper(50)]
    (series,) = grouped(shots)
    assert (series.kind, series.series, series.because, series.members) == (Kind.SERIES, PAGES, IN_A_ROW, (0, 1, 2))
    assert {(p.a, p.b) for p in series.pairs} == {(0, 1), (0, 2), (1, 2)}
    suggestion = suggest_keepers(shots, series, {})
    assert (suggestion.keepers, suggestion.reclaimable_bytes) == ((0, 1, 2), 0)


def test_another_photo_ends_a_series_and_a_lone_page_is_none() -> None:
    assert names(grouped([paper(0), paper(5), photo(10), paper(15), photo(40), paper(45), paper(50)])) == [
        (PAGES, (0, 1)),
        ("similar", (2, 4)),
        (PAGES, (5, 6)),
    ]


def test_a_longer_gap_and_a_longer_span_end_a_series() -> None:
    assert names(grouped([paper(0), paper(61)])) == []
    found = grouped([paper(59 * n) for n in range(14)])
    assert [g.members for g in found] == [tuple(range(11)), (11, 12, 13)]


def test_of_a_page_taken_twice_the_take_that_stays_is_in_the_series() -> None:
    shots = [paper(0), paper(9), paper(12), paper(30)]
    found = grouped(shots, takes_of_one_page(shots[1], shots[2]))
    assert names(found) == [(PAGES, (0, 2, 3)), ("similar", (1, 2))]
    assert {(p.a, p.b) for p in found[0].pairs} == {(0, 2), (0, 3), (2, 3)}


def test_takes_of_one_page_alone_are_no_series() -> None:
    shots = [paper(0), paper(9)]
    assert names(grouped(shots, takes_of_one_page(*shots))) == [("similar", (0, 1))]


def test_equal_files_of_a_page_are_copies_of_which_one_is_in_the_series() -> None:
    one = paper(0, "a")
    copy = replace(one, path="a (copy).jpg", node=(1, 2))
    assert names(grouped([one, copy, paper(20)])) == [("duplicate", (0, 1)), (PAGES, (0, 2))]


def test_captures_of_a_screen_are_called_screenshots_and_mixed_with_no_other_pages() -> None:
    found = grouped([paper(0, "Screenshot_1"), paper(3, "Screenshot_2"), paper(6), paper(9)])
    assert names(found) == [(SCREENSHOTS, (0, 1)), (PAGES, (2, 3))]


def test_pages_that_the_owner_separated_share_no_series() -> None:
    shots = [paper(0), paper(5), paper(10)]
    apart = {(min(pair), max(pair)) for pair in [(shots[0].content, shots[1].content)]}
    assert names(grouped(shots, separated=apart)) == [(PAGES, (0, 2))]


def test_a_page_whose_time_is_too_uncertain_is_in_no_series() -> None:
    guessed = [shot(5 * n, PAGE, path=f"{n}.jpg", certainty=Certainty.LOW) for n in range(3)]
    certain = replace(LIMITS, least_certainty=Certainty.MEDIUM)
    assert group_shots(guessed, PAGE_RULES, certain) == []
    assert len(group_shots(guessed, PAGE_RULES, LIMITS)) == 1


def test_members_of_another_series_are_in_no_series_of_pages() -> None:
    pages = Group((0, 1, 2, 3), Kind.SERIES, PAGES, (), IN_A_ROW)
    stack = Group((1, 2), Kind.SERIES, "focus stack", ())
    assert members_elsewhere([pages, stack], [(0, 1, 2, 3), (1, 2)]) == {1, 2}
    left = without_takes_elsewhere(pages, {1, 2})
    assert left is not None
    assert left.members == (0, 3)
    assert without_takes_elsewhere(pages, {1, 2, 3}) is None
    assert without_takes_elsewhere(stack, {1, 2}) is stack


def test_a_scanned_book_is_several_series_each_of_a_size() -> None:
    found = grouped([paper(0.5 * n, f"{n:04d}") for n in range(300)])
    assert [len(g.members) for g in found] == [LOOK_BACK, LOOK_BACK, 300 - 2 * LOOK_BACK]


def test_a_page_and_an_ordinary_photo_share_a_group_only_where_that_is_clear() -> None:
    page, still, other = unit(1, 0.2), unit(1, 0.05), unit(0.76, 0.0, 0.62)
    assert [g.members for g in group_shots([shot(0, page), shot(20, still)], PAGE_RULES, LIMITS)] == [(0, 1)]
    assert [g.members for g in group_shots([shot(0, page), shot(20, other)], RULES, LIMITS)] == [(0, 1)]
    assert group_shots([shot(0, page), shot(20, other)], PAGE_RULES, LIMITS) == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 70), st.booleans()), max_size=40))
def test_series_hold_pages_that_follow_each_other_and_none_twice(items: list[tuple[int, bool]]) -> None:
    times = np.cumsum([gap for gap, _ in items]).tolist()
    shots = [
        paper(at, f"{n}") if page else replace(photo(at), path=f"{n}")
        for n, (at, (_, page)) in enumerate(zip(times, items, strict=True))
    ]
    shots = [replace(s, content=n.to_bytes(32)) for n, s in enumerate(shots)]
    found = [g for g in grouped(shots) if is_page_series(g)]
    inside = [m for g in found for m in g.members]
    assert len(inside) == len(set(inside))
    for g in found:
        assert list(g.members) == list(range(g.members[0], g.members[-1] + 1))
        assert all(items[m][1] for m in g.members)
        assert max(times[b] - times[a] for a, b in pairwise(g.members)) <= LIMITS.interval_s
        assert times[g.members[-1]] - times[g.members[0]] <= LIMITS.max_span_s

"""The state behind the pages: two over one library know each other's decisions, and the groups follow the library."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from albums import DAY, QUIET, Trip
from dejashot.config.settings import Settings
from dejashot.errors import LibraryError
from dejashot.ingest.scan import scan
from dejashot.models.decisions import Verdict
from dejashot.reports.report import Report
from dejashot.web.compose import whole_library
from dejashot.web.views.groups import GroupOrder, GroupsView, Show
from dejashot.web.views.state import LIBRARY_CHECK_S, ReviewState
from scenes import moved, save_photo, scene

NOW_US = 1_790_000_000_000_000


@pytest.fixture
def review_state(trip: Trip) -> ReviewState:
    return state_over(trip)


def state_over(trip: Trip, clock: Callable[[], float] = time.monotonic) -> ReviewState:
    return ReviewState(trip.library, lambda: whole_library(Settings(), trip.library), clock=clock)


def group_with(review_state: ReviewState, content: bytes) -> str:
    groups_view = review_state.groups_view()
    assert groups_view is not None
    return groups_view.group_of[content]


def marks(review_state: ReviewState, names: list[str]) -> dict[str, str]:
    return {
        group_view.id: group_view.mark for group_view in map(review_state.group_view, names) if group_view is not None
    }


def open_count(review_state: ReviewState) -> int:
    groups_view = review_state.groups_view()
    assert groups_view is not None
    with review_state.decisions() as decisions:
        return groups_view.totals(decisions).open


def test_two_states_over_one_library_see_each_others_decisions(trip: Trip, review_state: ReviewState) -> None:
    other = state_over(trip)
    content = bytes.fromhex(trip.content("IMG_0701.jpg"))
    name = group_with(review_state, content)
    review_state.decide(name, {content: Verdict.KEEP}, NOW_US)
    seen = other.group_view(name)
    assert seen is not None
    assert [v.state for v in seen.shot_views] == ["keep", "other"]
    assert other.undo(NOW_US + 1).groups == (name,)
    back = review_state.group_view(name)
    assert back is not None
    assert [v.state for v in back.shot_views] == ["other", "suggested"]


def test_what_is_said_of_contents_elsewhere_is_passed_over(review_state: ReviewState, trip: Trip) -> None:
    content, elsewhere = (bytes.fromhex(trip.content(name)) for name in ("IMG_0701.jpg", "IMG_0001.jpg"))
    review_state.decide(group_with(review_state, content), {elsewhere: Verdict.REJECT}, NOW_US)
    assert review_state.undo(NOW_US) is None
    assert review_state.decide("ffff", {content: Verdict.KEEP}, NOW_US) is None
    assert review_state.separate("ffff", content, NOW_US) is None
    assert review_state.separate(group_with(review_state, content), elsewhere, NOW_US) is not None
    assert review_state.undo(NOW_US) is None


def test_every_sort_of_act_is_taken_back_at_once(review_state: ReviewState, trip: Trip) -> None:
    content = bytes.fromhex(trip.content("IMG_0001.jpg"))
    name = group_with(review_state, content)
    groups_view = review_state.groups_view()
    assert groups_view is not None
    before = review_state.group_view(name)
    assert before is not None

    acts: list[Callable[[], object]] = [
        lambda: review_state.decide(name, {content: Verdict.REJECT}, NOW_US),
        lambda: review_state.decide(name, {v.shot.content: Verdict.KEEP for v in before.shot_views}, NOW_US),
        lambda: review_state.accept(marks(review_state, [name]), NOW_US),
        lambda: review_state.separate(name, content, NOW_US),
    ]
    for act in acts:
        act()
        after = review_state.group_view(name)
        assert after is not None
        assert [v.state for v in after.shot_views] != [v.state for v in before.shot_views]
        assert review_state.undo(NOW_US).groups == (name,)
        again = review_state.group_view(name)
        assert again is not None
        assert [v.state for v in again.shot_views] == [v.state for v in before.shot_views]
    assert review_state.undo(NOW_US) is None


def test_accepting_many_is_one_act_and_leaves_what_was_said(review_state: ReviewState, trip: Trip) -> None:
    content = bytes.fromhex(trip.content("IMG_0701.jpg"))
    review_state.decide(group_with(review_state, content), {content: Verdict.KEEP}, NOW_US)
    groups_view = review_state.groups_view()
    assert groups_view is not None
    names = [g.id for g in groups_view.report.groups]
    waiting = open_count(review_state)
    assert review_state.accept(dict.fromkeys(names, "0" * 16), NOW_US) == 0
    assert review_state.accept(marks(review_state, names) | {"ffff": ""}, NOW_US) == waiting
    assert open_count(review_state) == 0
    group_view = review_state.group_view(group_with(review_state, content))
    assert group_view is not None
    assert group_view.shot_views[0].verdict is Verdict.KEEP
    assert review_state.accept(marks(review_state, names), NOW_US) == 0
    undone = review_state.undo(NOW_US)
    assert undone is not None
    assert len(undone.groups) == waiting
    assert open_count(review_state) == waiting
    group_view = review_state.group_view(group_with(review_state, content))
    assert group_view is not None
    assert group_view.shot_views[0].verdict is Verdict.KEEP


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def made_anew(review_state: ReviewState, clock: Clock) -> GroupsView:
    """Return the groups after so much time that the library is looked at again."""
    clock.now_s += LIBRARY_CHECK_S
    review_state.groups_view()
    review_state.prepare(wait=True)
    groups_view = review_state.groups_view()
    assert groups_view is not None
    return groups_view


def save_two(folder: Path) -> list[Path]:
    """Save two photos that are the same shot."""
    return [
        save_photo(folder / f"NEW_{n}.jpg", moved(scene(9), 0.02 * n, 0), DAY + timedelta(days=3, seconds=3 * n))
        for n in range(2)
    ]


def test_the_groups_are_made_anew_when_the_library_has_grown(trip: Trip, tmp_path: Path) -> None:
    clock = Clock()
    review_state = state_over(trip, clock)
    first = review_state.groups_view()
    assert first is not None
    assert review_state.groups_view() is first
    timeline = review_state.timeline_view()
    save_two(tmp_path / "more")
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    assert review_state.groups_view() is first  # the library is not looked at with every question
    groups_view = made_anew(review_state, clock)
    assert len(groups_view.report.groups) == len(first.report.groups) + 1
    assert {g.id for g in first.report.groups} < {g.id for g in groups_view.report.groups}
    assert review_state.timeline_view() is not timeline
    with review_state.decisions() as decisions:
        assert len(groups_view.page(Show.OPEN, GroupOrder.NEWEST, decisions, "", 99)[0]) == 9


def test_the_groups_are_made_anew_when_a_photo_has_gone(trip: Trip, tmp_path: Path) -> None:
    clock, files = Clock(), save_two(tmp_path / "more")
    review_state = state_over(trip, clock)
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    first = review_state.groups_view()
    assert first is not None
    files[0].unlink()
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    groups_view = made_anew(review_state, clock)
    assert len(groups_view.report.groups) == len(first.report.groups) - 1


def test_what_keeps_the_groups_from_being_made_is_told(tmp_path: Path, trip: Trip) -> None:
    with pytest.raises(LibraryError):
        ReviewState(tmp_path / "nothing", lambda: whole_library(Settings(), tmp_path)).groups_view()

    def fails() -> Report:
        raise LibraryError("the network is another one", "Scan again")

    with pytest.raises(LibraryError, match="another one"):
        ReviewState(trip.library, fails).groups_view()


def test_it_knows_where_a_content_lies(trip: Trip, review_state: ReviewState) -> None:
    content = bytes.fromhex(trip.content("IMG_0101.jpg"))
    places = review_state.places(content)
    assert sorted(places) == sorted(
        [bytes(trip.photos / "IMG_0101.jpg"), bytes(trip.photos / "Copies" / "IMG_0101 (copy).jpg")]
    )
    assert review_state.places(b"x" * 32) == ()
    face = bytes.fromhex(trip.content("IMG_0702.jpg"))
    assert len(review_state.qualities([face])[face].faces) == 1

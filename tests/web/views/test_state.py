"""The state behind the pages: two over one library know each other's decisions, and the groups follow the library."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from albums import DAY, QUIET, Trip
from dejashot.actions.history import MovedBytes
from dejashot.config.settings import Settings
from dejashot.errors import GroupsFileError, LibraryError
from dejashot.ingest.scan import scan
from dejashot.library.kept.group_queries import GroupOrder, Show
from dejashot.library.library import Library
from dejashot.library.lock import take_lock
from dejashot.models.decisions import Verdict
from dejashot.web.errors import NotReadyError
from dejashot.web.views.savings import savings
from dejashot.web.views.state import LIBRARY_CHECK_S, ReviewState
from scenes import moved, save_photo, scene

NOW_US = 1_790_000_000_000_000


@pytest.fixture
def review_state(trip: Trip) -> ReviewState:
    return state_over(trip)


def state_over(trip: Trip, clock: Callable[[], float] = time.monotonic) -> ReviewState:
    return ReviewState(Settings(), trip.library, clock=clock)


def group_with(review_state: ReviewState, content: bytes) -> str:
    with review_state.groups() as groups_view:
        return groups_view.groups_of([content])[content]


def all_ids(review_state: ReviewState) -> set[str]:
    """Return the ids of all groups that wait and of all series."""
    with review_state.groups() as groups_view:
        return {name for show in Show for name in groups_view.page(show, GroupOrder.NEWEST, "", 99)[0]}


def marks(review_state: ReviewState, names: list[str]) -> dict[str, str]:
    return {
        group_view.id: group_view.mark for group_view in map(review_state.group_view, names) if group_view is not None
    }


def open_count(review_state: ReviewState) -> int:
    with review_state.groups() as groups_view:
        return groups_view.totals().open


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
    names = sorted(all_ids(review_state))
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


def look_again(review_state: ReviewState, clock: Clock) -> set[str]:
    """Return the ids of the groups after so much time that the library is looked at again."""
    clock.now_s += LIBRARY_CHECK_S
    review_state.prepare(wait=True)
    return all_ids(review_state)


def save_two(folder: Path) -> list[Path]:
    """Save two photos that are the same shot."""
    return [
        save_photo(folder / f"NEW_{n}.jpg", moved(scene(9), 0.02 * n, 0), DAY + timedelta(days=3, seconds=3 * n))
        for n in range(2)
    ]


def test_the_groups_are_mended_when_the_library_has_grown(trip: Trip, tmp_path: Path) -> None:
    clock = Clock()
    review_state = state_over(trip, clock)
    first, token = all_ids(review_state), review_state.token()
    assert review_state.token() == token
    save_two(tmp_path / "more")
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    found = look_again(review_state, clock)
    assert first < found and len(found) == len(first) + 1
    assert review_state.token() != token
    with review_state.groups() as groups_view:
        assert len(groups_view.page(Show.OPEN, GroupOrder.NEWEST, "", 99)[0]) == 9


def test_the_groups_are_mended_when_a_photo_has_gone(trip: Trip, tmp_path: Path) -> None:
    clock, files = Clock(), save_two(tmp_path / "more")
    review_state = state_over(trip, clock)
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    first = all_ids(review_state)
    files[0].unlink()
    scan(Settings(), [tmp_path / "more"], trip.library, QUIET)
    assert len(look_again(review_state, clock)) == len(first) - 1


def test_what_keeps_the_groups_from_being_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no library yet"), ReviewState(Settings(), tmp_path / "nothing").groups():
        pass
    Library.open(tmp_path).close()
    with pytest.raises(LibraryError, match="no photo yet"), ReviewState(Settings(), tmp_path).groups():
        pass


def test_groups_are_shown_while_another_process_owns_the_library(trip: Trip) -> None:
    for file in trip.library.glob("groups-*.db"):
        file.unlink()
    lock = take_lock(trip.library)
    try:
        review_state = state_over(trip)
        assert len(all_ids(review_state)) == 10
        assert not list(trip.library.glob("groups-*.db")), "only its owner keeps groups in a library"
        review_state.close()
    finally:
        lock.release()


@pytest.mark.parametrize("change", ["UPDATE shot_group SET body = x'00'", "PRAGMA user_version = 99"])
def test_a_file_of_groups_that_is_damaged_or_of_another_version_is_made_anew(trip: Trip, change: str) -> None:
    clock = Clock()
    review_state = state_over(trip, clock)
    names = all_ids(review_state)
    (file,) = trip.library.glob("groups-*.db")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(change)
    with pytest.raises((GroupsFileError, NotReadyError)):
        review_state.group_view(min(names))
    assert look_again(review_state, clock) == names
    assert all(review_state.group_view(name) is not None for name in names)


def test_what_the_library_learned_of_decisions_changes_nothing_on_the_page(trip: Trip) -> None:
    clock = Clock()
    review_state = state_over(trip, clock)
    with review_state.groups() as groups_view:
        names, _ = groups_view.page(Show.OPEN, GroupOrder.NEWEST, "", 99)
    for n, name in enumerate(names):
        view = review_state.group_view(name)
        assert view is not None
        shown = [v.shot.content for v in view.shot_views]
        verdicts = dict.fromkeys(shown[: n % 4], Verdict.REJECT) | dict.fromkeys(shown[3:], Verdict.KEEP)
        review_state.decide(name, verdicts, NOW_US + n)

    def shown_now() -> tuple[object, ...]:
        with review_state.groups() as groups_view:
            views = groups_view.group_views(names)
            shows = (Show.OPEN, Show.SURE, Show.DECIDED)  # what is decided of takes of a page ends a series of pages
            pages = [groups_view.page(show, order, "", 99) for show in shows for order in GroupOrder]
            table = savings(groups_view, MovedBytes({}, {}))
            return (
                replace(groups_view.totals(), series=0),
                pages,
                [(v.id, v.mark, v.frees_bytes, v.open) for v in views],
                table,
            )

    before = shown_now()
    Library.open(trip.library).close()  # which takes the decisions from their journal
    look_again(review_state, clock)
    assert shown_now() == before
    with review_state.groups() as groups_view:
        assert not groups_view.touched.listed, "the kept groups know of them"
    for n in range(len(names)):
        review_state.undo(NOW_US + 100 + n)
    assert open_count(review_state) == 8


def test_shots_that_were_told_apart_come_together_again_after_the_library_learned_of_it(trip: Trip) -> None:
    clock = Clock()
    review_state = state_over(trip, clock)
    content = bytes.fromhex(trip.content("IMG_0001.jpg"))
    name = group_with(review_state, content)
    review_state.separate(name, content, NOW_US)
    Library.open(trip.library).close()
    look_again(review_state, clock)
    apart = review_state.group_view(name)
    assert apart is not None and content not in {v.shot.content for v in apart.shot_views}
    review_state.undo(NOW_US + 1)
    all_ids(review_state)
    look_again(review_state, clock)
    assert group_with(review_state, content) == name


def test_it_knows_where_a_content_lies(trip: Trip, review_state: ReviewState) -> None:
    content = bytes.fromhex(trip.content("IMG_0101.jpg"))
    places = review_state.places(content)
    assert sorted(places) == sorted(
        [bytes(trip.photos / "IMG_0101.jpg"), bytes(trip.photos / "Copies" / "IMG_0101 (copy).jpg")]
    )
    assert review_state.places(b"x" * 32) == ()
    face = bytes.fromhex(trip.content("IMG_0702.jpg"))
    assert len(review_state.qualities([face])[face].faces) == 1

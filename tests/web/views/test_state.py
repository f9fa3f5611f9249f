"""The room behind the pages: rooms over one library know each other's decisions, and the album follows the library."""

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
from dejashot.web.views import state
from dejashot.web.views.groups import GroupOrder, GroupsView, Show
from dejashot.web.views.state import ReviewState
from scenes import moved, save_photo, scene

NOW_US = 1_790_000_000_000_000


@pytest.fixture
def room(trip: Trip) -> ReviewState:
    return room_over(trip)


def room_over(trip: Trip) -> ReviewState:
    return ReviewState(trip.library, lambda: whole_library(Settings(), trip.library))


def group_with(room: ReviewState, content: bytes) -> str:
    album = room.album()
    assert album is not None
    return album.group_of[content]


def marks(room: ReviewState, names: list[str]) -> dict[str, str]:
    return {card.id: card.mark for card in map(room.card, names) if card is not None}


def open_count(room: ReviewState) -> int:
    album = room.album()
    assert album is not None
    with room.decisions() as (words, apart):
        return album.totals(words, apart).open


def test_rooms_over_one_library_see_each_others_decisions(trip: Trip, room: ReviewState) -> None:
    other = room_over(trip)
    content = bytes.fromhex(trip.content("IMG_0701.jpg"))
    name = group_with(room, content)
    room.say(name, {content: Verdict.KEEP}, NOW_US)
    seen = other.card(name)
    assert seen is not None
    assert [t.state for t in seen.tiles] == ["keep", "other"]
    assert other.undo(NOW_US + 1) == [name]
    back = room.card(name)
    assert back is not None
    assert [t.state for t in back.tiles] == ["other", "suggested"]


def test_what_is_said_of_contents_elsewhere_is_passed_over(room: ReviewState, trip: Trip) -> None:
    content, elsewhere = (bytes.fromhex(trip.content(name)) for name in ("IMG_0701.jpg", "IMG_0001.jpg"))
    room.say(group_with(room, content), {elsewhere: Verdict.REJECT}, NOW_US)
    assert room.undo(NOW_US) is None
    assert room.say("ffff", {content: Verdict.KEEP}, NOW_US) is None
    assert room.part("ffff", content, NOW_US) is None
    assert room.part(group_with(room, content), elsewhere, NOW_US) is not None
    assert room.undo(NOW_US) is None


def test_every_sort_of_act_is_taken_back_at_once(room: ReviewState, trip: Trip) -> None:
    content = bytes.fromhex(trip.content("IMG_0001.jpg"))
    name = group_with(room, content)
    album = room.album()
    assert album is not None
    before = room.card(name)
    assert before is not None

    acts: list[Callable[[], object]] = [
        lambda: room.say(name, {content: Verdict.REJECT}, NOW_US),
        lambda: room.say(name, {t.shot.content: Verdict.KEEP for t in before.tiles}, NOW_US),
        lambda: room.accept(marks(room, [name]), NOW_US),
        lambda: room.part(name, content, NOW_US),
    ]
    for act in acts:
        act()
        after = room.card(name)
        assert after is not None
        assert [t.state for t in after.tiles] != [t.state for t in before.tiles]
        assert room.undo(NOW_US) == [name]
        again = room.card(name)
        assert again is not None
        assert [t.state for t in again.tiles] == [t.state for t in before.tiles]
    assert room.undo(NOW_US) is None


def test_accepting_many_is_one_act_and_leaves_what_was_said(room: ReviewState, trip: Trip) -> None:
    content = bytes.fromhex(trip.content("IMG_0701.jpg"))
    room.say(group_with(room, content), {content: Verdict.KEEP}, NOW_US)
    album = room.album()
    assert album is not None
    names = [c.id for c in album.report.groups]
    waiting = open_count(room)
    assert room.accept(dict.fromkeys(names, "0" * 16), NOW_US) == 0
    assert room.accept(marks(room, names) | {"ffff": ""}, NOW_US) == waiting
    assert open_count(room) == 0
    card = room.card(group_with(room, content))
    assert card is not None
    assert card.tiles[0].word is Verdict.KEEP
    assert room.accept(marks(room, names), NOW_US) == 0
    undone = room.undo(NOW_US)
    assert undone is not None
    assert len(undone) == waiting
    assert open_count(room) == waiting
    card = room.card(group_with(room, content))
    assert card is not None
    assert card.tiles[0].word is Verdict.KEEP


def made_anew(room: ReviewState, first: GroupsView) -> GroupsView:
    """Ask for the album until it is another one, for half a minute at most."""
    deadline = time.monotonic() + 30
    while (album := room.album()) is first and time.monotonic() < deadline:
        assert room._loading is not None
        room._loading.join()
    assert album is not None
    return album


def test_the_album_is_made_anew_when_the_library_has_grown(
    trip: Trip, room: ReviewState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = room.album()
    assert first is not None
    assert room.album() is first
    days = room.days()
    more = tmp_path / "more"
    for n in range(2):
        save_photo(more / f"NEW_{n}.jpg", moved(scene(9), 0.02 * n, 0), DAY + timedelta(days=3, seconds=3 * n))
    scan(Settings(), [more], trip.library, QUIET)
    assert room.album() is first  # it is not looked for with every question
    monkeypatch.setattr(state, "LOOK_AGAIN_S", 0.0)
    album = made_anew(room, first)
    assert len(album.report.groups) == len(first.report.groups) + 1
    assert {c.id for c in first.report.groups} < {c.id for c in album.report.groups}
    assert room.days() is not days
    with room.decisions() as (words, apart):
        assert len(album.page(Show.OPEN, GroupOrder.NEWEST, words, apart, "", 99)[0]) == 9


def test_the_album_is_made_anew_when_a_photo_has_gone(
    trip: Trip, room: ReviewState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tmp_path / "more"
    files = [
        save_photo(more / f"NEW_{n}.jpg", moved(scene(9), 0.02 * n, 0), DAY + timedelta(days=3, seconds=3 * n))
        for n in range(2)
    ]
    scan(Settings(), [more], trip.library, QUIET)
    first = room.album()
    assert first is not None
    files[0].unlink()
    scan(Settings(), [more], trip.library, QUIET)
    monkeypatch.setattr(state, "LOOK_AGAIN_S", 0.0)
    album = made_anew(room, first)
    assert len(album.report.groups) == len(first.report.groups) - 1


def test_what_keeps_the_album_from_being_made_is_told(tmp_path: Path, trip: Trip) -> None:
    with pytest.raises(LibraryError):
        ReviewState(tmp_path / "nothing", lambda: whole_library(Settings(), tmp_path)).album()

    def fails() -> Report:
        raise LibraryError("the network is another one", "Scan again")

    with pytest.raises(LibraryError, match="another one"):
        ReviewState(trip.library, fails).album()


def test_it_knows_where_a_content_lies(trip: Trip, room: ReviewState) -> None:
    content = bytes.fromhex(trip.content("IMG_0101.jpg"))
    places = room.places(content)
    assert sorted(places) == sorted(
        [bytes(trip.photos / "IMG_0101.jpg"), bytes(trip.photos / "Copies" / "IMG_0101 (copy).jpg")]
    )
    assert room.places(b"x" * 32) == ()
    face = bytes.fromhex(trip.content("IMG_0702.jpg"))
    assert len(room.qualities([face])[face].faces) == 1

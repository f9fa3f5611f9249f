"""What every page says of the library and the daemon, and what is said in place of groups."""

from dataclasses import replace
from pathlib import Path

import pytest

from dejashot.actions.history import MovedBytes
from dejashot.library.daemon_status import DaemonStatus
from dejashot.web.views.groups import Show, Totals
from dejashot.web.views.standing import LibraryStanding, notices_on, standing_of
from dejashot.web.views.states import Looked, state_without_groups

DAEMON = DaemonStatus(1, "", [{"path": "/p", "photos": 1240}], 0, 0, None, "", "")
NOTHING = MovedBytes({}, {})
NO_GROUP = Totals(open=0, sure=0, open_photos=0, open_bytes=0, sure_bytes=0, decided=0, series=0)
STANDING = LibraryStanding(folders=("Pictures",), photos=5, daemon=DAEMON, expected=True)


def texts(standing: LibraryStanding) -> list[str]:
    return [notice.text for notice in notices_on(standing)]


def test_nothing_is_said_while_all_is_well() -> None:
    assert texts(STANDING) == []
    assert texts(replace(STANDING, daemon=replace(DAEMON, backlog=2))) == [], "two photos are read at once"
    assert texts(LibraryStanding(folders=("Pictures",))) == [], "a folder that was scanned once has no daemon"


def test_work_and_problems_are_told_apart() -> None:
    busy = replace(STANDING, daemon=replace(DAEMON, backlog=3760))
    assert texts(busy) == ["Reading: 1,240 of 5,000 photos; groups may still grow."]
    again = replace(STANDING, daemon=replace(DAEMON, backlog=300, reembedding=300))
    assert texts(again) == ["Reading again for another model: 300 photos left."]
    assert texts(replace(STANDING, daemon=None, busy=True)) == [
        "Another command works on the library: groups may still grow."
    ]
    assert not any(notice.problem for standing in (busy, again) for notice in notices_on(standing))
    wrong = replace(STANDING, daemon=None, missing=("Pictures",), problem="the disk that holds the library is full")
    assert all(notice.problem for notice in notices_on(wrong))
    assert texts(wrong) == [
        "Something is wrong: the disk that holds the library is full.",
        "Paused: the folder Pictures is not there. Photos in it are left out.",
        "Dejashot is not running: new photos are not looked at. dejashot service status says more.",
    ]
    assert texts(replace(STANDING, missing=("A", "B"))) == [
        "Paused: 2 folders are not there (A, B). Photos in them are left out."
    ]


def test_a_library_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert standing_of(tmp_path / "none") == LibraryStanding()


@pytest.mark.parametrize(
    ("show", "totals", "photos", "standing", "moved", "title", "link"),
    [
        (Show.OPEN, NO_GROUP, 0, LibraryStanding(), NOTHING, "No photo is known yet", "/"),
        (Show.OPEN, NO_GROUP, 0, STANDING, NOTHING, "No photo is read yet", "/"),
        (
            Show.OPEN,
            NO_GROUP,
            0,
            replace(STANDING, missing=("Pictures",)),
            NOTHING,
            "No photo can be shown now",
            "/",
        ),
        (Show.OPEN, NO_GROUP, 9, STANDING, NOTHING, "Nothing waits to be chosen", "/timeline"),
        (Show.OPEN, replace(NO_GROUP, series=1), 9, STANDING, NOTHING, "Nothing waits to be chosen", "/?show=series"),
        (
            Show.OPEN,
            replace(NO_GROUP, decided=2, chosen_photos=3, chosen_bytes=5000),
            9,
            STANDING,
            NOTHING,
            "Nothing waits to be chosen",
            "/apply",
        ),
        (Show.OPEN, replace(NO_GROUP, open=2), 9, STANDING, NOTHING, "These were the last", "/"),
        (Show.DECIDED, NO_GROUP, 9, STANDING, NOTHING, "Nothing was chosen yet", "/"),
        (Show.SERIES, NO_GROUP, 9, STANDING, NOTHING, "No series", "/"),
    ],
)
def test_a_list_without_groups_says_why_and_leads_on(
    show: Show, totals: Totals, photos: int, standing: LibraryStanding, moved: MovedBytes, title: str, link: str
) -> None:
    state = state_without_groups(show, totals, Looked(photos, 60), standing, moved)
    assert (state.title, state.link) == (title, link)
    assert state.text and state.label


def test_what_was_done_is_said_with_what_it_brought() -> None:
    moved = MovedBytes(set_aside={("2026-07", ""): 5000}, freed={("2026-07", ""): 2000})
    state = state_without_groups(Show.OPEN, replace(NO_GROUP, decided=1), Looked(9, 60), STANDING, moved)
    assert state.text == "All that you chose is done: 5.0 kB set aside and 2.0 kB freed."

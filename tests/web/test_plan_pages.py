"""Plans on the page: shown in pictures, carried out without what was left out, and nothing else of it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from albums import Served, Trip, pages_over
from dejashot.models.decisions import Verdict
from homes import tree_hash
from takes import decide, names

REJECTED = ("IMG_0002.jpg", "IMG_0003.jpg", "IMG_0802.jpg")


@pytest.fixture
def served(trip: Trip) -> Iterator[Served]:
    """Give the test the pages over a trip of which three shots of two groups are rejected."""
    decide(trip.library, Verdict.KEEP, [trip.photos / "IMG_0001.jpg"])
    decide(trip.library, Verdict.REJECT, [trip.photos / name for name in REJECTED])
    with pages_over(trip.library) as served:
        yield served


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder for what is set aside."""
    return tmp_path / "aside"


def plan_on(page: str) -> str:
    found = re.search(r'data-plan="([0-9a-f-]+)"', page)
    assert found is not None
    return found[1]


def number_of(page: str, name: str) -> int:
    found = re.search(rf'value="(\d+)" checked>(?:(?!</label>).)*title="{name}"', page, re.DOTALL)
    assert found is not None
    return int(found[1])


def test_a_plan_shows_what_goes_and_what_stays_and_why(served: Served, trip: Trip, place: Path) -> None:
    page = served.ask(f"/apply?how=quarantine&to={place}").text
    groups = page.split('<li class="plan-group">')[1:]
    assert [group.count('class="plan-photo goes"') for group in groups] == [2, 1]
    assert [group.count('class="plan-photo stays"') for group in groups] == [1, 1]
    assert all(f"/photo/{trip.content(name)}/small" in page for name in (*REJECTED, "IMG_0001.jpg"))
    assert "you keep it" in groups[0] and "you have not chosen yet" in groups[1]
    assert "Set aside 3 files" in page
    assert "checkbox" not in served.ask("/apply?how=list").text, "a list does nothing that could be left out"


def test_what_is_left_out_stays_and_is_still_rejected(served: Served, trip: Trip, place: Path) -> None:
    before = tree_hash(trip.photos)
    page = served.ask(f"/apply?how=quarantine&to={place}").text
    plan, left = plan_on(page), number_of(page, "IMG_0003.jpg")
    part = served.ask("/apply/part", {"plan": plan, "leave_out": [left]}).json
    assert (part["files"], part["description"], part["problem"]) == (2, f"2 photos go to {place}.", "")
    assert part["button"].startswith("Set aside 2 files (")
    refused = served.ask("/apply", {"plan": plan, "leave_out": [left], "files": 3})
    assert (refused.status, refused.json["title"]) == (409, "The page shows another plan than the one that is known")
    assert tree_hash(trip.photos) == before
    done = served.ask("/apply", {"plan": plan, "leave_out": [left], "files": 2})
    assert done.json == {"said": "Done: 2 files", "refused": []}
    assert {Path(name).name for name in names(place)} >= {"IMG_0002.jpg", "IMG_0802.jpg"}
    assert (trip.photos / "IMG_0003.jpg").exists() and not (trip.photos / "IMG_0002.jpg").exists()
    again = served.ask(f"/apply?how=quarantine&to={place}").text
    assert "Set aside 1 file " in again, "the verdict on what was left out stands"
    assert served.ask("/apply", {"plan": plan_on(again)}).json["said"] == "Done: 1 file"
    page = served.ask("/apply").text
    assert "All that you chose to go is done." in page and f"are set aside in {place}" in page
    assert served.ask("/apply/undo", {"batch": plan_on(again)}).json["said"] == "Undone: 1 file"
    assert served.ask("/apply/undo", {"batch": plan}).json["said"] == "Undone: 2 files"
    assert tree_hash(trip.photos) == before


@pytest.mark.parametrize("leave_out", [[10**6], [-1], [1, 10**30]])
def test_what_is_no_photo_of_a_plan_can_not_be_left_out(served: Served, place: Path, leave_out: list[int]) -> None:
    plan = plan_on(served.ask(f"/apply?how=quarantine&to={place}").text)
    for path in ("/apply/part", "/apply"):
        answer = served.ask(path, {"plan": plan, "leave_out": leave_out})
        assert answer.status == 409
        assert answer.json["title"] == "Something was left out that is not part of this plan"
    assert served.ask("/apply/part", {"plan": plan}).json["files"] == 3, "the plan is still known"


@pytest.mark.parametrize("body", [b"nonsense", {}, {"plan": "x", "leave_out": ["a"]}, {"plan": "x", "start": -1}])
def test_nonsense_about_a_plan_is_refused_in_words(served: Served, body: Any) -> None:
    for path in ("/apply", "/apply/part", "/apply/groups"):
        answer = served.ask(path, body, method="POST")
        assert answer.status == 400
        assert set(answer.json) == {"title", "hint"}
    assert served.ask("/apply/groups", {"plan": "x", "start": 0}).json["title"] == "This plan is not known any more"


def test_a_file_that_was_left_alone_is_shown_with_the_reason(served: Served, trip: Trip, place: Path) -> None:
    content = trip.content("IMG_0802.jpg")
    plan = plan_on(served.ask(f"/apply?how=quarantine&to={place}").text)
    file = trip.photos / "IMG_0802.jpg"
    data, status = file.read_bytes(), file.stat()
    file.write_bytes(data + b"changed since")
    try:
        done = served.ask("/apply", {"plan": plan}).json
        assert done["said"] == "Done: 2 files; 1 file left alone"
        assert f"/photo/{content}/small" in done["html"] and "IMG_0802.jpg" in done["html"]
        assert str(file) in done["refused"][0]
    finally:
        file.write_bytes(data)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert served.ask("/apply/undo", {"batch": plan}).json["said"] == "Undone: 2 files"


def test_what_is_chosen_waits_on_every_page_for_choosing(served: Served, trip: Trip) -> None:
    group = re.search(rf'href="(/group/[0-9a-f]+)\?shot={trip.content("IMG_0801.jpg")}"', served.ask("/").text)
    assert group is not None
    for path in ("/", group[1], f"{group[1]}/compare"):
        assert "chosen to go, 3 photos" in served.ask(path).text
    answer = served.ask("/decide", {"what": "clear", "group": group[1].rpartition("/")[2]})
    assert "chosen to go, 2 photos" in answer.json["totals"]


def test_nothing_chosen_is_said_with_the_way_on(trip: Trip) -> None:
    with pages_over(trip.library) as served:
        page = served.ask("/apply").text
        assert "Nothing is chosen yet" in page and 'id="ways"' not in page
        assert "chosen-bar" not in served.ask("/").text

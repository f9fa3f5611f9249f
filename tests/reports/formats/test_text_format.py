"""The report as text."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.grouping.places import LocatedShot
from dejashot.language.formats import format_bytes, format_gap
from dejashot.models.capture import Certainty, Place, TimeSource
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.text_format import as_text
from dejashot.reports.report import Report, ReportGroup, ReportPlaces
from dejashot.reports.wording import (
    SURELY_ANOTHER_PERCENT,
    SURELY_SAME_PERCENT,
    describe_kind,
    describe_place,
    describe_similarity,
    format_percent,
    plural,
)

HERE = Place(59.33, 18.06)


def test_it_says_what_a_person_needs_within_80_columns(report: Report) -> None:
    text = as_text(report)
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in (
        "8 new photos",
        "2 groups of the same shot",
        "3 photos could go: 9.0 MB",
        "★ IMG_0003.jpg",
        "a little sharper",
        "│ same shot, after 1.2 s",
    ):
        assert words in text, words
    waste, apart = text.split("Alike on purpose (kept whole, not counted)")
    assert "burst, 3 shots, frees 6.0 MB" in waste
    assert "AEB_" not in waste
    assert "exposure bracket of 3\n  3 exposures about 2.0 EV apart\n    AEB_0.jpg" in apart
    assert "★" not in apart
    assert "the end of the file is missing" in text
    assert "the folder is not there" in text


def test_what_does_not_fit_in_a_line_goes_on_indented(report: Report) -> None:
    long = "Photos from 2022/" + "a long name " * 8 + "IMG_0001.jpg"
    shots = [replace(s, path=s.path.replace("IMG_0001.jpg", long)) for s in report.shots]
    text = as_text(replace(report, shots=shots))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert " ".join(long.split()) in " ".join(text.split())
    group = text.split("\n\n")[1].splitlines()
    assert all(line.startswith("  ") for line in group[1:])


def test_what_the_owner_decided_is_marked(report: Report) -> None:
    first = report.groups[0]
    decided = replace(first, decided={first.group.members[0]: Verdict.REJECT, first.group.members[1]: Verdict.KEEP})
    mine = replace(report, groups=[decided, *report.groups[1:]])
    assert "  ✕ IMG_0001.jpg" in as_text(mine)
    assert "Choose what stays: dejashot review --open" in as_text(mine)
    assert as_html(mine).decode().count(">You rejected it</strong>") == 1
    assert json.loads(as_json(mine))["groups"][0]["decisions"] == {"IMG_0001.jpg": "reject", "IMG_0002.jpg": "keep"}
    assert json.loads(as_json(report))["groups"][0]["decisions"] == {}


def test_hostile_names_can_not_steer_the_terminal(report: Report) -> None:
    text = as_text(report)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "IMG\\xff.jpg" in text
    text.encode("utf-8")


@given(st.floats(1, 99))
def test_a_figure_is_shown_of_doubtful_pairs_only(similarity_percent: float) -> None:
    words = describe_similarity(similarity_percent)
    if SURELY_ANOTHER_PERCENT < similarity_percent < SURELY_SAME_PERCENT:
        assert words == f"{similarity_percent:.0f} % alike"
    else:
        assert words == ("same shot" if similarity_percent > 50 else "another shot")
    assert format_percent(similarity_percent) == f"{similarity_percent:.0f} %"


def test_equal_files_and_what_was_not_compared_are_called_so() -> None:
    assert describe_similarity(98.6, doubtful=True) == "likely same shot"
    assert describe_similarity(2.0, doubtful=True) == "another shot"
    assert describe_similarity(98.6, in_series=True) == "99 % alike"
    assert [describe_similarity(100.0), describe_similarity(None)] == ["equal files", "not compared"]
    assert format_percent(None) == "not compared"


def test_numbers_are_said_as_people_say_them() -> None:
    assert [format_bytes(n) for n in (0, 999, 1500, 99_900_000, 734_003_200, 5 * 10**12)] == [
        "0 bytes",
        "999 bytes",
        "1.5 kB",
        "99.9 MB",
        "734 MB",
        "5000 GB",
    ]
    gaps = {0.04: "0.0 s", 9.94: "9.9 s", 12.4: "12 s", 119: "119 s", 600: "10 min", 18_000: "5 h", 2e7: "231 days"}
    assert [format_gap(s) for s in gaps] == list(gaps.values())
    assert (plural(1, "photo"), plural(2400, "photo")) == ("1 photo", "2,400 photos")


@pytest.mark.parametrize(
    ("kind", "series", "count", "words"),
    [
        (Kind.BURST, "", 3, "burst, 3 shots"),
        (Kind.SERIES, "panorama sweep", 5, "panorama sweep of 5"),
        (Kind.SERIES, "focus stack", 12, "focus stack of 12"),
        (Kind.SERIES, "screenshots", 4, "4 screenshots"),
        (Kind.SERIES, "pages", 2, "2 pages"),
    ],
)
def test_a_group_is_called_what_a_person_would_call_it(kind: Kind, series: str, count: int, words: str) -> None:
    found = Group(tuple(range(count)), kind, series, ())
    assert describe_kind(ReportGroup("id", found, KeeperSuggestion((0,), {}, Certainty.HIGH, 0))) == words


def test_what_was_guessed_or_added_to_a_time_is_said_of_each_photo(report: Report) -> None:
    shots = list(report.shots)
    guessed, exact = shots[1].taken, shots[2].taken
    shots[1] = replace(shots[1], taken=replace(guessed, source=TimeSource.MTIME, certainty=Certainty.LOW))
    shots[2] = replace(shots[2], taken=replace(exact, certainty=Certainty.LOW), clock_offset_s=-200.0)
    told = replace(report, shots=shots, ungrouped=2)
    text = as_text(told)
    page = as_html(told).decode().replace("&#39;", "'")
    for said in (text, page):
        assert said.count("time by the file's date") == (1 if said is text else 3)  # the table of pairs says it too
        assert "time not exact, clock set right by -3min 20s" in said
        assert "2 photos in no group" in said
    assert "    IMG_0002.jpg\n    │ time by the file's date\n" in text
    body = json.loads(as_json(told))
    assert [p.get("clock_offset_s") for p in body["photos"][:3]] == [None, None, -200.0]
    assert [p["taken_at_source"] for p in body["photos"][:3]] == ["exif", "mtime", "exif"]
    assert body["totals"]["left_out"] == 2


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({}, "no place recorded"),
        ({0: LocatedShot(HERE, name="Stockholm, Sweden")}, "Stockholm, Sweden"),
        ({0: LocatedShot(HERE, name="A"), 1: LocatedShot(HERE, name="B"), 2: LocatedShot(HERE, name="A")}, "A / B"),
        ({0: LocatedShot(HERE, name="Here"), 1: LocatedShot(HERE, 8, 40.0, "Other")}, "Here"),
        ({1: LocatedShot(HERE, 8, 40.0, "A"), 2: LocatedShot(HERE, 8, -90.0, "A")}, "A, from a photo 40 s earlier"),
        ({1: LocatedShot(HERE, 8, -90.0, "A")}, "A, from a photo 90 s later"),
        ({1: LocatedShot(HERE, 8, 0.0, "A")}, "A, from a photo of the same moment"),
        ({1: LocatedShot(HERE)}, "no place with a name near"),
        ({n: LocatedShot(HERE, name=f"P{n}") for n in range(3)} | {1: LocatedShot(HERE, name="<b>\x1b")}, "P0 / <b>"),
    ],
)
def test_where_a_group_was_taken_is_said_where_that_was_asked_for(
    report: Report, places: dict[int, LocatedShot], words: str
) -> None:
    told = replace(report, places=ReportPlaces(included=True, named=True, of_shots=places))
    assert describe_place(told, report.groups[0]).startswith(words)
    assert words in as_text(told)
    page = as_html(told).decode()
    assert "<b>\x1b" not in page
    assert words.replace("<b>", "&lt;b&gt;") in page
    silent = replace(told, places=replace(told.places, named=False))
    assert describe_place(silent, report.groups[0]) == ""
    assert words not in as_text(silent)


def test_what_was_left_out_is_said_on_a_line_each(report: Report) -> None:
    left = [
        Exclusion(ExclusionReason.FOLDER_LINK, 1, (b"Norway",)),
        Exclusion(ExclusionReason.UNKNOWN_KIND, 1200, (b"x\x1b[31m\xff", b"\xff" * 40)),
    ]
    text = as_text(replace(report, exclusions=left))
    assert "\nNot looked at\n  1 link to a folder, not followed: Norway\n  1,200 files of an unknown kind: x" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text
    assert "Not looked at" not in as_text(report)
    page = as_html(replace(report, exclusions=left)).decode()
    assert page.count('<p class="note">Not looked at: ') == 2
    assert "Not looked at: 1 link to a folder, not followed</p>" in page

"""A digest in another language: no text of it is left in English, and its JSON is the same to the byte."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from dejashot.digests.overview import OverviewEntry, as_overview
from dejashot.errors import Reason
from dejashot.files.exclusions import Exclusion, ExclusionReason
from dejashot.grouping.places import LocatedShot
from dejashot.language.texts import in_language
from dejashot.models.capture import Place
from dejashot.models.files import Skipped
from dejashot.models.groups import Kind
from dejashot.models.photo import Companion
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.text_format import as_text
from dejashot.reports.report import Health, Report, ReportPlaces
from dejashot.reports.saving import Saving
from dotted_language import dotted_language, words_left

NOT_DEEP = LocatedShot(Place(54.18, 7.88), 0, 40.0, "")
NAMES = {  # of files and folders, of programs and their commands, of the model, and what is only an abbreviation
    *{"Dejashot", "dejashot", "review", "open", "lite", "abcdef", "EV", "Sek", "MB", "kB", "JPG", "CR", "MOV"},
    *{
        "IMG",
        "jpg",
        "Ferien",
        "Zürich",
        "日本",
        "AEB",
        "home",
        "anna",
        "Pictures",
        "half",
        "img",
        "src",
        "onerror",
        "alert",
    },
    *{"DSC", "sifting", "min", "certainty", "watch", "hidden", "ignore", "xff", "dcff", "Title", "so", "far"},
    *{"Mittwoch", "Dienstag", "Juli", "Juni"},
}


@pytest.fixture
def full(report: Report) -> Report:
    """Return a report with something of every sort that a digest speaks of."""
    bracket = next(g for g in report.groups if g.group.kind is Kind.SERIES)
    others = [g for g in report.groups if g.group.kind is not Kind.SERIES]
    first = others[0]
    choice = replace(first.choice, reasons=dict.fromkeys(first.choice.keepers, ("a little sharper",)))
    groups = [
        *(replace(first, id=f"g{n}", choice=choice) for n in range(12)),
        *(replace(g, id="pending", pending=True) for g in others),
        *(replace(g, id="amends", amends=True, new_photos=n) for n, g in enumerate(others)),
        *(replace(bracket, id=f"s{n}") for n in range(32)),
    ]
    belongs = (Companion("IMG_0001.CR2", (1, 98), 20), Companion("IMG_0001_edit.jpg", (1, 99), 20, b"e" * 32))
    shots = list(report.shots)
    shots[0] = replace(shots[0], companions=belongs, motion=True)
    shots[3] = replace(shots[3], damage="a part of it holds nothing but zeros", clock_offset_s=3600.0)
    return replace(
        report,
        head=replace(report.head, title="Title"),
        shots=shots,
        groups=groups,
        ungrouped=3,
        skipped=[Skipped("half.jpg", why, "") for why in Reason],
        health=[
            Health("/home/anna/Pictures", "watched", "the folder is not there, its photos are left out", 9),
            Health("/home/anna", "polled", "the folder is not there; nothing is forgotten", 1),
            Health("/home", "scanned once", "", 1),
        ],
        exclusions=[Exclusion(why, n + 1) for n, why in enumerate(ExclusionReason) if why.is_reported],
        places=ReportPlaces(included=True, named=True, of_shots=dict.fromkeys(range(3), NOT_DEEP)),
    )


def english_in(text: str) -> set[str]:
    return words_left(text) - NAMES


def english_on(page: bytes) -> set[str]:
    body = re.sub(r"<style>.*?</style>|data:image/jpeg;base64,[^\"]*|<[^>]*>", " ", page.decode(), flags=re.DOTALL)
    return english_in(unescape(body))


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8423/digests/1"])
def test_no_text_of_a_digest_is_left_in_english(full: Report, address: str) -> None:
    assert english_on(as_html(full, page=address)), "in English there is"
    with in_language(dotted_language()):
        assert english_on(as_html(full, "index.html", address)) == set()
        assert english_in(as_text(full)) == set()


def test_no_text_of_the_page_of_all_digests_is_left_in_english() -> None:
    days = [datetime(2026, month, 1, 20, tzinfo=UTC) for month in range(7, 1, -1)]
    saving = Saving(groups=2, photos=3, bytes=4_000_000)
    entries = [
        OverviewEntry(at, state, 5, saving if at.month % 2 else Saving(), "x.html" if at.month > 2 else "")
        for at in days
        for state in ("done", "empty", "missed")
    ]
    with in_language(dotted_language()):
        left = english_on(as_overview(entries, "http://127.0.0.1:8423"))
    months = {"Juli", "Juni", "Mai", "April", "März", "Februar"}
    assert left <= months | {"Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"}


def test_the_json_of_a_digest_is_the_same_in_every_language(full: Report) -> None:
    english = as_json(full)
    with in_language(dotted_language()):
        assert as_json(full) == english

"""Texts, numbers and dates in the owner's language."""

import re
from datetime import datetime

import pytest

from dejashot.language.choice import browser_language, owner_language
from dejashot.language.formats import format_bytes, format_gap, format_list, format_moment, format_month, format_share
from dejashot.language.languages import ENGLISH, load_language
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import in_language, number, t, tn
from dotted_language import dotted_language
from message_catalogs import PACKAGE

AT = datetime(2026, 7, 4, 14, 5, 9)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", ("2,400", "1.2 MB", "12 s", "97 %", "4 July 2026, 14:05", "July 2026")),
        ("de", ("2.400", "1,2 MB", "12 Sek.", "97\xa0%", "4. Juli 2026, 14:05", "Juli 2026")),
        ("ja", ("2,400", "1.2 MB", "12 秒", "97%", "2026年7月4日 14:05", "2026年7月")),
    ],
)
def test_numbers_and_dates_are_written_as_in_the_language(tag: str, written: tuple[str, ...]) -> None:
    with in_language(load_language(tag)):
        found = (
            number(2400),
            format_bytes(1_200_000),
            format_gap(12),
            format_share(97),
            format_moment(AT),
            format_month(AT),
        )
    assert found == written


def test_texts_are_english_unless_another_language_is_asked_for() -> None:
    assert t("{name} stays", name="a.jpg") == "a.jpg stays"
    assert tn("{count} photo", "{count} photos", 2400) == "2,400 photos"
    assert tn("{count} photo", "{count} photos", 1) == "1 photo"


@pytest.mark.parametrize(
    ("setting", "environment", "tag"),
    [
        ("", {}, "en"),
        ("", {"LANG": "de_AT.UTF-8"}, "de-AT"),
        ("", {"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ("ja", {"LANG": "de_DE.UTF-8"}, "ja"),
        ("pt_BR", {}, "pt-BR"),
        ("", {"LANG": "sv_SE.UTF-8"}, "en"),
    ],
)
def test_the_owner_language_is_as_set_else_of_the_environment(
    setting: str, environment: dict[str, str], tag: str
) -> None:
    assert owner_language(setting, environment).tag == tag


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr-CH"),
        ("sv, de;q=0.3, en-US;q=0.5", "en"),
        ("sv;q=1.0, ja;q=0.001", "ja"),
        ("de;q=0, it", "it"),
        ("", "nl"),
        ("sv", "nl"),
        ("de" * 100_000, "nl"),
    ],
)
def test_a_page_is_shown_in_the_language_that_the_browser_asks_for(accepted: str, tag: str) -> None:
    assert browser_language(accepted, "nl").tag == tag


def test_an_unknown_language_is_english() -> None:
    assert load_language("tlh") is ENGLISH


def test_no_text_stands_in_a_formatted_string_where_it_would_not_be_found() -> None:
    inside = re.compile(r"""f["'][^\n]*\{(?:t|tn|noted|noted_plural)\(["']""")
    assert [file.name for file in PACKAGE.rglob("*.py") if inside.search(file.read_text())] == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("34 % sharper on the face: the other is blurred", "34\xa0% ······· ·· ··· ····: ··· ····· ·· ·······"),
        ("byte for byte the same as 2,400 other files", "···· ··· ···· ··· ···· ·· 2.400 ····· ·····"),
        (
            "3 exposures about 2.0 EV apart, some of them more than once",
            "3 ········· ····· 2,0 ·· ·····, ···· ·· ···· ···· ···· ····",
        ),
        ("whatever an older version wrote", "whatever an older version wrote"),
        ("", ""),
    ],
)
def test_a_stored_text_is_recognized_with_its_values(stored: str, shown: str) -> None:
    with in_language(dotted_language()):
        assert translate_stored(stored) == shown
    assert translate_stored(stored) == stored


@pytest.mark.parametrize(("tag", "row"), [("en", "CR2, MOV"), ("de", "CR2, MOV"), ("ja", "CR2、MOV")])
def test_texts_stand_in_a_row(tag: str, row: str) -> None:
    with in_language(load_language(tag)):
        assert format_list(["CR2", "MOV"]) == row

"""Every catalog holds a text for every message, with the same values and markup in it."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from dejashot.language.languages import LANGUAGES, load_language, read_catalog
from dejashot.language.texts import in_language, t, tn
from message_catalogs import extracted

TRANSLATED = LANGUAGES[1:]
VALUE, MARKUP = re.compile(r"\{\w*\}"), re.compile(r"<[^>]+>|&\w+;")


@cache
def messages() -> Catalog:
    return extracted()


def forms_of(message: Message) -> tuple[list[str], list[str]]:
    """Return the English forms of a message, and those in the language."""
    if isinstance(message.id, str):
        return [message.id], [str(message.string)]
    return list(message.id), list(message.string)


def translated(code: str) -> Iterator[Message]:
    return (message for message in read_catalog(code) if message.id)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalog_holds_each_message_of_the_code_and_no_other(code: str) -> None:
    known = {message.id for message in messages() if message.id}
    assert len(known) > 500
    assert {message.id for message in translated(code)} == known, "run tests/support/message_catalogs.py"


@pytest.mark.parametrize("code", TRANSLATED)
def test_each_message_is_translated_with_its_values_and_its_markup(code: str) -> None:
    catalog = read_catalog(code)
    for message in translated(code):
        english, there = forms_of(message)
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in there), message.id
        assert len(there) == (1 if isinstance(message.id, str) else catalog.num_plurals), message.id
        for form in there:
            left_out = set(VALUE.findall(english[-1])) - set(VALUE.findall(form))
            assert left_out <= ({"{count}"} if len(english) > 1 else set()), (english, form)
            assert set(VALUE.findall(form)) <= set(VALUE.findall(english[-1])), (english, form)
            assert Counter(MARKUP.findall(form)) == Counter(MARKUP.findall(english[-1])), (english, form)
            assert not set(MARKUP.sub("", form)) & set('"<>&'), "a text may stand in an attribute"


@pytest.mark.parametrize("code", TRANSLATED)
def test_each_text_can_be_shown(code: str) -> None:
    with in_language(load_language(code)):
        for message in translated(code):
            english, _ = forms_of(message)
            values = {name.strip("{}"): "…" for name in VALUE.findall(english[-1])}
            if len(english) == 1:
                assert t(english[0], **values)
            else:
                values.pop("count", None)
                assert all(tn(english[0], english[1], count, **values) for count in (0, 1, 2, 5, 22, 1000))

"""Texts as they are shown: looked up in the language of whoever reads them, with values put in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dejashot.language.languages import ENGLISH, Language

_COUNTS = (*range(200, -1, -1), 1_000_000)  # among them one of each plural category; the lowest says what it is like
_current: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def current_language() -> Language:
    """Return the language that texts are shown in here: English, unless something else was asked for."""
    return _current.get()


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Show texts in a language as long as the block runs, in this thread or task alone."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def t(text: str, **values: Any) -> str:
    """Return a text in the current language, with values in place of `{name}`; whole numbers are written as there."""
    found = _current.get().translations.gettext(text)
    return found.format_map({name: shown_value(value) for name, value in values.items()}) if values else found


def tn(singular: str, plural: str, count: int, **values: Any) -> str:
    """Return the form of a text that fits a count, which stands in it as `{count}`, in the current language."""
    found = _current.get().translations.ngettext(singular, plural, count)
    return found.format_map({name: shown_value(value) for name, value in values.items()} | {"count": number(count)})


def forms(singular: str, plural: str) -> dict[str, str]:
    """Return the forms of a text in the current language by plural category (`one`, `other`), their values not put in.

    A script picks the one for its count, and puts the values in.
    """
    language = _current.get()
    if language.locale is None:
        return {"one": singular, "other": plural}
    category, ngettext = language.locale.plural_form, language.translations.ngettext
    return {category(count): ngettext(singular, plural, count) for count in _COUNTS}


def noted(text: str) -> str:
    """Return a text as it is: it stands in the library or a file in English, and is translated where it is shown."""
    return text


def noted_plural(singular: str, plural: str) -> tuple[str, str]:
    """Return the forms of a text with a `{count}` as they are; they are translated where they are shown."""
    return singular, plural


def english_plural(both: tuple[str, str], count: int, **values: Any) -> str:
    """Return the form of a noted text that fits a count, in English, as it is stored."""
    return both[count != 1].format(count=f"{count:,}", **values)


def number(count: int) -> str:
    """Return a whole number with its thousands apart, as the current language writes it."""
    language = _current.get()
    if language.locale is None:
        return f"{count:,}"
    from babel.numbers import format_decimal  # noqa: PLC0415 - English needs none of it

    return format_decimal(count, locale=language.locale)


def shown_value(value: Any) -> Any:
    """Return a value as it stands in a text: whole numbers as the current language writes them, others as they are."""
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else value

"""Texts that were stored in English, in the library or in a digest, in the language of whoever reads them now.

A stored text is recognized by the message that it was made of, values included: it needs no form of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dejashot.language.formats import format_number, format_share
from dejashot.language.languages import Language
from dejashot.language.texts import current_language, t, tn

_PLACE = re.compile(r"\{(\w+)\}")
_SHARE = re.compile(r"(\d+) %")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.(\d+))?")
_MIN_FIXED_CHARACTERS = 4  # of a message with values: less would be recognized in anything
_MAX_DEPTH = 3  # messages as values of messages


@dataclass(frozen=True, slots=True)
class _Message:
    """A message with values: what it looks like, its forms, and how many characters of it are always the same."""

    pattern: re.Pattern[str]
    forms: tuple[str, ...]
    fixed: int


def translate_stored(text: str) -> str:
    """Return a text that was stored in English in the current language; as it is where no message is recognized."""
    language = current_language()
    return text if language.locale is None else _translated(text, language, _MAX_DEPTH)


def _translated(text: str, language: Language, depth: int) -> str:
    exact, with_values = _messages(language)
    if text in exact or not text or not depth:
        return t(text) if text else text
    for message in with_values:
        found = message.pattern.fullmatch(text)
        if found:
            named = found.groupdict()
            values: dict[str, Any] = {name: _value(value, language, depth - 1) for name, value in named.items()}
            if len(message.forms) == 1:
                return t(message.forms[0], **values)
            values.pop("count", None)
            singular, plural = message.forms
            return tn(singular, plural, int(named.get("count", "1").replace(",", "")), **values)
    return text


def _value(value: str, language: Language, depth: int) -> str:
    found = _NUMBER.fullmatch(value)
    if found:
        return format_number(float(value.replace(",", "")), len(found[1] or ""))
    share = _SHARE.fullmatch(value)
    return format_share(float(share[1])) if share else _translated(value, language, depth)


@lru_cache(maxsize=16)
def _messages(language: Language) -> tuple[frozenset[str], Sequence[_Message]]:
    """Return the messages that are stored: those that stand as they are, and those with values, the longest first."""
    exact, with_values = set(), []
    for forms in language.stored:
        for form in forms:
            if not _PLACE.search(form):
                exact.add(form)
            elif len(_PLACE.sub("", form)) >= _MIN_FIXED_CHARACTERS:
                with_values.append(_Message(_pattern(form), forms, len(_PLACE.sub("", form))))
    return frozenset(exact), sorted(with_values, key=lambda message: -message.fixed)


def _pattern(form: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for n, part in enumerate(_PLACE.split(form)):
        if n % 2 == 0:
            parts.append(re.escape(part))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(rf"(?P<{part}>[\d,]+)" if part == "count" else f"(?P<{part}>.+?)")
    return re.compile("".join(parts), re.DOTALL)

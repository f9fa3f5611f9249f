"""A language in which every message is without letters: what letters are left in a text were never translated."""

import re
from functools import lru_cache

from babel import Locale
from babel.messages.catalog import Catalog

from dejashot.language.languages import Language, language_of
from message_catalogs import extracted

_KEPT = re.compile(r"(\{\w+\}|<[^>]*>)")
_WORD = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=1)
def dotted_language() -> Language:
    """Return the language: dots in place of letters, numbers and dates as in German."""
    catalog = Catalog(locale="de")
    for message in extracted():
        forms = (message.id,) if isinstance(message.id, str) else message.id
        dotted = tuple(map(_dotted, forms))
        if message.id:
            text = dotted[0] if isinstance(message.id, str) else dotted
            catalog.add(message.id, text, auto_comments=message.auto_comments)
    return language_of(catalog, Locale("de"))


def words_left(text: str) -> set[str]:
    """Return the words of two letters and more that are in a text."""
    return set(_WORD.findall(text))


def _dotted(text: str) -> str:
    return "".join(part if n % 2 else re.sub(r"[^\W\d_]", "·", part) for n, part in enumerate(_KEPT.split(text)))

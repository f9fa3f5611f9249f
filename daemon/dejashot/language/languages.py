"""The languages that texts are shown in: each is a message catalog, read from its .po file, and a locale."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

STORED = "Stored in English."  # what a catalog says of a message that `noted` marks
# English first: it is what the texts are written in, and needs neither catalog nor locale
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja")


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its tag (`de`, `pt-BR`), its texts, and how dates and numbers are written; None: as in English.

    `stored` holds the forms of each English message that may stand in the library or a file.
    """

    tag: str
    translations: NullTranslations = field(repr=False)
    locale: Locale | None = None
    stored: tuple[tuple[str, ...], ...] = field(default=(), repr=False, compare=False)


ENGLISH = Language("en", NullTranslations())


def load_language(tag: str) -> Language:
    """Return the language of a tag such as `de`, `de-CH` or `pt_BR.UTF-8`; English where there is no catalog of it."""
    name = tag.partition(".")[0].partition("@")[0].replace("-", "_")
    code = name.partition("_")[0].lower()
    return _load(code, name) if code in LANGUAGES[1:] else ENGLISH


@lru_cache(maxsize=32)
def _load(code: str, name: str) -> Language:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - English needs none of it

    locale = Locale(code)
    with suppress(ValueError, UnknownLocaleError):
        locale = Locale.parse(name)
    return replace(_of_code(code), tag=str(locale).replace("_", "-"), locale=locale)


@lru_cache(maxsize=len(LANGUAGES))
def _of_code(code: str) -> Language:
    """Return a language by its code: one of its texts for all its countries, whatever a browser names."""
    from babel import Locale  # noqa: PLC0415

    return language_of(read_catalog(code), Locale(code))


def language_of(catalog: Catalog, locale: Locale) -> Language:
    """Return the language that has its texts from a catalog, and writes dates and numbers as in a locale."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415

    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    stored = [entry.id for entry in catalog if entry.id and STORED in entry.auto_comments]
    forms = tuple((texts,) if isinstance(texts, str) else tuple(texts) for texts in stored)
    return Language(str(locale).replace("_", "-"), GNUTranslations(compiled), locale, forms)


@lru_cache(maxsize=len(LANGUAGES))
def read_catalog(code: str) -> Catalog:
    """Return the catalog of a language by its code, as its .po file says."""
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with resources.files("dejashot.language").joinpath("catalogs", f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)

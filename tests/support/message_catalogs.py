"""The messages that the code and the templates hold, and the catalogs that translate them.

Run as `python tests/support/message_catalogs.py` to bring the catalogs up to the code: new messages come in without a
translation, those that are gone leave.
"""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dejashot.language.languages import LANGUAGES, STORED

_BEGUN = datetime(2026, 11, 29, tzinfo=UTC)  # one date for all: what changed when, the history of the file says
PACKAGE = Path(__file__).parents[2] / "daemon" / "dejashot"
CATALOGS = PACKAGE / "language" / "catalogs"
NOTED = {"noted": None, "noted_plural": (1, 2)}
KEYWORDS = {"t": None, "tn": (1, 2), "forms": (1, 2), **NOTED}
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
OPTIONS = {"**.j2": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}


def extracted() -> Catalog:
    """Return all messages, with where each stands, and which of them are stored in English."""
    catalog = Catalog(project="Dejashot", charset="utf-8")
    for keywords, marks in ((KEYWORDS, []), (NOTED, [STORED])):
        for name, line, message, comments, context in extract_from_dir(
            PACKAGE, METHODS, OPTIONS, keywords, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            catalog.add(message, None, [(name, line)], auto_comments=[*comments, *marks], context=context)
    return catalog


def update(code: str) -> None:
    """Bring the catalog of a language up to the code."""
    file = CATALOGS / f"{code}.po"
    catalog = Catalog(locale=code, project="Dejashot", charset="utf-8", fuzzy=False)
    if file.exists():
        with file.open("rb") as stream:
            catalog = read_po(stream, locale=code)
    catalog.update(extracted(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    catalog.msgid_bugs_address = catalog.language_team = ""
    catalog.last_translator, catalog.copyright_holder, catalog.version = "Dejashot", "Dejashot", "1"
    catalog.creation_date = catalog.revision_date = _BEGUN
    catalog.header_comment = f"# Texts of Dejashot in {catalog.locale.english_name if catalog.locale else code}."
    with file.open("wb") as stream:
        write_po(stream, catalog, width=120, omit_header=False, sort_by_file=True, include_lineno=False)


if __name__ == "__main__":
    for language in LANGUAGES[1:]:
        update(language)

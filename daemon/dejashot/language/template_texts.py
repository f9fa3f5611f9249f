"""Texts in templates: messages of ours may hold markup, and what is put into them is escaped."""

from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from dejashot.language import formats
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import current_language, number, t, tn


def add_texts(environment: Environment) -> None:
    """Give the templates of an environment the texts and formats of the language they are rendered in.

    `t`, `tn`: messages, their markup as it is; `stored`: what was stored in English; `language_tag()`: for `lang`.
    """
    environment.globals.update(
        t=_marked_up,
        tn=_marked_up_plural,
        stored=translate_stored,
        language_tag=_language_tag,
        number=number,
        bytes=formats.format_bytes,
        gap=formats.format_gap,
        format_clock=formats.format_clock,
        format_date=formats.format_date,
        format_day=formats.format_day,
        format_names=formats.format_names,
        format_moment=formats.format_moment,
        format_month=formats.format_month,
        format_number=formats.format_number,
        format_share=formats.format_share,
        format_short_day=formats.format_short_day,
        format_short_month=formats.format_short_month,
    )


def _marked_up(text: str, **values: Any) -> Markup:
    return Markup(t(text, **_escaped(values)))  # noqa: S704 - catalogs are ours, values are escaped


def _marked_up_plural(singular: str, plural: str, count: int, **values: Any) -> Markup:
    return Markup(tn(singular, plural, count, **_escaped(values)))  # noqa: S704


def _escaped(values: dict[str, Any]) -> dict[str, Any]:
    return {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}


def _language_tag() -> str:
    return current_language().tag

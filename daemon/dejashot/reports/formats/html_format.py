"""The report as one self-contained HTML file: no script, no remote asset, a strict content security policy."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from dejashot.errors import Reason
from dejashot.paths import shown
from dejashot.reports.report import Report, ReportGroup, neighbour_pairs
from dejashot.reports.wording import (
    CONFIDENCE_LABELS,
    describe_amendment,
    describe_companions,
    describe_kind,
    describe_place,
    describe_shot,
    describe_similarity,
    describe_ungrouped,
    format_bytes,
    format_gap,
    format_group_time,
    format_percent,
    plural,
)

MAX_GROUPS, MAX_PAIRS = 400, 1500  # shown


def report_template(name: str) -> str:
    """Return the text of a template or a style sheet of the reports."""
    return resources.files("dejashot.reports").joinpath("templates", name).read_text(encoding="utf-8")


def page_of(name: str, styles: Sequence[str], **values: object) -> bytes:
    """Return a page made of a template and its style sheets as UTF-8 HTML.

    The policy in it allows no other style and no script.
    """
    style = "".join(report_template(style) for style in styles)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(report_template),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = environment.get_template(name).render(style=style, style_hash=style_hash, **values)
    return page.encode("utf-8", "backslashreplace")


def as_html(report: Report, overview: str = "") -> bytes:
    """Return the report as UTF-8 HTML; previews are embedded, names escaped, links lead to local files only.

    `overview` is the link to the page of all digests, empty where there is none.
    """
    return page_of(
        "digest.html.j2",
        ("base.css", "digest.css"),
        report=report,
        overview=overview,
        reducible=report.reducible[:MAX_GROUPS],
        reducible_left=max(0, len(report.reducible) - MAX_GROUPS),
        series=report.series[:MAX_GROUPS],
        pairs=report.pairs[:MAX_PAIRS],
        pairs_left=max(0, len(report.pairs) - MAX_PAIRS),
        bytes=format_bytes,
        shown=shown,
        gap=format_gap,
        percent=format_percent,
        similarity=describe_similarity,
        plural=plural,
        reason=lambda reason: Reason(reason).description,
        steps=_steps,
        picture=lambda shot: _data_uri(report.preview(shot.content)),
        uri=lambda shot: _file_uri(report, shot.path),
        heading=lambda chosen: format_group_time(report, chosen),
        kind=describe_kind,
        note=describe_shot,
        place=lambda chosen: describe_place(report, chosen),
        ungrouped=describe_ungrouped(report),
        amended=describe_amendment,
        companions=describe_companions,
        confidence=lambda chosen: CONFIDENCE_LABELS[chosen.choice.confidence],
    )


def _steps(chosen: ReportGroup) -> list[tuple[int, object]]:
    """Return the members of a group, each with the pair that leads to it from the one before (None for the first)."""
    return list(zip(chosen.group.members, [None, *neighbour_pairs(chosen)], strict=True))


def _data_uri(preview: bytes | None) -> str:
    return "" if preview is None else "data:image/jpeg;base64," + base64.b64encode(preview).decode()


def _file_uri(report: Report, path: str) -> str:
    """Return a file: link to a photo; bytes that are no text are percent-encoded."""
    file = Path(report.head.root) / path
    return file.as_uri() if file.is_absolute() else ""

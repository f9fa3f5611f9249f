"""The report as one self-contained HTML file: no script, no remote asset, a strict content security policy."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from dejashot.errors import Reason
from dejashot.language.template_texts import add_texts
from dejashot.language.texts import t
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reports.formats.arrivals import Arrivals, weeks_chart
from dejashot.reports.formats.selection import best_and_rest, mark_of, shown_members
from dejashot.reports.report import Report, ReportGroup
from dejashot.reports.saving import saving_in
from dejashot.reports.wording import (
    CONFIDENCE_LABELS,
    count_photos,
    describe_amendment,
    describe_exclusion,
    describe_health,
    describe_kind,
    describe_pending,
    describe_place,
    describe_saving,
    describe_shot,
    describe_ungrouped,
    describe_with_companions,
    format_group_time,
    format_percent,
)

MAX_GROUPS, MAX_SERIES, MAX_PAIRS = 90, 30, 1500  # shown, beside the best groups
MAX_PICTURE_BYTES = 6_000_000  # embedded, before they are written as text


def report_template(name: str) -> str:
    """Return the text of a template or a style sheet of the reports."""
    return resources.files("dejashot.reports").joinpath("templates", name).read_text(encoding="utf-8")


def style_hash(style: str) -> str:
    """Return the hash by which a content security policy allows a style that stands in the page."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


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
    add_texts(environment)
    page = environment.get_template(name).render(style=style, style_hash=style_hash(style), **values)
    return page.encode("utf-8", "backslashreplace")


def as_html(report: Report, overview: str = "", page: str = "", weeks: Sequence[Arrivals] = ()) -> bytes:
    """Return the report as UTF-8 HTML; previews are embedded, names escaped, photos are linked as local files.

    `overview` is the link to the page of all digests. `page` is the address that groups are chosen at, without the
    `/group/ID` at its end. Both are empty where there is none. `weeks` are the last ones, for a chart.
    """
    best, rest = best_and_rest(report)
    series, saving, pictures = report.series, saving_in(report), _Pictures(report)
    return page_of(
        "digest.html.j2",
        ("base.css", "charts.css", "digest.css"),
        weeks=weeks_chart(weeks),
        report=report,
        overview=overview,
        page=page,
        saving=describe_saving(saving),
        open_groups=saving.groups,
        pending=describe_pending(saving),
        best=best,
        rest=rest[:MAX_GROUPS],
        rest_count=len(rest),
        series=series[:MAX_SERIES],
        series_left=max(0, len(series) - MAX_SERIES),
        pairs=report.pairs[:MAX_PAIRS],
        pairs_left=max(0, len(report.pairs) - MAX_PAIRS),
        shown=shown,
        percent=format_percent,
        photos=count_photos(report.head, report.new_photos),
        command=_command,
        reason=lambda reason: t(Reason(reason).description),
        health=describe_health,
        members=shown_members,
        badge=_mark,
        picture=pictures.data_uri,
        uri=lambda shot: _file_uri(report, shot.path),
        heading=lambda chosen: format_group_time(report, chosen),
        kind=describe_kind,
        note=describe_shot,
        place=lambda chosen: describe_place(report, chosen),
        ungrouped=describe_ungrouped(report.ungrouped),
        amended=describe_amendment,
        excluded=describe_exclusion,
        companions=describe_with_companions,
        confidence=lambda chosen: t(CONFIDENCE_LABELS[chosen.choice.confidence]),
    )


def _command(command: str) -> Markup:
    return Markup("<code>{}</code>").format(command)


def _mark(chosen: ReportGroup, member: int) -> tuple[str, str]:
    if chosen.group.kind is Kind.SERIES:
        return "", ""
    return mark_of(chosen.decided.get(member), kept=member in chosen.choice.keepers, pending=chosen.pending)


class _Pictures:
    """The previews of a report as they are embedded, up to a number of bytes: what comes first in the page has one."""

    def __init__(self, report: Report) -> None:
        self._preview = report.preview
        self._left_bytes = MAX_PICTURE_BYTES

    def data_uri(self, shot: Shot) -> str:
        """Return a preview as an address that holds it; empty where there is none, or no room for it."""
        preview = self._preview(shot.content) if self._left_bytes > 0 else None
        if preview is None:
            return ""
        self._left_bytes -= len(preview)
        return "data:image/jpeg;base64," + base64.b64encode(preview).decode()


def _file_uri(report: Report, path: str) -> str:
    """Return a file: link to a photo; bytes that are no text are percent-encoded."""
    file = Path(report.head.root) / path
    return file.as_uri() if file.is_absolute() else ""

"""Where a report goes: standard output, a file, or the browser."""

import os
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from dejashot import paths
from dejashot.cli.messages import print_message
from dejashot.cli.options import ReportFormat
from dejashot.errors import ConfigError
from dejashot.files.names import NameKind, NameRules
from dejashot.paths import shown
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.summary_format import print_summary
from dejashot.reports.formats.text_format import as_text, print_report
from dejashot.reports.report import Report


def format_with_open(report_format: ReportFormat, *, show: bool) -> ReportFormat:
    """Return the format of a report when --open, `show`, asks for the page; raise ConfigError for --open with JSON."""
    if show and report_format is ReportFormat.JSON:
        raise ConfigError("--open shows the page, not JSON", "Leave out one of the two")
    return ReportFormat.HTML if show else report_format


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The form of a report: `whole` or a summary, where the format has one; `page` is the address to choose at.

    `show` asks for the browser. `page` is empty where there is none.
    """

    report_format: ReportFormat
    show: bool = False
    whole: bool = False
    page: str = ""


def output_report(report: Report, form: ReportForm, output: Path | None, library: Path) -> None:
    """Write a report to a file, where one is named or a page needs one, and to standard output otherwise.

    A table on standard output is a summary unless it is to be whole. A page that someone at a terminal asks for goes to
    a file in the library. Raises ConfigError.
    """
    target = output
    if target is None and form.report_format is ReportFormat.HTML and (form.show or sys.stdout.isatty()):
        target = paths.make_private(library / "reports") / f"{report.head.made_at:%Y-%m-%d_%H%M%S}.html"
    if target is None:
        _print(report, form)
        return
    _write(report, form, target)
    print_message(f"Written to {shown(target)}")
    if form.show:
        webbrowser.open(target.absolute().as_uri())


def _print(report: Report, form: ReportForm) -> None:
    if form.report_format is ReportFormat.TABLE:
        (print_report if form.whole else print_summary)(report, Console())
    elif form.report_format is ReportFormat.JSON:
        sys.stdout.write(as_json(report))
    else:
        sys.stdout.buffer.write(_html(report, form.page))


def _html(report: Report, page: str) -> bytes:
    from dejashot.reports.formats.html_format import as_html  # noqa: PLC0415 - loads the template engine, which few reports need

    return as_html(report, page=page)


def _write(report: Report, form: ReportForm, target: Path) -> None:
    if NameRules().judge(os.fsencode(target.name)) in (NameKind.PHOTO, NameKind.UNSUPPORTED):
        raise ConfigError(
            f"{shown(target)} has the name of a picture", "A report never takes the place of one: name another file"
        )
    if form.report_format is ReportFormat.TABLE:
        data = as_text(report).encode("utf-8", "backslashreplace")
    elif form.report_format is ReportFormat.JSON:
        data = as_json(report).encode()
    else:
        data = _html(report, form.page)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device or a pipe: nothing there to replace
        else:
            paths.write_atomically(target, data)
    except OSError as error:
        raise ConfigError(
            f"can't write {shown(target)}: {error.strerror}", "Name a file in a folder that exists, with --output"
        ) from error

"""Where a report goes: standard output, a file, or the browser."""

import io
import os
import sys
import webbrowser
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from rich.console import Console

from dejashot import paths
from dejashot.cli.messages import print_message
from dejashot.cli.options import ReportFormat
from dejashot.errors import ConfigError
from dejashot.files.names import NameKind, NameRules
from dejashot.language.choice import owner_language
from dejashot.language.languages import ENGLISH
from dejashot.language.texts import in_language
from dejashot.paths import shown
from dejashot.reports.formats.csv_format import report_runs, write_csv
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.stream_json import write_json
from dejashot.reports.formats.summary_format import print_kept_summary, print_summary
from dejashot.reports.formats.text_format import plain_console, print_kept_report, print_report
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.report import Report


def format_with_open(report_format: ReportFormat, *, show: bool) -> ReportFormat:
    """Return the format of a report when --open, `show`, asks for the page; raise ConfigError for another with it."""
    if show and report_format in (ReportFormat.JSON, ReportFormat.CSV):
        raise ConfigError(f"--open shows the page, not {report_format.upper()}", "Leave out one of the two")
    return ReportFormat.HTML if show else report_format


def in_report_language(report_format: ReportFormat, setting: str) -> AbstractContextManager[None]:
    """Make a page in the owner's language as long as the block runs, by the `setting`; other forms are in English."""
    return in_language(owner_language(setting) if report_format is ReportFormat.HTML else ENGLISH)


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The form of a report: `whole` or a summary, where the format has one; `page` is the address to choose at.

    `show` asks for the browser. `page` is empty where there is none.
    """

    report_format: ReportFormat
    show: bool = False
    whole: bool = False
    page: str = ""


def output_report(report: Report | KeptReport, form: ReportForm, output: Path | None, library: Path) -> None:
    """Write a report to a file, where one is named or a page needs one, and to standard output otherwise.

    A table on standard output is a summary unless it is to be whole. A page that someone at a terminal asks for goes to
    a file in the library. A kept report is no page. Raises ConfigError, and GroupsFileError for a kept one.
    """
    target = output
    as_page = form.report_format is ReportFormat.HTML and (form.show or sys.stdout.isatty())
    if isinstance(report, Report) and target is None and as_page:
        target = paths.make_private(library / "reports") / f"{report.head.made_at:%Y-%m-%d_%H%M%S}.html"
    if target is None:
        _print(report, form)
        return
    _write(report, form, target)
    print_message(f"Written to {shown(target)}")
    if form.show:
        webbrowser.open(target.absolute().as_uri())


def _print(report: Report | KeptReport, form: ReportForm) -> None:
    if form.report_format is ReportFormat.JSON:
        _write_json(report, sys.stdout)
    elif form.report_format is ReportFormat.CSV:
        sys.stdout.flush()
        _write_form(report, form, sys.stdout.buffer)
    elif isinstance(report, KeptReport):
        (print_kept_report if form.whole else print_kept_summary)(report, Console())
    elif form.report_format is ReportFormat.HTML:
        sys.stdout.buffer.write(_html(report, form.page))
    else:
        (print_report if form.whole else print_summary)(report, Console())


def _html(report: Report, page: str) -> bytes:
    from dejashot.reports.formats.html_format import as_html  # noqa: PLC0415 - loads the template engine, which few reports need

    return as_html(report, page=page)


def _write(report: Report | KeptReport, form: ReportForm, target: Path) -> None:
    if NameRules().judge(os.fsencode(target.name)) in (NameKind.PHOTO, NameKind.UNSUPPORTED):
        raise ConfigError(
            f"{shown(target)} has the name of a picture", "A report never takes the place of one: name another file"
        )
    try:
        with _opened(target) as out:
            _write_form(report, form, out)
    except OSError as error:
        raise ConfigError(
            f"can't write {shown(target)}: {error.strerror}", "Name a file in a folder that exists, with --output"
        ) from error


def _opened(target: Path) -> AbstractContextManager[BinaryIO]:
    """Open a file that is replaced at the end, or a device or a pipe: nothing is there to replace."""
    return target.open("wb") if target.exists() and not target.is_file() else paths.atomic_file(target)


def _write_form(report: Report | KeptReport, form: ReportForm, out: BinaryIO) -> None:
    """Write a report; its tables are whole."""
    if isinstance(report, Report) and form.report_format is ReportFormat.HTML:
        out.write(_html(report, form.page))
        return
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="")
    if form.report_format is ReportFormat.JSON:
        _write_json(report, text)
    elif form.report_format is ReportFormat.CSV:
        frame, runs = (
            (report.frame, report.view.lines()) if isinstance(report, KeptReport) else (report, report_runs(report))
        )
        write_csv(frame.head.root, runs, text)
    elif isinstance(report, KeptReport):
        print_kept_report(report, plain_console(text))
    else:
        print_report(report, plain_console(text))
    text.flush()
    text.detach()


def _write_json(report: Report | KeptReport, out: IO[str]) -> None:
    if isinstance(report, KeptReport):
        write_json(report.frame, report.view, report.elapsed_s, out)
    else:
        out.write(as_json(report))


def has_photos_and_skipped(report: Report | KeptReport) -> tuple[bool, bool]:
    """Return whether a report is about any photo, and whether there are files that could not be read."""
    if isinstance(report, KeptReport):
        return not report.is_empty, bool(report.frame.skipped)
    return bool(report.shots), bool(report.skipped)

"""`dejashot report`: report on what the library knows already."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from dejashot.cli.messages import print_message
from dejashot.cli.options import (
    AllOption,
    ConfigOption,
    IntervalOption,
    ModelOption,
    OpenOption,
    OutputOption,
    PlaceOption,
    ReportFormat,
    ReportFormatOption,
    StrictnessOption,
    settings_of,
)
from dejashot.cli.report_output import (
    ReportForm,
    format_with_open,
    has_photos_and_skipped,
    in_report_language,
    output_report,
)
from dejashot.config.locations import library_folder
from dejashot.config.values import parse_duration
from dejashot.errors import EXIT_NOTHING_READ, ConfigError
from dejashot.reports.library_report import library_report, open_kept_report
from dejashot.web.server_state import page_addresses

_SINCE_EXAMPLES = "Write for example 7d, or a date such as 2026-05-01"


def report_command(
    since: Annotated[
        str | None, typer.Option("--since", help="Only photos taken since: 7d, 12h, or a date such as 2026-05-01.")
    ] = None,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    report_format: ReportFormatOption = ReportFormat.TABLE,
    whole: AllOption = False,
    output: OutputOption = None,
    show: OpenOption = False,
    place: PlaceOption = False,
    config: ConfigOption = None,
) -> None:
    """Report on everything known, without looking for new photos."""
    settings = settings_of(config, interval, strictness, model)
    report_format = format_with_open(report_format, show=show)
    library = library_folder(settings)
    moment = None if since is None else _parse_since(since)
    page = page_addresses(settings.review).for_files()
    form = ReportForm(report_format, show=show, whole=whole, page=page)
    # other conditions than those of the kept groups, pages and places ask more of photos than is kept
    as_kept = interval is None and strictness is None and not place and report_format is not ReportFormat.HTML
    if as_kept:
        with open_kept_report(settings, library, moment, exact=model is not None) as kept:
            output_report(kept, form, output, library)
            photos, _ = has_photos_and_skipped(kept)
    else:
        previews = report_format is ReportFormat.HTML
        with in_report_language(report_format, settings.language):
            report = library_report(
                settings, library, moment, previews=previews, include_place=place, exact=model is not None
            )
            output_report(report, form, output, library)
        photos, _ = has_photos_and_skipped(report)
    if not photos:
        print_message("There is no photo to report on.")
        raise typer.Exit(EXIT_NOTHING_READ)


def _parse_since(text: str) -> datetime:
    """Return the moment that a date names, or that lies a length of time ago; raise ConfigError."""
    try:
        try:
            return datetime.fromisoformat(text).astimezone()
        except ValueError:
            return datetime.now().astimezone() - timedelta(seconds=parse_duration(text))
    except ConfigError as error:
        raise ConfigError(f"{text!r} is neither a date nor a length of time", _SINCE_EXAMPLES) from error
    except (OverflowError, OSError) as error:
        raise ConfigError(f"{text!r} is too far back", _SINCE_EXAMPLES) from error

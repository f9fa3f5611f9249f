"""`dejashot scan`: read what is new in some folders, and report on them."""

import typer

from dejashot.cli.messages import print_message
from dejashot.cli.options import (
    AllOption,
    ClusterOption,
    ConfigOption,
    FoldersArgument,
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
from dejashot.cli.progress import scan_progress
from dejashot.cli.report_output import ReportForm, format_with_open, output_report
from dejashot.config.locations import library_folder, top_folders
from dejashot.errors import EXIT_NOTHING_READ
from dejashot.ingest.scan import scan
from dejashot.web.server_state import page_addresses


def scan_command(
    folders: FoldersArgument,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    report_format: ReportFormatOption = ReportFormat.TABLE,
    whole: AllOption = False,
    output: OutputOption = None,
    show: OpenOption = False,
    place: PlaceOption = False,
    cluster: ClusterOption = None,
    config: ConfigOption = None,
) -> None:
    """Read what is new in some folders, and show which photos are the same shot."""
    settings = settings_of(config, interval, strictness, model)
    if cluster is not None:
        settings = settings.with_scheduler(cluster)
    report_format = format_with_open(report_format, show=show)
    library = library_folder(settings)
    with scan_progress() as progress:
        report = scan(
            settings,
            top_folders(folders),
            library,
            progress,
            previews=report_format is ReportFormat.HTML,
            include_place=place,
        )
    page = page_addresses(settings.review).for_files()
    output_report(report, ReportForm(report_format, show=show, whole=whole, page=page), output, library)
    if not report.shots:
        print_message("No photo could be read." if report.skipped else "There is no photo in there.")
        raise typer.Exit(EXIT_NOTHING_READ)

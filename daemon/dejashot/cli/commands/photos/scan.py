"""`dejashot scan`: read what is new in some folders, and report on them."""

from contextlib import ExitStack

import typer

from dejashot.cli.greeting import tell_next_step
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
from dejashot.cli.report_output import (
    ReportForm,
    format_with_open,
    has_photos_and_skipped,
    in_report_language,
    output_report,
)
from dejashot.config.locations import library_folder, top_folders
from dejashot.errors import EXIT_NOTHING_READ
from dejashot.ingest.scan import ScanRequest, open_scan
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
    request = ScanRequest(
        in_memory=place or report_format is ReportFormat.HTML,
        previews=report_format is ReportFormat.HTML,
        include_place=place,
        keeps_groups=(interval, strictness, model) == (None, None, None),
    )
    form = ReportForm(report_format, show=show, whole=whole, page=page_addresses(settings.review).for_files())
    with ExitStack() as stack:
        stack.enter_context(in_report_language(report_format, settings.language))
        with scan_progress() as progress:
            report = stack.enter_context(open_scan(settings, top_folders(folders), library, progress, request))
        output_report(report, form, output, library)
        photos, skipped = has_photos_and_skipped(report)
    if photos and report_format is ReportFormat.TABLE and output is None and config is None:
        typer.echo(tell_next_step(), nl=False)
    if not photos:
        print_message("No photo could be read." if skipped else "There is no photo in there.")
        raise typer.Exit(EXIT_NOTHING_READ)

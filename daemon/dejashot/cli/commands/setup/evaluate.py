"""`dejashot eval`: measure the decision on labelled photos."""

import typer
from rich.console import Console

from dejashot.cli.messages import print_message
from dejashot.cli.options import (
    ConfigOption,
    FoldersArgument,
    IntervalOption,
    LabelsOption,
    ModelOption,
    OutputFormat,
    OutputFormatOption,
    StrictnessOption,
    settings_of,
)
from dejashot.cli.output import print_json
from dejashot.cli.progress import scan_progress
from dejashot.config.locations import library_folder, top_folders
from dejashot.errors import EXIT_NOTHING_READ
from dejashot.evaluation.evaluate import evaluate_folders
from dejashot.evaluation.output import evaluation_body, print_evaluation


def evaluate_command(
    folders: FoldersArgument,
    labels_file: LabelsOption,
    interval: IntervalOption = None,
    strictness: StrictnessOption = None,
    model: ModelOption = None,
    output_format: OutputFormatOption = OutputFormat.TABLE,
    config: ConfigOption = None,
) -> None:
    """Measure how often Dejashot is right about photos that you have labelled."""
    settings = settings_of(config, interval, strictness, model)
    with scan_progress() as progress:
        evaluation = evaluate_folders(settings, top_folders(folders), labels_file, library_folder(settings), progress)
    if output_format is OutputFormat.JSON:
        print_json(evaluation_body(evaluation))
    else:
        print_evaluation(evaluation, Console())
    if not evaluation.compared:
        print_message("None of the labelled pairs was compared.")
        raise typer.Exit(EXIT_NOTHING_READ)

"""`dejashot tune`: fit the operating point to labelled photos."""

from typing import Annotated

import typer
from rich.console import Console

from dejashot import paths
from dejashot.cli.messages import print_message
from dejashot.cli.options import ConfigOption, FoldersArgument, IntervalOption, LabelsOption, settings_of
from dejashot.cli.progress import scan_progress
from dejashot.config.locations import library_folder, top_folders
from dejashot.evaluation.evaluate import decided_labels, decided_pairs, tune_strictness, write_strictness
from dejashot.evaluation.output import print_tuning
from dejashot.paths import shown


def tune_command(
    folders: FoldersArgument,
    labels_file: LabelsOption,
    specificity: Annotated[
        float, typer.Option("--specificity", min=0.5, max=0.9999, help="The share of different pairs to be told apart.")
    ] = 0.99,
    interval: IntervalOption = None,
    beyond: Annotated[
        bool, typer.Option("--beyond", help="Allow a point outside the range from strict to loose.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Set it in the configuration file; all else there stays as it is.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Fit the operating point to your own decisions, and say what it would change."""
    settings = settings_of(config, interval)
    with scan_progress() as progress:
        decided = decided_labels(settings, top_folders(folders), labels_file, library_folder(settings), progress)
    tuning = tune_strictness(
        settings, decided_pairs(decided), specificity, beyond=beyond, not_compared=len(decided.not_compared)
    )
    print_tuning(tuning, Console())
    if write and tuning.changes:
        file = write_strictness(config or paths.default_config_file(), tuning.after)
        print_message(f"Written to {shown(file)}; a running daemon takes it on when it is restarted")

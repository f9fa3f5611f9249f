"""`dejashot tune`: fit the operating point to labelled photos, or to what was chosen on the review page."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dejashot import paths
from dejashot.cli.messages import print_message
from dejashot.cli.options import LABELS_HELP, ConfigOption, IntervalOption, settings_of
from dejashot.cli.progress import scan_progress
from dejashot.config.locations import library_folder, top_folders
from dejashot.config.settings import Settings
from dejashot.errors import ConfigError
from dejashot.evaluation.evaluate import decided_labels, decided_pairs, tune_strictness, write_strictness
from dejashot.evaluation.output import print_reviewed, print_tuning
from dejashot.evaluation.results import Tuning
from dejashot.evaluation.review_pairs import reviewed_pairs
from dejashot.paths import shown


def tune_command(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER...]", help="With --truth: the folders that hold the labelled photos."),
    ] = None,
    labels_file: Annotated[Path | None, typer.Option("--truth", "-t", help=LABELS_HELP)] = None,
    from_review: Annotated[
        bool,
        typer.Option("--from-review", help="Learn from what you chose on the review page. It only becomes stricter."),
    ] = False,
    specificity: Annotated[
        float,
        typer.Option(
            "--specificity", min=0.5, max=0.9999, help="The share of different pairs that must be told apart."
        ),
    ] = 0.99,
    interval: IntervalOption = None,
    beyond: Annotated[bool, typer.Option("--beyond", help="Allow more than strict, and less than loose.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Set it in the configuration file; all else there stays as it is.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Fit how sure Dejashot must be to your own decisions, and say what that would change."""
    settings = settings_of(config, interval)
    if from_review:
        if folders or labels_file:
            raise ConfigError("--from-review looks at the whole library", "Leave out the folders and --truth")
        tuning = _tune_to_review(settings, specificity, beyond=beyond)
    elif folders and labels_file:
        tuning = _tune_to_labels(settings, folders, labels_file, specificity, beyond=beyond)
    else:
        raise ConfigError(
            "there is nothing to learn from", "Name folders and your labels with --truth FILE, or add --from-review"
        )
    print_tuning(tuning, Console())
    if write and tuning.changes:
        file = write_strictness(config or paths.default_config_file(), tuning.after)
        print_message(f"Written to {shown(file)}; a running daemon takes it on when it is restarted")


def _tune_to_labels(
    settings: Settings, folders: list[Path], labels_file: Path, specificity: float, *, beyond: bool
) -> Tuning:
    with scan_progress() as progress:
        decided = decided_labels(settings, top_folders(folders), labels_file, library_folder(settings), progress)
    return tune_strictness(
        settings, decided_pairs(decided), specificity, beyond=beyond, not_compared=len(decided.not_compared)
    )


def _tune_to_review(settings: Settings, specificity: float, *, beyond: bool) -> Tuning:
    """Fit to the decisions of the review page.

    The page shows what is taken for the same shot and nothing else: of what is told apart the decisions say nothing,
    and so they can't show that less would do.
    """
    found = reviewed_pairs(settings, library_folder(settings))
    print_reviewed(found, Console())
    return tune_strictness(settings, found.pairs, specificity, beyond=beyond, stricter_only=True)

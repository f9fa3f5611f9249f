"""`dejashot run`: the daemon in the foreground."""

from pathlib import Path
from typing import Annotated

import typer

from dejashot.cli.messages import print_error
from dejashot.cli.options import ConfigOption, IntervalOption, ModelOption, settings_of
from dejashot.config.locations import library_folder, top_folders
from dejashot.daemon.supervisor import run_daemon
from dejashot.errors import EXIT_CONFIG, ConfigError, FolderError, ModelError
from dejashot.logs import start_logging


def run_command(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER...]", help="Folders to watch; those of the configuration when none is named."),
    ] = None,
    interval: IntervalOption = None,
    model: ModelOption = None,
    config: ConfigOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more, photo paths included.")] = False,
) -> None:
    """Watch folders until stopped: read what arrives, and write digests on schedule."""
    problems = start_logging(verbose=verbose)
    try:
        settings = settings_of(config, interval, model=model)
        named = folders or [Path(f) for f in settings.folders]
        run_daemon(settings, top_folders(named), library_folder(settings), problems, patient=not folders)
    except (ConfigError, FolderError, ModelError) as error:
        print_error(error)
        raise typer.Exit(EXIT_CONFIG) from error  # starting again can't help: systemd must not try

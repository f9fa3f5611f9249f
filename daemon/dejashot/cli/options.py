"""The commands around the daemon, and the options that they share with the others."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dejashot import paths
from dejashot.config.settings import Settings, load_settings


class Plain(StrEnum):
    """The forms of a short answer."""

    TABLE = "table"
    JSON = "json"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="DEJASHOT_CONFIG", help="The configuration file, instead of the one in your home folder."
    ),
]
PlainOption = Annotated[Plain, typer.Option("--format", "-f", help="A table for people, JSON for programs.")]


def progress_bar(words: str) -> Progress:
    """Return a bar that shows how long work goes on, on standard error and only where someone watches."""
    return Progress(
        TextColumn(words),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def settings_of(config: Path | None) -> Settings:
    """Load the settings; raise ConfigError."""
    return load_settings(config or paths.default_config_file(), required=config is not None)


def print_json(body: dict[str, Any]) -> None:
    """Print one object."""
    sys.stdout.write(json.dumps(body, indent=1) + "\n")

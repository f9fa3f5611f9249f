"""The options and arguments that several commands share, and the settings that they lead to."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dejashot import paths
from dejashot.config.settings import Settings, load_settings
from dejashot.config.values import parse_duration, parse_strictness


class OutputFormat(StrEnum):
    """The formats of a command's output."""

    TABLE = "table"
    JSON = "json"


class PlanFormat(StrEnum):
    """The formats of a plan: the last two list paths for other programs."""

    TABLE = "table"
    JSON = "json"
    RSYNC = "rsync"
    EXIFTOOL = "exiftool"


class ReportFormat(StrEnum):
    """The formats of a report."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"
    CSV = "csv"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="DEJASHOT_CONFIG", help="The configuration file, instead of the one in your home folder."
    ),
]
OutputFormatOption = Annotated[
    OutputFormat, typer.Option("--format", "-f", help="A table for people, JSON for programs.")
]
ReportFormatOption = Annotated[
    ReportFormat,
    typer.Option(
        "--format",
        "-f",
        help="A table for people, JSON for programs, a page with pictures, or CSV for spreadsheets, one line a shot.",
    ),
]
FoldersArgument = Annotated[
    list[Path], typer.Argument(metavar="FOLDER...", help="Folders with photos; folders below them are included.")
]
IntervalOption = Annotated[
    str | None,
    typer.Option("--interval", "-i", help="Shots at most this far apart are compared, for example 60s or 5min."),
]
StrictnessOption = Annotated[
    str | None,
    typer.Option(
        "--strictness", "-s", help="strict, normal, loose, or the least probability of the same shot, for example 0.8."
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", "-m", metavar="FILE.onnx", help="Another embedding model, with its .json beside it."),
]
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Have a Dask cluster read photos too: tls://HOST:8786."),
]
LABELS_HELP = "Your labels: CSV with a,b,same or file,group, or JSON with pairs."
LabelsOption = Annotated[Path, typer.Option("--truth", "-t", help=LABELS_HELP)]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the report to this file; a table is written in full.")
]
AllOption = Annotated[
    bool, typer.Option("--all", "-a", help="Print the whole table instead of a summary that fits one screen.")
]
PlaceOption = Annotated[
    bool,
    typer.Option(
        "--place",
        help="Include places: positions in JSON, names elsewhere where places.name is set, in a table with --all.",
    ),
]
OpenOption = Annotated[bool, typer.Option("--open", help="Show the page in the browser.")]


def settings_of(
    config: Path | None, interval: str | None = None, strictness: str | None = None, model: Path | None = None
) -> Settings:
    """Load the settings, with the options of the command line in place of those of the file; raise ConfigError."""
    settings = load_settings(config or paths.default_config_file(), required=config is not None)
    if interval is not None:
        settings = settings.with_interval(parse_duration(interval))
    if strictness is not None:
        settings = settings.with_strictness(parse_strictness(strictness))
    return settings if model is None else settings.with_model(model)

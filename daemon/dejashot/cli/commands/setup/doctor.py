"""`dejashot doctor`: what is wrong with an installation, and how to mend it."""

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import typer

from dejashot.cli.findings_output import show_findings
from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.config.settings import Settings
from dejashot.diagnostics.doctor import examine
from dejashot.diagnostics.finding import ok, wrong
from dejashot.errors import EXIT_USAGE, ConfigError
from dejashot.paths import default_config_file, shown


def doctor_command(output_format: OutputFormatOption = OutputFormat.TABLE, config: ConfigOption = None) -> None:
    """Check everything that an installation can get wrong, and name the fix; exit status 1 when something is wrong."""
    raise typer.Exit(show_doctor(config, output_format))


def show_doctor(config: Path | None, output_format: OutputFormat) -> int:
    """Print what `dejashot doctor` finds and return its exit status."""
    file = config or default_config_file()
    loaded = True
    try:
        settings = settings_of(config)
        first = ok("configuration", shown(file) if file.exists() else "none: the defaults are used")
    except ConfigError as error:
        settings, loaded = Settings(), False
        first = wrong("configuration", error.title, error.hint)
    status = show_findings(chain([first], examine(settings, datetime.now(UTC))), output_format, "dejashot.doctor/1")
    return status if loaded else EXIT_USAGE

"""`dejashot config`: create, show and check the configuration."""

from datetime import UTC, datetime
from typing import Annotated

import tomlkit
import typer

from dejashot import paths
from dejashot.cli.findings_output import show_findings
from dejashot.cli.options import ConfigOption, OutputFormat, OutputFormatOption, settings_of
from dejashot.config.config_file import write_config
from dejashot.diagnostics.config_check import examine_settings
from dejashot.errors import ConfigError
from dejashot.paths import shown

config_app = typer.Typer(no_args_is_help=True)


@config_app.command("init")
def config_init(
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there.")] = False,
    config: ConfigOption = None,
) -> None:
    """Create a configuration file with every key, its default and why."""
    file = config or paths.default_config_file()
    if file.exists() and not force:
        raise ConfigError(f"{shown(file)} is there already", "Edit it, or replace it with --force")
    typer.echo(shown(write_config(file, paths.example_config().read_text(encoding="utf-8"))))


@config_app.command("show")
def config_show(config: ConfigOption = None) -> None:
    """Print the settings in force, defaults included."""
    typer.echo(tomlkit.dumps(settings_of(config).model_dump(mode="json")), nl=False)


@config_app.command("path")
def config_path(config: ConfigOption = None) -> None:
    """Print where the configuration is looked for."""
    typer.echo(shown(config or paths.default_config_file()))


@config_app.command("check")
def config_check(output_format: OutputFormatOption = OutputFormat.TABLE, config: ConfigOption = None) -> None:
    """Check whether the configuration works on this machine; exit status 1 when something is to be mended."""
    findings = examine_settings(settings_of(config), datetime.now(UTC))
    raise typer.Exit(show_findings(findings, output_format, "dejashot.config_check/1"))

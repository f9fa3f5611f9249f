"""`dejashot service`: the daemon as a service of one's own account."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dejashot.cli.options import ConfigOption, settings_of
from dejashot.config.locations import digest_folder, library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics.config_check import examine_needs
from dejashot.diagnostics.finding import Severity
from dejashot.errors import ConfigError
from dejashot.paths import preview_folder
from dejashot.servicemanager.base import service_of
from dejashot.servicemanager.select import manager

service_app = typer.Typer(no_args_is_help=True)


@service_app.command("install")
def service_install(
    start: Annotated[bool, typer.Option("--start/--no-start", help="Start it now, and at every login.")] = True,
    hardened: Annotated[
        bool, typer.Option("--hardened", help="Seal the service off further; needs user namespaces (systemd only).")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Check the configuration, then write the unit and start it."""
    settings = _working_settings(config)
    service = service_of(
        config,
        Path(sys.executable),
        os.environ,
        _written_folders(settings),
        delivers=bool(settings.deliver.urls),
        review="" if not settings.review.enabled else "lan" if settings.review.lan else "local",
    )
    for line in manager().install(service, start=start, hardened=hardened):
        typer.echo(line)


@service_app.command("uninstall")
def service_uninstall() -> None:
    """Stop the service and remove what `install` wrote, and nothing else."""
    for line in manager().uninstall():
        typer.echo(line)


@service_app.command("status")
def service_status() -> None:
    """Say how the service does; exit status 0 running, 3 not running, 4 not installed."""
    state = manager().state()
    typer.echo(state.word)
    for line in state.lines:
        typer.echo(f"  {line}")
    raise typer.Exit(state.exit_status)


@service_app.command("logs")
def service_logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the newest lines.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on showing new ones.")] = False,
) -> None:
    """Show what the service logged."""
    command = manager().logs(lines, follow=follow)
    sys.stdout.flush()
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        raise typer.Exit from None


def _written_folders(settings: Settings) -> list[Path]:
    """Return the folders that the daemon writes to."""
    metrics = [Path(settings.metrics.file).expanduser().absolute().parent] if settings.metrics.file else []
    return [library_folder(settings), digest_folder(settings), preview_folder(), *metrics]


def _working_settings(config: Path | None) -> Settings:
    """Return the settings; raise the error that would keep the daemon from its work."""
    settings = settings_of(config)
    if not settings.folders:
        raise ConfigError(
            "the configuration names no folder to watch", "Set `folders` in the file that `dejashot config path` names"
        )
    for finding in examine_needs(settings, datetime.now(UTC)):
        if finding.severity is Severity.WRONG:
            raise ConfigError(f"the configuration does not work: {finding.name}: {finding.text}", finding.fix)
    return settings

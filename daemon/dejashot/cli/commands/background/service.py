"""`dejashot service`: the daemon as a service of one's own account."""

import subprocess
import sys
from typing import Annotated

import typer

from dejashot.cli.options import ConfigOption
from dejashot.cli.service_setup import install_service
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
    for line in install_service(config, start=start, hardened=hardened):
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

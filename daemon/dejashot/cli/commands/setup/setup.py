"""`dejashot setup`: find the owner's photos, ask a few questions, and set everything up."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import tomlkit
import typer
from rich.console import Console
from rich.text import Text

from dejashot import paths
from dejashot.cli.commands.setup.doctor import show_doctor
from dejashot.cli.options import ConfigOption, OutputFormat
from dejashot.cli.service_setup import install_service
from dejashot.cli.setup_answers import GivenAnswers, gather_answers, wants_service
from dejashot.cli.setup_questions import short_path, somebody_to_ask
from dejashot.config.config_file import read_config_text, write_config
from dejashot.config.locations import top_folders
from dejashot.config.settings import Settings, load_settings
from dejashot.diagnostics.checks_system import local_zone
from dejashot.diagnostics.requirements import refuse_own_folders, working_schedule
from dejashot.errors import EXIT_LEFT_ALONE, ConfigError
from dejashot.paths import shown
from dejashot.setup.configuration import SetupAnswers, changed_settings, configuration_text


def setup_command(
    folders: Annotated[
        list[Path] | None,
        typer.Option("--folder", metavar="FOLDER", help="A folder to watch; name it again for more than one."),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option("--schedule", help="When digests are made: 20:00, weekly, monthly, never, or a crontab line."),
    ] = None,
    review: Annotated[
        bool | None, typer.Option("--review/--no-review", help="Have the daemon serve the page on which you choose.")
    ] = None,
    service: Annotated[
        bool | None, typer.Option("--service/--no-service", help="Install the service, and start it.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="The language of digests, if not your account's.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Don't ask: what no option says is done as it would be proposed.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Find your photos, ask a few questions, and set everything up."""
    given = GivenAnswers(folders or (), schedule, review, service, language, asks=somebody_to_ask() and not yes)
    if not given.asks and not yes and given.missing:
        raise ConfigError(
            f"there is nobody to ask: {', '.join(given.missing)} missing", "Add them, or --yes for what is proposed"
        )
    file = config or paths.default_config_file()
    try:
        installs = _write_answers(file, given, Console(highlight=False), yes=yes)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("\nNothing was written.")
        raise typer.Exit(EXIT_LEFT_ALONE) from None
    for line in install_service(config, start=True, hardened=False) if installs else ():
        typer.echo(line)
    typer.echo()
    status = show_doctor(config, OutputFormat.TABLE)
    _print_next(config, running=installs)
    raise typer.Exit(status)


def _write_answers(file: Path, given: GivenAnswers, console: Console, *, yes: bool) -> bool:
    """Ask what is not given and write the configuration; return whether the service is to be installed.

    Raises typer.Abort where the owner does not want it, and ConfigError.
    """
    before, settings, home = read_config_text(file), load_settings(file, required=False), Path.home()
    if before is not None and not given.asks and not yes:
        raise ConfigError(f"{shown(file)} is there already", "Add --yes to change it; what you do not name stays")
    answers = gather_answers(settings, given, home, console)
    installs = wants_service(given, console)
    text = configuration_text(before, answers)
    _check_answers(settings, answers)
    if text == before:
        typer.echo(f"Kept      {short_path(file, home)} says all of that already")
        return installs
    console.print(_changes(file, settings, answers, home, new=before is None), soft_wrap=True)
    if given.asks and not typer.confirm("Write it?", default=True):
        raise typer.Abort
    typer.echo(f"Written   {short_path(write_config(file, text), home)}")
    return installs


def _check_answers(settings: Settings, answers: SetupAnswers) -> None:
    """Raise ConfigError for answers that the daemon could not work with."""
    refuse_own_folders(settings, top_folders(Path(name) for name in answers.folders))
    digest = settings.digest.model_copy(update={"schedule": answers.schedule})
    working_schedule(settings.model_copy(update={"digest": digest}), local_zone()[0], datetime.now(UTC))


def _changes(file: Path, settings: Settings, answers: SetupAnswers, home: Path, *, new: bool) -> Text:
    """Return what would be written, as it stands in the file."""
    heading = "New file" if new else "Changes in"
    text = Text.assemble("\n", (f"{heading} {short_path(file, home)}", "bold"), "\n")
    section = ""
    for (part, key), value in changed_settings(settings, answers).items():
        if part != section:
            text.append(f"  [{part}]\n")
            section = part
        text.append(f"  {key} = {shown(tomlkit.item(value).as_string())}\n")
    return text.append(
        "  (and every other key with its default and why)\n" if new else "  (all else stays)\n", style="dim"
    )


def _print_next(config: Path | None, *, running: bool) -> None:
    """Print the next step."""
    option = f" --config {shlex.quote(shown(config))}" if config else ""
    steps = [("See how far it is:", "status"), ("Choose what stays:", "review --open")]
    if not running:
        steps = [("Start it:", "run"), ("Choose what stays:", "review --open")]
    typer.echo()
    for words, command in steps:
        typer.echo(f"{words:<20}dejashot {command}{option}")

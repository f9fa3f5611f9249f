"""`dejashot notify`: when the desktop shows that there is a digest, and whether that works."""

from datetime import UTC, datetime
from typing import Annotated

import typer
import tzlocal

from dejashot.cli.options import ConfigOption, settings_of
from dejashot.config.locations import library_folder
from dejashot.digests.desktop import notify, session_bus_present
from dejashot.digests.notifications import pending, snooze_end, snoozed_until, write_snooze
from dejashot.errors import ConfigError
from dejashot.language.choice import owner_language
from dejashot.language.texts import in_language, t
from dejashot.paths import shown
from dejashot.reports.wording import plural

notify_app = typer.Typer(no_args_is_help=True)


@notify_app.command("snooze")
def notify_snooze(
    how_long: Annotated[str, typer.Argument(metavar="8h|08:00|off", help="How long, until when, or off to end it.")],
    config: ConfigOption = None,
) -> None:
    """Hold notifications back for a while; what came meanwhile is told once, afterwards."""
    library = library_folder(settings_of(config))
    now = datetime.now(tzlocal.get_localzone())
    until = snooze_end(how_long, now)
    try:
        write_snooze(library, until)
    except OSError as error:
        raise ConfigError(
            f"can't write into {shown(library)}: {error.strerror}", "Check permissions and free space"
        ) from error
    typer.echo(
        "Notifications are no longer snoozed"
        if until is None
        else f"Notifications are snoozed until {_format_moment(until)}"
    )


@notify_app.command("status")
def notify_status(config: ConfigOption = None) -> None:
    """Say whether notifications are on, snoozed or held back, and what waits."""
    settings = settings_of(config)
    library = library_folder(settings)
    until = snoozed_until(library, datetime.now(UTC))
    waiting = pending(library)
    typer.echo("on" if settings.notify.desktop else "off: set desktop = true below [notify]")
    if settings.notify.quiet_hours:
        typer.echo(f"quiet hours {settings.notify.quiet_hours}")
    if until is not None:
        typer.echo(f"snoozed until {_format_moment(until)}")
    if waiting.digests:
        typer.echo(f"{plural(waiting.digests, 'digest')} to be told of")


@notify_app.command("test")
def notify_test(config: ConfigOption = None) -> None:
    """Show a notification now."""
    if not session_bus_present():
        raise ConfigError("there is no desktop session here", "Run this in a terminal on the desktop")
    with in_language(owner_language(settings_of(config).language)):
        words = t("Notifications work. They carry counts only, never a name.")
    if not notify("Dejashot", words):
        raise ConfigError(
            "the desktop did not take it", "Is a notification service running? `notify-send test` tells as well"
        )
    typer.echo("Shown")


def _format_moment(moment: datetime) -> str:
    return f"{moment.astimezone():%a %d %b, %H:%M}"

"""`dejashot deliver`: whether digests reach the addresses of the configuration."""

import typer

from dejashot.cli.options import ConfigOption, settings_of
from dejashot.digests.delivery_queue import send_test
from dejashot.errors import EXIT_NOT_SENT
from dejashot.language.choice import owner_language

deliver_app = typer.Typer(no_args_is_help=True)


@deliver_app.command("test")
def deliver_test(config: ConfigOption = None) -> None:
    """Send a test message to every address, and say what became of it."""
    settings = settings_of(config)
    results = send_test(settings.deliver, owner_language(settings.language))
    for address, result in results:
        typer.echo(f"{address}  {'sent' if result.sent else f'not sent: {result.why}'}")
    if not all(result.sent for _, result in results):
        raise typer.Exit(EXIT_NOT_SENT)

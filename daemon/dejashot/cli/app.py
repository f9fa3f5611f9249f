"""The command line: where each command is defined, and how an error ends it."""

import gc
import io
import os
import sys
from typing import Annotated, Any

import typer

from dejashot import __version__
from dejashot.cli.commands import COMMANDS
from dejashot.cli.greeting import greeting, greets
from dejashot.cli.lazy import LazyGroup
from dejashot.cli.messages import print_error, print_message
from dejashot.errors import EXIT_USAGE, DejashotError
from dejashot.reading.sandbox.private_memory import keep_memory_private

# new objects, and rounds, before garbage is looked for: a library has a million objects that stay, and little garbage
_GARBAGE_THRESHOLDS = (50_000, 20, 50)


class _Commands(LazyGroup):
    """The commands of the table; a bad value is reported without the prefix that pydantic puts before it.

    With nothing on the command line, a newcomer is greeted.
    """

    table = COMMANDS

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Greet who says nothing at a terminal and has nothing configured; else as usual."""
        if not args and not ctx.resilient_parsing and greets():
            typer.echo(greeting())
            ctx.exit()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named; raise what it raises."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    cls=_Commands,
    name="dejashot",
    help="Notice when a new photo is the same shot as its neighbours in time, and say which one to keep."
    " Nothing is ever deleted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"dejashot {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error of ours is two lines on stderr and exit status 2 (78 from `run`, for systemd)."""
    keep_memory_private()
    # before numpy is loaded: its threads spin while they wait, and take from the readers what they save here
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # before pydantic is: it would look through all that is installed for extensions of it, and use them
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except DejashotError as error:
        print_error(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        print_message(f"dejashot: {error.strerror or error}")
        sys.exit(EXIT_USAGE)

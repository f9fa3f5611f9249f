"""Messages to the person at the terminal: on standard error, so that standard output holds results only."""

import typer

from dejashot.errors import DejashotError


def print_message(text: str) -> None:
    """Print a line on standard error."""
    typer.echo(text, err=True)


def print_error(error: DejashotError) -> None:
    """Print what went wrong, and on a second line what to do about it."""
    print_message(f"dejashot: {error.title}" + (f"\n          {error.hint}" if error.hint else ""))

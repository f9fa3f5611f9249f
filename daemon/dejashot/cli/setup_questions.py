"""The questions of `dejashot setup`: what is found, and an answer to each that is proposed."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.text import Text

from dejashot.config.locations import top_folders
from dejashot.errors import DejashotError
from dejashot.language.languages import LANGUAGES
from dejashot.paths import shown
from dejashot.reports.wording import plural
from dejashot.setup.configuration import parse_schedule
from dejashot.setup.find import CountedFolder
from dejashot.watch.walk import check_folder

_NUMBERS = re.compile(r"[0-9]{1,3}(?:[\s,]+[0-9]{1,3})*")
_MAX_LISTED = 12
_Answer = TypeVar("_Answer")


def somebody_to_ask() -> bool:
    """Return whether a person sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_found(counted: Sequence[CountedFolder], home: Path, console: Console) -> None:
    """Print the folders that were found, numbered, with why each is one and what to mind there."""
    if not counted:
        console.print("No folder with photos was found where they usually lie.\n")
        return
    console.print(Text("Folders that may hold photos", style="bold"))
    for number, folder in enumerate(counted[:_MAX_LISTED], start=1):
        photos = f"{folder.photos:,} photos or more" if folder.more else plural(folder.photos, "photo")
        line = Text(f"{number:>3}  ").append(short_path(folder.found.path, home), style="bold")
        console.print(line.append(f"  {photos if folder.photos or folder.more else 'no photo yet'}"), soft_wrap=True)
        for text, style in ((folder.found.why, ""), (folder.found.mind, "yellow")):
            if text:
                _print_below(text, style, console)
    console.print()


def _print_below(text: str, style: str, console: Console) -> None:
    said = Text(f"{text[0].upper()}{text[1:]}", style=style)
    for line in said.wrap(console, max(20, console.width - 5)):
        line.rstrip()
        console.print(Text("     ").append(line), soft_wrap=True)


def short_path(path: Path, home: Path) -> str:
    """Return a path fit for a terminal, `~/…` below `home`."""
    return shown(f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else path)


def ask_folders(counted: Sequence[CountedFolder], proposed: Sequence[Path]) -> list[Path]:
    """Ask which folders to watch, by their numbers or by a path, and return them."""
    listed = [folder.found.path for folder in counted[:_MAX_LISTED]]
    numbers = " ".join(str(number) for number, path in enumerate(listed, start=1) if path in proposed)
    question = "Watch which ones? Numbers, or the path of another folder" if listed else "Watch which folder? Its path"
    return _ask(question, numbers, lambda text: _folders_in(text, listed))


def _folders_in(text: str, listed: Sequence[Path]) -> list[Path]:
    """Return the folders of an answer; raise ValueError, FolderError."""
    if not _NUMBERS.fullmatch(text.strip()):
        folder = top_folders([Path(text.strip())])[0]
        check_folder(folder)
        return [folder]
    numbers = [int(number) for number in re.split(r"[\s,]+", text.strip())]
    if any(not 1 <= number <= len(listed) for number in numbers):
        raise ValueError(f"write numbers from 1 to {len(listed)}")
    return [listed[number - 1] for number in dict.fromkeys(numbers)]


def ask_schedule(proposed: str) -> str:
    """Ask when digests are made and return the crontab line."""
    return _ask("A digest when? A time for each day, weekly, monthly or never", proposed, parse_schedule)


def ask_language(proposed: str) -> str:
    """Ask for the language of digests where the account names none, and return its code."""
    return _ask(f"Digests in which language? {', '.join(LANGUAGES)}", proposed, _language)


def _language(text: str) -> str:
    if text.strip().lower() not in LANGUAGES:
        raise ValueError(f"write one of {', '.join(LANGUAGES)}")
    return text.strip().lower()


def _ask(question: str, proposed: str, understood: Callable[[str], _Answer]) -> _Answer:
    """Ask until an answer is understood."""
    while True:
        text = str(typer.prompt(question, default=proposed or None))
        try:
            return understood(text)
        except (DejashotError, ValueError) as error:
            _print_below(str(error), "yellow", Console(highlight=False))

"""The answers that `dejashot setup` works with: from the options, asked of the owner, or as proposed."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from dejashot.cli.setup_questions import ask_folders, ask_language, ask_schedule, print_found
from dejashot.config.locations import top_folders
from dejashot.config.settings import Settings
from dejashot.errors import ConfigError
from dejashot.language.choice import environment_locale, owner_language
from dejashot.language.languages import ENGLISH
from dejashot.servicemanager.base import ServiceError
from dejashot.servicemanager.select import manager
from dejashot.setup.configuration import SetupAnswers, as_configured, format_schedule, merged_folders, parse_schedule
from dejashot.setup.find import CountedFolder, counted_folder, find_folders, proposed_folders
from dejashot.setup.found_folder import FoundFolder
from dejashot.watch.walk import check_folder


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """What the options say, None where they do not; nothing is asked unless `asks`."""

    folders: Sequence[Path]
    schedule: str | None
    review: bool | None
    service: bool | None
    language: str | None
    asks: bool

    @property
    def missing(self) -> list[str]:
        """Return the options that would answer the questions which are left; the language has an answer in any case."""
        options = {
            "--folder": bool(self.folders),
            "--schedule": self.schedule is not None,
            "--review or --no-review": self.review is not None,
            "--service or --no-service": self.service is not None,
        }
        return [name for name, given in options.items() if not given]


def gather_answers(settings: Settings, given: GivenAnswers, home: Path, console: Console) -> SetupAnswers:
    """Return what the configuration is to say, asked where it is not given; raise ConfigError, FolderError."""
    folders = _given_folders(settings, given, home) if given.folders else _found_folders(settings, given, home, console)
    if given.schedule is not None:
        schedule = parse_schedule(given.schedule)
    else:
        schedule = settings.digest.schedule
        schedule = ask_schedule(format_schedule(schedule)) if given.asks else schedule
    review = given.review
    if review is None:
        review = settings.review.enabled or settings == Settings()
    if given.review is None and given.asks:
        review = typer.confirm("Serve the page on which you choose, to this machine alone?", default=review)
    return SetupAnswers(folders, schedule, review, _language(settings, given))


def wants_service(given: GivenAnswers, console: Console) -> bool:
    """Return whether the service is to be installed; where it can't be, say so and don't ask."""
    if given.service is not None:
        return given.service
    try:
        manager().state()
    except ServiceError as error:
        console.print(f"No service here: {error.title}.", soft_wrap=True)
        return False
    return not given.asks or typer.confirm("Have it run in the background, now and at every login?", default=True)


def _given_folders(settings: Settings, given: GivenAnswers, home: Path) -> tuple[str, ...]:
    """Return the folders of the options beside those that are configured."""
    for folder in top_folders(given.folders):
        check_folder(folder)
    return merged_folders(settings.folders, [as_configured(folder, home) for folder in given.folders])


def _found_folders(settings: Settings, given: GivenAnswers, home: Path, console: Console) -> tuple[str, ...]:
    """Return the folders that the owner chooses among those configured and found, or those proposed."""
    configured = {Path(os.path.realpath(Path(name).expanduser())): name for name in settings.folders}
    with console.status("Looking for photos…"):
        found = find_folders(home, os.environ)
        others = configured.keys() - {_place(folder) for folder in found}
        counted = [counted_folder(FoundFolder(path, "it is in your configuration")) for path in sorted(others)] + found
    proposed = [f.found.path for f in counted if _place(f) in configured] or proposed_folders(counted)
    if given.asks:
        print_found(counted, home, console)
        chosen = ask_folders(counted, proposed)
    else:
        chosen = proposed
    if not chosen:
        raise ConfigError("no folder with photos was found", "Name one with --folder")
    return tuple(configured.get(Path(os.path.realpath(path))) or as_configured(path, home) for path in chosen)


def _place(folder: CountedFolder) -> Path:
    return Path(os.path.realpath(folder.found.path))


def _language(settings: Settings, given: GivenAnswers) -> str:
    """Return the language as it is to be set, asked only where the account names none that there are texts in."""
    if given.language is not None:
        return given.language
    known = owner_language("") is not ENGLISH or environment_locale().lower().startswith(ENGLISH.tag)
    if settings.language or settings.folders or known or not given.asks:
        return settings.language
    answer = ask_language(ENGLISH.tag)
    return "" if answer == ENGLISH.tag else answer

"""The owner's answers as a configuration: what is there stays, and only what was answered is set."""

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dejashot.config.edit import with_settings
from dejashot.config.settings import Settings, settings_from
from dejashot.config.values import valid_schedule
from dejashot.errors import ConfigError
from dejashot.paths import example_config, shown

_WORDS = ("hourly", "weekly", "monthly", "never")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class SetupAnswers:
    """What the owner wants: folders as they stand in the configuration, a crontab line, the page, a language."""

    folders: tuple[str, ...]
    schedule: str
    review: bool
    language: str


def changed_settings(settings: Settings, answers: SetupAnswers) -> dict[tuple[str, str], Any]:
    """Return what the answers change of settings: values by section and key, as `with_settings` takes them."""
    wanted = {
        ("", "folders"): (list(settings.folders), list(answers.folders)),
        ("", "language"): (settings.language, answers.language),
        ("digest", "schedule"): (settings.digest.schedule, answers.schedule),
        ("review", "enabled"): (settings.review.enabled, answers.review),
    }
    return {key: new for key, (old, new) in wanted.items() if old != new}


def configuration_text(before: str | None, answers: SetupAnswers) -> str:
    """Return the text of the configuration with the answers; None before: that of the documented one.

    Raises ConfigError for a text that can't be changed, and for answers that are no settings.
    """
    text = example_config().read_text(encoding="utf-8") if before is None else before
    changes = changed_settings(settings_from(tomllib.loads(text), "the configuration"), answers)
    changed = with_settings(text, changes)
    settings_from(tomllib.loads(changed), "the answers")
    return changed


def parse_schedule(text: str) -> str:
    """Return the crontab line of a schedule, also of a time of day such as 20:00; raise ConfigError."""
    clock = _CLOCK.fullmatch(text.strip())
    try:
        return f"{int(clock[2])} {int(clock[1])} * * *" if clock else valid_schedule(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no schedule", f"{str(error)[0].upper()}{str(error)[1:]}") from error


def format_schedule(line: str) -> str:
    """Return a schedule as `parse_schedule` takes it, in a word or as a time of day where it is one."""
    daily = re.fullmatch(r"(\d{1,2}) (\d{1,2}) \* \* \*", line)
    if daily:
        return f"{int(daily[2]):02}:{int(daily[1]):02}"
    return next((word for word in _WORDS if valid_schedule(word) == line), line)


def as_configured(folder: Path, home: Path) -> str:
    """Return a folder as it is written in the configuration, `~/…` below `home`; raise ConfigError where it can't be.

    A configuration is UTF-8: a name that is not has no place in it.
    """
    path = Path.cwd() / folder.expanduser()
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{shown(path)} has a name that is no UTF-8", "Rename it, or name the folder above"
        ) from error
    return f"~/{path.relative_to(home)}" if path != home and path.is_relative_to(home) else str(path)


def merged_folders(configured: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the configured folders and those that are wanted besides, each once."""
    places = {os.path.realpath(Path(name).expanduser()) for name in configured}
    return (*configured, *(name for name in wanted if os.path.realpath(Path(name).expanduser()) not in places))

"""Which folder files go to: the one that was named, or the configured one, unless photos don't belong there."""

import os
from collections.abc import Iterable
from pathlib import Path

import dejashot
from dejashot.actions.planning.unfit_folders import unfitness_of
from dejashot.config.locations import own_below, own_folders
from dejashot.config.settings import Settings
from dejashot.errors import ConfigError
from dejashot.files.mounts import read_mounts
from dejashot.files.names import NameRules
from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import shown


def choose_destination(settings: Settings, how: ApplyMethod, to: str, folders: Iterable[Path]) -> bytes:
    """Return the absolute folder that files go to, empty where none is needed; raise ConfigError.

    `to` is the folder that was named, empty for the configured one. `folders` are the watched ones.
    """
    if how not in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM):
        if to:
            raise ConfigError(f"--how {how.value} needs no folder", "Leave out --to")
        return b""
    named = to or (settings.review.quarantine if how is ApplyMethod.QUARANTINE else settings.review.album)
    if not named:
        what = (
            noted("no folder is named that rejected photos go to")
            if how is ApplyMethod.QUARANTINE
            else noted("no folder is named that links to your keepers go to")
        )
        raise ConfigError(
            what,
            f"Name one with --to FOLDER, or set {how.value} below [review]",
            noted("Name one in the field Folder; the configuration can name it for good ({key} below [review])").format(
                key=how.value
            ),
        )
    try:
        place = Path(os.path.realpath(Path(named).expanduser()))
    except RuntimeError as error:
        raise ConfigError(str(error), noted("Write the folder out in full")) from error
    own = own_folders(settings) | {"the program": Path(dejashot.__file__).resolve().parent}
    unfitness = unfitness_of(os.fsencode(place), own, read_mounts())
    if unfitness:
        raise ConfigError(unfitness, noted("Name a folder of your own"))
    for folder in folders:
        _refuse_inside(settings, place, folder)
    return os.fsencode(place)


def _refuse_inside(settings: Settings, place: Path, folder: Path) -> None:
    """Raise ConfigError for a place in a watched folder where photos would be found again."""
    if not place.is_relative_to(folder):
        return
    rules = NameRules(settings.watch.ignore, settings.watch.hidden, own_below(own_folders(settings), folder))
    if rules.reaches(os.path.join(os.fsencode(place.relative_to(folder)), b"x") if place != folder else b"x"):
        raise ConfigError(
            noted("{folder} lies in {watched}, which is watched").format(folder=shown(place), watched=shown(folder)),
            noted(
                "Name a folder outside it, or one that [watch] ignore leaves alone: what lies there would "
                "be found again"
            ),
        )

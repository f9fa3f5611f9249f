"""Check that the configuration works on this machine: its folders, its model, its addresses, its schedule."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path

import tzlocal

from dejashot.config.locations import library_folder, own_folders, top_folders
from dejashot.config.settings import Settings
from dejashot.digests.delivery_queue import check_delivery
from dejashot.digests.schedule import Schedule
from dejashot.errors import ConfigError, FolderError
from dejashot.paths import shown
from dejashot.reading.vision.model import load_model, model_file
from dejashot.reports.geocoding import check_places
from dejashot.watch.walk import check_folder


def check_settings(settings: Settings, now: datetime) -> Iterator[str]:
    """Yield a line for each part that works; raise the DejashotError of one that does not, a missing folder last."""
    watched = top_folders(Path(f) for f in settings.folders)
    absent: list[FolderError] = []
    for folder in watched:
        problem = ""
        try:
            check_folder(folder)
        except FolderError as error:
            absent.append(error)
            problem = f": {error.title}"
        yield f"folder     {shown(folder)}{problem}"
    if not watched:
        yield "folder     none: name one in `folders`, or on the command line of `dejashot run`"
    refuse_own_folders(settings, watched)
    yield f"library    {shown(library_folder(settings))}"
    yield f"model      {load_model(model_file(settings.model.path)).label}"
    addresses = check_delivery(settings.deliver)
    yield "delivery   " + (f"{settings.deliver.content} to {', '.join(addresses)}" if addresses else "off")
    yield f"places     {check_places(settings.places)}"
    schedule = working_schedule(settings, tzlocal.get_localzone(), now)
    runs = [slot.astimezone(schedule.zone) for slot in islice(schedule.after(now), 3)]
    yield "digests    " + (", ".join(f"{run:%a %d %b %Y %H:%M}" for run in runs) or "never")
    if absent:
        raise absent[0]


def working_schedule(settings: Settings, zone: tzinfo, now: datetime) -> Schedule:
    """Return the schedule of the digests; raise ConfigError for one that never comes."""
    schedule = Schedule(settings.digest.schedule, zone)
    if schedule.line and schedule.next(now) is None:
        raise ConfigError(
            f"digest.schedule: {schedule.line!r} never comes true", "Check day and month, for example '0 20 * * sun'"
        )
    return schedule


def refuse_own_folders(settings: Settings, watched: Sequence[Path]) -> None:
    """Raise ConfigError when a watched folder is one that Dejashot writes in, or lies inside one."""
    for name, own in own_folders(settings).items():
        for photos in watched:
            if Path(os.path.realpath(photos)).is_relative_to(own):
                raise ConfigError(
                    f"{name}: {shown(photos)} is where Dejashot itself writes",
                    "Name the folder that holds the photos, or move the other one",
                )

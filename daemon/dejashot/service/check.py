"""Is the configuration one that works here: folders there, network intact, schedule coming true."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import tzlocal

from dejashot.config import Settings
from dejashot.errors import ConfigError
from dejashot.intake.reconcile import check_folder
from dejashot.paths import shown
from dejashot.reading.network import load_network, model_file
from dejashot.service.pipeline import library_folder, top_folders
from dejashot.service.schedule import Schedule


def check_settings(settings: Settings, now: datetime) -> Iterator[str]:
    """Yield what is in order, line by line; raise the DejashotError of the first thing that is not."""
    for folder in top_folders(Path(f) for f in settings.folders):
        check_folder(folder)
        yield f"folder     {shown(folder)}"
    if not settings.folders:
        yield "folder     none: name one in `folders`, or on the command line of `dejashot run`"
    yield f"library    {shown(library_folder(settings))}"
    yield f"network    {load_network(model_file(settings.model.path)).label}"
    schedule = Schedule(settings.digest.schedule, tzlocal.get_localzone())
    runs = [slot.astimezone(schedule.zone) for slot in islice(schedule.after(now), 3)]
    if schedule.line and not runs:
        raise ConfigError(f"digest.schedule: {schedule.line!r} never comes true", "Check day and month, for example '0 20 * * sun'")
    yield "digests    " + (", ".join(f"{run:%a %d %b %Y %H:%M}" for run in runs) or "never")

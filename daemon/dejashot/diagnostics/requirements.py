"""What must hold before the daemon starts: a schedule that comes true, no watched folder that it writes in itself."""

import os
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from dejashot.config.locations import own_folders
from dejashot.config.settings import Settings
from dejashot.digests.schedule import Schedule
from dejashot.errors import ConfigError
from dejashot.paths import shown


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

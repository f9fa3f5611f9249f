"""When is a digest due: pure slots on the owner's wall clock, immune to sleep, clock jumps and both DST nights.

Slots are computed in local calendar time and turned into UTC afterwards: a slot that the spring night skips falls on
the moment the clock jumps to, one that the autumn night repeats is taken the first time. So each slot happens once,
in order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from dejashot.errors import ConfigError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Schedule:
    """A five-field crontab line (weekdays by name) on the wall clock of a zone; an empty line is never due."""

    line: str
    zone: tzinfo

    def trigger(self, zone: tzinfo) -> "CronTrigger":
        """Return APScheduler's trigger for the line; raise ConfigError for values that no clock shows."""
        return _trigger(self.line, zone)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots after an aware moment as UTC, strictly increasing.

        Nothing for a line that never comes true.
        """
        if not self.line:
            return
        trigger = self.trigger(UTC)
        # what the wall clock showed before, or shows for the second time, has had its slot
        wall = moment.astimezone(self.zone).replace(tzinfo=UTC, fold=0)
        last = moment
        while (slot_wall := trigger.get_next_fire_time(None, wall)) is not None:
            slot = _to_utc(slot_wall.replace(tzinfo=None), self.zone)
            if slot > last:
                yield slot
                last = slot
            wall = slot_wall + _SECOND

    def next(self, moment: datetime) -> datetime | None:
        """Return the first slot after an aware moment as UTC, None for never."""
        return next(self.after(moment), None)

    def due(self, now: datetime, last: datetime) -> datetime | None:
        """Return the newest slot in (last, now] as UTC, None when none has come.

        Whatever lies between counts as caught up.
        """
        newest = self.next(last)
        if newest is None or newest > now:
            return None
        beyond = now  # no slot in (beyond, now]: the newest one is found by halving, however many lie between
        while beyond - newest > _SECOND:
            middle = newest + (beyond - newest) / 2
            slot = self.next(middle)
            if slot is None or slot > now:
                beyond = middle
            else:
                newest = slot
        later = self.next(newest)
        return later if later is not None and later <= now else newest


@lru_cache(maxsize=16)
def _trigger(line: str, zone: tzinfo) -> "CronTrigger":
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - loads asyncio, and few commands ask when

    try:
        return CronTrigger.from_crontab(line, timezone=zone)
    except ValueError as error:
        raise ConfigError(f"digest.schedule: {line!r}: {error}", "Write for example '0 20 * * sun'") from error


def _to_utc(wall: datetime, zone: tzinfo) -> datetime:
    """Return the UTC moment of a wall time: the first of two, or the end of the gap for one that does not exist."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # in a gap the offset before it (fold=0) puts the wall time past the jump, the one after it (fold=1) before the jump
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    while after - before > _SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)

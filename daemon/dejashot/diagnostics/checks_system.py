"""The checks of the system: versions, clock, time zone, schedule, desktop, and the data for naming places."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import metadata
from itertools import islice
from pathlib import Path

import tzlocal

from dejashot.config.settings import Settings
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.digests.desktop import session_bus_present
from dejashot.digests.schedule import Schedule
from dejashot.errors import ConfigError, DejashotError
from dejashot.paths import shown
from dejashot.reports.geocoding import check_places

OLDEST_PLAUSIBLE_YEAR = 2026
HOURS_OF_CLOCK_CHANGES = (1, 2)


def check_versions() -> Iterator[Finding]:
    """Check Python, the packages and SQLite."""
    yield ok("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    required = [line for line in metadata.requires("dejashot") or [] if "extra ==" not in line]
    names = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in required]
    missing = [name for name in names if not _installed(name)]
    if missing:
        fix = "Install Dejashot again with pip: it brings them"
        yield wrong("packages", f"{', '.join(missing)} not installed", fix)
    else:
        yield ok("packages", f"all {len(names)} installed")
    yield ok("SQLite", sqlite3.sqlite_version)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def check_schedule(settings: Settings, now: datetime, local: tzinfo) -> Iterator[Finding]:
    """Check when digests are made, from an aware moment on, by the clocks of a zone."""
    schedule = Schedule(settings.digest.schedule, local)
    if not schedule.line:
        yield advice("digests", "none is ever made", 'Set digest.schedule, for example "0 20 * * *"')
        return
    try:
        slots = [slot.astimezone(local) for slot in islice(schedule.after(now), 3)]
    except DejashotError as error:
        yield wrong("digests", error.title, error.hint)
        return
    text = ", ".join(f"{slot:%a %d %b %H:%M}" for slot in slots)
    if not slots:
        yield wrong("digests", f"{schedule.line!r} never comes true", "Check day and month, for example '0 20 * * sun'")
    elif any(slot.hour in HOURS_OF_CLOCK_CHANGES for slot in slots) and _changes_clocks(now, local):
        fix = "Between 01:00 and 03:00 an hour is skipped or repeated twice a year: choose another"
        yield advice("digests", text, fix)
    else:
        yield ok("digests", text)


def _changes_clocks(now: datetime, zone: tzinfo) -> bool:
    """Return whether the wall clocks of a zone are changed within a year."""
    return len({(now + timedelta(days=30 * month)).astimezone(zone).utcoffset() for month in range(12)}) > 1


def check_clock(database: Path, now: datetime) -> Finding:
    """Compare the clock with the last change of the library."""
    try:
        changed_s = database.stat().st_mtime
    except OSError:
        changed_s = 0.0
    text = f"{now.astimezone():%a %d %b %Y, %H:%M}"
    if now.year < OLDEST_PLAUSIBLE_YEAR or now.timestamp() < changed_s - timedelta(days=1).total_seconds():
        fix = "Set the clock, or switch time synchronization on: sudo timedatectl set-ntp true"
        return wrong("clock", f"{text}, which is in the past", fix)
    return ok("clock", text)


def check_time_zone(settings: Settings, local: str) -> Finding:
    """Check the zone in which capture times without one are read; `local` is empty where it is not known."""
    home = settings.capture.home_timezone
    if not local:
        return wrong(
            "time zone",
            f"the zone of this machine is not known{_zone_variable()}",
            "Set TZ to a zone such as Europe/Berlin, or remove it and set the zone of the system",
        )
    if home:
        return ok("time zone", f"{home} for capture times, {local} for digests")
    if local in ("UTC", "Etc/UTC", "Etc/UCT", "GMT", "Etc/GMT"):
        fix = 'If you are not, set capture.home_timezone, for example "Europe/Berlin"'
        return advice("time zone", f"this machine is on {local}", fix)
    return ok("time zone", local)


def _zone_variable() -> str:
    """Return what the environment says of the zone, in brackets; empty where it says nothing."""
    return f" (TZ={shown(os.environ['TZ'])})" if os.environ.get("TZ") else ""


def local_zone() -> tuple[tzinfo, str]:
    """Return the zone of this machine and its name; UTC and an empty name where it is not known."""
    try:
        return tzlocal.get_localzone(), tzlocal.get_localzone_name() or "local time"
    except (KeyError, ValueError, OSError):  # tzlocal: no such zone, or a file of a zone that is none
        return UTC, ""


def check_desktop(settings: Settings) -> Iterator[Finding]:
    """Check whether notifications can be shown, where they are wanted."""
    if not settings.notify.desktop:
        return
    if session_bus_present():
        yield ok("desktop", "there is a session to notify; `dejashot notify test` tries it")
    else:
        fix = "Digests are told of once you are logged in at the desktop"
        yield advice("desktop", "there is no session to notify here", fix)


def check_gazetteer(settings: Settings) -> Iterator[Finding]:
    """Check whether the data for naming places are installed, where places are to be named."""
    if settings.places.name:
        try:
            yield ok("places", check_places(settings.places))
        except ConfigError as error:
            yield wrong("places", error.title, error.hint)

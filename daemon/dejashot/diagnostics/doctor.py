"""Everything that a new installation gets wrong, looked at one by one, each with its fix. Nothing is changed."""

import json
import platform
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from importlib import metadata
from itertools import islice
from pathlib import Path

import tzlocal

from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics import checks as places
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.digests.desktop import session_bus_present
from dejashot.digests.schedule import Schedule
from dejashot.errors import ConfigError, DejashotError, UnreadablePhotoError
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.models.photo import Wanted
from dejashot.reading.exchange import KnownContent
from dejashot.reading.job import Job
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.sandbox.parts import SEAL_FIX, missing_words
from dejashot.reading.vision.model import load_model, model_file
from dejashot.reports.geocoding import check_places
from dejashot.servicemanager.base import ServiceError
from dejashot.servicemanager.select import manager
from dejashot.servicemanager.systemd import Systemd, lingering, program_of
from dejashot.web.server_state import running_page

_RESET_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))  # https://sqlite.org/wal.html#walresetbug
_CODECS_S = 60.0


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield every finding about an installation, at an aware moment; the slow ones come last."""
    yield from check_versions()
    yield from places.folders(settings)
    yield from places.library(settings)
    yield places.previews()
    yield from schedule(settings, now, tzlocal.get_localzone())
    yield clock(library_folder(settings) / LIBRARY_FILE_NAME, now)
    yield zone(settings, tzlocal.get_localzone_name())
    yield from desktop(settings)
    yield from places.metrics(settings)
    yield from gazetteer(settings)
    yield from check_review(settings, sys.platform)
    yield from service(sys.platform)
    yield network(settings)
    yield check_formats()
    yield reader(settings)


def check_versions() -> Iterator[Finding]:
    """Look at Python, the packages and SQLite."""
    yield ok("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    names = [
        re.split(r"[^A-Za-z0-9._-]", line)[0] for line in metadata.requires("dejashot") or [] if "extra ==" not in line
    ]
    missing = [name for name in names if not _installed(name)]
    if missing:
        yield wrong(
            "packages", f"{', '.join(missing)} not installed", "Install Dejashot again with pip: it brings them"
        )
    else:
        yield ok("packages", f"all {len(names)} installed")
    fixed = reset_fixed(sqlite3.sqlite_version_info)
    yield ok(
        "SQLite", f"{sqlite3.sqlite_version}, {'with' if fixed else 'without'} the WAL-reset fix; one writer needs none"
    )


def reset_fixed(version: tuple[int, ...]) -> bool:
    """Tell whether an SQLite has the fix for two writers that reset the log at once."""
    return version >= _RESET_FIXED[-1] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _RESET_FIXED)


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def schedule(settings: Settings, now: datetime, local: tzinfo) -> Iterator[Finding]:
    """Look at when digests are made."""
    plan = Schedule(settings.digest.schedule, local)
    if not plan.line:
        yield advice("digests", "none is ever made", 'Set digest.schedule, for example "0 20 * * *"')
        return
    try:
        slots = [slot.astimezone(local) for slot in islice(plan.after(now), 3)]
    except DejashotError as error:
        yield wrong("digests", error.title, error.hint)
        return
    words = ", ".join(f"{slot:%a %d %b %H:%M}" for slot in slots)
    if not slots:
        yield wrong("digests", f"{plan.line!r} never comes true", "Check day and month, for example '0 20 * * sun'")
    elif any(slot.hour in (1, 2) for slot in slots) and _changes_clocks(now, local):
        yield advice(
            "digests", words, "Between 01:00 and 03:00 an hour is skipped or repeated twice a year: choose another"
        )
    else:
        yield ok("digests", words)


def _changes_clocks(now: datetime, zone: tzinfo) -> bool:
    """Tell whether the wall clocks of a zone are changed within a year."""
    return len({(now + timedelta(days=30 * month)).astimezone(zone).utcoffset() for month in range(12)}) > 1


def clock(database: Path, now: datetime) -> Finding:
    """Hold the clock against the last change of the library."""
    try:
        newest_s = database.stat().st_mtime
    except OSError:
        newest_s = 0.0
    words = f"{now.astimezone():%a %d %b %Y, %H:%M}"
    if now.year < 2026 or now.timestamp() < newest_s - timedelta(days=1).total_seconds():
        return wrong(
            "clock",
            f"{words}, which is in the past",
            "Set the clock, or switch time synchronization on: sudo timedatectl set-ntp true",
        )
    return ok("clock", words)


def zone(settings: Settings, local: str) -> Finding:
    """Look at the zone in which capture times without one are read."""
    home = settings.capture.home_timezone
    if home:
        return ok("time zone", f"{home} for capture times, {local} for digests")
    if local in ("UTC", "Etc/UTC", "Etc/UCT", "GMT", "Etc/GMT"):
        return advice(
            "time zone",
            f"this machine is on {local}",
            'If you are not, set capture.home_timezone, for example "Europe/Berlin"',
        )
    return ok("time zone", local)


def gazetteer(settings: Settings) -> Iterator[Finding]:
    """Say whether what names places is there, where places are to be named."""
    if settings.places.name:
        try:
            yield ok("places", check_places(settings.places))
        except ConfigError as error:
            yield wrong("places", error.title, error.hint)


def desktop(settings: Settings) -> Iterator[Finding]:
    """Look whether the desktop can be told, where that is wanted."""
    if settings.notify.desktop:
        if session_bus_present():
            yield ok("desktop", "there is a session to notify; `dejashot notify test` tries it")
        else:
            yield advice(
                "desktop",
                "there is no session to notify here",
                "Digests are told of once you are logged in at the desktop",
            )


def check_review(settings: Settings, platform_name: str) -> Iterator[Finding]:
    """Look whether the daemon can serve the review page, where that is wanted."""
    wanted = settings.review
    if not wanted.enabled:
        return
    served = running_page(library_folder(settings))
    if served is not None:
        yield ok("review page", f"served at {served.origin}{', to your network' if served.lan else ''}")
    else:
        why, fix = port_trouble(wanted.port, lan=wanted.lan)
        free = ok(
            "review page",
            f"port {wanted.port} is free; the daemon serves it {'to your network' if wanted.lan else 'to you alone'}",
        )
        yield wrong("review page", why, fix) if why else free
    with suppress(ServiceError):
        here = manager(platform_name)
        if isinstance(here, Systemd) and here.unit.exists() and not (here.network.exists() or here.review.exists()):
            yield wrong("review unit", "the service's unit lets nothing listen", "dejashot service install")


def port_trouble(port: int, *, lan: bool) -> tuple[str, str]:
    """Return why a port can't be listened at and what to do, empty when it can."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("0.0.0.0" if lan else "127.0.0.1", port))  # noqa: S104 - as the page would
            probe.listen()
        except PermissionError:
            return f"port {port} is not for ordinary accounts", "Set review.port to one above 1023"
        except OSError:
            return (
                f"port {port} is in use by another program",
                "Set review.port to another, for example 8424, and restart the daemon",
            )
    return "", ""


def service(platform_name: str) -> Iterator[Finding]:
    """Look at the installed service."""
    try:
        here = manager(platform_name)
        state = here.state()
    except ServiceError as error:
        yield advice("service", error.title, error.hint)
        return
    more = "".join(f"; {line}" for line in state.lines[:1])
    if state.word == "not installed":
        yield advice("service", "not installed: the daemon ends with your terminal", "dejashot service install")
        return
    if state.word in ("running", "starting"):
        yield ok("service", state.word)
    else:
        yield wrong(
            "service", state.word + more, "`dejashot service logs` says why; then `dejashot service install` again"
        )
    if isinstance(here, Systemd):
        program = program_of(here.unit)
        if program is not None and not program.exists():
            yield wrong(
                "service program", "the unit starts a program that is no longer there", "dejashot service install"
            )
        if lingering() is False:
            yield advice("service at boot", "it runs while you are logged in", "loginctl enable-linger")


def network(settings: Settings) -> Finding:
    """Look at the network and its hash."""
    try:
        return ok("network", f"{load_model(model_file(settings.model.path)).label}, intact")
    except DejashotError as error:
        return wrong("network", error.title, error.hint)


def check_formats() -> Finding:
    """Ask a process of its own which formats can be decoded."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dejashot.reading.decode.codecs"],
            capture_output=True,
            text=True,
            timeout=_CODECS_S,
            check=True,
        )
        found: dict[str, bool] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return wrong(
            "formats",
            "the decoders can't be loaded",
            "Install Dejashot again with pip; on Alpine or ARM look for missing wheels",
        )
    missing = [name for name, there in found.items() if not there]
    if missing:
        return wrong(
            "formats",
            f"{', '.join(missing)} can't be read",
            "pip install --force-reinstall pillow pillow-heif, and pillow-jxl-plugin or rawpy if you use them",
        )
    return ok("formats", ", ".join(found))


def reader(settings: Settings) -> Finding:
    """Have a real reader read a picture made for it."""
    pool = ReaderPool(worker_options(settings), 1)
    try:
        with tempfile.TemporaryDirectory(prefix="dejashot-doctor-") as folder:
            file = Path(folder).resolve() / "picture.png"
            file.write_bytes(picture())
            answers = [answer for _, answer in pool.read([Job(bytes(file), None)], lambda _: Wanted.ALL)]
    except DejashotError as error:
        return wrong("reader", error.title, error.hint)
    except OSError as error:
        return wrong(
            "reader",
            f"no picture could be written for it: {error.strerror}",
            "Check the space in the folder for temporary files",
        )
    finally:
        pool.close()
    if isinstance(answers[0], KnownContent | UnreadablePhotoError):
        words = answers[0].title if isinstance(answers[0], UnreadablePhotoError) else "no answer"
        return wrong(
            "reader",
            f"it could not read a picture made for it: {words}",
            "See reading.memory_mib and reading.timeout_s",
        )
    if pool.missing:
        return advice("reader", f"starts and reads. {missing_words(pool.missing)}", SEAL_FIX)
    return ok("reader", "starts and reads, sealed off from network, programs, disk and your other files")


def picture(side: int = 96) -> bytes:
    """Return a small PNG of a grey slope, made without any decoder's help."""
    rows = b"".join(b"\0" + bytes((x * 2 + y) % 256 for x in range(side)) for y in range(side))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

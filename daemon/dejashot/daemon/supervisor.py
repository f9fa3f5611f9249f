"""The daemon in the foreground: the library is opened, and opened anew when it turns out damaged."""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import tzlocal

from dejashot.config.settings import Settings
from dejashot.daemon.daemon import Daemon
from dejashot.daemon.heartbeat import Heartbeat
from dejashot.daemon.sdnotify import sd_notify
from dejashot.diagnostics.requirements import refuse_own_folders, working_schedule
from dejashot.digests.delivery_queue import check_delivery
from dejashot.errors import FolderError, LibraryDamagedError
from dejashot.ingest.pipeline import open_pipeline
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.logs import Problems, event
from dejashot.paths import shown
from dejashot.watch.walk import check_folder

log = logging.getLogger(__name__)

DAMAGED_AGAIN_S = 600.0
OPENING_S = 900.0  # migrating, checking or restoring a large library is one long step of SQLite's


def run_daemon(
    settings: Settings,
    folders: Sequence[Path],
    library: Path,
    problems: Problems | None = None,
    *,
    patient: bool = False,
) -> None:
    """Run the daemon over some folders until a signal ends it.

    With `patient`, folders that are not there yet are waited for. Raises ConfigError, FolderError, LibraryBusyError,
    LibraryError or ModelError.
    """
    _check(settings, folders)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    damaged_s = -math.inf
    while not stop.is_set():
        sd_notify(STATUS="Opening the library", EXTEND_TIMEOUT_USEC=str(int(OPENING_S * 1e6)), WATCHDOG="1")
        try:
            _run(settings, folders, library, problems, stop, patient=patient)
            return
        except LibraryDamagedError as error:
            if stop.is_set():
                return  # the next start finds it and restores it
            if time.monotonic() - damaged_s < DAMAGED_AGAIN_S:
                raise  # what takes its place does not last: the disk is at fault
            damaged_s = time.monotonic()
            log.error("%s; it is opened anew. %s", error.title, error.hint, extra=event("damaged"))


def _check(settings: Settings, folders: Sequence[Path]) -> None:
    """Refuse what can't work; say where digests are sent."""
    if not folders:
        raise FolderError(
            "there is no folder to watch",
            "`dejashot setup` finds yours; or name one: `dejashot run ~/Pictures`",
        )
    refuse_own_folders(settings, folders)
    working_schedule(settings, tzlocal.get_localzone(), datetime.now(UTC))
    addresses = check_delivery(settings.deliver)
    if addresses:
        log.info(
            "digests are delivered to %s (%s): the only thing that uses the network",
            ", ".join(addresses),
            settings.deliver.content,
        )


def _run(
    settings: Settings,
    folders: Sequence[Path],
    library: Path,
    problems: Problems | None,
    stop: threading.Event,
    *,
    patient: bool,
) -> None:
    """Run the daemon over the library as it is opened once."""
    heartbeat = Heartbeat()
    workers = max(1, settings.reading.workers)
    with open_pipeline(settings, library, workers, on_progress=heartbeat.beat, on_unsealed=_warn_unsealed) as pipeline:
        log.info("library %s", shown(library), extra=event("started"))
        rows = [_folder_row(pipeline.library, path, patient=patient) for path in folders]
        Daemon(pipeline, rows, heartbeat, problems=problems, stop=stop).run()


def _warn_unsealed(sentence: str) -> None:
    log.warning("%s", sentence, extra=event("unsealed"))


def _folder_row(library: Library, path: Path, *, patient: bool) -> Folder:
    """Return a folder's row; one that is not there now is accepted when the library knows it, or when it is waited for.

    A daemon that is started at boot may well come before the disk: what stands in the configuration is waited for,
    while a folder that a person has just typed is refused.
    """
    known = next((f for f in library.folders.all() if f.path == path), None)
    if known is not None:
        return known
    if patient and not os.path.lexists(path):
        log.warning("a folder of the configuration is not there yet; it is watched as soon as it is")
        return library.folders.add(path, 0)
    return library.folders.add(path, check_folder(path).st_dev)

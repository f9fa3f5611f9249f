"""The daemon in the foreground: starts the rooms in order, watches over them, and ends them cleanly."""

import logging
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import tzlocal
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from dejashot.config import Settings
from dejashot.errors import FolderError
from dejashot.intake.reconcile import check_folder
from dejashot.intake.watch import FolderWatch, OverflowFilter, WatchState
from dejashot.library.reader import Folder
from dejashot.paths import shown
from dejashot.service.check import refuse_own_folders, working_schedule
from dejashot.service.delivery import check_delivery
from dejashot.service.digests import Digests
from dejashot.service.ingest import IngestThread, Rescan, Sighting, Stop, Tick
from dejashot.service.pipeline import Pipeline, digest_folder, open_pipeline
from dejashot.service.sdnotify import sd_notify
from dejashot.service.status import withdraw

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0
TICK_EVERY_S = 30
_WATCHDOG_LOGGER = "watchdog.observers.inotify_c"


class Daemon:
    """Watch folders, ingest what lands, digest on schedule, until asked to stop."""

    def __init__(self, pipeline: Pipeline, folders: Sequence[Path], library: Path) -> None:
        self._pipeline = pipeline
        settings = pipeline.settings
        self._folders = {f.id: f for f in (_known_folder(pipeline, path) for path in folders)}
        pipeline.store.set_watched(self._folders)
        self._watches = {number: self._watch(number, folder.path) for number, folder in self._folders.items()}
        zone = tzlocal.get_localzone()
        self._stop = threading.Event()
        digests = Digests(pipeline, zone, digest_folder(settings), datetime.now(UTC), self._stop.is_set)
        self._ingest = IngestThread(pipeline, digests, self._folders, self._watches, library, self._stop)
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1})
        self._add_jobs(digests)
        self._overflow = OverflowFilter(self._rescan_all)
        self._library = library
        self._reconcile_s = settings.watch.reconcile_s

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; raise what ended the ingest thread if something did."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        logging.getLogger(_WATCHDOG_LOGGER).addFilter(self._overflow)
        for watch in self._watches.values():
            watch.start()
        self._rescan_all()  # only now: what lands from here on is seen by the watch, what landed before by the walk
        self._ingest.start()
        self._scheduler.start()
        try:
            while not self._ingest.reconciled.wait(0.1) and self._ingest.is_alive() and not self._stop.is_set():
                pass
            self._announce()
            self._ingest.mailbox.put(Tick())  # a slot may have passed while nothing ran
            self._watch_over()
        finally:
            self._end()
        if self._ingest.failure is not None:
            raise self._ingest.failure

    def _watch_over(self) -> None:
        """Check, tick and rescan by the monotonic clock until asked to stop: setting the wall clock back does not silence it."""
        ticked_s = walked_s = time.monotonic()
        while not self._stop.wait(CHECK_EVERY_S) and self._ingest.is_alive():
            self._check()
            now_s = time.monotonic()
            if now_s - ticked_s >= TICK_EVERY_S:
                ticked_s = now_s
                self._ingest.mailbox.put(Tick())
            if now_s - walked_s >= self._reconcile_s:
                walked_s = now_s
                self._rescan_all()

    def _announce(self) -> None:
        watched = sum(w.state is WatchState.WATCHING for w in self._watches.values())
        log.info("watching %d of %d folders", watched, len(self._watches))
        sd_notify(READY="1", STATUS=f"Watching {watched} of {len(self._watches)} folders")

    def _check(self) -> None:
        """Bring back what died or went away."""
        for number, watch in self._watches.items():
            before = watch.state
            if watch.check():
                self._ingest.mailbox.put(Rescan(number))
            if watch.state is not before:
                self._ingest.mailbox.put(Tick())

    def _end(self) -> None:
        """Stop in the order in which nothing is lost: sources first, then the owner of the library."""
        log.info("stopping")
        sd_notify(STOPPING="1")
        logging.getLogger(_WATCHDOG_LOGGER).removeFilter(self._overflow)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for watch in self._watches.values():
            watch.stop()
        self._ingest.mailbox.put(Stop())
        if self._ingest.ident is not None:
            self._ingest.join()
        withdraw(self._library)

    def _add_jobs(self, digests: Digests) -> None:
        """Let APScheduler wake the ingest thread: by a tick, which also comes after sleep, and at each slot of the schedule."""
        mailbox = self._ingest.mailbox
        self._scheduler.add_job(lambda: mailbox.put(Tick()), "interval", seconds=TICK_EVERY_S, id="tick")
        if digests.schedule.line:
            self._scheduler.add_job(lambda: mailbox.put(Tick()), digests.schedule.trigger(digests.schedule.zone), id="slot")
        self._scheduler.add_listener(_job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    def _rescan_all(self) -> None:
        for number in self._folders:
            self._ingest.mailbox.put(Rescan(number))

    def _watch(self, number: int, folder: Path) -> FolderWatch:
        """Return a watch whose events go to the mailbox and nowhere else."""
        return FolderWatch(
            folder, lambda path: self._ingest.mailbox.put(Sighting(number, path)), lambda: self._ingest.mailbox.put(Rescan(number))
        )

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


def _known_folder(pipeline: Pipeline, path: Path) -> Folder:
    """Return a folder's row; one that is not there now is taken on when the library knows it, and refused when it does not."""
    known = next((f for f in pipeline.store.folders() if f.path == path), None)
    if known is not None:
        return known
    return pipeline.store.add_folder(path, check_folder(path).st_dev)


def _job_failed(event: JobEvent) -> None:
    log.error("the scheduled job %s failed or was missed", event.job_id)


def run_daemon(settings: Settings, folders: Sequence[Path], library: Path) -> None:
    """Run the daemon in the foreground over some folders; raise FolderError, LibraryBusyError, LibraryError or ModelError."""
    if not folders:
        raise FolderError("there is no folder to watch", "Name one: `dejashot run ~/Pictures`, or set `folders` in the configuration")
    refuse_own_folders(settings, folders)
    working_schedule(settings, tzlocal.get_localzone(), datetime.now(UTC))
    addresses = check_delivery(settings.deliver)
    if addresses:
        log.info("digests are delivered to %s (%s): the only thing that uses the network", ", ".join(addresses), settings.deliver.content)
    with open_pipeline(settings, library, workers=max(1, settings.reading.workers)) as pipeline:
        log.info("library %s", shown(library))
        Daemon(pipeline, folders, library).run()

"""The daemon in the foreground: starts the rooms in order, watches over them, and ends them cleanly."""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import tzlocal
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from dejashot.config.locations import digest_folder
from dejashot.config.settings import Settings
from dejashot.daemon.event_loop import IngestThread
from dejashot.daemon.events import LOSS_DELAY_S, OVERFLOW_APART_S, FileEvent, LoopEvent, RescanRequest, Stop, Tick
from dejashot.daemon.metrics import MetricsFile
from dejashot.daemon.sdnotify import SystemdNotifier, sd_notify, watchdog_s
from dejashot.daemon.status_publisher import StatusPublisher
from dejashot.diagnostics.config_check import refuse_own_folders, working_schedule
from dejashot.diagnostics.status import status_line
from dejashot.digests.delivery_queue import check_delivery
from dejashot.digests.notifications import NotificationQueue
from dejashot.digests.runner import DigestRunner
from dejashot.errors import FolderError, LibraryDamagedError
from dejashot.files.mounts import read_mounts, watch_method_for
from dejashot.ingest.pipeline import Ingestor, open_ingestor
from dejashot.library.daemon_status import keep_alive, withdraw_status
from dejashot.library.tables.folders import Folder
from dejashot.logs import Problems, event
from dejashot.paths import shown
from dejashot.watch.folder_watch import FolderWatch, OverflowFilter, WatchState
from dejashot.watch.walk import check_folder

if TYPE_CHECKING:
    from dejashot.daemon.review_process import ReviewProcess

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0
TICK_EVERY_S = 30
STUCK_S = 60.0
DAMAGED_AGAIN_S = 600.0
OPENING_S = 900.0  # migrating, checking or restoring a large library is one long step of SQLite's
_WATCHDOG_LOGGERS = ("watchdog.observers.inotify_c", "watchdog.observers.inotify")


class Daemon:
    """Watch folders, ingest what lands, digest on schedule, until asked to stop."""

    def __init__(
        self,
        pipeline: Ingestor,
        folders: Sequence[Path],
        library: Path,
        problems: Problems | None = None,
        *,
        stop: threading.Event | None = None,
        patient: bool = False,
    ) -> None:
        self._pipeline = pipeline
        settings = pipeline.settings
        self._folders = {f.id: f for f in (_known_folder(pipeline, path, patient=patient) for path in folders)}
        pipeline.library.folders.set_watched(self._folders)
        self._watches = {number: self._watch(number, folder.path) for number, folder in self._folders.items()}
        zone = tzlocal.get_localzone()
        self._stop = stop or threading.Event()
        metrics = MetricsFile(Path(settings.metrics.file).expanduser().absolute() if settings.metrics.file else None)
        self._telling = StatusPublisher(
            library, NotificationQueue(library, settings.notify), metrics, problems or Problems()
        )
        heart = self._telling.heart
        pipeline.beat = pipeline.pool.beat = heart.beat
        pipeline.pool.unsealed = lambda words: log.warning("%s", words, extra=event("unsealed"))
        self._herald = SystemdNotifier(heart, watchdog_s(os.environ, os.getpid()))
        digests = DigestRunner(pipeline, zone, digest_folder(settings), datetime.now(UTC))
        self._ingest = IngestThread(pipeline, digests, self._folders, self._watches, self._telling, self._stop)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._add_jobs(digests)
        self._overflow = OverflowFilter(self._overflowed)
        self._overflows = 0
        self._library = library
        self._review = _review_process(settings, library)

    def run(self) -> None:
        """Run until asked to stop; raise what ended the ingest thread if something did."""
        for name in _WATCHDOG_LOGGERS:
            logging.getLogger(name).addFilter(self._overflow)
        for watch in self._watches.values():
            watch.start()
        self._rescan_all()  # only now: what lands from here on is seen by the watch, what landed before by the walk
        self._ingest.start()
        self._scheduler.start()
        try:
            while not self._ingest.reconciled.wait(0.1) and self._ingest.is_alive() and not self._stop.is_set():
                self._herald.starting("Looking through the folders")
            if self._ingest.reconciled.is_set():
                self._announce()
            self._ingest.mailbox.put(Tick())  # a slot may have passed while nothing ran
            self._watch_over()
        finally:
            self._end()
        if self._ingest.failure is not None:
            raise self._ingest.failure

    def stop(self) -> None:
        """Ask the daemon to end, from any thread."""
        self._stop.set()

    def _watch_over(self) -> None:
        """Check, tick and rescan by the monotonic clock until asked to stop: setting the wall clock back does not silence it."""
        if self._review is not None:
            self._review.check()
        ticked_s = time.monotonic()
        walked_s = dict.fromkeys(self._watches, ticked_s)
        while (
            not self._stop.wait(min(CHECK_EVERY_S, *(w.check_every_s for w in self._watches.values())))
            and self._ingest.is_alive()
        ):
            self._check()
            self._tell_systemd()
            if self._telling.heart.busy_s() < STUCK_S:
                keep_alive(self._library)
            now_s = time.monotonic()
            if now_s - ticked_s >= TICK_EVERY_S:
                ticked_s = now_s
                self._ingest.mailbox.put(Tick())
            for number, watch in self._watches.items():
                if now_s - walked_s[number] >= watch.walk_every_s:
                    walked_s[number] = now_s
                    self._ingest.mailbox.put(RescanRequest(number, delay_s=0.0))

    def _announce(self) -> None:
        log.info("%s", self._words(), extra=event("ready"))
        self._herald.ready(self._words())

    def _tell_systemd(self) -> None:
        """Keep the status line current, send signs of life, and say it once when work is stuck."""
        self._herald.say(self._words())
        if self._herald.live():
            log.error(
                "work has not moved on for a while; the service manager, if there is one, restarts a stuck daemon",
                extra=event("stuck"),
            )

    def _words(self) -> str:
        """Return the status line."""
        watched = sum(w.state is not WatchState.PAUSED for w in self._watches.values())
        return status_line(watched, len(self._watches), self._telling.pulse)

    def _check(self) -> None:
        """Bring back what died or went away."""
        if self._review is not None:
            self._review.check()
        for number, watch in self._watches.items():
            before, trouble = watch.state, watch.trouble
            if watch.check():
                self._ingest.mailbox.put(RescanRequest(number))
            if watch.state is not before:
                told = "paused" if watch.state is WatchState.PAUSED else "back"
                log.info(
                    "a folder that was %s is now %s",
                    before,
                    watch.state,
                    extra=event(f"folder_{told}", folder_number=number),
                )
            if (watch.state, watch.trouble) != (before, trouble):
                self._ingest.mailbox.put(Tick())

    def _end(self) -> None:
        """Stop in the order in which nothing is lost: sources first, then the owner of the library."""
        log.info("stopping", extra=event("stopping"))
        if not self._damaged:
            sd_notify(STOPPING="1")
        for name in _WATCHDOG_LOGGERS:
            logging.getLogger(name).removeFilter(self._overflow)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for watch in self._watches.values():
            watch.stop()
        if self._review is not None:
            self._review.close()
        self._ingest.mailbox.put(Stop())
        if self._ingest.ident is not None:
            self._ingest.join()
        if not self._damaged:
            withdraw_status(self._library)
            self._telling.metrics.end()
        log.info("stopped", extra=event("stopped"))

    @property
    def _damaged(self) -> bool:
        """Tell whether this is no end: the library is opened anew, and another takes over."""
        return isinstance(self._ingest.failure, LibraryDamagedError) and not self._stop.is_set()

    def _add_jobs(self, digests: DigestRunner) -> None:
        """Let APScheduler wake the ingest thread at each slot of the schedule; after sleep the next tick does."""
        mailbox = self._ingest.mailbox
        if digests.schedule.line:
            self._scheduler.add_job(
                lambda: mailbox.put(Tick()), digests.schedule.trigger(digests.schedule.zone), id="slot"
            )
        self._scheduler.add_listener(_job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    def _rescan_all(self) -> None:
        for number in self._folders:
            self._ingest.mailbox.put(RescanRequest(number))

    def _overflowed(self) -> None:
        """Walk all folders after changes came faster than the system could tell of them: not every time, but after the last."""
        self._overflows += 1
        if self._overflows.bit_count() == 1:  # 1, 2, 4, 8 ...: a storm must not fill the log
            log.warning(
                "changes came faster than the system could tell of (for the %s time); walking the folders",
                _nth(self._overflows),
            )
        for number in self._folders:
            self._ingest.mailbox.put(RescanRequest(number, apart_s=OVERFLOW_APART_S))

    def _watch(self, number: int, folder: Path) -> FolderWatch:
        """Return a watch whose events go to the mailbox and nowhere else."""
        put, settings = self._ingest_put, self._pipeline.settings.watch
        return FolderWatch(
            folder,
            lambda path: put(FileEvent(number, path)),
            lambda: put(RescanRequest(number)),
            lambda: put(RescanRequest(number, delay_s=LOSS_DELAY_S)),
            plan=lambda: watch_method_for(folder, settings.method, settings.methods, read_mounts()),
            poll_s=settings.poll_s,
            reconcile_s=settings.reconcile_s,
            ours=[os.path.join(os.fsencode(folder), own) for own in self._pipeline.rules_of(folder).own],
        )

    def _ingest_put(self, message: LoopEvent) -> None:
        self._ingest.mailbox.put(message)


def _known_folder(pipeline: Ingestor, path: Path, *, patient: bool) -> Folder:
    """Return a folder's row; one that is not there now is taken on when the library knows it, or when we are to be patient.

    A daemon that is started at boot may well come before the disk: what stands in the configuration is waited for, while a
    folder that a person has just typed is refused.
    """
    known = next((f for f in pipeline.library.folders.all() if f.path == path), None)
    if known is not None:
        return known
    if patient and not os.path.lexists(path):
        log.warning("a folder of the configuration is not there yet; it is watched as soon as it is")
        return pipeline.library.folders.add(path, 0)
    return pipeline.library.folders.add(path, check_folder(path).st_dev)


def _review_process(settings: Settings, library: Path) -> "ReviewProcess | None":
    """Return the keeper of the review page's process where the page is wanted; nothing of it is loaded where it is not."""
    if not settings.review.enabled:
        return None
    from dejashot.daemon.review_process import ReviewProcess  # noqa: PLC0415

    return ReviewProcess(settings, library)


def _nth(count: int) -> str:
    return {1: "1st", 2: "2nd"}.get(count, f"{count:,}th")


def _job_failed(event: JobEvent) -> None:
    log.error("the scheduled job %s failed or was missed", event.job_id)


def run_daemon(
    settings: Settings,
    folders: Sequence[Path],
    library: Path,
    problems: Problems | None = None,
    *,
    patient: bool = False,
) -> None:
    """Run the daemon in the foreground over some folders; raise ConfigError, FolderError, LibraryBusyError, LibraryError or ModelError.

    `patient`: folders that are not there yet are waited for.
    """
    if not folders:
        raise FolderError(
            "there is no folder to watch", "Name one: `dejashot run ~/Pictures`, or set `folders` in the configuration"
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
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    damaged_s = -math.inf
    while not stop.is_set():
        sd_notify(STATUS="Opening the library", EXTEND_TIMEOUT_USEC=str(int(OPENING_S * 1e6)), WATCHDOG="1")
        try:
            with open_ingestor(settings, library, workers=max(1, settings.reading.workers)) as pipeline:
                log.info("library %s", shown(library), extra=event("started"))
                Daemon(pipeline, folders, library, problems, stop=stop, patient=patient).run()
            return
        except LibraryDamagedError as error:
            if stop.is_set():
                return  # the next start finds it and restores it
            if time.monotonic() - damaged_s < DAMAGED_AGAIN_S:
                raise  # what takes its place does not last: the disk is at fault
            damaged_s = time.monotonic()
            log.error("%s; it is opened anew. %s", error.title, error.hint, extra=event("damaged"))

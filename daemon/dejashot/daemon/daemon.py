"""The daemon: it starts the watches, the event loop and the review page, checks on them, and ends them in order."""

import logging
import os
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

import tzlocal
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from dejashot.config.locations import digest_folder
from dejashot.daemon.event_loop import EventLoop
from dejashot.daemon.events import LoopEvent, RescanRequest, Stop, Tick, WatchEvents
from dejashot.daemon.heartbeat import Heartbeat
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.jobs.wiring import wire_jobs
from dejashot.daemon.metrics import MetricsFile
from dejashot.daemon.overflows import Overflows
from dejashot.daemon.review_process import ReviewProcess
from dejashot.daemon.sdnotify import SystemdNotifier, sd_notify, watchdog_s
from dejashot.daemon.status_publisher import StatusOutput
from dejashot.diagnostics.status import status_line
from dejashot.digests.notifications import NotificationQueue
from dejashot.digests.runner import DigestRunner
from dejashot.digests.schedule import Schedule
from dejashot.errors import LibraryDamagedError
from dejashot.files.mounts import read_mounts, watch_method_for
from dejashot.ingest.pipeline import Pipeline
from dejashot.language.choice import owner_language
from dejashot.library.daemon_status import keep_alive, withdraw_status
from dejashot.library.tables.folders import Folder
from dejashot.logs import Problems, event
from dejashot.watch.folder_watch import FolderWatch, WatchOptions, WatchState
from dejashot.web.server_state import page_addresses

log = logging.getLogger(__name__)

CHECK_EVERY_S = 5.0
TICK_EVERY_S = 30
STUCK_S = 60.0


class Daemon:
    """Watch folders, ingest what lands, digest on schedule, until asked to stop."""

    def __init__(
        self,
        pipeline: Pipeline,
        folders: Sequence[Folder],
        heartbeat: Heartbeat,
        *,
        problems: Problems | None = None,
        stop: threading.Event | None = None,
        check_every_s: float = CHECK_EVERY_S,
    ) -> None:
        """Prepare.

        `folders` are rows of the library, and it is `heartbeat` that the progress of the pipeline is reported to.
        """
        settings, library = pipeline.settings, pipeline.owned.folder
        self._stop = stop or threading.Event()
        self._max_check_s = check_every_s
        self._heartbeat = heartbeat
        self._systemd = SystemdNotifier(heartbeat, watchdog_s(os.environ, os.getpid()))
        self._events: SimpleQueue[LoopEvent] = SimpleQueue()
        self._folders = {f.id: _watched(pipeline, f, self._events) for f in folders}
        pipeline.library.folders.set_watched(self._folders)
        metrics = MetricsFile(Path(settings.metrics.file).expanduser().absolute() if settings.metrics.file else None)
        page = page_addresses(settings.review)
        language = owner_language(settings.language)
        notifications = NotificationQueue(library, settings.notify, address=page.for_messages, language=language)
        self._status = StatusOutput(library, notifications, metrics, problems or Problems())
        runner = DigestRunner(pipeline, tzlocal.get_localzone(), digest_folder(settings), datetime.now(UTC), page)
        wired = wire_jobs(pipeline, runner, self._folders, self._status, self._events, self._stop)
        self._reconciled = wired.rescans.reconciled
        self._loop = EventLoop(self._events, wired.jobs, wired.status, wired.router, heartbeat)
        self._thread = threading.Thread(target=self._loop.run, name="ingest")
        self._scheduler = _scheduler(runner.schedule, self._events)
        self._review = ReviewProcess(settings, library) if settings.review.enabled else None

    def run(self) -> None:
        """Run until asked to stop; raise what ended the event loop if something did."""
        with Overflows(list(self._folders), self._events).noticed():
            self._run()
        if self._loop.failure is not None:
            raise self._loop.failure

    def stop(self) -> None:
        """Ask the daemon to end, from any thread."""
        self._stop.set()

    def _run(self) -> None:
        for folder in self._folders.values():
            folder.watch.start()
        # only now: what lands from here on is seen by the watch, what landed before by the walk
        for number in self._folders:
            self._events.put(RescanRequest(number))
        self._thread.start()
        self._scheduler.start()
        try:
            while not self._reconciled.wait(0.1) and self._thread.is_alive() and not self._stop.is_set():
                self._systemd.starting("Looking through the folders")
            if self._reconciled.is_set():
                log.info("%s", self._status_line(), extra=event("ready"))
                self._systemd.ready(self._status_line())
            self._events.put(Tick())  # a slot may have passed while nothing ran
            self._supervise()
        finally:
            self._end()

    def _supervise(self) -> None:
        """Check, tick and rescan until asked to stop.

        By the monotonic clock, as setting the wall clock back must not end that.
        """
        if self._review is not None:
            self._review.check()
        ticked_s = time.monotonic()
        walked_s = dict.fromkeys(self._folders, ticked_s)
        while not self._stop.wait(self._check_every_s()) and self._thread.is_alive():
            self._check()
            self._notify_systemd()
            if self._heartbeat.busy_s() < STUCK_S:
                keep_alive(self._status.library)
            now_s = time.monotonic()
            if now_s - ticked_s >= TICK_EVERY_S:
                ticked_s = now_s
                self._events.put(Tick())
            for number, folder in self._folders.items():
                if now_s - walked_s[number] >= folder.watch.walk_every_s:
                    walked_s[number] = now_s
                    self._events.put(RescanRequest(number, delay_s=0.0))

    def _check_every_s(self) -> float:
        return min(self._max_check_s, *(folder.watch.check_every_s for folder in self._folders.values()))

    def _notify_systemd(self) -> None:
        """Keep the status line current, send signs of life, and say it once when work is stuck."""
        self._systemd.status(self._status_line())
        if self._systemd.keep_alive():
            log.error(
                "work has not moved on for a while; the service manager, if there is one, restarts a stuck daemon",
                extra=event("stuck"),
            )

    def _status_line(self) -> str:
        watched = sum(folder.watch.state is not WatchState.PAUSED for folder in self._folders.values())
        return status_line(watched, len(self._folders), self._status.latest)

    def _check(self) -> None:
        """Bring back what died or went away."""
        if self._review is not None:
            self._review.check()
        for number, folder in self._folders.items():
            watch = folder.watch
            before, problem = watch.state, watch.problem
            if watch.check():
                self._events.put(RescanRequest(number))
            if watch.state is not before:
                change = "paused" if watch.state is WatchState.PAUSED else "back"
                log.info(
                    "a folder that was %s is now %s",
                    before,
                    watch.state,
                    extra=event(f"folder_{change}", folder_number=number),
                )
            if (watch.state, watch.problem) != (before, problem):
                self._events.put(Tick())

    def _end(self) -> None:
        """Stop in the order in which nothing is lost: sources first, then the owner of the library."""
        log.info("stopping", extra=event("stopping"))
        if not self._is_reopened:
            sd_notify(STOPPING="1")
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for folder in self._folders.values():
            folder.watch.stop()
        if self._review is not None:
            self._review.close()
        self._events.put(Stop())
        if self._thread.ident is not None:
            self._thread.join()
        if not self._is_reopened:
            withdraw_status(self._status.library)
            self._status.metrics.end()
        log.info("stopped", extra=event("stopped"))

    @property
    def _is_reopened(self) -> bool:
        """Return whether this is no end: the library is damaged, it is opened anew, and another daemon takes over."""
        return isinstance(self._loop.failure, LibraryDamagedError) and not self._stop.is_set()


def _watched(pipeline: Pipeline, row: Folder, events: "SimpleQueue[LoopEvent]") -> WatchedFolder:
    """Return a folder with a watch whose reports go to the queue of events and nowhere else."""
    settings, rules = pipeline.settings.watch, pipeline.reconciler.rules_of(row.path)
    options = WatchOptions(
        method=lambda: watch_method_for(row.path, settings.method, settings.methods, read_mounts()),
        poll_s=settings.poll_s,
        reconcile_s=settings.reconcile_s,
        own=[os.path.join(os.fsencode(row.path), own) for own in rules.own],
    )
    watch = FolderWatch(row.path, WatchEvents(row.id, events), options)
    return WatchedFolder(row, rules, watch, time.monotonic)


def _scheduler(schedule: Schedule, events: "SimpleQueue[LoopEvent]") -> BackgroundScheduler:
    """Let APScheduler wake the event loop at each slot of the schedule; after sleep the next tick does."""
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
    if schedule.line:
        scheduler.add_job(lambda: events.put(Tick()), schedule.trigger(schedule.zone), id="slot")
    scheduler.add_listener(_job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    return scheduler


def _job_failed(failed: JobEvent) -> None:
    log.error("the scheduled job %s failed or was missed", failed.job_id)

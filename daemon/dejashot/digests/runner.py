"""Digests on schedule: each slot at most once, each covering exactly what is new since the last one."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from time import monotonic

from dejashot.digests.archive import Archive
from dejashot.digests.delivery_queue import DeliveryQueue
from dejashot.digests.page_address import NO_PAGE, PageAddresses
from dejashot.digests.schedule import Schedule
from dejashot.errors import DejashotError, LibraryDamagedError
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.language.choice import owner_language
from dejashot.language.formats import format_moment
from dejashot.language.texts import in_language, t
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.library.tables.folders import Folder
from dejashot.logs import event
from dejashot.models.capture import instant, microseconds, now_us
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportRequest
from dejashot.reports.report import Health, Report
from dejashot.reports.saving import saving_in
from dejashot.reports.wording import plural

log = logging.getLogger(__name__)


class DigestRunner:
    """Make the digests of a pipeline; called from its owner thread only.

    A slot is written as `running` before the files are, and as `done` after: a slot found running after a crash is
    made again under the same name, so its digest exists once.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        zone: tzinfo,
        folder: Path,
        started: datetime,
        page: PageAddresses = NO_PAGE,
    ) -> None:
        """Prepare; `page` tells where the page to choose on is reached."""
        self._pipeline = pipeline
        self._library = pipeline.library
        self.settings = pipeline.settings.digest
        self._zone = zone
        self._language = owner_language(pipeline.settings.language)
        self._archive = Archive(self._library, folder, zone, self.settings.keep_s, page.for_files)
        self.deliveries = DeliveryQueue(
            self._library, pipeline.settings.deliver, address=page.for_messages, language=self._language
        )
        self._started = started
        self.schedule = Schedule(self.settings.schedule, zone)
        self._library.digest_runs.start_schedule(microseconds(started))
        with in_language(self._language):
            self._archive.write_overview()

    def due(self, now: datetime) -> datetime | None:
        """Return the slot to make now (UTC), None when there is none; slots missed while not running go by `catch_up`.

        What counts is what the library knows up to now: a slot made by a clock that ran ahead holds up none before it.
        """
        interrupted = self._library.digest_runs.in_states("running")
        if interrupted:
            return instant(interrupted[0].slot_us)
        self._started = min(self._started, now)  # a clock set back: what it shows from now on is not what was missed
        slot = self.schedule.due(now, self._last(now))
        if slot is not None and slot < self._started and self.settings.catch_up == "none":
            seq = self._library.digest_runs.digested_seq()
            self._library.digest_runs.put(DigestRun(microseconds(slot), "missed", seq, seq, now_us()))
            return None
        return slot

    def _last(self, now: datetime) -> datetime:
        """Return up to when the schedule has been dealt with, by the clock that shows `now`."""
        present_us = microseconds(now)
        last_us, since_us = (
            self._library.digest_runs.last_slot_us(present_us),
            self._library.digest_runs.schedule_since_us(),
        )
        if last_us is None and since_us > present_us:
            self._library.digest_runs.restart_schedule(present_us)
            return now
        return instant(max(x for x in (last_us, since_us) if x is not None and x <= present_us))

    def make(
        self,
        slot: datetime,
        folders: Sequence[Folder],
        health: Sequence[Health],
        is_preempted: Callable[[], bool] = lambda: False,
    ) -> DigestRun:
        """Make the digest of a slot over the watched folders; the slot stays due when that fails.

        Raises OSError when it can't be written, PreemptedError when `is_preempted` says so: what was looked at is kept.
        """
        with in_language(self._language):
            return self._make(slot, folders, health, is_preempted)

    def _make(
        self, slot: datetime, folders: Sequence[Folder], health: Sequence[Health], is_preempted: Callable[[], bool]
    ) -> DigestRun:
        began_s = monotonic()
        slot_us = microseconds(slot)
        runs = self._library.digest_runs
        dealt_with = next((r for r in runs.in_states("done", "empty", "missed") if r.slot_us == slot_us), None)
        if dealt_with is not None:
            return dealt_with
        interrupted = next(iter(runs.in_states("running")), None)
        after = interrupted.after_seq if interrupted else runs.digested_seq()
        page = self._archive.page_for(slot, interrupted.file if interrupted else b"")
        running = DigestRun(slot_us, "running", after, self._library.newest_seq(), now_us(), file=os.fsencode(page))
        runs.put(running)
        request = ReportRequest(
            title=self._title(slot),
            folders=folders,
            after_seq=after,
            only_new=True,
            previews=True,
            health=health,
            include_place=self.settings.include_place,
        )
        context = report_context(self._pipeline, is_preempted)
        report = build_report(context, request, datetime.now(self._zone), lambda: monotonic() - began_s)
        if interrupted and _is_empty(report):
            self._archive.remove(page)  # what was written before a crash
        done = self._write(running, page, report)
        with self._library.batch():
            runs.put(done)
            if done.state == "done":
                self.deliveries.add(slot_us)
        self._tidy(slot)
        _log(done)
        return done

    def _write(self, running: DigestRun, page: Path, report: Report) -> DigestRun:
        """Write a digest with something in it; return what its run becomes."""
        if _is_empty(report):
            return DigestRun(running.slot_us, "empty", running.after_seq, running.until_seq, now_us())
        self._archive.write(page, instant(running.slot_us), report)
        saving = saving_in(report)
        return replace(
            running,
            state="done",
            made_us=now_us(),
            photos=report.new_photos,
            groups=saving.groups,
            removable_photos=saving.photos,
            reclaimable_bytes=saving.bytes,
        )

    def _tidy(self, slot: datetime) -> None:
        """Remove what is no longer kept.

        The digest is made, so whatever is in the way of that is left to the next one.
        """
        try:
            self._archive.tidy(slot)
        except LibraryDamagedError:
            raise
        except (DejashotError, OSError) as error:
            log.warning("old digests are removed later: %s", error)

    def _title(self, slot: datetime) -> str:
        """Return the digest's title: since when it covers."""
        done = self._library.digest_runs.in_states("done", "empty")
        since = [r for r in done if r.slot_us < microseconds(slot)]
        if not since:
            return t("Your photos so far")
        return t("Your photos since {moment}", moment=format_moment(instant(since[0].slot_us).astimezone(self._zone)))


def _is_empty(report: Report) -> bool:
    return not report.new_photos and not report.skipped and not report.groups


def _log(run: DigestRun) -> None:
    details = event("digest", state=run.state, photos=run.photos, groups=run.groups)
    photos, groups = plural(run.photos, "new photo"), plural(run.groups, "group")
    log.info("digest %s: %s, %s", run.state, photos, groups, extra=details)

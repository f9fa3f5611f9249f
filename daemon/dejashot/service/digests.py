"""Digests on schedule: each slot at most once, each covering exactly what is new since the last one."""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from time import monotonic

from dejashot.library.reader import DigestRun, Folder
from dejashot.models import instant, microseconds
from dejashot.paths import make_private, write_atomically
from dejashot.reporting.digest import Health, Report, plural
from dejashot.reporting.html import as_html
from dejashot.reporting.json import as_json
from dejashot.reporting.text import as_text
from dejashot.service.logs import event
from dejashot.service.pipeline import Pipeline, now_us
from dejashot.service.reports import Desk, Question, make_report
from dejashot.service.schedule import Schedule

log = logging.getLogger(__name__)


class Digests:
    """Make the digests of a pipeline; called from its owner thread only.

    A slot is written as `running` before the files are, and as `done` after: a slot found running after a crash is made again
    under the same name, so its digest exists once.
    """

    def __init__(
        self, pipeline: Pipeline, zone: tzinfo, folder: Path, started: datetime, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self._pipeline = pipeline
        self._store = pipeline.store
        self._settings = pipeline.settings
        self._zone = zone
        self._folder = folder
        self._started = started
        self._stopping = stopping
        self.schedule = Schedule(self._settings.digest.schedule, zone)
        self._store.start_schedule(microseconds(started))

    def due(self, now: datetime) -> datetime | None:
        """Return the slot to make now (UTC), None when there is none; slots missed while not running go by `catch_up`."""
        interrupted = self._store.digest_runs("running")
        if interrupted:
            return instant(interrupted[0].slot_us)
        last = min(now, instant(max(self._store.last_slot_us(), self._store.schedule_since_us())))
        slot = self.schedule.due(now, last)
        if slot is not None and slot < self._started and self._settings.digest.catch_up == "none":
            seq = self._store.digested_seq()
            self._store.put_digest_run(DigestRun(microseconds(slot), "missed", seq, seq, now_us()))
            return None
        return slot

    def make(self, slot: datetime, folders: Sequence[Folder], health: Sequence[Health]) -> DigestRun:
        """Make the digest of a slot over the watched folders; raise OSError when it can't be written (the slot stays due)."""
        began_s = monotonic()
        slot_us = microseconds(slot)
        interrupted = self._store.digest_runs("running")
        after = interrupted[0].after_seq if interrupted else self._store.digested_seq()
        running = DigestRun(slot_us, "running", after, self._store.newest_seq(), now_us())
        self._store.put_digest_run(running)
        question = Question(
            title=self._title(slot),
            folders=folders,
            after_seq=after,
            only_new=True,
            previews=True,
            health=health,
            include_place=self._settings.digest.include_place,
        )
        pipeline = self._pipeline
        desk = Desk(
            self._settings, self._store, pipeline.row, pipeline.pool, self._store.add_quality, pipeline.remember_matches, self._stopping
        )
        report = make_report(desk, question, datetime.now(self._zone), lambda: monotonic() - began_s)
        if not report.new_photos and not report.skipped:
            done = DigestRun(slot_us, "empty", after, running.until_seq, now_us())
        else:
            file = self._write(slot, report, again=bool(interrupted))
            groups, freed = len(report.waste), report.reclaimable_bytes
            done = DigestRun(slot_us, "done", after, running.until_seq, now_us(), report.new_photos, groups, freed, os.fsencode(file))
        self._store.put_digest_run(done)
        said = event("digest", state=done.state, photos=done.photos, groups=done.groups)
        log.info("digest %s: %s, %s", done.state, plural(done.photos, "new photo"), plural(done.groups, "group"), extra=said)
        return done

    def _title(self, slot: datetime) -> str:
        """Return the digest's title: since when it covers."""
        done = self._store.digest_runs("done", "empty")
        since = [r for r in done if r.slot_us < microseconds(slot)]
        if not since:
            return "Your photos so far"
        return f"Your photos since {instant(since[0].slot_us).astimezone(self._zone):%d %B, %H:%M}".replace(" 0", " ")

    def _write(self, slot: datetime, report: Report, *, again: bool) -> Path:
        """Write the three forms of a digest; return the HTML file.

        A digest of another slot with the same local time (after a journey west) is not overwritten.
        """
        make_private(self._folder)
        name = f"{slot.astimezone(self._zone):%Y-%m-%d_%H%M}"
        if not again and (self._folder / f"{name}.html").exists():
            name = f"{slot.astimezone(self._zone):%Y-%m-%d_%H%M%z}"
        write_atomically(self._folder / f"{name}.json", as_json(report).encode())
        write_atomically(self._folder / f"{name}.txt", as_text(report).encode("utf-8", "backslashreplace"))
        page = self._folder / f"{name}.html"
        write_atomically(page, as_html(report))
        return page

"""The digests as files: their names, the page that lists them all, and how long they stay."""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from urllib.parse import quote_from_bytes

from dejashot.digests.desktop import saving_of_run
from dejashot.digests.history import WEEKS, weeks_of
from dejashot.digests.overview import OVERVIEW_MARK, OverviewEntry, as_overview
from dejashot.digests.page_address import digest_address
from dejashot.errors import StorageError
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.capture import instant, microseconds
from dejashot.paths import make_folder, write_atomically
from dejashot.reports.formats.arrivals import Arrivals
from dejashot.reports.formats.html_format import as_html
from dejashot.reports.formats.json_format import as_json
from dejashot.reports.formats.text_format import as_text
from dejashot.reports.report import Report
from dejashot.reports.saving import saving_in

log = logging.getLogger(__name__)

OVERVIEW_NAME = "index.html"
ALWAYS_KEPT = 10
_FORMS = (".json", ".txt", ".html")


class Archive:
    """Keep the digests of a library in a folder; what others put there is left alone."""

    def __init__(
        self,
        library: Library,
        folder: Path,
        zone: tzinfo,
        keep_s: float | None,
        address: Callable[[], str] = lambda: "",
    ) -> None:
        """Prepare; `address` returns where the page to choose on is, empty where there is none."""
        self._library = library
        self._folder = folder
        self._zone = zone
        self._keep_s = keep_s
        self._address = address

    def page_for(self, slot: datetime, begun: bytes = b"") -> Path:
        """Return the page of a slot: the one begun before a crash, else one that is not there yet.

        Two slots have the same local time after a journey west: the second one's name tells the offset, then the
        moment too.
        """
        if begun and Path(os.fsdecode(begun)).parent == self._folder:
            return Path(os.fsdecode(begun))
        local = slot.astimezone(self._zone)
        names = [f"{local:%Y-%m-%d_%H%M}", f"{local:%Y-%m-%d_%H%M%z}", f"{local:%Y-%m-%d_%H%M%z}-{microseconds(slot)}"]
        pages = [self._folder / f"{name}.html" for name in names]
        return next((page for page in pages if not any(page.with_suffix(form).is_file() for form in _FORMS)), pages[-1])

    def write(self, page: Path, slot: datetime, report: Report) -> None:
        """Write the three forms of a digest, places in the page and the JSON alone: the text may be sent to others.

        Raise OSError.
        """
        make_folder(self._folder)
        write_atomically(page.with_suffix(".json"), as_json(report).encode())
        write_atomically(
            page.with_suffix(".txt"),
            as_text(replace(report, places=replace(report.places, named=False))).encode("utf-8", "backslashreplace"),
        )
        address = self._address()
        links = digest_address(address, microseconds(slot)) if address else ""
        overview = OVERVIEW_NAME if self._overview_is_ours() else ""
        write_atomically(page, as_html(report, overview, links, self._weeks(slot, report)))

    def remove(self, page: Path) -> bool:
        """Remove the three forms of a digest.

        Return whether they are gone for good: a folder that is away may come back.
        """
        if not page.parent.is_dir():
            return False
        try:
            for form in _FORMS:
                page.with_suffix(form).unlink(missing_ok=True)
        except OSError as error:
            log.warning("an old digest can't be removed: %s", error.strerror)
            return False
        return True

    def tidy(self, now: datetime) -> None:
        """Remove the files of digests that are older than they are kept, then bring the overview up to date."""
        if self._keep_s is not None:
            oldest_us = microseconds(now) - round(self._keep_s * 1e6)
            with_file = [run for run in self._library.digest_runs.in_states("done") if run.file]
            for run in with_file[ALWAYS_KEPT:]:
                if run.slot_us < oldest_us and self.remove(Path(os.fsdecode(run.file))):
                    self._library.digest_runs.put(replace(run, file=b""))  # the row stays: its slot has been
        self.write_overview()

    def write_overview(self) -> None:
        """Write the page that lists all digests where it changed.

        One that can't be written now is written with the next digest.
        """
        runs = self._library.digest_runs.in_states("done", "empty", "missed")
        if not any(run.state == "done" for run in runs) or not self._overview_is_ours():
            return
        page, file = as_overview(self._entries(runs), self._address()), self._folder / OVERVIEW_NAME
        try:
            before = file.read_bytes() if file.exists() else b""
            if page != before:
                make_folder(self._folder)
                write_atomically(file, page)
        except (StorageError, OSError) as error:
            log.warning("the page of all digests can't be written: %s", error)

    def _weeks(self, slot: datetime, report: Report) -> list[Arrivals]:
        """Return what the digests of the last weeks told, and what the one of a slot tells."""
        since = slot - timedelta(weeks=WEEKS)
        runs = self._library.digest_runs.done_between(microseconds(since), microseconds(slot))
        day = slot.astimezone(self._zone).date()
        told = [(instant(r.slot_us).astimezone(self._zone).date(), r.photos, r.removable_photos) for r in runs]
        return weeks_of([*told, (day, report.new_photos, saving_in(report).photos)] if runs else [], day)

    def _overview_is_ours(self) -> bool:
        """Tell whether the overview may be written: no page of someone else's has its name."""
        file = self._folder / OVERVIEW_NAME
        with suppress(FileNotFoundError, NotADirectoryError):
            try:
                with file.open("rb") as page:
                    return OVERVIEW_MARK in page.read(1000)
            except (PermissionError, IsADirectoryError):
                return False
        return True

    def _entries(self, runs: Sequence[DigestRun]) -> list[OverviewEntry]:
        return [
            OverviewEntry(
                instant(r.slot_us).astimezone(self._zone),
                r.state,
                r.photos,
                saving_of_run(r),
                self._link(r.file),
            )
            for r in sorted(runs, key=lambda r: r.slot_us, reverse=True)
        ]

    def _link(self, file: bytes) -> str:
        """Return the link from the overview to a digest that may have moved with the folder; empty where it is gone."""
        page = Path(os.fsdecode(file))
        if file and (self._folder / page.name).is_file():
            return quote_from_bytes(os.fsencode(page.name))
        return page.as_uri() if file and page.is_file() else ""

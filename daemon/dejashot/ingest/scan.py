"""One scan: bring the library up to date with some folders, then report on them."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config.settings import Settings
from dejashot.errors import LibraryBusyError
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Ingestor, IngestOutcome, open_ingestor
from dejashot.library.database import LIBRARY_FILE_NAME, copy_into
from dejashot.paths import shown
from dejashot.reading.options import all_readers
from dejashot.reports.build import ReportRequest, build_report
from dejashot.reports.report import Health, Report, plural

_BESIDE = "Another Dejashot has the library: this answers from a copy, and what it reads is not kept."
_TRIAL = "This is on trial: the library stays as it is, and what is read now is not kept."


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Who hears how a scan goes: `begun` the number of files to read, `done` each outcome, `told` what else to know."""

    begun: Callable[[int], None]
    done: Callable[[IngestOutcome], None]
    told: Callable[[str], None]


def scan(
    settings: Settings,
    folders: Sequence[Path],
    library: Path,
    progress: ScanProgress,
    *,
    previews: bool = False,
    include_place: bool = False,
    trial: bool = False,
) -> Report:
    """Scan folders and report on them.

    While a daemon owns the library the scan works on a copy of it, which is thrown away afterwards; so does a `trial`.
    Raises FolderError, LibraryError or ModelError.
    """
    with ExitStack() as stack:
        pipeline = None if trial else _own(stack, settings, library)
        if pipeline is None:
            progress.told(_TRIAL if trial else _BESIDE)
            copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dejashot-")))
            if (library / LIBRARY_FILE_NAME).exists():
                copy_into(library, copy)
            pipeline = stack.enter_context(open_ingestor(settings, copy, all_readers(settings)))
        pipeline.pool.unsealed = lambda words: progress.told(f"{words}.")
        if pipeline.restored is not None:
            progress.told(f"{pipeline.restored.description}.")
        return _scan(pipeline, folders, progress, previews=previews, include_place=include_place)


def _own(stack: ExitStack, settings: Settings, library: Path) -> Ingestor | None:
    """Own the library until the stack ends; None when another process does."""
    try:
        return stack.enter_context(open_ingestor(settings, library, all_readers(settings)))
    except LibraryBusyError:
        return None


def _scan(
    pipeline: Ingestor, folders: Sequence[Path], progress: ScanProgress, *, previews: bool, include_place: bool
) -> Report:
    began_s = monotonic()
    rows = bring_up_to_date(pipeline, folders, progress.begun, progress.done)
    counts = {row.id: pipeline.library.files.counts([row.id]) for row, _ in rows}
    question = ReportRequest(
        title=f"Scan of {shown(folders[0])}" if len(folders) == 1 else f"Scan of {plural(len(folders), 'folder')}",
        folders=[row for row, _ in rows],
        previews=previews,
        include_place=include_place,
        health=[
            Health(shown(row.path), "scanned once", trouble, counts[row.id].get("present", 0)) for row, trouble in rows
        ],
    )
    return build_report(pipeline.desk(), question, datetime.now().astimezone(), lambda: monotonic() - began_s)

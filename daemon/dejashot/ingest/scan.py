"""One scan: bring the library up to date with some folders, then report on them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.cluster.pool import pool_maker
from dejashot.config.settings import Settings
from dejashot.errors import LibraryBusyError, LibraryDamagedError, LibraryError
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline, report_context
from dejashot.ingest.tasks import IngestOutcome
from dejashot.language.texts import t, tn
from dejashot.library.database import LIBRARY_FILE_NAME, copy_into
from dejashot.library.tables.folders import Folder
from dejashot.paths import shown
from dejashot.reading.options import all_readers
from dejashot.reports.build import build_report
from dejashot.reports.closer_look.alongside import AlongsideLooks
from dejashot.reports.closer_look.arrivals import look_closely, note_all_looked_at
from dejashot.reports.context import ReadOnlyResults, ReportContext, ReportRequest
from dejashot.reports.kept.keeper import GroupKeeper
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.library_report import SCANNED_ONCE, FrameRequest, kept_report
from dejashot.reports.report import Health, Report

_BUSY = "Another Dejashot has the library: this answers from a copy, and what it reads is not kept."
_STOPPED = "Stopped. What was read so far is kept: the next scan goes on from there."
_TRIAL = "This is on trial: the library stays as it is, and what is read now is not kept."


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Where a scan reports the number of files to read, each outcome, and sentences to show.

    `on_asked` takes of how many photos more something is to be found out by a closer look (fewer where it is below 0),
    `on_answered` is called with each of them.
    """

    on_start: Callable[[int], None]
    on_outcome: Callable[[IngestOutcome], None]
    on_notice: Callable[[str], None]
    on_asked: Callable[[int], None] = lambda _: None
    on_answered: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of a scan: a report `in_memory` in any case, with previews or places.

    `keeps_groups` tells whether groups by the settings of this scan are kept for those who come later.
    """

    in_memory: bool = True
    previews: bool = False
    include_place: bool = False
    keeps_groups: bool = True


def scan(
    settings: Settings,
    folders: Sequence[Path],
    library: Path,
    progress: ScanProgress,
    *,
    previews: bool = False,
    include_place: bool = False,
) -> Report:
    """Scan folders and report on them; raise FolderError, LibraryError or ModelError."""
    request = ScanRequest(previews=previews, include_place=include_place)
    with open_scan(settings, folders, library, progress, request) as report:
        if not isinstance(report, Report):
            raise TypeError("a report in memory was asked for")
        return report


@contextmanager
def open_scan(
    settings: Settings, folders: Sequence[Path], library: Path, progress: ScanProgress, request: ScanRequest
) -> Iterator[Report | KeptReport]:
    """Scan folders and give a report on them; raise FolderError, LibraryError or ModelError.

    A report on all that is known is read from the kept groups, unless it is asked for in memory. While a daemon owns
    the library the scan works on a copy of it, which is thrown away afterwards.
    """
    with ExitStack() as stack:
        keeps = request.keeps_groups
        try:
            pipeline = stack.enter_context(_open(settings, library, progress))
            stack.enter_context(_told_when_stopped(progress))
        except LibraryBusyError:
            progress.on_notice(_BUSY)
            pipeline, keeps = stack.enter_context(_open_copy(settings, library, progress)), False
        yield from _reported(pipeline, folders, progress, replace(request, keeps_groups=keeps))


def trial_scan(settings: Settings, folders: Sequence[Path], library: Path, progress: ScanProgress) -> Report:
    """Scan folders with a copy of the library, which is thrown away afterwards.

    Raise FolderError, LibraryError or ModelError.
    """
    progress.on_notice(_TRIAL)
    with _open_copy(settings, library, progress) as pipeline:
        return _report(_looked(pipeline, folders, progress, previews=False), ScanRequest())


@contextmanager
def _open(settings: Settings, library: Path, progress: ScanProgress) -> Iterator[Pipeline]:
    """Open the pipeline of a library with all readers, and say what is not as usual."""
    with open_pipeline(
        settings,
        library,
        all_readers(settings),
        on_unsealed=lambda sentence: progress.on_notice(f"{sentence}."),
        make_pool=pool_maker(settings.cluster, progress.on_notice),
    ) as pipeline:
        if pipeline.owned.restored is not None:
            progress.on_notice(f"{pipeline.owned.restored.description}.")
        yield pipeline


@contextmanager
def _open_copy(settings: Settings, library: Path, progress: ScanProgress) -> Iterator[Pipeline]:
    """Open the pipeline of a copy of a library that lasts as long as the block."""
    with tempfile.TemporaryDirectory(prefix="dejashot-") as copy:
        if (library / LIBRARY_FILE_NAME).exists():
            copy_into(library, Path(copy))
        with _open(settings, Path(copy), progress) as pipeline:
            yield pipeline


@contextmanager
def _told_when_stopped(progress: ScanProgress) -> Iterator[None]:
    """Say what is kept when the owner stops a scan."""
    try:
        yield
    except KeyboardInterrupt:
        progress.on_notice(_STOPPED)
        raise


@dataclass(frozen=True, slots=True)
class _Scanned:
    """Folders that were brought up to date, with their problems, and what a report on them needs."""

    rows: Sequence[tuple[Folder, str]]
    context: ReportContext
    title: str
    began_s: float

    @property
    def folders(self) -> list[Folder]:
        """Return the folders."""
        return [row for row, _ in self.rows]

    def health(self) -> list[Health]:
        """Return how the folders were followed."""
        files = self.context.library.files
        counts = {row.id: files.counts([row.id]).get("present", 0) for row in self.folders}
        return [Health(shown(row.path), SCANNED_ONCE, problem, counts[row.id]) for row, problem in self.rows]

    def elapsed_s(self) -> float:
        """Return the seconds since the scan began."""
        return monotonic() - self.began_s


def _reported(
    pipeline: Pipeline, folders: Sequence[Path], progress: ScanProgress, request: ScanRequest
) -> Iterator[Report | KeptReport]:
    """Bring the library up to date with folders, and yield a report on them."""
    scanned = _looked(pipeline, folders, progress, previews=request.previews)
    if request.in_memory or not request.keeps_groups or not _covers_all(scanned):
        report = _report(scanned, request)
        if request.keeps_groups:
            _keep_groups(pipeline, progress)
        yield report
        return
    while look_closely(scanned.context, scanned.folders):
        pass
    note_all_looked_at(scanned.context, scanned.folders)
    _keep_groups(pipeline, progress)
    frame = FrameRequest(scanned.title, scanned.health(), scanned.elapsed_s)
    with kept_report(replace(scanned.context, results=ReadOnlyResults()), frame) as kept:
        yield kept


def _covers_all(scanned: _Scanned) -> bool:
    """Return whether folders are all that are known, so that what waits for a closer look is theirs."""
    known = scanned.context.library.folders.all()
    return {f.id for f in known} == {f.id for f in scanned.folders} and all(f.path.is_dir() for f in known)


def _looked(pipeline: Pipeline, folders: Sequence[Path], progress: ScanProgress, *, previews: bool) -> _Scanned:
    """Bring the library up to date with folders, looking closely at photos while others are read."""
    began_s = monotonic()
    context = report_context(pipeline, on_asked=progress.on_asked, on_answered=progress.on_answered)
    rows = bring_up_to_date(
        pipeline,
        folders,
        progress.on_start,
        progress.on_outcome,
        lambda rows: AlongsideLooks(context, lambda: rows, previews=previews),
    )
    pipeline.library.sync_decisions()  # the owner may have decided meanwhile
    return _Scanned(rows, context, _title(folders), began_s)


def _title(folders: Sequence[Path]) -> str:
    if len(folders) == 1:
        return t("Scan of {folder}", folder=shown(folders[0]))
    return tn("Scan of {count} folder", "Scan of {count} folders", len(folders))


def _report(scanned: _Scanned, request: ScanRequest) -> Report:
    """Report on what was scanned, looking closely at all that was not looked at yet."""
    wanted = ReportRequest(
        title=scanned.title,
        folders=scanned.folders,
        previews=request.previews,
        include_place=request.include_place,
        health=scanned.health(),
    )
    report = build_report(scanned.context, wanted, datetime.now().astimezone(), scanned.elapsed_s)
    note_all_looked_at(scanned.context, scanned.folders)
    return report


def _keep_groups(pipeline: Pipeline, progress: ScanProgress) -> None:
    """Bring the kept groups up to what was found; they can be made anew, so that no problem with them ends a scan."""
    try:
        with closing(GroupKeeper(pipeline.library, pipeline.on_progress)) as keeper:
            keeper.keep(report_context(pipeline))
    except LibraryDamagedError:
        raise
    except (LibraryError, OSError) as error:
        progress.on_notice(f"The groups could not be kept for later: {error}.")

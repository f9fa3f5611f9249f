"""Reports over every folder that the library knows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config.settings import Settings
from dejashot.library.tables.folders import Folder
from dejashot.paths import shown
from dejashot.reports.build import build_report
from dejashot.reports.collect import excluded, unreadable_files
from dejashot.reports.context import ReportContext, ReportRequest, open_context
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.kept.view import ViewRequest, open_groups
from dejashot.reports.report import Health, Report, ReportHead


def known_report(context: ReportContext) -> Report:
    """Return a report over all folders that are there, made of what is known: no photo is read for it."""
    began_s = monotonic()
    folders = [f for f in context.library.folders.all() if f.path.is_dir()]
    request = ReportRequest(title="Your library", folders=folders, known_only=True)
    return build_report(context, request, datetime.now().astimezone(), lambda: monotonic() - began_s)


@contextmanager
def open_kept_report(
    settings: Settings, library: Path, since: datetime | None, *, exact: bool = False
) -> Iterator[KeptReport]:
    """Give what `library_report` reports, to be read as it is needed; no photo is read for it; raise LibraryError."""
    began_s = monotonic()
    with (
        open_context(settings, library, exact=exact) as context,
        open_groups(context, ViewRequest(since_us=_since_us(since))) as view,
    ):
        basis, changes = view.basis, context.library.changes
        decided = changes.files_of(changes.photos_of(sorted(context.journal.verdicts)))
        frame = Report(
            ReportHead(
                title=_title(since),
                made_at=datetime.now().astimezone(),
                interval_s=settings.sifting.interval_s,
                model=context.model.label,
                root=str(basis.paths.root),
            ),
            (),
            skipped=unreadable_files(context, basis.there, basis.paths),
            health=_all_health(context, basis.there),
            exclusions=excluded(context, basis.there, basis.paths),
        )
        yield KeptReport(frame, view, decided, lambda: monotonic() - began_s)


def library_report(
    settings: Settings,
    library: Path,
    since: datetime | None,
    *,
    previews: bool,
    include_place: bool,
    exact: bool = False,
) -> Report:
    """Return a report over every folder the library knows, of what was taken since a moment; raise LibraryError."""
    began_s = monotonic()
    with open_context(settings, library, exact=exact) as context:
        folders = [f for f in context.library.folders.all() if f.path.is_dir()]
        request = ReportRequest(
            title=_title(since),
            folders=folders,
            since_us=_since_us(since),
            previews=previews,
            include_place=include_place,
            health=_all_health(context, folders),
        )
        return build_report(context, request, datetime.now().astimezone(), lambda: monotonic() - began_s)


def _title(since: datetime | None) -> str:
    return "Your library" if since is None else f"Your photos since {since.day} {since:%B %Y, %H:%M}"


def _since_us(since: datetime | None) -> int | None:
    return None if since is None else round(since.timestamp() * 1e6)


def _all_health(context: ReportContext, there: Sequence[Folder]) -> list[Health]:
    return [_health(context, f, there=f in there) for f in context.library.folders.all()]


def _health(context: ReportContext, folder: Folder, *, there: bool) -> Health:
    """Return how a folder was followed; one that is not there is left out of a report, not forgotten."""
    state = "watched" if folder.watched else "scanned once"
    problem = "" if there else "the folder is not there, its photos are left out"
    return Health(shown(folder.path), state, problem, context.library.files.counts([folder.id]).get("present", 0))

"""Reports over every folder that the library knows."""

from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config.settings import Settings
from dejashot.library.tables.folders import Folder
from dejashot.paths import shown
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportContext, ReportRequest, open_context
from dejashot.reports.report import Health, Report


def known_report(context: ReportContext) -> Report:
    """Return a report over all folders that are there, made of what is known: no photo is read for it."""
    began_s = monotonic()
    folders = [f for f in context.library.folders.all() if f.path.is_dir()]
    request = ReportRequest(title="Your library", folders=folders, known_only=True)
    return build_report(context, request, datetime.now().astimezone(), lambda: monotonic() - began_s)


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
        known = context.library.folders.all()
        folders = [f for f in known if f.path.is_dir()]
        request = ReportRequest(
            title="Your library" if since is None else f"Your photos since {since.day} {since:%B %Y, %H:%M}",
            folders=folders,
            since_us=None if since is None else round(since.timestamp() * 1e6),
            previews=previews,
            include_place=include_place,
            health=[_health(context, f, there=f in folders) for f in known],
        )
        return build_report(context, request, datetime.now().astimezone(), lambda: monotonic() - began_s)


def _health(context: ReportContext, folder: Folder, *, there: bool) -> Health:
    """Return how a folder was followed; one that is not there is left out of a report, not forgotten."""
    state = "watched" if folder.watched else "scanned once"
    problem = "" if there else "the folder is not there, its photos are left out"
    return Health(shown(folder.path), state, problem, context.library.files.counts([folder.id]).get("present", 0))

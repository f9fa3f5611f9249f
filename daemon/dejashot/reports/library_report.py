"""Reports over every folder that the library knows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config.settings import Settings
from dejashot.language.formats import format_moment
from dejashot.language.texts import noted, t
from dejashot.library.tables.folders import Folder
from dejashot.paths import shown
from dejashot.reports.build import build_report
from dejashot.reports.collect import excluded, unreadable_files
from dejashot.reports.context import ReportContext, ReportRequest, open_context
from dejashot.reports.kept.kept_report import KeptReport
from dejashot.reports.kept.view import ViewRequest, open_groups
from dejashot.reports.report import Health, Report, ReportHead

# Translators: of a folder
SCANNED_ONCE = noted("scanned once")


def known_report(context: ReportContext) -> Report:
    """Return a report over all folders that are there, made of what is known: no photo is read for it."""
    began_s = monotonic()
    folders = [f for f in context.library.folders.all() if f.path.is_dir()]
    request = ReportRequest(title=_title(None), folders=folders, known_only=True)
    return build_report(context, request, datetime.now().astimezone(), lambda: monotonic() - began_s)


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """What a kept report is called, how its folders are followed, and how long it took so far, in seconds."""

    title: str
    health: Sequence[Health]
    elapsed_s: Callable[[], float]
    view: ViewRequest = field(default_factory=ViewRequest)


@contextmanager
def open_kept_report(
    settings: Settings, library: Path, since: datetime | None, *, exact: bool = False
) -> Iterator[KeptReport]:
    """Give what `library_report` reports, to be read as it is needed; no photo is read for it; raise LibraryError."""
    began_s = monotonic()
    with open_context(settings, library, exact=exact) as context:
        health = _all_health(context, [f for f in context.library.folders.all() if f.path.is_dir()])
        view = ViewRequest(since_us=_since_us(since))
        frame = FrameRequest(_title(since), health, lambda: monotonic() - began_s, view)
        with kept_report(context, frame) as report:
            yield report


@contextmanager
def kept_report(context: ReportContext, wanted: FrameRequest) -> Iterator[KeptReport]:
    """Give a report on all folders that are there, to be read as it is needed; raise LibraryError."""
    with open_groups(context, wanted.view) as view:
        basis, changes = view.basis, context.library.changes
        decided = changes.files_of(changes.photos_of(sorted(context.journal.verdicts)))
        frame = Report(
            ReportHead(
                title=wanted.title,
                made_at=datetime.now().astimezone(),
                interval_s=context.settings.sifting.interval_s,
                model=context.model.label,
                root=str(basis.paths.root),
            ),
            (),
            skipped=unreadable_files(context, basis.there, basis.paths),
            health=wanted.health,
            exclusions=excluded(context, basis.there, basis.paths),
        )
        yield KeptReport(frame, view, decided, wanted.elapsed_s)


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
    return t("Your library") if since is None else t("Your photos since {moment}", moment=format_moment(since))


def _since_us(since: datetime | None) -> int | None:
    return None if since is None else round(since.timestamp() * 1e6)


def _all_health(context: ReportContext, there: Sequence[Folder]) -> list[Health]:
    return [_health(context, f, there=f in there) for f in context.library.folders.all()]


def _health(context: ReportContext, folder: Folder, *, there: bool) -> Health:
    """Return how a folder was followed; one that is not there is left out of a report, not forgotten."""
    # Translators: of a folder
    state = noted("watched") if folder.watched else SCANNED_ONCE
    problem = "" if there else noted("the folder is not there, its photos are left out")
    return Health(shown(folder.path), state, problem, context.library.files.counts([folder.id]).get("present", 0))

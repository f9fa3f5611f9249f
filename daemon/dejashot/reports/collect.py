"""The shots that a report is about, with their names in it, and the files that it can say nothing of."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dejashot.files.exclusions import Exclusion, merged
from dejashot.grouping.capture_clocks import correct_clock, resolve_times
from dejashot.library.tables.folders import Folder
from dejashot.models.files import Skipped
from dejashot.models.shot import Shot
from dejashot.reports.assemble import CompanionFile, assemble_shots
from dejashot.reports.changed_runs import files_in_changed_runs, files_near_arrivals
from dejashot.reports.companion_files import FoundCompanions, companions_in_folders, companions_of_files
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.parameters import clocks_of


class ReportPaths:
    """The names of files in a report: paths below the folder that all its folders are below of."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        self.root = Path(os.path.commonpath([f.path for f in folders])) if folders else Path.cwd()
        self._prefix = {f.id: os.path.relpath(os.fsencode(f.path), os.fsencode(self.root)) for f in folders}

    def name(self, folder: int, path: bytes) -> str:
        """Return the name of a file by the id of its folder and the path below that (bytes)."""
        prefix = self._prefix[folder]
        return os.fsdecode(path if prefix == b"." else os.path.join(prefix, path))


@dataclass(frozen=True, slots=True)
class CollectedShots:
    """The timeline of a report, the absolute path of each shot's photo (bytes), and the files that can't be read."""

    shots: list[Shot]
    paths: list[bytes]
    skipped: list[Skipped]


def collect_shots(
    context: ReportContext, request: ReportRequest, paths: ReportPaths, *, companions: bool = True
) -> CollectedShots:
    """Return what a report is about, by corrected clocks.

    Without `companions` the films and sidecars of photos are left out: a closer look needs none.
    """
    return _collected(context, request, paths, _chosen_files(context, request), companions=companions)


def collect_near_arrivals(context: ReportContext, request: ReportRequest, places: int) -> CollectedShots:
    """Return what arrived, and the shots at most so many places before and after it, without companions."""
    chosen = files_near_arrivals(context, request, places)
    return _collected(context, request, ReportPaths(request.folders), chosen, companions=False)


def _collected(
    context: ReportContext,
    request: ReportRequest,
    paths: ReportPaths,
    chosen: Sequence[int] | None,
    *,
    companions: bool,
) -> CollectedShots:
    """Return chosen files, by their numbers, as shots; None chooses all."""
    by_id = {f.id: f for f in request.folders}
    rows = context.library.shots.in_folders(list(by_id), context.row.id, chosen, request.after_seq, paths.name)
    # a folder inside another one may have been scanned by itself: each file counts once
    roots = {i: os.fsencode(f.path) for i, f in by_id.items()}
    named = {os.path.join(roots[row.folder], row.path): row.shot for row in rows}
    photos = dict(zip(named, correct_clock(list(named.values()), clocks_of(context.settings)), strict=True))
    found = _companions(context, request, photos, chosen) if companions else FoundCompanions()
    files = {
        path: CompanionFile(paths.name(file.folder, file.path), stamp) for path, (file, stamp) in found.files.items()
    }
    placed = assemble_shots(photos, files, found.linked)
    skipped = unreadable_files(context, request.folders, paths, request.after_seq)
    return CollectedShots([shot for _, shot in placed], [path for path, _ in placed], skipped)


def unreadable_files(
    context: ReportContext, folders: Sequence[Folder], paths: ReportPaths, after_seq: int = 0
) -> list[Skipped]:
    """Return the files of some folders that could not be read, with paths as in the report."""
    rows = context.library.files.skipped([f.id for f in folders], after_seq)
    unread = {paths.name(row.folder, row.path): row.skipped for row in rows}
    return [replace(skipped, path=path) for path, skipped in unread.items()]


def excluded(context: ReportContext, folders: Sequence[Folder], paths: ReportPaths) -> list[Exclusion]:
    """Return what was left out on purpose in all folders together, with paths as in the report."""
    found = context.library.folders.exclusions([f.id for f in folders])
    named = (
        replace(part, paths=tuple(os.fsencode(paths.name(folder, p)) for p in part.paths))
        for folder, parts in found.items()
        for part in parts
    )
    return merged(named)


def _companions(
    context: ReportContext, request: ReportRequest, photos: Iterable[bytes], chosen: Sequence[int] | None
) -> FoundCompanions:
    """Return what may belong to photos, by their absolute paths and the numbers of their files, None for all."""
    if chosen is None:
        return companions_in_folders(context.library, request.folders)
    return companions_of_files(context.library, request.folders, photos, chosen)


def _chosen_files(context: ReportContext, request: ReportRequest) -> list[int] | None:
    """Return the numbers of the files that a report is about, by their corrected times; None for all."""
    if request.only_new:
        return files_in_changed_runs(context, request)
    if request.since_us is None:
        return None
    times = context.library.shots.times.of_folders([f.id for f in request.folders])
    chosen = resolve_times(times.taken, clocks_of(context.settings)).taken_us >= request.since_us
    return None if chosen.all() else times.files[chosen].tolist()

"""Components of the timeline worked out: shots, groups and suggestions, as they are kept."""

import os
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from dejashot.grouping.capture_clocks import with_times
from dejashot.grouping.timeline import runs, times_of
from dejashot.library.kept.values import KeptComponent, KeptFile, KeptGroup, KeptRun
from dejashot.library.tables.folders import Folder
from dejashot.models.arrays import Integers
from dejashot.models.files import FileRef
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from dejashot.reports.assemble import CompanionFile, as_units, companion_of
from dejashot.reports.build import report_groups
from dejashot.reports.closer_look.grouped import GroupedShots, grouped_shots
from dejashot.reports.closer_look.questions import look_into
from dejashot.reports.collect import CollectedShots, ReportPaths
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.formats.json_format import SEPARATOR, damaged_line, group_line, pair_line, photo_line
from dejashot.reports.kept.bodies import group_body, packed_lines, run_body
from dejashot.reports.kept.companion_owners import CompanionOwners, OwnedFile
from dejashot.reports.kept.timeline_files import TimelineFiles
from dejashot.reports.parameters import limits_of
from dejashot.reports.report import Report, ReportGroup, ReportHead
from dejashot.reports.saving import CHOSEN, saving_of, savings_of, suggestion_of, surplus

_UNTITLED = ReportHead("", datetime.min, 0.0, "", "")


@dataclass(frozen=True, slots=True)
class _Collected:
    """Shots, the number of each file by its name, and what goes along with each photo by its number."""

    shots: CollectedShots
    numbers: Mapping[str, int]
    companions: Mapping[int, Sequence[FileRef]]


class ComponentMaker:
    """Work out components: `folders` are those that are there, `paths` names their files.

    `is_elsewhere` returns which of some group ids belong to groups outside of what is worked out.
    """

    def __init__(
        self,
        context: ReportContext,
        folders: Sequence[Folder],
        paths: ReportPaths,
        is_elsewhere: Callable[[Sequence[str]], Collection[str]],
    ) -> None:
        self._context, self._folders, self._paths, self._is_elsewhere = context, folders, paths, is_elsewhere
        self._request = ReportRequest("", folders, known_only=True)
        self._owners = CompanionOwners(context.library, folders)

    def made(self, files: TimelineFiles, parts: Sequence[Integers]) -> Iterator[KeptComponent]:
        """Yield some components worked out, given the places of their files."""
        collected = self._collect(files, np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64))
        grouped = look_into(grouped_shots(self._context, self._request, collected.shots), self._context)
        groups = report_groups(self._context, grouped, only_new=False, is_elsewhere=self._is_elsewhere)
        yield from _Parts(self._context, collected, grouped, groups).split(files, parts)

    def _collect(self, files: TimelineFiles, places: Integers) -> _Collected:
        """Return the shots of files, with times as they are compared and with what goes along."""
        shown = places[~files.shadowed[places]]
        place_of = dict(zip(files.files[shown].tolist(), shown.tolist(), strict=True))
        ids = [f.id for f in self._folders]
        rows = self._context.library.shots.in_folders(ids, self._context.row.id, list(place_of), 0, self._paths.name)
        at = np.array([place_of[row.number] for row in rows], dtype=np.int64)
        shots = with_times([row.shot for row in rows], files.resolved.at(at))
        roots = {f.id: os.fsencode(f.path) for f in self._folders}
        photos: dict[bytes, Shot] = {}
        companions: dict[int, Sequence[FileRef]] = {}
        for row, shot in zip(rows, shots, strict=True):
            path = os.path.join(roots[row.folder], row.path)
            along = self._owners.of(path)
            if along:
                companions[row.number] = [owned.file for owned in along]
            photos[path] = self._with(shot, along)
        placed = as_units(photos)
        found = CollectedShots([shot for _, shot in placed], [path for path, _ in placed], [])
        return _Collected(found, {row.shot.path: row.number for row in rows}, companions)

    def _with(self, shot: Shot, along: Sequence[OwnedFile]) -> Shot:
        """Return a shot with its companions."""
        if not along:
            return shot
        named = (CompanionFile(self._paths.name(o.file.folder, o.file.path), o.stamp) for o in along)
        return replace(shot, companions=tuple(companion_of(file) for file in named))


class _Parts:
    """Groups and shots that were worked out at once, taken apart by component."""

    def __init__(
        self, context: ReportContext, collected: _Collected, grouped: GroupedShots, groups: Sequence[ReportGroup]
    ) -> None:
        self._report = Report(_UNTITLED, grouped.shots, grouped.pairs, groups)
        self._unknown = grouped.unknown
        self._numbers, self._companions = collected.numbers, collected.companions
        limits = limits_of(context.settings)
        self._least = limits.least_certainty
        self._runs = runs(times_of(grouped.shots), limits.interval_s)
        self._starts = [start for start, _ in self._runs]
        self._by_run: dict[int, list[ReportGroup]] = {}
        self._groups_of_run: dict[int, set[str]] = {}
        for g in groups:
            self._by_run.setdefault(self._run_of(g.group.members[0]), []).append(g)
        of_series = {m: g.id for g in groups if g.group.kind is Kind.SERIES for m in g.group.members}
        others = {m: g.id for g in groups if g.group.kind is not Kind.SERIES for m in g.group.members}
        for m, name in (of_series | others).items():  # a shot of both counts for the group to choose from
            self._groups_of_run.setdefault(self._run_of(m), set()).add(name)
        self._damaged: dict[int, list[str]] = {}
        for n, damaged in self._report.damaged_in_shots:
            self._damaged.setdefault(self._run_of(n), []).append(damaged_line(damaged))
        self._pairs: dict[int, list[int]] = {}
        for n, pair in enumerate(self._report.pairs):
            self._pairs.setdefault(self._run_of(pair.a), []).append(n)

    def split(self, files: TimelineFiles, parts: Sequence[Integers]) -> Iterator[KeptComponent]:
        """Yield each component, given the places of its files."""
        part_of = {int(number): n for n, part in enumerate(parts) for number in files.files[part].tolist()}
        runs_of: dict[int, list[int]] = {}
        for n, start in enumerate(self._starts):
            runs_of.setdefault(part_of[self._numbers[self._report.shots[start].path]], []).append(n)
        for n, part in enumerate(parts):
            own = runs_of.get(n, [])
            place_of_run = {run: place for place, run in enumerate(own)}
            yield KeptComponent(
                files=_kept_files(files, part),
                companions=[
                    (number, file) for number in files.files[part].tolist() for file in self._companions.get(number, ())
                ],
                runs=[self._kept_run(run) for run in own],
                groups=[self._kept_group(g, place_of_run) for run in own for g in self._by_run.get(run, ())],
            )

    def _run_of(self, n: int) -> int:
        return bisect_right(self._starts, n) - 1

    def _kept_run(self, run: int) -> KeptRun:
        report, (start, end) = self._report, self._runs[run]
        shots, pairs = report.shots[start:end], [report.pairs[n] for n in self._pairs.get(run, ())]
        damaged = self._damaged.get(run, [])
        lines = (
            (photo_line(report, n) for n in range(start, end)),
            (pair_line(report, p) for p in pairs),
            (group_line(report, g) for g in self._by_run.get(run, ())),
            damaged,
        )
        return KeptRun(
            first_us=shots[0].taken.taken_us,
            day=shots[0].taken.iso[:10],
            shots=len(shots),
            groups=len(self._groups_of_run.get(run, ())),
            ungrouped=sum(not s.taken.certainty.reaches(self._least) for s in shots),
            damaged=len(damaged),
            first_content=shots[0].content,
            body=run_body(shots, pairs, start),
            lines=packed_lines(SEPARATOR.join(some) for some in lines),
        )

    def _kept_group(self, g: ReportGroup, place_of_run: Mapping[int, int]) -> KeptGroup:
        shots, members = self._report.shots, g.group.members
        saving = saving_of(shots, [g] if g.open else [])
        going = list(surplus(shots, [g], {shots[m].content: verdict for m, verdict in g.decided.items()}))
        chosen = [shot for shot, what in going if what == CHOSEN]
        places = {m: (place_of_run[self._run_of(m)], m - self._starts[self._run_of(m)]) for m in members}
        names = [name for m in members for name in (shots[m].path, *(c.path for c in shots[m].companions))]
        return KeptGroup(
            id=g.id,
            first_us=shots[members[0]].taken.taken_us,
            series=g.group.kind is Kind.SERIES,
            open=g.open,
            clear=g.clear,
            pending=g.pending,
            lacking=not self._unknown.isdisjoint(shots[m].content for m in members),
            suggested_bytes=suggestion_of(g).reclaimable_bytes,
            open_photos=saving.photos,
            open_bytes=saving.bytes,
            chosen_photos=len(chosen),
            chosen_bytes=sum(shot.whole_bytes for shot in chosen),
            files=tuple(self._numbers[name] for name in names if name in self._numbers),
            savings=savings_of(going),
            body=group_body(g, places),
        )


def _kept_files(files: TimelineFiles, part: Integers) -> list[KeptFile]:
    """Return the files of a component as they are kept, shadowed ones too."""
    taken = files.times.taken
    columns = (files.files, files.units, taken.taken_us, taken.offset_s, taken.zone_known)
    rows = zip(*(column[part].tolist() for column in columns), strict=True)
    return [KeptFile(number, unit, taken_us, offset_s, bool(known)) for number, unit, taken_us, offset_s, known in rows]

"""What has to be worked out again after a change: all that it touches, and all that touches that."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.grouping.capture_clocks import Clocks
from dejashot.library.kept.changes import Changed
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.values import KeptFile
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileRef
from dejashot.reports.changed_runs import RunSearch
from dejashot.reports.kept.companion_owners import CompanionOwners
from dejashot.reports.kept.timeline_files import Parts, TimelineFiles, components
from dejashot.reports.spans import around

_SECOND_US = 1_000_000
_FURTHEST_US = 2**60


@dataclass(frozen=True, slots=True)
class Stale:
    """The kept components that hold no more, the files to make new ones of, and the places of those of each."""

    components: frozenset[int]
    files: TimelineFiles
    parts: Parts


class Closure:
    """Find what a change touches: the components that files were in, and those that they are to be in."""

    def __init__(self, library: Library, kept: KeptGroups, there: Sequence[Folder], clocks: Clocks) -> None:
        self._library, self._kept, self._clocks = library, kept, clocks
        self._there, self._roots = there, {f.id: f.path for f in there}
        self._times = library.shots.times
        self._interval_us = int(min(clocks.interval_s * 1e6, _FURTHEST_US))

    def stale(self, changed: Changed, others: Iterable[int] = ()) -> Stale:
        """Return what has to be worked out again; `others` are components that do in any case."""
        files = {*changed.files, *self._library.changes.files_of(changed.photos)}
        files |= self._with_other_companions(changed, files)
        numbers = set(others)
        while True:
            numbers |= self._kept.components_of(sorted(files))
            kept = self._kept.files_in(sorted(numbers))
            files |= {f.id for f in kept}
            found = self._runs_with(files)
            copies = self._library.measurements.distant_copies.pairs_with(sorted(set(found.photos.tolist())))
            touching = self._touching(found, kept, copies)
            units = {*(f.unit for f in kept), *found.units.tolist()}
            numbers_too = self._kept.components_of(sorted(touching)) | self._kept.components_with_units(sorted(units))
            inside = files.union(found.files.tolist())
            if touching <= inside and numbers_too <= numbers:
                return Stale(frozenset(numbers), found, components(found, copies, self._clocks.interval_s))
            files, numbers = inside | touching, numbers | numbers_too

    def _runs_with(self, files: Iterable[int]) -> TimelineFiles:
        """Return the files of the runs with some files."""
        there = sorted(self._roots)
        names = {n.file for n in self._times.names_of(sorted(files)) if n.folder in self._roots}
        found = RunSearch(self._times, there, self._clocks).runs_with(self._times.of_files(sorted(names)))
        chosen = self._times.names_of(found.times.files.tolist())
        return TimelineFiles.of(found.times, found.resolved, chosen, self._roots)

    def _touching(self, found: TimelineFiles, kept: Sequence[KeptFile], copies: Sequence[tuple[int, int]]) -> set[int]:
        """Return the files whose times, or groups, depend on some files, or did."""
        touching = set(self._library.changes.files_of(sorted({photo for pair in copies for photo in pair})))
        taken, there = found.times.taken, sorted(self._roots)
        taken_us = np.append([f.taken_us for f in kept], taken.taken_us).astype(np.int64)
        offset_s = np.append([f.offset_s for f in kept], taken.offset_s).astype(np.int64)
        walls = around(taken_us + offset_s * _SECOND_US, self._interval_us)
        near = (
            self._times.taken_within(there, around(taken_us, self._interval_us)),
            self._times.wall_within(there, walls, zone_known=False),
        )
        touching.update(t.file for some in near for t in some)
        names = self._times.names_of(sorted(touching))
        return {n.file for n in names if n.folder in self._roots}

    def _with_other_companions(self, changed: Changed, files: Iterable[int]) -> set[int]:
        """Return the photos that get or lose companions: by those that changed, or by photos next to them."""
        refs = [*changed.companions, *self._library.changes.places_of(sorted(files))]
        directories = {
            os.path.split(ref.under(self._roots[ref.folder]))[0] for ref in refs if ref.folder in self._roots
        }
        owners = CompanionOwners(self._library, self._there)
        now = {file: photo for directory in directories for file, photo in owners.in_directory(directory)}
        numbers = self._numbers_of(owners, {*now.values()})
        before = self._kept.owners_in([place for directory in directories for place in owners.known_as(directory)])
        moved = {c for c in {*now, *before} if before.get(c) != (numbers.get(now[c]) if c in now else None)}
        moved.update(c for c in changed.companions if c in now or c in before)
        return {before[c] for c in moved if c in before} | {numbers[now[c]] for c in moved if now.get(c) in numbers}

    def _numbers_of(self, owners: CompanionOwners, photos: Iterable[bytes]) -> dict[bytes, int]:
        """Return the numbers of photos by absolute path: of one in several folders, the one that is on the timeline."""
        found: dict[bytes, int] = {}
        for photo in photos:
            directory, name = os.path.split(photo)
            refs = [FileRef(d.folder, d.prefix + name) for d in owners.known_as(directory)]
            numbers = self._library.changes.numbers_of(refs).values()
            if numbers:
                found[photo] = max(numbers)
        return found

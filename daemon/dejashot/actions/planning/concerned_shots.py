"""The shots and groups that decisions concern: read from the kept groups, the others are left alone."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence

from dejashot.library.library import Library
from dejashot.models.shot import Shot
from dejashot.reports.kept.bodies import run_of
from dejashot.reports.kept.view import GroupSource, LibraryGroups, ShownGroup, shown_group


class ConcernedShots:
    """All shots of the parts of the timeline that some files lie in, in time order, and the groups there.

    Parts of the timeline touch no other: a group lies in one.
    """

    def __init__(self, library: Library, view: LibraryGroups) -> None:
        self._changes = library.changes
        self._sources = [_Part(source) for source in view.sources]

    @property
    def shots(self) -> list[Shot]:
        """Return the shots, in time order."""
        return list(heapq.merge(*(part.shots() for part in self._sources), key=_taken_us))

    def add_files_of(self, contents: Collection[bytes]) -> None:
        """Add the parts with files that hold some contents."""
        files = self._changes.files_of(self._changes.photos_of(sorted(contents)))
        for part in self._sources:
            part.add(files)

    def groups(self) -> Iterator[ShownGroup]:
        """Yield the groups, in time order; raise GroupsFileError."""
        return heapq.merge(*(part.groups() for part in self._sources), key=lambda shown: _taken_us(shown.shots[0]))


class _Part:
    """What of one file of groups is concerned."""

    def __init__(self, source: GroupSource) -> None:
        self._source, self._lookups = source, source.lookups
        self._runs: dict[int, list[Sequence[Shot]]] = {}

    def add(self, files: Sequence[int]) -> None:
        found = self._source.kept.components_of(files) - self._source.without - self._runs.keys()
        self._runs |= {component: [] for component in found}
        for component, body in self._lookups.run_bodies(sorted(found)):
            self._runs[component].append(run_of(body)[0])

    def shots(self) -> Iterable[Shot]:
        return sorted((s for runs in self._runs.values() for run in runs for s in run), key=_taken_us)

    def groups(self) -> Iterable[ShownGroup]:
        bodies = self._lookups.group_bodies(sorted(self._runs))
        found = [shown_group(body, self._runs[component]) for component, body in bodies]
        return sorted(found, key=lambda shown: _taken_us(shown.shots[0]))


def _taken_us(shot: Shot) -> int:
    return shot.taken.taken_us

"""What pages show of kept groups, loaded for those alone that are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dejashot.errors import GroupsFileError
from dejashot.language.texts import noted
from dejashot.library.kept.group_queries import GroupQueries
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.values import GroupRow
from dejashot.library.library import Library
from dejashot.models.groups import Pair
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.kept.bodies import places_in, run_of, unpacked
from dejashot.reports.kept.view import GroupSource, ShownGroup

HELD_GROUPS = 256


@dataclass(frozen=True, slots=True)
class ShownRun:
    """Shots of a run, the pairs of neighbours by the later one, and the group and the series of each shot by place."""

    shots: Sequence[Shot]
    links: Mapping[int, Pair]
    groups: Mapping[int, str]
    series: Mapping[int, str]


class GroupLoader:
    """Loads groups, runs and shots from a library and its kept groups. Not thread-safe.

    `recent` holds groups that were loaded from the same file; a few hundred are kept in it.
    """

    def __init__(self, library: Library, kept: KeptGroups, recent: dict[GroupRow, ShownGroup] | None = None) -> None:
        self._library, self.kept, self.queries = library, kept, GroupQueries(kept.connection)
        self._source = GroupSource(kept)
        self._recent = {} if recent is None else recent

    def rows(self, ids: Sequence[str]) -> list[GroupRow]:
        """Return the rows of the groups with some ids."""
        return self._source.lookups.groups(ids)

    def shown(self, row: GroupRow) -> ShownGroup:
        """Return a group with its own shots; raise GroupsFileError."""
        found = self._recent.pop(row, None) or self._source.shown(row)
        while len(self._recent) >= HELD_GROUPS:
            del self._recent[next(iter(self._recent))]
        self._recent[row] = found  # the last one
        return found

    def qualities(self, contents: Sequence[bytes]) -> Mapping[bytes, Quality]:
        """Return what was measured of some contents."""
        return self._library.measurements.quality(contents)

    def whole_shots(self, shown: ShownGroup, number: int) -> list[Shot]:
        """Return the shots of a group by its number, with vectors and signatures as far as the library knows them."""
        library, row = self._library, self._library.vectors.active_model()
        folders = [folder.id for folder in library.folders.all()]
        files = library.shots.in_folders(folders, row.id if row else 0, self.queries.members(number))
        known = {file.shot.content: file.shot for file in files}
        return [
            replace(s, vector=known[s.content].vector, signature=known[s.content].signature)
            if s.content in known
            else s
            for s in shown.shots
        ]

    def shots_with(self, contents: Sequence[bytes]) -> dict[bytes, Shot]:
        """Return one shot of each content that is on the timeline, be it that of its photo or of what goes along.

        Raises GroupsFileError.
        """
        numbers = self._library.files.numbers_of(contents)
        components = self.queries.components_of([file for _, file in numbers])
        wanted = set(contents)
        found: dict[bytes, Shot] = {}
        along: dict[bytes, Shot] = {}
        for component in dict.fromkeys(components[file] for _, file in numbers if file in components):
            for _, body in self._source.lookups.run_bodies([component]):
                for shot in run_of(body)[0]:
                    for content in wanted.intersection(c.content for c in shot.companions):
                        along.setdefault(content, shot)
                    if shot.content in wanted:
                        found.setdefault(shot.content, shot)
        return along | found

    def there(self, contents: Sequence[bytes]) -> set[bytes]:
        """Return which contents are on the timeline."""
        numbers = self._library.files.numbers_of(contents)
        components = self.queries.components_of([file for _, file in numbers])
        return {content for content, file in numbers if file in components}

    def groups_of(self, contents: Sequence[bytes]) -> dict[bytes, list[str]]:
        """Return the ids of the groups that contents are in, the one to lead to last."""
        held: dict[int, bytes] = {file: content for content, file in self._library.files.numbers_of(contents)}
        found: dict[bytes, list[str]] = {}
        for file, name, _ in self.queries.groups_of(sorted(held)):
            found.setdefault(held[file], []).append(name)
        return found

    def day(self, day: str, start: int, count: int) -> list[ShownRun]:
        """Return some runs of a day (`2026-07-01`) in time order, from the one numbered `start` on.

        Raises GroupsFileError.
        """
        members: dict[int, list[tuple[str, bool, list[tuple[int, int]]]]] = {}
        found: list[ShownRun] = []
        for run in self.queries.runs_of(day, start, count):
            if run.component not in members:
                members[run.component] = list(self._members_in(run.component))
            groups: dict[int, str] = {}
            series: dict[int, str] = {}
            for name, is_series, places in members[run.component]:
                own = series if is_series else groups
                own |= {place: name for other, place in places if other == run.place}
            shots, pairs = run_of(run.body)
            found.append(ShownRun(shots, {p.b: p for p in pairs}, series | groups, series))
        return found

    def _members_in(self, component: int) -> Iterator[tuple[str, bool, list[tuple[int, int]]]]:
        """Yield the id of each group of a component, whether it is a series, and the places of its members."""
        for row in self.rows(self.queries.ids_in(component)):
            values = unpacked(row.body)
            try:
                yield row.id, row.series, places_in(values)
            except (LookupError, ValueError, TypeError) as error:
                raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error

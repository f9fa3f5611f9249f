"""The kept groups: components of the timeline that touch no other, with their files, runs and groups."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass
from typing import Any

from dejashot.library.connection import LibraryConnection
from dejashot.library.tables.rows import Directory, rows_in
from dejashot.models.files import FileRef

_PAGE = 2000  # runs read at once
_INSERT_FILE = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_COMPANION = "INSERT OR REPLACE INTO companion VALUES (?, ?, ?)"
_INSERT_RUN = "INSERT INTO run VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_GROUP = "INSERT INTO shot_group VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_OF_COMPONENT = (
    "DELETE FROM member WHERE number IN (SELECT number FROM shot_group WHERE component = ?)",
    "DELETE FROM saving WHERE number IN (SELECT number FROM shot_group WHERE component = ?)",
    "DELETE FROM shot_group WHERE component = ?",
    "DELETE FROM run WHERE component = ?",
    "DELETE FROM companion WHERE file_id IN (SELECT id FROM file WHERE component = ?)",
    "DELETE FROM file WHERE component = ?",
)


_GROUPS = (
    "SELECT number, id, component, first_us, series, open, clear, pending, suggested_bytes, open_photos, open_bytes,"
    " chosen_photos, chosen_bytes, body FROM shot_group "
)
_SHOT_SUMS = "SELECT coalesce(sum(shots), 0), coalesce(sum(ungrouped), 0), coalesce(sum(damaged), 0) FROM run "
_GROUP_SUMS = (
    "SELECT count(*), coalesce(sum(series), 0), coalesce(sum(open), 0), coalesce(sum(open AND pending), 0),"
    " coalesce(sum(open_photos), 0), coalesce(sum(open_bytes), 0) FROM shot_group "
)
_VALUES = 500  # in a statement


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file by its number, the unit that its name makes it part of, and its time as it was recorded."""

    id: int
    unit: int
    taken_us: int
    offset_s: int
    zone_known: bool


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run of a component: when it begins, the local day, counts of what is in it, and its shots and pairs.

    `body` holds the shots and the pairs of neighbours, `lines` what a report in JSON says of them. `first_content` is
    that of its first shot.
    """

    first_us: int
    day: str
    shots: int
    groups: int
    ungrouped: int
    damaged: int
    first_content: bytes
    body: bytes
    lines: bytes


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """A group: its stable id, when it begins, what it is, and what could go or was chosen to go.

    It is lacking where closer looks do not know all of its photos, whether or not one is still to come. `files` are
    its members by their numbers. `savings` holds bytes by what (`suggested`, `chosen`), month and camera. `body` holds
    members, pairs and suggestion: members are places in the runs of its component.
    """

    id: str
    first_us: int
    series: bool
    open: bool
    clear: bool
    pending: bool
    lacking: bool
    suggested_bytes: int
    open_photos: int
    open_bytes: int
    chosen_photos: int
    chosen_bytes: int
    files: tuple[int, ...]
    savings: Mapping[tuple[str, str, str], int]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptComponent:
    """A part of the timeline that touches no other: its files, its runs, and the groups that begin in each run.

    `companions` are the files that go along, by the number of the photo.
    """

    files: Sequence[KeptFile]
    companions: Sequence[tuple[int, FileRef]]
    runs: Sequence[KeptRun]
    groups: Sequence[KeptGroup]


@dataclass(frozen=True, slots=True)
class RunLines:
    """The number of a run's component, when the run begins, and what a report in JSON says of it."""

    component: int
    first_us: int
    lines: bytes


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A kept group without what it shows: its number, id, component and state, and its body where it was asked for."""

    number: int
    id: str
    component: int
    first_us: int
    series: bool
    open: bool
    clear: bool
    pending: bool
    suggested_bytes: int
    open_photos: int
    open_bytes: int
    chosen_photos: int
    chosen_bytes: int
    body: bytes


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """How many groups, series and shots some components hold, and what of them waits, could go, or can't be grouped."""

    shots: int = 0
    ungrouped: int = 0
    damaged: int = 0
    groups: int = 0
    series: int = 0
    open_groups: int = 0
    pending: int = 0
    open_photos: int = 0
    open_bytes: int = 0

    def with_more(self, other: "GroupTotals", times: int = 1) -> "GroupTotals":
        """Return the sums of both, the other counted so many times."""
        return GroupTotals(*(own + times * more for own, more in zip(astuple(self), astuple(other), strict=True)))


class KeptGroups:
    """The rows of a file of kept groups. Not thread-safe."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = self.connection = connection

    def batch(self) -> AbstractContextManager[None]:
        """Make everything inside one transaction."""
        return self._connection.transaction()

    def hold(self) -> None:
        """Let all that is read from now on be as it is now, whatever the owner writes."""
        self.connection.hold()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def basis(self) -> dict[str, str]:
        """Return what the groups were made from, by name."""
        return {r[0]: r[1] for r in self._connection.select("SELECT name, value FROM basis")}

    def set_basis(self, values: Mapping[str, str]) -> None:
        """Keep what the groups were made from."""
        with self._connection.transaction():
            self._connection.execute_many("INSERT OR REPLACE INTO basis VALUES (?, ?)", list(values.items()))

    def components_of(self, files: Sequence[int]) -> set[int]:
        """Return the components that some files are in."""
        sql = "SELECT DISTINCT component FROM file WHERE id IN (*)"
        return {r[0] for r in self._connection.select_each(sql, (), files)}

    def components_with_units(self, units: Sequence[int]) -> set[int]:
        """Return the components with files of some units."""
        sql = "SELECT DISTINCT component FROM file WHERE unit IN (*)"
        return {r[0] for r in self._connection.select_each(sql, (), units)}

    def lacking_components(self) -> list[int]:
        """Return the components with a group of which closer looks do not know all."""
        return [r[0] for r in self._connection.select("SELECT DISTINCT component FROM shot_group WHERE lacking = 1")]

    def files_in(self, components: Sequence[int]) -> list[KeptFile]:
        """Return the files of some components."""
        sql = "SELECT id, unit, taken_us, offset_s, zone_known FROM file WHERE component IN (*)"
        found = self._connection.select_each(sql, (), components)
        return [KeptFile(r[0], r[1], r[2], r[3], bool(r[4])) for r in found]

    def owners_in(self, directories: Iterable[Directory]) -> dict[FileRef, int]:
        """Return the companions right in some directories, each with the number of the photo that it goes with."""
        sql = "SELECT path, file_id FROM companion WHERE true"
        return {
            FileRef(directory.folder, r[0]): r[1]
            for directory in directories
            for r in rows_in(self._connection, sql, directory)
        }

    def ids_elsewhere(self, ids: Sequence[str], components: Iterable[int]) -> set[str]:
        """Return which ids groups outside of some components have."""
        inside = set(components)
        found = self._connection.select_each("SELECT id, component FROM shot_group WHERE id IN (*)", (), ids)
        return {r[0] for r in found if r[1] not in inside}

    def newest_component(self) -> int:
        """Return the highest number of a component, 0 where there is none."""
        return int(self._connection.value("SELECT max(component) FROM file") or 0)

    def lines(self) -> Iterator[RunLines]:
        """Yield what a report says of each run, in time order."""
        at = (-(2**63), 0)
        sql = (
            "SELECT id, component, first_us, lines FROM run WHERE (first_us, id) > (?, ?) ORDER BY first_us, id LIMIT ?"
        )
        while rows := self._connection.select(sql, (*at, _PAGE)):
            yield from (RunLines(r[1], r[2], r[3]) for r in rows)
            at = rows[-1][2], rows[-1][0]

    def totals(self, components: Collection[int] | None = None) -> GroupTotals:
        """Return the totals of some components, of all where none are named."""
        if components is None:
            return self._totals("", ())
        sums = GroupTotals()
        for start in range(0, len(components), _VALUES):
            some = sorted(components)[start : start + _VALUES]
            sums = sums.with_more(self._totals(f"WHERE component IN ({','.join('?' * len(some))})", some))
        return sums

    def groups(self, ids: Sequence[str]) -> list[GroupRow]:
        """Return the groups with some ids."""
        return [_group_row(r) for r in self._connection.select_each(_GROUPS + "WHERE id IN (*)", (), ids)]

    def groups_from(self, after: tuple[int, int], count: int) -> list[GroupRow]:
        """Return the next groups in time order behind one, by when it begins and its number."""
        sql = _GROUPS + "WHERE (first_us, number) > (?, ?) ORDER BY first_us, number LIMIT ?"
        return [_group_row(r) for r in self._connection.select(sql, (*after, count))]

    def run_bodies(self, component: int) -> list[bytes]:
        """Return the bodies of the runs of a component, in time order."""
        sql = "SELECT body FROM run WHERE component = ? ORDER BY id"
        return [r[0] for r in self._connection.select(sql, (component,))]

    def _totals(self, where: str, values: Sequence[int]) -> GroupTotals:
        (shots,) = self._connection.select(_SHOT_SUMS + where, values)
        (groups,) = self._connection.select(_GROUP_SUMS + where, values)
        return GroupTotals(*shots, *groups)

    def remove(self, components: Iterable[int]) -> None:
        """Remove some components."""
        numbers = [(n,) for n in components]
        with self._connection.transaction():
            for statement in _OF_COMPONENT:
                self._connection.execute_many(statement, numbers)

    def add(self, number: int, component: KeptComponent) -> None:
        """Keep a component under a number that none has."""
        with self._connection.transaction():
            self._connection.execute_many(
                _INSERT_FILE,
                [(f.id, number, f.unit, f.taken_us, f.offset_s, int(f.zone_known)) for f in component.files],
            )
            self._connection.execute_many(
                _INSERT_COMPANION, [(file.folder, file.path, owner) for owner, file in component.companions]
            )
            self._connection.execute_many(
                _INSERT_RUN,
                [
                    (
                        *(number, r.first_us, r.day, r.shots, r.groups),
                        *(r.ungrouped, r.damaged, r.first_content, r.body, r.lines),
                    )
                    for r in component.runs
                ],
            )
            for group in component.groups:
                self._add_group(number, group)

    def _add_group(self, component: int, g: KeptGroup) -> None:
        flags = (int(g.series), int(g.open), int(g.clear), int(g.pending), int(g.lacking))
        sums = (g.suggested_bytes, g.open_photos, g.open_bytes, g.chosen_photos, g.chosen_bytes)
        self._connection.execute(_INSERT_GROUP, (g.id, component, g.first_us, *flags, *sums, g.body))
        number = self._connection.value("SELECT last_insert_rowid()")
        self._connection.execute_many(
            "INSERT OR IGNORE INTO member VALUES (?, ?)", [(file, number) for file in g.files]
        )
        self._connection.execute_many(
            "INSERT INTO saving VALUES (?, ?, ?, ?, ?)", [(number, *key, size) for key, size in g.savings.items()]
        )


def _group_row(row: Any) -> GroupRow:
    flags = (bool(flag) for flag in row[4:8])
    return GroupRow(*row[:4], *flags, *row[8:])

"""The kept groups: components of the timeline that touch no other, with their files, runs and groups."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from dejashot.errors import GroupsFileError
from dejashot.language.texts import noted
from dejashot.library.connection import LibraryConnection
from dejashot.library.kept.values import KeptComponent, KeptFile, KeptGroup
from dejashot.library.tables.rows import Directory, rows_in
from dejashot.models.files import FileRef
from dejashot.paths import shown

_CHECKED_US, _DAY_US = "checked_us", 86_400_000_000
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

    def check(self, now_us: int) -> None:
        """Look through the pages of the file, unless that was done within a day; raise GroupsFileError for damage."""
        if 0 <= now_us - int(self.basis().get(_CHECKED_US, 0)) < _DAY_US:
            return
        reply = self._connection.value("PRAGMA quick_check(1)")
        if reply != "ok":
            raise GroupsFileError(
                noted("the file of kept groups is damaged: {why}").format(why=shown(str(reply))),
                noted("It is made anew"),
            )
        self.set_basis({_CHECKED_US: str(now_us)})

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

    def count_files(self) -> int:
        """Return how many files there are."""
        return int(self._connection.value("SELECT count(*) FROM file"))

    def newest_component(self) -> int:
        """Return the highest number of a component, 0 where there is none."""
        return int(self._connection.value("SELECT max(component) FROM file") or 0)

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

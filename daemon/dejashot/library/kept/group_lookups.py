"""What of the kept groups concerns some files, could free the most, or holds damage: found by indexes."""

from collections.abc import Iterator, Sequence

from dejashot.library.kept.kept_groups import KeptGroups, RunLines

_FIRST = 64  # groups looked at first for those that free the most


class GroupLookups:
    """Look-ups in a file of kept groups; components are given and returned by their numbers."""

    def __init__(self, kept: KeptGroups) -> None:
        self._connection = kept.connection

    def counts(self) -> tuple[int, int, int]:
        """Return how many groups there are, how many are open, and how many wait for a closer look."""
        sql = "SELECT count(*), coalesce(sum(open), 0), coalesce(sum(pending), 0) FROM shot_group"
        (row,) = self._connection.select(sql)
        return row[0], row[1], row[2]

    def with_series(self, components: Sequence[int]) -> set[int]:
        """Return which components hold a series."""
        sql = "SELECT DISTINCT component FROM shot_group WHERE series = 1 AND component IN (*)"
        return {r[0] for r in self._connection.select_each(sql, (), components)}

    def grouped(self, files: Sequence[int]) -> set[int]:
        """Return which files are in a group."""
        sql = "SELECT DISTINCT file_id FROM member WHERE file_id IN (*)"
        return {r[0] for r in self._connection.select_each(sql, (), files)}

    def run_bodies(self, components: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield the bodies of the runs of some components, each with its component, in time order within one."""
        sql = "SELECT component, body FROM run WHERE component IN (*) ORDER BY component, id"
        yield from ((r[0], r[1]) for r in self._connection.select_each(sql, (), components))

    def group_bodies(self, components: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield the bodies of the groups of some components, each with its component, in order within one."""
        sql = "SELECT component, body FROM shot_group WHERE component IN (*) ORDER BY component, number"
        yield from ((r[0], r[1]) for r in self._connection.select_each(sql, (), components))

    def most_to_free(self) -> Iterator[tuple[str, int]]:
        """Yield the groups from which something could go, but for series, with their components, the most first.

        They come by what is suggested, whatever the owner decided; those that wait for a closer look are left out.
        """
        sql = (
            "SELECT id, component FROM shot_group WHERE suggested_bytes > 0 AND series = 0 AND pending = 0"
            " ORDER BY suggested_bytes DESC, first_us, number LIMIT ?"
        )
        seen, limit = 0, _FIRST
        while len(rows := self._connection.select(sql, (limit,))) > seen:
            yield from ((r[0], r[1]) for r in rows[seen:])
            seen, limit = len(rows), 8 * limit

    def groups_with(self, files: Sequence[int]) -> dict[str, int]:
        """Return the groups with some files, and the component of each."""
        sql = (
            "SELECT g.id, g.component FROM member JOIN shot_group AS g ON g.number = member.number"
            " WHERE member.file_id IN (*)"
        )
        return {r[0]: r[1] for r in self._connection.select_each(sql, (), files)}

    def pending(self) -> list[int]:
        """Return the component of each group whose photos are still to be looked at closely."""
        return [r[0] for r in self._connection.select("SELECT component FROM shot_group WHERE pending = 1")]

    def with_damage(self) -> list[RunLines]:
        """Return the runs with damaged photos, in time order."""
        sql = "SELECT component, first_us, lines FROM run WHERE damaged > 0 ORDER BY first_us, id"
        return [RunLines(r[0], r[1], r[2]) for r in self._connection.select(sql)]

"""What kept groups hold: all of it in time order, or what concerns some files, could free the most, or is damaged."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.values import GroupRow, GroupTotals, RunLines

_PAGE = 2000  # runs read at once
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

    def _totals(self, where: str, values: Sequence[int]) -> GroupTotals:
        (shots,) = self._connection.select(_SHOT_SUMS + where, values)
        (groups,) = self._connection.select(_GROUP_SUMS + where, values)
        return GroupTotals(*shots, *groups)


def _group_row(row: Any) -> GroupRow:
    flags = (bool(flag) for flag in row[4:8])
    return GroupRow(*row[:4], *flags, *row[8:])

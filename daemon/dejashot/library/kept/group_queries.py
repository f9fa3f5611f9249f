"""Queries over kept groups: a page of them in an order, counts and sums, and the timeline by day."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from dejashot.library.connection import LibraryConnection


class GroupOrder(StrEnum):
    """In which order groups are shown."""

    NEWEST = "newest"
    SAVING = "saving"


class Show(StrEnum):
    """Which groups are shown."""

    OPEN = "open"
    SURE = "sure"
    DECIDED = "decided"
    SERIES = "series"


_SHOWN = {  # the plus keeps SQLite from another index than that of the order
    Show.OPEN: "+open = 1",
    Show.SURE: "+open = 1 AND +clear = 1 AND +pending = 0",
    Show.DECIDED: "+open = 0 AND +series = 0",
    Show.SERIES: "+series = 1",
}
_BEHIND = {  # conditions one after the other: SQLite would look through all groups for both at once
    GroupOrder.NEWEST: ("(first_us, number) < (:first_us, :number)",),
    GroupOrder.SAVING: (
        "suggested_bytes = :saving AND (first_us, number) > (:first_us, :number)",
        "suggested_bytes < :saving",
    ),
}
_BEFORE = {
    GroupOrder.NEWEST: ("(first_us, number) > (:first_us, :number)",),
    GroupOrder.SAVING: (
        "suggested_bytes = :saving AND (first_us, number) < (:first_us, :number)",
        "suggested_bytes > :saving",
    ),
}
_SORTED = {GroupOrder.NEWEST: "first_us DESC, number DESC", GroupOrder.SAVING: "suggested_bytes DESC, first_us, number"}
_REVERSED = {GroupOrder.NEWEST: "first_us, number", GroupOrder.SAVING: "suggested_bytes, first_us DESC, number DESC"}
_LISTED = "SELECT number, id, first_us, suggested_bytes, component FROM shot_group "


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group as lists know it: its number and id, when it begins, what is suggested to go, and its component."""

    number: int
    id: str
    first_us: int
    suggested_bytes: int
    component: int

    def place(self, order: GroupOrder) -> tuple[int, ...]:
        """Return where it stands in an order: a lower place comes first."""
        if order is GroupOrder.NEWEST:
            return -self.first_us, -self.number
        return -self.suggested_bytes, self.first_us, self.number


@dataclass(frozen=True, slots=True)
class Totals:
    """How many groups wait, are sure, were decided on or are series, and what could go by the suggestions.

    `pending` of those that wait are still to be looked at closely: they count nothing towards what could go.
    `chosen_photos` and `chosen_bytes` are of what the owner chose to go.
    """

    open: int = 0
    sure: int = 0
    open_photos: int = 0
    open_bytes: int = 0
    sure_bytes: int = 0
    decided: int = 0
    series: int = 0
    pending: int = 0
    chosen_photos: int = 0
    chosen_bytes: int = 0

    def with_more(self, other: "Totals", times: int = 1) -> "Totals":
        """Return the sums of both, the other counted so many times."""
        return Totals(*(own + times * more for own, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A day of local time (`2026-07-01`): shots, runs of two or more, and groups."""

    day: str
    shots: int
    runs: int
    groups: int


@dataclass(frozen=True, slots=True)
class DayRun:
    """A run of a day: its component, its place in that, and its body."""

    component: int
    place: int
    body: bytes


class GroupQueries:
    """What pages ask of a file of kept groups. Not thread-safe."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def listed(
        self, show: Show, order: GroupOrder, behind: ListedGroup | None, count: int, *, backwards: bool = False
    ) -> list[ListedGroup]:
        """Return the next groups to be shown behind one, or before it, the nearest first."""
        conditions = (_BEFORE if backwards else _BEHIND)[order] if behind else ("true",)
        sort = (_REVERSED if backwards else _SORTED)[order]
        place = (
            {"first_us": behind.first_us, "number": behind.number, "saving": behind.suggested_bytes} if behind else {}
        )
        found: list[ListedGroup] = []
        for condition in conditions:
            sql = f"{_LISTED} WHERE {_SHOWN[show]} AND {condition} ORDER BY {sort} LIMIT :count"
            rows = self._connection.select(sql, place | {"count": count - len(found)})
            found += [ListedGroup(*r) for r in rows]
        return found

    def named(self, ids: Sequence[str]) -> list[ListedGroup]:
        """Return the groups with some ids."""
        return [ListedGroup(*r) for r in self._connection.select_each(_LISTED + "WHERE id IN (*)", (), ids)]

    def groups_of(self, files: Sequence[int]) -> list[tuple[int, str, bool]]:
        """Return the groups that some files are in: the number of each file, and the id, and whether it is a series.

        The group to lead to comes last: those before it are series, or begin earlier.
        """
        sql = (
            "SELECT member.file_id, shot_group.id, shot_group.series, shot_group.first_us FROM member"
            " JOIN shot_group ON shot_group.number = member.number WHERE member.file_id IN (*)"
        )
        rows = sorted(self._connection.select_each(sql, (), files), key=lambda r: (-r[2], r[3], r[1]))
        return [(r[0], r[1], bool(r[2])) for r in rows]

    def components_of(self, files: Sequence[int]) -> dict[int, int]:
        """Return the components of those of some files that are kept."""
        sql = "SELECT id, component FROM file WHERE id IN (*)"
        return {r[0]: r[1] for r in self._connection.select_each(sql, (), files)}

    def members(self, number: int) -> list[int]:
        """Return the files of a group by their numbers, those of what belongs to its shots too."""
        return [r[0] for r in self._connection.select("SELECT file_id FROM member WHERE number = ?", (number,))]

    def ids_in(self, component: int) -> list[str]:
        """Return the ids of the groups of a component."""
        return [r[0] for r in self._connection.select("SELECT id FROM shot_group WHERE component = ?", (component,))]

    def totals(self) -> Totals:
        """Return the totals of all groups."""
        (row,) = self._connection.select(
            "SELECT coalesce(sum(open), 0), coalesce(sum(open AND clear AND NOT pending), 0),"
            " coalesce(sum(open_photos), 0), coalesce(sum(open_bytes), 0),"
            " coalesce(sum(open_bytes) FILTER (WHERE open AND clear AND NOT pending), 0),"
            " coalesce(sum(NOT open AND NOT series), 0), coalesce(sum(series), 0),"
            " coalesce(sum(open AND pending), 0), coalesce(sum(chosen_photos), 0), coalesce(sum(chosen_bytes), 0)"
            " FROM shot_group"
        )
        return Totals(*row)

    def shots(self) -> int:
        """Return how many shots there are."""
        return int(self._connection.value("SELECT coalesce(sum(shots), 0) FROM run"))

    def savings(self, numbers: Sequence[int] | None = None) -> Iterator[tuple[str, str, str, int]]:
        """Yield the bytes that some groups, or all, could bring: what they are, month, camera, bytes."""
        sums = "SELECT what, month, camera, sum(bytes) FROM saving {} GROUP BY what, month, camera"
        if numbers is None:
            rows = iter(self._connection.select(sums.format("")))
        else:
            rows = self._connection.select_each(sums.format("WHERE number IN (*)"), (), numbers)
        yield from ((r[0], r[1], r[2], r[3]) for r in rows)

    def days(self, until: str) -> list[KeptDay]:
        """Return the days up to one (`2026-07-31`), newest first."""
        rows = self._connection.select(
            "SELECT day, sum(shots), sum(shots > 1), sum(groups) FROM run WHERE day <= ? GROUP BY day"
            " ORDER BY day DESC",
            (until,),
        )
        return [KeptDay(*r) for r in rows]

    def alike_by_day(self, first: str, last: str) -> dict[str, int]:
        """Return how many shots of each day, from one to another, are in groups of the same shot; none: left out."""
        rows = self._connection.select(
            "SELECT date(file.taken_us / 1000000 + file.offset_s, 'unixepoch') AS day, count(DISTINCT file.unit)"
            " FROM (SELECT DISTINCT component FROM run WHERE day BETWEEN ? AND ? AND groups > 0) AS near"
            " JOIN file ON file.component = near.component JOIN member ON member.file_id = file.id"
            " JOIN shot_group ON shot_group.number = member.number WHERE shot_group.series = 0 GROUP BY day",
            (first, last),
        )
        return {r[0]: r[1] for r in rows}

    def first_content(self, day: str) -> bytes:
        """Return the content of the first shot of a day that has one."""
        sql = "SELECT first_content FROM run WHERE day = ? ORDER BY first_us LIMIT 1"
        content: bytes = self._connection.value(sql, (day,))
        return content

    def day_before(self, day: str) -> str | None:
        """Return the last day with photos before one, None where there is none."""
        found: str | None = self._connection.value("SELECT max(day) FROM run WHERE day < ?", (day,))
        return found

    def day_after(self, day: str) -> str | None:
        """Return the first day with photos after one, None where there is none."""
        found: str | None = self._connection.value("SELECT min(day) FROM run WHERE day > ?", (day,))
        return found

    def count_runs(self, day: str) -> int:
        """Return how many runs begin on a day."""
        return int(self._connection.value("SELECT count(*) FROM run WHERE day = ?", (day,)))

    def runs_of(self, day: str, start: int, count: int) -> list[DayRun]:
        """Return some runs of a day in time order, from the one numbered `start` on."""
        rows = self._connection.select(
            "SELECT component, (SELECT count(*) FROM run AS other WHERE other.component = run.component"
            " AND other.id < run.id), body FROM run WHERE day = ? ORDER BY first_us, id LIMIT ? OFFSET ?",
            (day, count, start),
        )
        return [DayRun(*r) for r in rows]

"""When the photos in present files were taken: of all files, of those that arrived, and of those about some times."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.validation import MAX_TAKEN_US, OFFSET_LIMIT_S
from dejashot.models.arrays import Booleans, Integers
from dejashot.models.capture import Camera, CaptureTimeColumns, TimeSource

_SPANS_PER_STATEMENT = 200
_SPANS = "VALUES (*)"  # in a statement: where spans go, each with the offset that it is for
_SOURCES = {source.value: source for source in TimeSource}
_COLUMNS = """
SELECT photo.taken_us, photo.offset_s, photo.zone_known, photo.source, photo.make, photo.model,
    max(file.arrival_seq, file.amended_seq), file.id
"""
_PRESENT = _COLUMNS + "FROM file JOIN photo ON photo.id = file.photo_id WHERE file.state = 'present' "
_OF_FILES = _PRESENT + "AND file.id IN (*)"
_NAMES = "SELECT id, folder_id, path, photo_id FROM file WHERE state = 'present' "
_ROWS_AT_ONCE = 20_000
_ARRIVED = """
AND file.id IN (SELECT file_id FROM arrival WHERE seq > ? AND seq <= ?)
    AND max(file.arrival_seq, file.amended_seq) <= ? AND +file.folder_id IN (*)
"""  # the plus keeps SQLite from walking the folder
_SPAN = "WITH span (offset_s, low_us, high_us) AS (VALUES (*)) " + _COLUMNS
_TIMELINE = """
FROM span CROSS JOIN photo ON photo.taken_us BETWEEN low_us AND high_us AND +photo.zone_known = 1
CROSS JOIN file ON file.photo_id = photo.id WHERE file.state = 'present' AND +file.folder_id IN (*)
"""
_WALL = """
FROM span CROSS JOIN photo
    ON photo.zone_known = ? AND photo.offset_s = span.offset_s AND photo.taken_us BETWEEN low_us AND high_us
CROSS JOIN file ON file.photo_id = photo.id WHERE file.state = 'present' AND +file.folder_id IN (*)
"""
_OFFSETS = """
WITH RECURSIVE known (offset_s) AS (
    SELECT min(offset_s) FROM photo WHERE zone_known = :zone_known
    UNION ALL SELECT (
        SELECT min(photo.offset_s) FROM photo WHERE zone_known = :zone_known AND photo.offset_s > known.offset_s
    ) FROM known WHERE known.offset_s IS NOT NULL
)
SELECT offset_s FROM known WHERE offset_s IS NOT NULL
"""


class FileName(NamedTuple):
    """A file's number, its folder's, its path below that (bytes), and the number of its photo."""

    file: int
    folder: int
    path: bytes
    photo: int


class FileTime(NamedTuple):
    """The time of a file's photo as recorded, its camera's name, the file's arrival number and its own.

    A companion that came later counts as an arrival.
    """

    taken_us: int
    offset_s: int
    zone_known: bool
    source: TimeSource
    camera: str
    arrival: int
    file: int


@dataclass(frozen=True, slots=True)
class FileTimes:
    """Of present files: their times as recorded, their arrival numbers [n] and their own numbers [n], ascending."""

    taken: CaptureTimeColumns
    arrivals: Integers
    files: Integers

    @classmethod
    def of(cls, times: Iterable[FileTime]) -> "FileTimes":
        """Return the columns of some files, each of which counts once."""
        rows = sorted({t.file: t for t in times}.values(), key=lambda t: t.file)
        table = np.array([(t.arrival, t.file) for t in rows], dtype=np.int64).reshape(-1, 2)
        taken = CaptureTimeColumns.of((t[:4] for t in rows), (t.camera for t in rows))
        return cls(taken, table[:, 0], table[:, 1])

    def at(self, chosen: Integers | Booleans) -> "FileTimes":
        """Return the columns of some of the files."""
        return FileTimes(self.taken.at(chosen), self.arrivals[chosen], self.files[chosen])

    @classmethod
    def joined(cls, parts: Sequence["FileTimes"]) -> "FileTimes":
        """Return the columns of parts, one behind the other."""
        if not parts:
            return cls.of(())
        taken = CaptureTimeColumns.joined([p.taken for p in parts])
        return cls(taken, np.concatenate([p.arrivals for p in parts]), np.concatenate([p.files for p in parts]))


class FileTimesTable:
    """The times of the present files of all folders."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    @invalid_rows_are_damage
    def of_folders(self, folders: Sequence[int]) -> FileTimes:
        """Return the times of all files of some folders; few rows are held at once."""
        parts: list[FileTimes] = []
        last = -1
        while rows := self._after(_PRESENT, folders, last):
            parts.append(FileTimes.of(_file_times(rows)))
            last = rows[-1][-1]
        return FileTimes.joined(parts)

    def names_in(self, folders: Sequence[int]) -> Iterator[FileName]:
        """Yield the names of all files of some folders."""
        last = -1
        while rows := self._after(_NAMES, folders, last, "id"):
            yield from (FileName(*row) for row in rows)
            last = rows[-1][0]

    def names_of(self, files: Sequence[int]) -> list[FileName]:
        """Return the names of the present ones among files of these numbers."""
        return [FileName(*row) for row in self._connection.select_each(_NAMES + "AND id IN (*)", (), files)]

    def _after(self, sql: str, folders: Sequence[int], last: int, number: str = "file.id") -> list[Any]:
        """Return the next rows of present files in some folders behind a number."""
        which = f"AND {number} > ? AND +folder_id IN (*) ORDER BY {number} LIMIT {_ROWS_AT_ONCE}"
        return self._connection.select(sql + which, (last,), folders)

    @invalid_rows_are_damage
    def of_files(self, files: Sequence[int]) -> list[FileTime]:
        """Return the times of the present ones among files of these numbers."""
        return list(_file_times(self._connection.select_each(_OF_FILES, (), files)))

    @invalid_rows_are_damage
    def arrived(self, folders: Sequence[int], after_seq: int, until_seq: int) -> list[FileTime]:
        """Return the times of the files of some folders that arrived in a range.

        It begins behind `after_seq` and ends with `until_seq`.
        """
        values = (after_seq, until_seq, until_seq)
        return list(_file_times(self._connection.select(_PRESENT + _ARRIVED, values, folders)))

    @invalid_rows_are_damage
    def taken_within(self, folders: Sequence[int], spans_us: Integers) -> list[FileTime]:
        """Return the times within spans [n, 2] (us since 1970, ends included) of photos whose zone was recorded."""
        spans = [(0, low, high) for low, high in spans_us.tolist()]
        return list(_file_times(self._in_spans(_TIMELINE, spans, (), folders)))

    @invalid_rows_are_damage
    def wall_within(self, folders: Sequence[int], spans_us: Integers, *, zone_known: bool) -> list[FileTime]:
        """Return the times within spans [n, 2] on the wall (us since 1970 there, ends included).

        They are of photos whose zone was recorded, or of those where it was not.
        """
        spans = [
            (offset_s, low - offset_s * 1_000_000, high - offset_s * 1_000_000)
            for offset_s in (self.offsets(zone_known=zone_known) if len(spans_us) else ())
            for low, high in spans_us.tolist()
        ]
        return list(_file_times(self._in_spans(_WALL, spans, (int(zone_known),), folders)))

    @invalid_rows_are_damage
    def offsets(self, *, zone_known: bool) -> list[int]:
        """Return the offsets (s) that the photos have whose zone was recorded, or those where it was not, ascending."""
        return [int(r[0]) for r in self._connection.select(_OFFSETS, {"zone_known": int(zone_known)})]

    def _in_spans(
        self, sql: str, spans: Sequence[tuple[int, int, int]], values: Sequence[Any], folders: Sequence[int]
    ) -> Iterator[Any]:
        """Yield the rows of a statement that goes on from spans, some of them at a time."""
        for start in range(0, len(spans), _SPANS_PER_STATEMENT):
            some = spans[start : start + _SPANS_PER_STATEMENT]
            whole = (_SPAN + sql).replace(_SPANS, f"VALUES {','.join(['(?, ?, ?)'] * len(some))}")
            yield from self._connection.select(whole, [*(number for span in some for number in span), *values], folders)


def _file_times(rows: Iterable[Any]) -> Iterator[FileTime]:
    """Yield rows as times; raise ValueError for one that holds no time."""
    name = cache(lambda make, model: Camera(make, model).name)
    for taken_us, offset_s, zone_known, source, make, model, arrival, file in rows:
        if abs(taken_us) > MAX_TAKEN_US or abs(offset_s) >= OFFSET_LIMIT_S:
            raise ValueError("no time")
        yield FileTime(taken_us, offset_s, bool(zone_known), _SOURCES[source], name(make, model), arrival, file)

"""What rows become: stamps, capture times, vectors; and which rows lie right in a directory."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.library.connection import LibraryConnection
from dejashot.library.validation import MAX_TAKEN_US, OFFSET_LIMIT_S
from dejashot.models.arrays import Vector
from dejashot.models.capture import CaptureTime, Certainty, TimeSource
from dejashot.models.files import FileStamp

_SOURCES = {source.value: source for source in TimeSource}
_CERTAINTIES = {certainty.value: certainty for certainty in Certainty}
_AFTER_SLASH = b"0"  # the byte that follows `/`: where the paths below a directory end
_IN_FOLDER, _BELOW, _SOME = " AND folder_id = ? AND path >= ?", " AND path < ?", " ORDER BY path LIMIT ?"
_FIRST_ROWS, _MOST_ROWS = 8, 2048  # of a directory, read at once


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory of a folder, by its path below it (bytes, empty for the folder itself)."""

    folder: int
    path: bytes

    @property
    def prefix(self) -> bytes:
        """Return what the paths below the directory begin with."""
        return self.path + b"/" if self.path else b""

    @property
    def span(self) -> tuple[int, bytes, bool, bytes]:
        """Return the values for `folder_id = ? AND path >= ? AND (? OR path < ?)`, which is true of its paths."""
        return self.folder, self.prefix, not self.prefix, self.path + _AFTER_SLASH

    def name_in(self, path: bytes) -> bytes | None:
        """Return the name of a path below the directory, None for one that lies deeper."""
        name = path[len(self.prefix) :]
        return None if b"/" in name else name


def rows_in(connection: LibraryConnection, sql: str, directory: Directory) -> Iterator[sqlite3.Row]:
    """Yield the rows right in a directory, by path; `sql` selects `path` and ends in a condition.

    What lies below the directories in it is passed over, not read.
    """
    folder, start, everywhere, below = directory.span
    end = () if everywhere else (below,)
    sql += _IN_FOLDER + _BELOW * len(end) + _SOME
    limit, rows = _FIRST_ROWS, connection.select(sql, (folder, start, *end, _FIRST_ROWS))
    while rows:
        for row in rows:
            inner, deeper, _ = row["path"][len(directory.prefix) :].partition(b"/")
            if deeper:
                limit, start = _FIRST_ROWS, directory.prefix + inner + _AFTER_SLASH
                break
            yield row
        else:
            if len(rows) < limit:
                return
            limit, start = min(2 * limit, _MOST_ROWS), rows[-1]["path"] + b"\0"
        rows = connection.select(sql, (folder, start, *end, limit))


def rows_in_order(connection: LibraryConnection, sql: str, folder: int) -> Iterator[sqlite3.Row]:
    """Yield the rows of a folder, by path, some of them at a time; `sql` selects `path` and ends in a condition."""
    path, sql = b"", sql + " AND folder_id = ? AND path > ?" + _SOME
    while rows := connection.select(sql, (folder, path, _MOST_ROWS)):
        yield from rows
        path = rows[-1]["path"]


def stamps_by_folder(folders: Sequence[int], rows: Iterable[sqlite3.Row]) -> dict[int, dict[bytes, FileStamp]]:
    """Return the stamps in rows (folder, path, and the stamp's four) by folder and path."""
    found: dict[int, dict[bytes, FileStamp]] = {f: {} for f in folders}
    for r in rows:
        found[r[0]][r[1]] = FileStamp(*r[2:6])
    return found


def time_from(taken_us: int, offset_s: int, source: str, certainty: str, zone_known: int) -> CaptureTime:
    """Return what a row says of a capture time; raise ValueError or KeyError where that is no time."""
    if not (abs(taken_us) <= MAX_TAKEN_US and abs(offset_s) < OFFSET_LIMIT_S):
        raise ValueError("no time")
    return CaptureTime(taken_us, offset_s, _SOURCES[source], _CERTAINTIES[certainty], bool(zone_known))


def vector_from(value: bytes) -> Vector:
    """Return a vector (float32) from its bytes in the library (float16)."""
    return np.frombuffer(value, dtype="<f2").astype(np.float32)

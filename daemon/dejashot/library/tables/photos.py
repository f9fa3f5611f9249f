"""The photos that the library knows, by content: what reading told of them, above all when they were taken."""

import os
from dataclasses import dataclass
from pathlib import Path

from dejashot.errors import Reason
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.files import Files
from dejashot.library.tables.photo_facts import INSERT_PHOTO, UPDATE_FACTS, facts_of
from dejashot.library.tables.rows import Directory, time_from
from dejashot.library.tables.vectors import VectorStore, part_of
from dejashot.models.capture import KEYS_PER_MICROSECOND, CaptureTime, TimeSource, key_floor
from dejashot.models.files import FileRef
from dejashot.models.photo import READING_METHOD, Reading

_FORGET_PAIRS = (
    "DELETE FROM verified_pair WHERE first_key = ? OR second_key = ?",
    "DELETE FROM registered_pair WHERE first_key = ? OR second_key = ?",
)

_SELECT_UNHELD = "SELECT content, key FROM photo WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)"
# without an index of the earlier photo, the whole table of pairs would be read for each photo that goes
_REMOVE_UNHELD = (
    "CREATE INDEX verified_pair_by_first ON verified_pair (first_key)",
    "DELETE FROM photo WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.photo_id = photo.id)",
    "DROP INDEX verified_pair_by_first",
)


@dataclass(frozen=True, slots=True)
class PhotoTime:
    """A content and when it was taken."""

    content: bytes
    taken: CaptureTime


@dataclass(frozen=True, slots=True)
class ReaderCrashes:
    """How a content ended its reader the last time, and how often it did."""

    reason: Reason
    count: int


class Photos:
    """The photos by content, and by key: the id in the index, in the order of their capture times."""

    def __init__(self, connection: LibraryConnection, files: Files, vectors: VectorStore) -> None:
        self._connection = connection
        self._files = files
        self._vectors = vectors

    def key_of(self, content: bytes) -> int | None:
        """Return the index key of a content."""
        key: int | None = self._connection.value("SELECT key FROM photo WHERE content = ?", (content,))
        return key

    def method_of(self, content: bytes) -> int | None:
        """Return by which method a content was read, None when it is not known."""
        method: int | None = self._connection.value("SELECT method FROM photo WHERE content = ?", (content,))
        return method

    @invalid_rows_are_damage
    def time_of(self, content: bytes) -> CaptureTime | None:
        """Return the capture time of a content, None when it is not known."""
        rows = self._connection.select(
            "SELECT taken_us, offset_s, source, certainty, zone_known FROM photo WHERE content = ?", (content,)
        )
        return time_from(*rows[0]) if rows else None

    @invalid_rows_are_damage
    def weak_times(self, folder: int) -> dict[bytes, PhotoTime]:
        """Return the photos in a folder whose own time is a weak guess, or comes from a sidecar, by path below it."""
        rows = self._connection.select(
            "SELECT path, content, taken_us, offset_s, source, certainty, zone_known FROM photo"
            " JOIN file ON file.photo_id = photo.id"
            " WHERE source IN ('sidecar', 'name', 'mtime') AND (certainty = 'low' OR source = 'sidecar')"
            " AND file.state = 'present' AND file.folder_id = ? ORDER BY path",
            (folder,),
        )
        return {r[0]: PhotoTime(r[1], time_from(*r[2:])) for r in rows}

    def moments(self, folder: int, directory: bytes) -> dict[bytes, list[int]]:
        """Return when each photo right in a directory (bytes, below the folder) was changed and taken, by its name.

        In nanoseconds since 1970; the second only where it is not the first.
        """
        within = Directory(folder, directory)
        rows = self._connection.select(
            "SELECT path, file.mtime_ns, taken_us, source FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE file.state = 'present' AND file.folder_id = ? AND path >= ? AND (? OR path < ?)",
            within.span,
        )
        return {
            name: [r[1], *([] if r[3] == TimeSource.MTIME else [r[2] * 1000])]
            for r in rows
            if (name := within.name_in(r[0])) is not None
        }

    def to_read_again(self, model: int) -> list[tuple[FileRef, Path]]:
        """Return present files, with their folders, that are to be read again, newest first.

        Their photos lack a vector of a model, or were read by an older method.
        """
        rows = self._connection.select(
            "SELECT file.folder_id, file.path, folder.path FROM file JOIN folder ON folder.id = file.folder_id"
            " JOIN photo ON photo.id = file.photo_id"
            " LEFT JOIN vector ON vector.photo_id = photo.id AND vector.model_id = ?"
            " WHERE file.state = 'present' AND (vector.photo_id IS NULL OR photo.method < ?) ORDER BY photo.key DESC",
            (model, READING_METHOD),
        )
        return [(FileRef(r[0], r[1]), Path(os.fsdecode(r[2]))) for r in rows]

    def add(self, file: FileRef, reading: Reading, model: int, now_us: int) -> int:
        """Keep a reading and the file it came from; return the photo's index key.

        A known content keeps its key and its time (see `set_time`); a reading without a vector leaves its vectors.
        """
        with self._connection.transaction():
            key = self.key_of(reading.content)
            if key is None:
                key = self._free_key(reading.taken.taken_us)
                self._insert(key, reading)
            else:
                self._connection.execute(UPDATE_FACTS, facts_of(reading))
            self._files.attach(file, reading.stamp, reading.content, now_us)
            if reading.vector is not None:
                self._vectors.put(reading.content, model, reading.vector, reading.thumbnail_px)
        return key

    def set_time(self, content: bytes, taken: CaptureTime) -> tuple[int, int]:
        """Give a photo another capture time; return its index key before and after.

        Verified pairs with it are forgotten, and the next digest reports it as one that was amended.
        """
        with self._connection.transaction():
            (row,) = self._connection.select("SELECT id, key FROM photo WHERE content = ?", (content,))
            for forget in _FORGET_PAIRS:
                self._connection.execute(forget, (row["key"], row["key"]))
            key = self._free_key(taken.taken_us)
            part = part_of(key // KEYS_PER_MICROSECOND)
            self._connection.execute(
                "UPDATE photo SET key = ?, part = ?, taken_us = ?, offset_s = ?, source = ?, certainty = ?,"
                " zone_known = ? WHERE id = ?",
                (key, part, taken.taken_us, taken.offset_s, taken.source, taken.certainty, taken.zone_known, row["id"]),
            )
            seq, photo = self._connection.next_seq(), row["id"]
            self._connection.execute(
                "UPDATE vector SET part = ?, change_seq = ? WHERE photo_id = ?", (part, seq, photo)
            )
            self._connection.execute(
                "UPDATE file SET amended_seq = ? WHERE photo_id = ? AND state = 'present'", (seq, photo)
            )
        return row["key"], key

    @invalid_rows_are_damage
    def reader_crashes(self, content: bytes) -> ReaderCrashes | None:
        """Return how a content ended its reader and how often, None when it never did."""
        rows = self._connection.select("SELECT reason, count FROM reader_crash WHERE content = ?", (content,))
        return ReaderCrashes(Reason(rows[0][0]), rows[0][1]) if rows else None

    def add_reader_crash(self, content: bytes, reason: Reason) -> None:
        """Record that a content ended its reader once more."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO reader_crash VALUES (?, ?, 1)"
                " ON CONFLICT (content) DO UPDATE SET reason = excluded.reason, count = count + 1",
                (content, reason),
            )

    def remove_unheld(self) -> dict[bytes, int]:
        """Remove the photos that no file holds, or held, with all that was measured of them; return their keys."""
        with self._connection.transaction():
            rows = self._connection.select(_SELECT_UNHELD)
            for statement in _REMOVE_UNHELD:
                self._connection.execute(statement)
        return {r[0]: r[1] for r in rows}

    def _free_key(self, taken_us: int) -> int:
        """Return the lowest free index key at or after a capture time; -1 means nothing to FAISS and is never used."""
        newest: int | None = self._connection.value("SELECT max(key) FROM photo WHERE taken_us = ?", (taken_us,))
        key = key_floor(taken_us) if newest is None else newest + 1
        while key == -1 or self._connection.value("SELECT 1 FROM photo WHERE key = ?", (key,)) is not None:
            key += 1
        return key

    def _insert(self, key: int, reading: Reading) -> None:
        taken = reading.taken
        time = {
            "key": key,
            "part": part_of(key // KEYS_PER_MICROSECOND),
            "taken_us": taken.taken_us,
            "offset_s": taken.offset_s,
            "source": taken.source,
            "certainty": taken.certainty,
            "zone_known": taken.zone_known,
        }
        self._connection.execute(INSERT_PHOTO, facts_of(reading) | time)

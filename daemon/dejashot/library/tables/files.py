"""The files that the library knows: where each lies, and whether it is present, missing or unreadable."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dejashot.errors import UnreadablePhotoError
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.closer_looks import CloserLooks
from dejashot.library.tables.folders import Folder, Folders
from dejashot.library.tables.rows import Directory, rows_in, rows_in_order, stamps_by_folder
from dejashot.models.files import FileRef, FileStamp, Skipped
from dejashot.paths import shown

_KNOWN = "SELECT path, size_bytes, mtime_ns, inode, stamp_device, state, reason, unmounted FROM file WHERE true"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is known of one file; `unmounted`: its disk is away, and the device in its stamp that of no file there."""

    stamp: FileStamp
    state: str
    reason: str
    unmounted: bool = False


@dataclass(frozen=True, slots=True)
class FileLocation:
    """A file that holds a photo: its folder, its path below it (bytes), its stamp when it was read."""

    folder: Folder
    path: bytes
    stamp: FileStamp

    @property
    def full(self) -> bytes:
        """Return the absolute path."""
        return FileRef(self.folder.id, self.path).under(self.folder.path)


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that could not be read, with its folder, its path below it, and why."""

    folder: int
    path: bytes
    skipped: Skipped


class Files:
    """The files of all folders. A file is `present`, `missing`, or `skipped` when it could not be read."""

    def __init__(self, connection: LibraryConnection, folders: Folders) -> None:
        self._connection = connection
        self._folders = folders
        self._looks = CloserLooks(connection)

    def in_folder(self, folder: int) -> dict[bytes, KnownFile]:
        """Return what is known of the files of a folder, by path below it."""
        return dict(map(_known, self._connection.select(_KNOWN + " AND folder_id = ?", (folder,))))

    def known_in(self, directory: Directory) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield what is known of the files right in a directory, by path below the folder."""
        return map(_known, rows_in(self._connection, _KNOWN, directory))

    def known_in_order(self, folder: int) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield what is known of the files of a folder, by path; not all of it is in memory at once."""
        return map(_known, rows_in_order(self._connection, _KNOWN, folder))

    def known_count(self, folder: int) -> int:
        """Return of how many files of a folder something is known."""
        return int(self._connection.value("SELECT count(*) FROM file WHERE folder_id = ?", (folder,)))

    def get(self, file: FileRef) -> KnownFile | None:
        """Return what is known of one file."""
        rows = self._connection.select(
            "SELECT size_bytes, mtime_ns, inode, stamp_device, state, reason, unmounted FROM file"
            " WHERE folder_id = ? AND path = ?",
            (file.folder, file.path),
        )
        return KnownFile(FileStamp(*rows[0][:4]), rows[0][4], rows[0][5], bool(rows[0][6])) if rows else None

    def counts(self, folders: Sequence[int]) -> dict[str, int]:
        """Return the number of files of some folders by state."""
        rows = self._connection.select(
            "SELECT state, count(*) FROM file WHERE folder_id IN (*) GROUP BY state", in_=folders
        )
        return {r[0]: r[1] for r in rows}

    def numbers_of(self, contents: Sequence[bytes]) -> list[tuple[bytes, int]]:
        """Return the numbers of the files that hold, or held when they were there, some contents, with the content."""
        sql = (
            "SELECT photo.content, file.id FROM photo JOIN file ON file.photo_id = photo.id WHERE photo.content IN (*)"
        )
        return [(r[0], r[1]) for r in self._connection.select_each(sql, (), contents)]

    def content_of(self, file: FileRef) -> bytes | None:
        """Return the content that a file holds, or held when it was there, None where it is not known."""
        sql = (
            "SELECT photo.content FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE file.folder_id = ? AND file.path = ?"
        )
        content: bytes | None = self._connection.value(sql, (file.folder, file.path))
        return content

    def any_present(self, folders: Sequence[int]) -> bool:
        """Return whether some folders hold any photo."""
        sql = "SELECT 1 FROM file WHERE state = 'present' AND folder_id IN (*) LIMIT 1"
        return bool(self._connection.select(sql, in_=folders))

    def present_and_last_change(self) -> tuple[int, int]:
        """Return how many files are present, and when a file last changed (us since 1970, 0 before anything did)."""
        rows = self._connection.select(
            "SELECT count(*) FILTER (WHERE state = 'present'), coalesce(max(changed_us), 0) FROM file"
        )
        return rows[0][0], rows[0][1]

    def skipped(self, folders: Sequence[int], after_seq: int = 0) -> list[SkippedFile]:
        """Return the files of some folders that could not be read, in the order of their paths."""
        rows = self._connection.select(
            "SELECT folder_id, path, reason, detail FROM file WHERE state = 'skipped' AND arrival_seq > ?"
            " AND +folder_id IN (*) ORDER BY +folder_id, +path",  # found by arrival: the plus keeps other indexes out
            (after_seq,),
            in_=folders,
        )
        return [SkippedFile(r[0], r[1], Skipped(os.fsdecode(r[1]), r[2], r[3])) for r in rows]

    def skipped_since(self, folders: Sequence[int], since_us: int) -> list[tuple[FileRef, KnownFile]]:
        """Return the files of some folders that could not be read, last tried after a moment (us since 1970)."""
        rows = self._connection.select(
            "SELECT folder_id, path, size_bytes, mtime_ns, inode, stamp_device, reason FROM file"
            " WHERE state = 'skipped' AND changed_us > ? AND folder_id IN (*)",
            (since_us,),
            in_=folders,
        )
        return [(FileRef(r[0], r[1]), KnownFile(FileStamp(*r[2:6]), "skipped", r[6])) for r in rows]

    def skipped_stamps(self, folders: Sequence[int]) -> dict[int, dict[bytes, FileStamp]]:
        """Return the stamps of the files of some folders that could not be read, by folder and path below it."""
        rows = self._connection.select(
            "SELECT folder_id, path, size_bytes, mtime_ns, inode, stamp_device FROM file WHERE state = 'skipped'"
            " AND folder_id IN (*)",
            in_=folders,
        )
        return stamps_by_folder(folders, rows)

    def copies(self, content: bytes, limit: int) -> list[tuple[FileRef, int]]:
        """Return where a content is present, `limit` places at most, with the device each was seen on.

        Below zero it is that of a disk that is away.
        """
        rows = self._connection.select(
            "SELECT file.folder_id, file.path, file.stamp_device FROM file"
            " JOIN photo ON photo.id = file.photo_id WHERE photo.content = ? AND file.state = 'present' LIMIT ?",
            (content, limit),
        )
        return [(FileRef(r[0], r[1]), r[2]) for r in rows]

    @invalid_rows_are_damage
    def locations(self, contents: Sequence[bytes]) -> dict[bytes, list[FileLocation]]:
        """Return every file that a content is present in, by content, in the order of their paths."""
        folders = {f.id: f for f in self._folders.all()}
        sql = (
            "SELECT photo.content, file.folder_id, file.path, file.size_bytes, file.mtime_ns, file.inode,"
            " file.stamp_device FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE file.state = 'present' AND photo.content IN (*)"
        )
        found: dict[bytes, list[FileLocation]] = {}
        for r in self._connection.select_each(sql, (), contents):
            found.setdefault(r[0], []).append(FileLocation(folders[r[1]], r[2], FileStamp(*r[3:7])))
        return {content: sorted(files, key=lambda f: f.full) for content, files in found.items()}

    def attach(self, file: FileRef, stamp: FileStamp, content: bytes, now_us: int) -> bool:
        """Record that a file holds a known content; return True for a new arrival, False for a move or no change.

        A file of the same content that went missing is this one, moved: its arrival goes along.
        """
        with self._connection.transaction():
            photo: int = self._connection.value("SELECT id FROM photo WHERE content = ?", (content,))
            held = self._connection.value(
                "SELECT photo_id FROM file WHERE folder_id = ? AND path = ?", (file.folder, file.path)
            )
            if held == photo:
                self._note_back(file)
                self._put(file, stamp, {"state": "present", "photo_id": photo, "changed_us": now_us})
                return False
            moved = self._connection.select(
                "SELECT id, arrival_seq, changed_us FROM file WHERE photo_id = ? AND state = 'missing' LIMIT 1",
                (photo,),
            )
            arrival_seq = moved[0]["arrival_seq"] if moved else self._connection.next_seq()
            if moved:
                self._looks.note_back(arrival_seq, moved[0]["changed_us"])
                self._connection.execute("DELETE FROM file WHERE id = ?", (moved[0]["id"],))
            row = {"state": "present", "photo_id": photo, "changed_us": now_us, "arrival_seq": arrival_seq}
            self._put(file, stamp, row)
            return not moved

    def skip(self, file: FileRef, stamp: FileStamp, error: UnreadablePhotoError, now_us: int) -> None:
        """Record that a file could not be read, and why; the same failure again is no new arrival."""
        with self._connection.transaction():
            before = self.get(file)
            row = {"state": "skipped", "reason": error.reason, "detail": shown(error.detail), "changed_us": now_us}
            if before is None or before.state != "skipped" or before.reason != error.reason:
                row["arrival_seq"] = self._connection.next_seq()
            self._put(file, stamp, row)

    def mark_missing(self, folder: int, paths: Iterable[bytes], now_us: int) -> int:
        """Record that files are no longer there; return how many were. What could not be read is simply forgotten."""
        gone = [(folder, p) for p in paths]
        with self._connection.transaction():
            self._connection.execute_many(
                "DELETE FROM file WHERE folder_id = ? AND path = ? AND state = 'skipped'", gone
            )
            return self._connection.execute_many(
                "UPDATE file SET state = 'missing', changed_us = ?"
                " WHERE folder_id = ? AND path = ? AND state = 'present'",
                [(now_us, *g) for g in gone],
            )

    def sync_state(self, file: FileRef, stamp: FileStamp | None, now_us: int) -> None:
        """Record that a known file is gone (None), or back as it was; the next walk finds one that changed."""
        with self._connection.transaction():
            if stamp is None:
                self.mark_missing(file.folder, [file.path], now_us)
                return
            self._note_back(file)
            self._connection.execute(
                "UPDATE file SET state = 'present', changed_us = ?, inode = ?, device = ?, unmounted = 0"
                " WHERE folder_id = ? AND path = ? AND state = 'missing' AND size_bytes = ? AND mtime_ns = ?",
                (now_us, stamp.inode, stamp.device, file.folder, file.path, stamp.size_bytes, stamp.mtime_ns),
            )

    def mark_unmounted(self, folder: int) -> None:
        """Record that the present files of a folder lie on a disk that is away."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE file SET unmounted = 1 WHERE folder_id = ? AND state = 'present'", (folder,)
            )

    def mark_mounted(self, folder: int, paths: Iterable[bytes], device: int) -> None:
        """Record that files whose disk was away are there again, on this device."""
        with self._connection.transaction():
            self._connection.execute_many(
                "UPDATE file SET device = ?, unmounted = 0 WHERE folder_id = ? AND path = ? AND unmounted = 1",
                [(device, folder, p) for p in paths],
            )

    def _note_back(self, file: FileRef) -> None:
        """Let a file that is missing, and is back now, be looked at closely if it was passed over meanwhile."""
        rows = self._connection.select(
            "SELECT arrival_seq, changed_us FROM file WHERE folder_id = ? AND path = ? AND state = 'missing'",
            (file.folder, file.path),
        )
        for row in rows:
            self._looks.note_back(*row)

    def _put(self, file: FileRef, stamp: FileStamp, columns: dict[str, object]) -> None:
        """Write a file's row; without an `arrival_seq` it keeps the one it has."""
        defaults = {"photo_id": None, "reason": "", "detail": "", "arrival_seq": None}
        where = {"folder_id": file.folder, "path": file.path}
        found = {
            "size_bytes": stamp.size_bytes,
            "mtime_ns": stamp.mtime_ns,
            "inode": stamp.inode,
            "device": stamp.device,
        }
        self._connection.execute(
            "INSERT INTO file (folder_id, path, size_bytes, mtime_ns, inode, device, state, photo_id, reason, detail,"
            " changed_us, arrival_seq) VALUES (:folder_id, :path, :size_bytes, :mtime_ns, :inode, :device, :state,"
            " :photo_id, :reason, :detail, :changed_us, coalesce(:arrival_seq, 0)) ON CONFLICT (folder_id, path)"
            " DO UPDATE SET size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, inode = excluded.inode,"
            " device = excluded.device, unmounted = 0, state = excluded.state, photo_id = excluded.photo_id,"
            " reason = excluded.reason, detail = excluded.detail, changed_us = excluded.changed_us,"
            " arrival_seq = coalesce(:arrival_seq, arrival_seq)",
            defaults | where | found | columns,
        )


def _known(row: sqlite3.Row) -> tuple[bytes, KnownFile]:
    """Return a row, its columns as in `_KNOWN`, as a path and what is known of its file."""
    return row[0], KnownFile(FileStamp(*row[1:5]), row[5], row[6], bool(row[7]))

"""Companions of photos: films and sidecars that lie beside them, and what they tell."""

import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dejashot.files.companions import carries_metadata
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.library.tables.files import KnownFile
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.rows import Directory, rows_in, rows_in_order, stamps_by_folder
from dejashot.models.capture import TimeSource
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import LinkMetadata, SidecarMetadata

_STAMPS = "SELECT path, size_bytes, mtime_ns, inode, device FROM companion WHERE true"


@dataclass(frozen=True, slots=True)
class SidecarTime:
    """A capture time (us since 1970) that a sidecar tells of a photo, by the photo's name.

    The name is empty where the sidecar's own name says which photo it is about; `to_minute`: seconds were left out.
    """

    sidecar: bytes
    photo: str
    taken_us: int
    to_minute: bool


class Companions:
    """The companions in all folders, their metadata, and which of them came later than their photos."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def stamps(self, folders: Sequence[int]) -> dict[int, dict[bytes, FileStamp]]:
        """Return the companions in some folders, by folder and path below it."""
        rows = self._connection.select(
            "SELECT folder_id, path, size_bytes, mtime_ns, inode, device FROM companion WHERE folder_id IN (*)",
            in_=folders,
        )
        return stamps_by_folder(folders, rows)

    def known_in(self, directory: Directory) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield the companions right in a directory, by path below the folder."""
        return map(_known, rows_in(self._connection, _STAMPS, directory))

    def known_in_order(self, folder: int) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield the companions of a folder, by path; not all of them are in memory at once."""
        return map(_known, rows_in_order(self._connection, _STAMPS, folder))

    def known_count(self, folder: int) -> int:
        """Return how many companions of a folder are known."""
        return int(self._connection.value("SELECT count(*) FROM companion WHERE folder_id = ?", (folder,)))

    @invalid_rows_are_damage
    def in_directory(self, directory: Directory) -> dict[bytes, tuple[FileStamp, LinkMetadata]]:
        """Return the companions right in a directory with what each tells of itself, by path below the folder."""
        sql = "SELECT path, size_bytes, mtime_ns, inode, device, live_id, made_us FROM companion WHERE true"
        found: dict[bytes, tuple[FileStamp, LinkMetadata]] = {}
        for path, *stamp, live_id, made_us in rows_in(self._connection, sql, directory):
            found[path] = FileStamp(*stamp), LinkMetadata(live_id, made_us, FileStamp(*stamp))
        return found

    @invalid_rows_are_damage
    def photos_in(self, directory: Directory) -> dict[bytes, tuple[list[int], str]]:
        """Return when each photo right in a directory was changed and taken, and the id of its Live Photo, by path.

        In nanoseconds since 1970; when it was taken only where more than the file's date is known.
        """
        sql = (
            "SELECT path, file.mtime_ns, taken_us, source, live_id FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE file.state = 'present'"
        )
        return {
            r["path"]: ([r[1], *([] if r[3] == TimeSource.MTIME else [r[2] * 1000])], r[4])
            for r in rows_in(self._connection, sql, directory)
        }

    def unread_in(self, directory: Directory) -> dict[bytes, FileStamp]:
        """Return the photos right in a directory that could not be read, by path below the folder."""
        sql = "SELECT path, size_bytes, mtime_ns, inode, stamp_device FROM file WHERE state = 'skipped'"
        return {r["path"]: FileStamp(*r[1:5]) for r in rows_in(self._connection, sql, directory)}

    def pending(self, folders: Sequence[int]) -> list[FileRef]:
        """Return the companions in some folders whose metadata was not read yet."""
        rows = self._connection.select(
            "SELECT folder_id, path FROM companion WHERE metadata_read = 0 AND folder_id IN (*)"
            " ORDER BY folder_id, path",
            in_=folders,
        )
        return [FileRef(r[0], r[1]) for r in rows]

    def late(self, folder: int) -> list[bytes]:
        """Return the companions in a folder that came after their photos, which are not marked as amended yet."""
        rows = self._connection.select(
            "SELECT path FROM companion WHERE late = 1 AND folder_id = ? ORDER BY path", (folder,)
        )
        return [r[0] for r in rows]

    def is_recorded(self, folder: int) -> bool:
        """Return whether the companions in a folder were ever recorded."""
        return bool(self._connection.value("SELECT companions_known FROM folder WHERE id = ?", (folder,)))

    def names(self, folder: int, directory: bytes) -> set[bytes]:
        """Return the names of the present photos and companions right in a directory (bytes, below the folder)."""
        within = Directory(folder, directory)
        rows = self._connection.select(
            "SELECT path FROM file WHERE state = 'present' AND folder_id = ? AND path >= ? AND (? OR path < ?)"
            " UNION ALL SELECT path FROM companion WHERE folder_id = ? AND path >= ? AND (? OR path < ?)",
            (*within.span, *within.span),
        )
        return {name for r in rows if (name := within.name_in(r[0])) is not None}

    @invalid_rows_are_damage
    def link_metadata(self, folders: Sequence[Folder]) -> dict[bytes, LinkMetadata]:
        """Return what links photos and films of some folders to one shot, by absolute path; most have nothing."""
        ids = [f.id for f in folders]
        films = self._connection.select(
            "SELECT folder_id, path, live_id, made_us, size_bytes, mtime_ns, inode, device FROM companion"
            " WHERE (live_id != '' OR made_us IS NOT NULL) AND folder_id IN (*)",
            in_=ids,
        )
        photos = self._connection.select(
            "SELECT file.folder_id, file.path, photo.live_id FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE photo.live_id != '' AND file.state = 'present' AND file.folder_id IN (*)",
            in_=ids,
        )
        roots = {f.id: f.path for f in folders}
        found = {FileRef(r[0], r[1]).under(roots[r[0]]): LinkMetadata(r[2], r[3], FileStamp(*r[4:8])) for r in films}
        return found | {FileRef(r[0], r[1]).under(roots[r[0]]): LinkMetadata(r[2]) for r in photos}

    @invalid_rows_are_damage
    def live_ids(self, files: Sequence[int]) -> dict[FileRef, LinkMetadata]:
        """Return the ids that link photos to the films of their Live Photos, of files by their numbers."""
        sql = (
            "SELECT file.folder_id, file.path, photo.live_id FROM file JOIN photo ON photo.id = file.photo_id"
            " WHERE photo.live_id != '' AND file.state = 'present' AND file.id IN (*)"
        )
        return {FileRef(r[0], r[1]): LinkMetadata(r[2]) for r in self._connection.select_each(sql, (), files)}

    def has_times(self, folder: int) -> bool:
        """Return whether a sidecar in a folder tells a capture time."""
        return self._connection.value("SELECT 1 FROM sidecar_time WHERE folder_id = ? LIMIT 1", (folder,)) is not None

    def times(self, folder: int, directory: bytes) -> list[SidecarTime]:
        """Return the capture times in the sidecars right in a directory (bytes, below the folder), by sidecar."""
        within = Directory(folder, directory)
        rows = self._connection.select(
            "SELECT sidecar, photo, taken_us, to_minute FROM sidecar_time"
            " WHERE folder_id = ? AND sidecar >= ? AND (? OR sidecar < ?) ORDER BY sidecar, photo",
            within.span,
        )
        return [SidecarTime(r[0], r[1], r[2], bool(r[3])) for r in rows if within.name_in(r[0]) is not None]

    def record(
        self, folder: int, found: Mapping[bytes, FileStamp], gone: Iterable[bytes], late: Container[bytes]
    ) -> None:
        """Record the companions in a folder: `found` is new or changed, `gone` is not there.

        Those in `late` came after their photos.
        """
        rows = [
            (folder, p, s.size_bytes, s.mtime_ns, s.inode, s.device, int(not carries_metadata(p)), int(p in late))
            for p, s in found.items()
        ]
        with self._connection.transaction():
            self._connection.execute("UPDATE folder SET companions_known = 1 WHERE id = ?", (folder,))
            self._connection.execute_many(
                "DELETE FROM companion WHERE folder_id = ? AND path = ?", [(folder, p) for p in gone]
            )
            self._connection.execute_many(
                "INSERT OR REPLACE INTO companion (folder_id, path, size_bytes, mtime_ns, inode, device,"
                " metadata_read, late)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def set_metadata(self, found: Iterable[tuple[FileRef, SidecarMetadata]]) -> None:
        """Keep the metadata of companions; one that went meanwhile is passed over."""
        with self._connection.transaction():
            for file, metadata in found:
                key = (file.folder, file.path)
                known = self._connection.execute(
                    "UPDATE companion SET metadata_read = 1, live_id = ?, made_us = ? WHERE folder_id = ? AND path = ?",
                    (metadata.link.live_id, metadata.link.made_us, *key),
                )
                if not known:
                    continue
                self._connection.execute("DELETE FROM sidecar_time WHERE folder_id = ? AND sidecar = ?", key)
                self._connection.execute_many(
                    "INSERT INTO sidecar_time (folder_id, sidecar, photo, taken_us, to_minute) VALUES (?, ?, ?, ?, ?)",
                    [(*key, name, taken_us, int(metadata.to_minute)) for name, taken_us in metadata.times_us.items()],
                )

    def mark_amended(self, folder: int, photos: Iterable[bytes]) -> None:
        """Record that late companions belong to these photos of a folder; after that none in it counts as late.

        A photo that came back itself since the last digest, or was moved, has brought along what it had.
        """
        sql = (
            "UPDATE file SET amended_seq = ? WHERE folder_id = ? AND path = ? AND state = 'present'"
            " AND changed_us <= (SELECT coalesce(max(made_us), 0) FROM digest_run WHERE state = 'done')"
        )
        with self._connection.transaction():
            for path in photos:
                self._connection.execute(sql, (self._connection.next_seq(), folder, path))
            self._connection.execute("UPDATE companion SET late = 0 WHERE folder_id = ?", (folder,))


def _known(row: sqlite3.Row) -> tuple[bytes, KnownFile]:
    """Return a row, its columns as in `_STAMPS`, as a path and what is known of its file."""
    return row[0], KnownFile(FileStamp(*row[1:5]), "present", "")

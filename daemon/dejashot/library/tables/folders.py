"""The folders that the library knows, and what the last walk of each noted besides photos."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dejashot.files.exclusions import Exclusion, ExclusionReason, merged
from dejashot.files.first_bytes import FileContent
from dejashot.library.connection import LibraryConnection, invalid_rows_are_damage
from dejashot.models.files import FileRef, FileStamp


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the library knows; device, inode (0: not known yet) and a sync tool's marker are of the last walk."""

    id: int
    path: Path
    device: int
    watched: bool
    inode: int = 0
    marker: bool = False


class Folders:
    """The folders, what the last walk left out in each, and what files are by their first bytes."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    @invalid_rows_are_damage
    def all(self) -> list[Folder]:
        """Return every folder, by path."""
        rows = self._connection.select("SELECT id, path, device, watched, inode, marker FROM folder ORDER BY path")
        return [Folder(r[0], Path(os.fsdecode(r[1])), r[2], bool(r[3]), r[4], bool(r[5])) for r in rows]

    def add(self, path: Path, device: int) -> Folder:
        """Return the folder's row, made when it is new; a known one keeps the device it was last seen on."""
        with self._connection.transaction():
            self._connection.execute(
                "INSERT INTO folder (path, device) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
                (os.fsencode(path), device),
            )
        return next(f for f in self.all() if f.path == path)

    def set_location(self, folder: int, device: int, inode: int, marker: bool) -> None:
        """Record where a folder is now: its device's number may change with every boot, the files on it do not."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE file SET device = ? WHERE folder_id = ? AND unmounted = 0"
                " AND device = (SELECT device FROM folder WHERE id = ?)",
                (device, folder, folder),
            )
            self._connection.execute(
                "UPDATE folder SET device = ?, inode = ?, marker = ? WHERE id = ?", (device, inode, marker, folder)
            )

    def set_watched(self, folders: Iterable[int]) -> None:
        """Record which folders the daemon watches."""
        with self._connection.transaction():
            self._connection.execute("UPDATE folder SET watched = 0")
            self._connection.execute_many("UPDATE folder SET watched = 1 WHERE id = ?", [(f,) for f in folders])

    def remove(self, folder: int) -> None:
        """Remove a folder with everything that is known of what lies in it; photos stay (see `remove_unheld`)."""
        with self._connection.transaction():
            self._connection.execute("DELETE FROM folder WHERE id = ?", (folder,))

    @invalid_rows_are_damage
    def exclusions(self, folders: Sequence[int]) -> dict[int, list[Exclusion]]:
        """Return what the last walk of some folders left out on purpose, by folder.

        What a folder inside another of them left out is listed with the outer one alone.
        """
        rows = self._connection.select(
            "SELECT folder_id, why, count, paths FROM exclusion WHERE folder_id IN (*)", in_=folders
        )
        known = self.all()
        roots = [f.path for f in known if f.id in folders]
        inner = {f.id for f in known if any(f.path != r and f.path.is_relative_to(r) for r in roots)}
        found: dict[int, list[Exclusion]] = {}
        for r in rows:
            if r[0] not in inner:
                found.setdefault(r[0], []).append(Exclusion(ExclusionReason(r[1]), r[2], tuple(r[3].split(b"\0"))))
        return {folder: merged(parts) for folder, parts in found.items()}

    def set_exclusions(self, folder: int, exclusions: Iterable[Exclusion]) -> None:
        """Record what the last walk of a folder left out on purpose."""
        with self._connection.transaction():
            self._connection.execute("DELETE FROM exclusion WHERE folder_id = ?", (folder,))
            self._connection.execute_many(
                "INSERT INTO exclusion (folder_id, why, count, paths) VALUES (?, ?, ?, ?)",
                [(folder, part.why.value, part.count, b"\0".join(part.paths)) for part in exclusions],
            )

    @invalid_rows_are_damage
    def first_bytes(self, folder: int) -> dict[bytes, tuple[FileStamp, FileContent]]:
        """Return what files are by their first bytes where their names don't say, with their stamps, by path."""
        rows = self._connection.select(
            "SELECT path, size_bytes, mtime_ns, inode, device, content FROM first_bytes WHERE folder_id = ?", (folder,)
        )
        return {r[0]: (FileStamp(*r[1:5]), FileContent(r[5])) for r in rows}

    @invalid_rows_are_damage
    def first_bytes_of(self, file: FileRef) -> FileContent | None:
        """Return what one file is by its first bytes, None where nobody ever looked at them."""
        content = self._connection.value(
            "SELECT content FROM first_bytes WHERE folder_id = ? AND path = ?", (file.folder, file.path)
        )
        return None if content is None else FileContent(content)

    def set_first_bytes(
        self, folder: int, found: Mapping[bytes, tuple[FileStamp, FileContent]], gone: Iterable[bytes]
    ) -> None:
        """Record what files are by their first bytes: `found` is new or changed, `gone` was not met again."""
        with self._connection.transaction():
            self._connection.execute_many(
                "DELETE FROM first_bytes WHERE folder_id = ? AND path = ?", [(folder, p) for p in gone]
            )
            self._connection.execute_many(
                "INSERT OR REPLACE INTO first_bytes (folder_id, path, size_bytes, mtime_ns, inode, device, content)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(folder, p, s.size_bytes, s.mtime_ns, s.inode, s.device, c.value) for p, (s, c) in found.items()],
            )

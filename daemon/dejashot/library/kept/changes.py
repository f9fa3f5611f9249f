"""What changed in the library since the kept groups were last mended, as triggers noted it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dejashot.library.connection import LibraryConnection
from dejashot.models.files import FileRef

_FILE, _CHANGE = "groups_file", "groups_change"
_ANY = """
SELECT 1 FROM changed_file UNION ALL SELECT 1 FROM changed_photo UNION ALL SELECT 1 FROM changed_companion
UNION ALL SELECT 1 FROM earlier_file UNION ALL SELECT 1 FROM earlier_photo UNION ALL SELECT 1 FROM earlier_companion
LIMIT 1
"""
_FORGET_FILE = ("DELETE FROM changed_file WHERE file_id = ?", "DELETE FROM earlier_file WHERE file_id = ?")
_FORGET_PHOTO = ("DELETE FROM changed_photo WHERE photo_id = ?", "DELETE FROM earlier_photo WHERE photo_id = ?")
_FORGET_COMPANION = (
    "DELETE FROM changed_companion WHERE folder_id = ? AND path = ?",
    "DELETE FROM earlier_companion WHERE folder_id = ? AND path = ?",
)
_SET_ASIDE = (
    "INSERT OR IGNORE INTO earlier_file SELECT file_id FROM changed_file",
    "INSERT OR IGNORE INTO earlier_photo SELECT photo_id FROM changed_photo",
    "INSERT OR IGNORE INTO earlier_companion SELECT folder_id, path FROM changed_companion",
    "DELETE FROM changed_file",
    "DELETE FROM changed_photo",
    "DELETE FROM changed_companion",
)
_FORGET_EARLIER = ("DELETE FROM earlier_file", "DELETE FROM earlier_photo", "DELETE FROM earlier_companion")


@dataclass(frozen=True, slots=True)
class Changed:
    """Files and photos by their numbers, and companions, that are not what the kept groups know."""

    files: tuple[int, ...] = ()
    photos: tuple[int, ...] = ()
    companions: tuple[FileRef, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.photos or self.companions)


class Changes:
    """The notes of triggers, and which file of kept groups they follow on."""

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection

    def all(self) -> Changed:
        """Return what changed."""
        files = self._connection.select("SELECT file_id FROM noted_file ORDER BY file_id")
        photos = self._connection.select("SELECT photo_id FROM noted_photo ORDER BY photo_id")
        companions = self._connection.select("SELECT folder_id, path FROM noted_companion ORDER BY folder_id, path")
        return Changed(
            tuple(r[0] for r in files), tuple(r[0] for r in photos), tuple(FileRef(r[0], r[1]) for r in companions)
        )

    def any(self) -> bool:
        """Return whether anything changed."""
        return self._connection.value(_ANY) is not None

    def count_files(self) -> int:
        """Return how many files changed, besides those whose photos did."""
        return int(self._connection.value("SELECT count(*) FROM noted_file"))

    def noted_files(self, limit: int) -> list[int]:
        """Return the numbers of files that changed, or whose photos did, at most so many."""
        sql = (
            "SELECT file_id FROM noted_file UNION SELECT file.id FROM noted_photo"
            " JOIN file ON file.photo_id = noted_photo.photo_id LIMIT ?"
        )
        return [r[0] for r in self._connection.select(sql, (limit,))]

    def forget(self, changed: Changed) -> None:
        """Forget notes: the kept groups know of them."""
        files, photos = [(number,) for number in changed.files], [(number,) for number in changed.photos]
        companions = [(file.folder, file.path) for file in changed.companions]
        with self._connection.transaction():
            for some, statements in ((files, _FORGET_FILE), (photos, _FORGET_PHOTO), (companions, _FORGET_COMPANION)):
                for statement in statements:
                    self._connection.execute_many(statement, some)

    def set_aside(self) -> None:
        """Keep what changed so far apart from what changes from now on: a file that is begun now knows of it."""
        with self._connection.transaction():
            for statement in _SET_ASIDE:
                self._connection.execute(statement)

    def stamp(self) -> tuple[int, ...]:
        """Return numbers of which one differs whenever something else is noted, or was forgotten."""
        counts = "SELECT count(*), coalesce(max({0}), 0), coalesce(sum({0}), 0) FROM {1}"
        files = self._connection.select(counts.format("file_id", "noted_file"))[0]
        photos = self._connection.select(counts.format("photo_id", "noted_photo"))[0]
        companions = int(self._connection.value("SELECT count(*) FROM noted_companion"))
        return (self.groups_file, self.groups_change, *files, *photos, companions)

    def photos_of(self, contents: Sequence[bytes]) -> list[int]:
        """Return the numbers of the photos with some contents."""
        found = self._connection.select_each("SELECT id FROM photo WHERE content IN (*)", (), contents)
        return [r[0] for r in found]

    def files_of(self, photos: Sequence[int]) -> list[int]:
        """Return the numbers of the present files that hold some photos."""
        sql = "SELECT id FROM file WHERE state = 'present' AND photo_id IN (*)"
        return [r[0] for r in self._connection.select_each(sql, (), photos)]

    def files_in(self, folders: Sequence[int]) -> list[int]:
        """Return the numbers of all files of some folders."""
        return [r[0] for r in self._connection.select("SELECT id FROM file WHERE folder_id IN (*)", in_=folders)]

    def places_of(self, files: Sequence[int]) -> list[FileRef]:
        """Return where some files are, or were, by their numbers."""
        found = self._connection.select_each("SELECT folder_id, path FROM file WHERE id IN (*)", (), files)
        return [FileRef(r[0], r[1]) for r in found]

    def numbers_of(self, files: Iterable[FileRef]) -> dict[FileRef, int]:
        """Return the numbers of the present ones among some files."""
        sql = "SELECT id FROM file WHERE folder_id = ? AND path = ? AND state = 'present'"
        found = {file: self._connection.value(sql, (file.folder, file.path)) for file in files}
        return {file: number for file, number in found.items() if number is not None}

    @property
    def groups_file(self) -> int:
        """Return the number in the name of the file of kept groups, 0 where there is none."""
        return self._counter(_FILE)

    @property
    def groups_change(self) -> int:
        """Return the number of the last change of the kept groups that the notes follow on."""
        return self._counter(_CHANGE)

    def note_kept(self, groups_file: int, groups_change: int) -> None:
        """Keep which file of kept groups, and which change of it, the notes follow on."""
        with self._connection.transaction():
            for name, value in ((_FILE, groups_file), (_CHANGE, groups_change)):
                self._connection.execute("UPDATE counter SET value = ? WHERE name = ?", (value, name))

    def use(self, groups_file: int, groups_change: int) -> None:
        """Keep which file of kept groups is in use from now on: what was set aside when it was begun is forgotten."""
        with self._connection.transaction():
            self.note_kept(groups_file, groups_change)
            for statement in _FORGET_EARLIER:
                self._connection.execute(statement)

    def _counter(self, name: str) -> int:
        return int(self._connection.value("SELECT value FROM counter WHERE name = ?", (name,)) or 0)

"""The library: what is known of folders, files and photos. One owner writes it, anyone may read it meanwhile."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from dejashot.library import database
from dejashot.library.connection import LibraryConnection
from dejashot.library.journal import DecisionJournal
from dejashot.library.kept.changes import Changes
from dejashot.library.tables.closer_looks import CloserLooks
from dejashot.library.tables.companions import Companions
from dejashot.library.tables.decisions import Decisions
from dejashot.library.tables.digest_runs import DigestRuns
from dejashot.library.tables.files import Files
from dejashot.library.tables.folders import Folders
from dejashot.library.tables.group_ids import GroupIds
from dejashot.library.tables.measurements import Measurements
from dejashot.library.tables.photos import Photos
from dejashot.library.tables.shots import Shots
from dejashot.library.tables.vectors import VectorStore


@dataclass(frozen=True, slots=True)
class LibraryVersion:
    """What differs whenever a photo arrived, went, came back or was looked at closely.

    The last change is in microseconds since 1970; `looked_until` is the number of the last arrival looked at.
    """

    newest_seq: int
    present: int
    changed_us: int
    looked_until: int


class Library:
    """The library in a folder, by what it holds.

    Every method that writes is one transaction, on the disk when it returns, unless it is called inside `batch()`.
    Errors of SQLite become LibraryError. Not thread-safe.
    """

    def __init__(self, connection: LibraryConnection) -> None:
        self._connection = connection
        self._synced_to: tuple[int, int] | None = None  # up to where the journal was read for the table
        self.folders = Folders(connection)
        self.files = Files(connection, self.folders)
        self.companions = Companions(connection)
        self.vectors = VectorStore(connection)
        self.photos = Photos(connection, self.files, self.vectors)
        self.shots = Shots(connection)
        self.measurements = Measurements(connection)
        self.closer_looks = CloserLooks(connection)
        self.group_ids = GroupIds(connection)
        self.digest_runs = DigestRuns(connection)
        self.decisions = Decisions(connection)
        self.changes = Changes(connection)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open, create or migrate the library in a folder for writing; the caller holds its lock.

        The owner's decisions are taken from their journal. Raises LibraryError, JournalError or OSError.
        """
        connection = database.open_for_writing(folder)
        try:
            library = cls(LibraryConnection(connection, folder, owner=True))
            library.decisions.reconcile(library.journal)
        except BaseException:
            connection.close()
            raise
        return library

    @classmethod
    def open_read_only(cls, folder: Path) -> Self:
        """Open the library in a folder for reading, while another process may be writing it; raise LibraryError."""
        return cls(LibraryConnection(database.open_for_reading(folder), folder, owner=False))

    @property
    def folder(self) -> Path:
        """Return the folder that the library lies in."""
        return self._connection.folder

    @cached_property
    def journal(self) -> DecisionJournal:
        """Return the journal of the owner's decisions in the library's folder; raise JournalError."""
        return DecisionJournal(self._connection.folder)

    def batch(self) -> AbstractContextManager[None]:
        """Make everything inside one transaction, on the disk at its end; raise LibraryError when that fails."""
        return self._connection.transaction()

    def newest_seq(self) -> int:
        """Return the number of the newest change."""
        return self._connection.newest_seq()

    def version(self) -> LibraryVersion:
        """Return what differs whenever a photo arrived, went, came back or was looked at closely."""
        present, changed_us = self.files.present_and_last_change()
        return LibraryVersion(self.newest_seq(), present, changed_us, self.closer_looks.newest())

    def sync_decisions(self) -> None:
        """Bring the library's copy of the owner's decisions up to their journal; raise LibraryError or OSError."""
        self.journal.refresh()
        if self.journal.read_to != self._synced_to:
            self.decisions.replace(self.journal.decisions)
            self._synced_to = self.journal.read_to

    def shorten_journal(self) -> None:
        """Write the journal of decisions anew, without what was taken back; raise LibraryError or OSError."""
        self.journal.shorten()
        self.sync_decisions()

    def hold(self) -> None:
        """Let all that is read from now on be as it is now, for one that only reads; called again, as it is then."""
        self._connection.hold()

    @property
    def is_held(self) -> bool:
        """Return whether all is read as it was when this was held."""
        return self._connection.is_held

    def copy_to(self, file: Path, on_progress: Callable[[], None]) -> None:
        """Copy the library, consistently and without its gaps, into an empty file; raise LibraryError."""
        self._connection.copy_to(file, on_progress)

    def check_place(self) -> None:
        """Raise LibraryReplacedError when another file has the library's name by now, or none."""
        self._connection.check_place()

    def close(self) -> None:
        """Close the library; its owner's log is folded into the database before."""
        self._connection.close()

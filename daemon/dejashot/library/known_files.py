"""What the library knows of the files of a folder, beside a walk of it: of a million files few are in memory."""

from collections.abc import Callable, Iterator
from typing import Protocol

from dejashot.library.tables.files import KnownFile
from dejashot.library.tables.rows import Directory
from dejashot.models.files import FileStamp

StampOf = Callable[[bytes, KnownFile], FileStamp | None]


class KnownTable(Protocol):
    """A table of files by folder and path."""

    def known_in(self, directory: Directory) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield what is known of the files right in a directory, by path below the folder."""

    def known_in_order(self, folder: int) -> Iterator[tuple[bytes, KnownFile]]:
        """Yield what is known of the files of a folder, by path."""

    def known_count(self, folder: int) -> int:
        """Return of how many files of a folder something is known."""


class KnownFiles:
    """The known files of a folder, for a walk that meets them directory by directory, in the order of their names.

    What it finds as it was is passed over. The rest is held: by path, `held` what is known, and `stamps` the stamps
    of what need not be read again. `any_as_it_was`: at least one present file was found as it was.
    """

    def __init__(
        self, table: KnownTable, folder: int, stamp_of: Callable[[bytes, KnownFile], FileStamp | None]
    ) -> None:
        """Prepare; `stamp_of` returns the stamp of a file that need not be read again while it has that, else None."""
        self.held: dict[bytes, KnownFile] = {}
        self.stamps: dict[bytes, FileStamp] = {}
        self.any_as_it_was = False
        self._table, self._folder, self._stamp_of = table, folder, stamp_of
        self._unmet: list[bytes] = []
        self._directories: set[bytes] = set()  # that were begun
        self._directory: bytes | None = None
        self._rows: Iterator[tuple[bytes, KnownFile]] = iter(())  # of the directory, from the one in `_next` on
        self._next: tuple[bytes, KnownFile] | None = None
        self._count = 0

    def met(self, path: bytes, stamp: FileStamp) -> FileStamp | None:
        """Return the known stamp of a file that the walk met with a stamp; None where it is to be read."""
        directory = path.rpartition(b"/")[0]
        if directory != self._directory:
            self._begin(directory)
        while self._next is not None and self._next[0] < path:
            self._hold_unmet(*self._next)
            self._advance()
        if self._next is None or self._next[0] != path:
            return None
        known = self._next[1]
        self._advance()
        before = self._stamp_of(path, known)
        if before != stamp or known.unmounted:
            self._hold(path, known)
        elif known.state == "present":
            self.any_as_it_was = True
        return before

    def holds(self, path: bytes) -> bool:
        """Return whether anything is held of a file."""
        return path in self.held

    def unmet(self) -> Iterator[tuple[bytes, FileStamp]]:
        """Yield what the walk did not meet, with its stamp, once the walk is over."""
        self._end_directory()
        if self._count < self._table.known_count(self._folder):
            for path, known in self._table.known_in_order(self._folder):
                if path.rpartition(b"/")[0] not in self._directories:
                    self._hold_unmet(path, known)
        yield from ((path, self.stamps[path]) for path in self._unmet if path in self.stamps)

    def _begin(self, directory: bytes) -> None:
        self._end_directory()
        self._directory = directory
        self._directories.add(directory)
        self._rows = self._table.known_in(Directory(self._folder, directory))
        self._advance(0)

    def _end_directory(self) -> None:
        while self._next is not None:
            self._hold_unmet(*self._next)
            self._advance()

    def _advance(self, passed: int = 1) -> None:
        self._count += passed
        self._next = next(self._rows, None)

    def _hold_unmet(self, path: bytes, known: KnownFile) -> None:
        self._hold(path, known)
        self._unmet.append(path)

    def _hold(self, path: bytes, known: KnownFile) -> None:
        self.held[path] = known
        stamp = self._stamp_of(path, known)
        if stamp is not None:
            self.stamps[path] = stamp

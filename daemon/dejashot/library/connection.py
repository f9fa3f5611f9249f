"""A connection to the library: queries for everyone, transactions for its one owner."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from dejashot.errors import LibraryDamagedError, LibraryError, LibraryReplacedError
from dejashot.language.texts import noted
from dejashot.library import database
from dejashot.library.migrate import RESTORING

_VALUES_PER_STATEMENT = 500
_LIST = "IN (*)"  # in a statement: where the values of a list go

Function = TypeVar("Function", bound=Callable[..., Any])


def invalid_rows_are_damage(function: Function) -> Function:
    """Raise LibraryDamagedError for rows that no value can be made of: its owner then checks the whole library."""

    @wraps(function)
    def reading(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
            raise LibraryDamagedError(noted("the library is damaged: it holds what can't be"), RESTORING) from error

    return cast("Function", reading)


class LibraryConnection:
    """One open connection; the owner's may write, in transactions.

    Errors of SQLite become LibraryError. Not thread-safe.
    """

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, *, owner: bool, name: str = database.LIBRARY_FILE_NAME
    ) -> None:
        self.folder = folder
        self._sqlite = connection
        self._file = folder / name
        self._owner = owner
        self._inode = _inode_of(self._file) if owner else None

    def select(
        self, sql: str, values: Sequence[Any] | dict[str, Any] = (), in_: Sequence[Any] | None = None
    ) -> list[sqlite3.Row]:
        """Return the rows of a statement; the values of `in_` go where it says `IN (*)`, behind the others."""
        if in_ is not None:
            sql, values = sql.replace(_LIST, f"IN ({','.join('?' * len(in_))})"), (*values, *in_)
        try:
            return self._sqlite.execute(sql, values).fetchall()
        except database.ERRORS as error:
            raise self._reading_error(error) from error

    def select_each(self, sql: str, values: Sequence[Any], in_: Sequence[Any]) -> Iterator[sqlite3.Row]:
        """Yield the rows for a list of any length, a few hundred of its values at a time; otherwise like `select`."""
        for start in range(0, len(in_), _VALUES_PER_STATEMENT):
            yield from self.select(sql, values, in_[start : start + _VALUES_PER_STATEMENT])

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Return the first column of the first row, None where there is no row."""
        rows = self.select(sql, values)
        return rows[0][0] if rows else None

    def hold(self) -> None:
        """Let all that is read from now on be as it is now, whatever the owner writes; called again, as it is then."""
        if self._sqlite.in_transaction:
            self.select("ROLLBACK")
        self.select("BEGIN")
        self.select("SELECT 1 FROM sqlite_schema LIMIT 1")  # a transaction begins with the first row that is read

    @property
    def is_held(self) -> bool:
        """Return whether all is read as it was when this was held."""
        return not self._owner and self._sqlite.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one transaction, on the disk at its end; one inside another is part of it.

        Raises LibraryError when it can't be written: nothing of it is kept then.
        """
        if self._sqlite.in_transaction:
            yield
            return
        self.check_place()
        try:
            self._sqlite.execute("BEGIN IMMEDIATE")
            yield
            self._sqlite.execute("COMMIT")
        except database.ERRORS as error:
            raise self._writing_error(error) from error
        finally:
            if self._sqlite.in_transaction:
                self._sqlite.execute("ROLLBACK")

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Change rows, inside a transaction, which turns the errors of SQLite into LibraryError; return how many."""
        return self._sqlite.execute(sql, values).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Change rows once for each sequence of values, inside a transaction; return how many."""
        return self._sqlite.executemany(sql, rows).rowcount

    def newest_seq(self) -> int:
        """Return the number of the newest change."""
        return int(self.value("SELECT value FROM counter WHERE name = 'change_seq'") or 0)

    def next_seq(self) -> int:
        """Return the number of a new change, inside a transaction."""
        self.execute("UPDATE counter SET value = value + 1 WHERE name = 'change_seq'")
        return self.newest_seq()

    def copy_to(self, file: Path, on_progress: Callable[[], None]) -> None:
        """Copy the library, consistently and without its gaps, into an empty file; raise LibraryError."""
        self._sqlite.set_progress_handler(on_progress, database.STEPS_PER_PROGRESS)
        try:
            self.select("VACUUM INTO ?", (str(file),))
        finally:
            self._sqlite.set_progress_handler(None, 0)

    def check_place(self) -> None:
        """Raise LibraryReplacedError when another file, or none, has the library's name by now."""
        if self._owner and self._is_replaced():
            raise LibraryReplacedError(
                noted("the library was put away, or another in its place"), noted("What is in its place now is opened")
            )

    def close(self) -> None:
        """Close the connection; an owner's folds the write-ahead log into the database first."""
        if self._owner:
            with suppress(*database.ERRORS):  # on a full disk the log stays, and is folded in next time
                self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._sqlite.close()
        if self._owner and self._is_replaced():
            with suppress(OSError):
                self._set_log_aside()

    def _reading_error(self, error: Exception) -> LibraryError:
        if database.means_damage(error):
            return LibraryDamagedError(noted("the library is damaged"), RESTORING)
        return LibraryError(
            noted("the library can't be read: {why}").format(why=error), noted("Check the disk that holds it")
        )

    def _writing_error(self, error: Exception) -> LibraryError:
        if database.means_damage(error):
            return LibraryDamagedError(noted("the library is damaged"), RESTORING)
        return LibraryError(
            noted("the library can't be written: {why}").format(why=error),
            noted("Check the free space; what was acknowledged is safe"),
        )

    def _is_replaced(self) -> bool:
        """Return whether another file, or none, has the library's name; False where that can't be seen."""
        try:
            return _inode_of(self._file) != self._inode
        except OSError:
            return False

    def _set_log_aside(self) -> None:
        """Rename the log: SQLite leaves it, and would play it into what has the library's name now.

        Raises OSError.
        """
        log, shared = (self._file.with_name(f"{self._file.name}-{part}") for part in ("wal", "shm"))
        shared.unlink(missing_ok=True)
        if log.exists():
            log.replace(self._file.with_name(f"{self._file.name}.replaced-wal"))


def _inode_of(file: Path) -> int | None:
    """Return the inode of a file, None when there is none; raise OSError when that can't be seen."""
    try:
        return file.lstat().st_ino
    except FileNotFoundError:
        return None

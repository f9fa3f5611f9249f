"""Opening the SQLite file: pragmas, migrations, and who may write."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

from dejashot.errors import LibraryDamagedError, LibraryError, StorageError
from dejashot.language.texts import noted
from dejashot.library.checked_file import CheckedFile
from dejashot.library.migrate import APPLICATION_ID, RESTORING, migrate, newest_version, schema_at
from dejashot.library.validation import Columns, columns_of, invalid_value, is_undecodable
from dejashot.paths import file_problem, open_own, refuse_others, shown

LIBRARY_FILE_NAME = "library.db"
ERRORS = (sqlite3.Error, UnicodeDecodeError)  # of SQLite: what it says may quote damaged text
MAX_LOG_BYTES = 8 * 2**20  # of the write-ahead log, once what was larger is in the database
STEPS_PER_PROGRESS = 10_000  # of SQLite's virtual machine, between two calls of `on_progress`


def open_for_writing(folder: Path) -> sqlite3.Connection:
    """Open the library as its one writer: WAL, synchronous FULL, migrated to the newest version; raise LibraryError.

    Its pages and values are checked, unless they were in this very state within a day.
    """
    file = _own_file(folder)
    connection: sqlite3.Connection | None = None
    try:
        _make(file)
        state = CheckedFile.of(file, time.time())
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA busy_timeout = 5000")
        version = _check_version(connection, file)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {MAX_LOG_BYTES}")
        _configure(connection)
        migrate(connection, version)
        if state is None or not state.is_known(folder):
            _check(connection, file)
            if state is not None and version == newest_version():
                state.note(folder)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, (*ERRORS, OSError)):
            raise to_library_error(error, file) from error
        raise
    return connection


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """Raise LibraryDamagedError for a library that is damaged."""
    problem = database_damage(connection)
    if problem:
        raise LibraryDamagedError(
            noted("{file} is damaged: {problem}").format(file=shown(file), problem=problem), RESTORING
        )


def _own_file(folder: Path) -> Path:
    """Return the file of the library in a folder; raise LibraryError where the folder or the file is not ours alone.

    SQLite follows links, in the place of its log too.
    """
    try:
        refuse_others(folder)
    except StorageError as error:
        raise LibraryError(error.title, error.hint) from error
    file = folder / LIBRARY_FILE_NAME
    for suffix in ("", "-wal", "-shm", "-journal"):
        problem = file_problem(file.with_name(file.name + suffix))
        if problem:
            raise LibraryError(
                problem, noted("Look at what it is, and remove it: a library that is gone comes back from its backup")
            )
    return file


def _make(file: Path) -> None:
    """Make the file if there is none, for its owner only, whatever the umask is."""
    if not file.exists():
        os.close(open_own(file, os.O_RDWR | os.O_CREAT))


def database_damage(connection: sqlite3.Connection, on_progress: Callable[[], None] = lambda: None) -> str:
    """Return what is damaged in a library of any version up to this one, empty for a sound one.

    Its pages are checked, then its values. `on_progress` is called as the work moves on. Raises what `ERRORS` holds.
    """
    # The quick check would not do: it misses an index that differs from its table.
    reply = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if reply != "ok":
        return shown(str(reply))
    return invalid_value(connection, _columns_at(connection.execute("PRAGMA user_version").fetchone()[0]), on_progress)


@cache
def _columns_at(version: int) -> Columns:
    """Return the columns that a library of a version has."""
    with closing(schema_at(version)) as empty:
        return columns_of(empty)


def open_for_reading(folder: Path) -> sqlite3.Connection:
    """Open the library read-only; raise LibraryError when there is none yet or it is of another version."""
    if not os.path.lexists(folder / LIBRARY_FILE_NAME):
        raise LibraryError(
            noted("there is no library yet"), noted("Run `dejashot scan FOLDER` or `dejashot run FOLDER` first")
        )
    file = _own_file(folder)
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 5000")
        _configure(connection)
        version = _check_version(connection, file)
    except ERRORS as error:
        raise to_library_error(error, file) from error
    if version == 0:
        connection.close()
        raise LibraryError(noted("there is no library yet"), noted("Another Dejashot may be making it at this moment"))
    if version != newest_version():
        raise LibraryError(
            noted("the library is of an older version"),
            noted("Run `dejashot scan` or `dejashot run` once: that updates it"),
        )
    return connection


def copy_into(source: Path, target: Path) -> None:
    """Copy a library, consistently, while another process may be writing it; raise LibraryError."""
    with open_for_reading(source) as reader:
        try:
            _make(target / LIBRARY_FILE_NAME)
            copy = sqlite3.connect(target / LIBRARY_FILE_NAME)
            reader.backup(copy)
            copy.close()
        except (*ERRORS, OSError) as error:
            raise to_library_error(error, target / LIBRARY_FILE_NAME) from error
    reader.close()


def _configure(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


def _check_version(connection: sqlite3.Connection, file: Path) -> int:
    """Return the version of the file; refuse a file of another program or of a newer Dejashot."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application not in (0, APPLICATION_ID) or (application == 0 and version):
        raise LibraryError(
            noted("{file} belongs to another program").format(file=shown(file)),
            noted("Set library.folder to a folder of Dejashot's own"),
        )
    if version > newest_version():
        raise LibraryError(
            noted("the library was written by a newer Dejashot"),
            noted("Update Dejashot, or set library.folder to another folder"),
        )
    return version


def means_damage(error: BaseException) -> bool:
    """Return whether an error of SQLite means that the file is damaged, or text in it is none."""
    return is_undecodable(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )


def to_library_error(error: Exception, file: Path) -> LibraryError:
    """Return an error of SQLite or the system as one of the library."""
    if means_damage(error):
        return LibraryDamagedError(noted("{file} is damaged").format(file=shown(file)), RESTORING)
    text = str(error)
    if "full" in text:
        return LibraryError(noted("the disk is full"), noted("Free some space; nothing of the library is lost"))
    return LibraryError(
        noted("can't open {file}: {why}").format(file=shown(file), why=text),
        noted("Check permissions and free space, and that the folder is on a local disk"),
    )

"""The file that holds the kept groups of a library: made anew under another name, used once it is whole.

It lies beside the library and holds nothing that can't be worked out again: it is not in backups, and any doubt about
it ends it. The library says which file is in use; others are left by a process that was stopped.
"""

import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path

from dejashot.errors import GroupsFileError, LibraryError, StorageError
from dejashot.language.texts import noted
from dejashot.library import database
from dejashot.library.connection import LibraryConnection
from dejashot.paths import file_problem, open_own, refuse_others, shown

GROUPS_SCHEMA = 2  # raised with every change of the tables below: a file of another one is made anew
_OF_DISK = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM),
)
_NAME = re.compile(r"groups-(\d+)\.db(-wal|-shm|-journal)?")
_SCHEMA = """
CREATE TABLE basis (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE file (
    id INTEGER PRIMARY KEY, component INTEGER NOT NULL, unit INTEGER NOT NULL, taken_us INTEGER NOT NULL,
    offset_s INTEGER NOT NULL, zone_known INTEGER NOT NULL
) STRICT;
CREATE TABLE companion (
    folder_id INTEGER NOT NULL, path BLOB NOT NULL, file_id INTEGER NOT NULL, PRIMARY KEY (folder_id, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
    id INTEGER PRIMARY KEY, component INTEGER NOT NULL, first_us INTEGER NOT NULL, day TEXT NOT NULL,
    shots INTEGER NOT NULL, groups INTEGER NOT NULL, ungrouped INTEGER NOT NULL, damaged INTEGER NOT NULL,
    first_content BLOB NOT NULL, body BLOB NOT NULL, lines BLOB NOT NULL
) STRICT;
CREATE TABLE shot_group (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, component INTEGER NOT NULL, first_us INTEGER NOT NULL,
    series INTEGER NOT NULL, open INTEGER NOT NULL, clear INTEGER NOT NULL, pending INTEGER NOT NULL,
    lacking INTEGER NOT NULL, suggested_bytes INTEGER NOT NULL, open_photos INTEGER NOT NULL,
    open_bytes INTEGER NOT NULL, chosen_photos INTEGER NOT NULL, chosen_bytes INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE member (
    file_id INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (file_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE saving (
    number INTEGER NOT NULL, what TEXT NOT NULL, month TEXT NOT NULL, camera TEXT NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (number, what, month, camera)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_component ON file (component);
CREATE INDEX file_by_unit ON file (unit);
CREATE INDEX companion_by_file ON companion (file_id);
CREATE INDEX run_by_component ON run (component);
CREATE INDEX run_by_time ON run (first_us);
CREATE INDEX run_by_day ON run (day, first_us, shots, groups);
CREATE INDEX group_by_component ON shot_group (component);
CREATE INDEX group_by_time ON shot_group (first_us, number, series, open, clear, pending);
CREATE INDEX group_by_saving ON shot_group (suggested_bytes DESC, first_us, number, series, open, clear, pending);
CREATE INDEX group_by_sums ON shot_group (
    open, series, clear, pending, open_photos, open_bytes, chosen_photos, chosen_bytes
);
CREATE INDEX group_lacking ON shot_group (component) WHERE lacking = 1;
CREATE INDEX member_by_group ON member (number);
"""


class GroupsConnection(LibraryConnection):
    """A connection to a file of kept groups: what it can't be asked is no such file, and ends it and nothing else."""

    def _reading_error(self, error: Exception) -> LibraryError:
        return super()._reading_error(error) if _is_of_disk(error) else _error(error, self._file)

    def _writing_error(self, error: Exception) -> LibraryError:
        return super()._writing_error(error) if _is_of_disk(error) else _error(error, self._file)


def groups_file(folder: Path, number: int) -> Path:
    """Return the name of a file of kept groups of the library in a folder."""
    return folder / f"groups-{number}.db"


def create_groups_file(folder: Path, number: int) -> GroupsConnection:
    """Make an empty file of kept groups; raise GroupsFileError."""
    file = groups_file(folder, number)
    try:
        remove_groups_files(folder, [number])
        os.close(open_own(file, os.O_RDWR | os.O_CREAT | os.O_EXCL))
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        # what a crash leaves of it is never used: the library does not name it yet
        connection.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;" + _SCHEMA)
        connection.execute(f"PRAGMA user_version = {GROUPS_SCHEMA}")
    except (*database.ERRORS, OSError) as error:
        raise _error(error, file) from error
    connection.row_factory = sqlite3.Row
    return GroupsConnection(connection, folder, owner=False, name=file.name)


def open_groups_file(folder: Path, number: int, *, owner: bool) -> GroupsConnection | None:
    """Open a file of kept groups, None where there is none of this version.

    Raises GroupsFileError where it can't be used.
    """
    file = groups_file(folder, number)
    if not os.path.lexists(file):
        return None
    try:
        refuse_others(folder)
        problem = next(filter(None, (file_problem(file.with_name(file.name + s)) for s in ("", "-wal", "-shm"))), "")
        if problem:
            raise GroupsFileError(problem, noted("Look at what it is, and remove it: it is made anew"))
        if owner:
            connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        else:
            connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA trusted_schema = OFF")
        if connection.execute("PRAGMA user_version").fetchone()[0] != GROUPS_SCHEMA:
            connection.close()
            return None
    except (*database.ERRORS, OSError, StorageError) as error:
        raise _error(error, file) from error
    connection.row_factory = sqlite3.Row
    return GroupsConnection(connection, folder, owner=owner, name=file.name)


def remove_groups_files(folder: Path, numbers: "list[int] | None" = None, keep: int = 0) -> None:
    """Remove files of kept groups, all but one unless some are named; what can't be removed is left."""
    for entry in os.listdir(folder):
        found = _NAME.fullmatch(entry)
        if found and int(found[1]) != keep and (numbers is None or int(found[1]) in numbers):
            with suppress(OSError):
                (folder / entry).unlink()


def _is_of_disk(error: Exception) -> bool:
    """Return whether an error of SQLite may be over once the disk is free, or another process done."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_DISK


def _error(error: Exception, file: Path) -> GroupsFileError:
    return GroupsFileError(
        noted("can't use {file}: {why}").format(file=shown(file), why=error),
        noted("Check permissions and free space; it is made anew"),
    )

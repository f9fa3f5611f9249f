"""Backups of the library, and the way back from them when it is damaged."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dejashot.errors import LibraryDamagedError
from dejashot.language.texts import noted
from dejashot.library import database
from dejashot.library.kept.groups_file import remove_groups_files
from dejashot.library.library import Library
from dejashot.library.migrate import RESTORING
from dejashot.models.capture import instant
from dejashot.paths import file_problem, make_private, open_own, shown, sync_folder

log = logging.getLogger(__name__)

BACKUP_FOLDER_NAME = "backups"
_NAME_FORMAT = "library-%Y%m%dT%H%M%SZ"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_COPIED_AT_ONCE_BYTES = 1024 * 1024
_SPACE_FACTOR = 2  # a backup is made only where this many times its size is free: it must not be what fills the disk


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a damaged library.

    `aside` is where it lies now, None for one that was gone; `backup` took its place, None for an empty library.
    """

    aside: Path | None
    backup: Path | None

    @property
    def description(self) -> str:
        """Return it as a part of a sentence."""
        before = (
            f"the library was damaged and lies aside as {self.aside.name}" if self.aside else "the library was gone"
        )
        return f"{before}; " + (
            f"the backup {self.backup.name} takes its place" if self.backup else "there is no backup: it is filled anew"
        )


def open_sound(folder: Path, now_us: int) -> tuple[Library, Restored | None]:
    """Open the library for writing; the newest sound backup takes the place of one that is damaged or gone.

    Without a backup it is an empty library. The decisions come back from their journal. The caller holds the lock.
    Raises LibraryError.
    """
    _remove_leftovers(folder)
    file = folder / database.LIBRARY_FILE_NAME
    gone = bool(backups(folder)) and (not file.exists() or not file.stat().st_size)
    try:
        if not gone:
            return Library.open(folder), None
    except LibraryDamagedError:
        pass
    there = file.exists()
    try:
        aside, backup = _restore(folder, now_us)
    except OSError as error:  # the next start goes on with it
        raise database.to_library_error(error, file) from error
    restored = Restored(aside if there else None, backup)
    log.error(
        "%s. Nothing of the photos is lost: folders are walked, and what is missing is read again", restored.description
    )
    return Library.open(folder), restored


def _restore(folder: Path, now_us: int) -> tuple[Path, Path | None]:
    """Put the newest sound backup in the place of the library; return where the library lies now, and the backup.

    Raises OSError.
    """
    file = folder / database.LIBRARY_FILE_NAME
    # also the log that a vanished library left: it is not to be played into a backup
    aside = _set_aside(folder, now_us)
    remove_groups_files(folder)  # they follow on a later state
    backup = next((b for b in backups(folder) if is_sound(b)), None)
    if backup is not None:
        temp = file.with_name(f".{file.name}.restored")
        with os.fdopen(open_own(backup), "rb") as source, os.fdopen(open_own(temp, _NEW), "wb") as copy:
            shutil.copyfileobj(source, copy, _COPIED_AT_ONCE_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
        temp.replace(file)
        sync_folder(folder)
    return aside, backup


def backups(folder: Path) -> list[Path]:
    """Return the backups of the library in a folder, newest first."""
    kept = folder / BACKUP_FOLDER_NAME
    return [] if kept.is_symlink() else sorted(kept.glob("library-*.db"), reverse=True)


def made_at(backup: Path) -> datetime:
    """Return when a backup was made, by its name; long ago for one whose name does not say."""
    try:
        return datetime.strptime(backup.stem, _NAME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def back_up(
    library: Library, folder: Path, now_us: int, keep: int, on_progress: Callable[[], None] = lambda: None
) -> Path | None:
    """Check the library, copy it into `backups` with the owner's decisions, keep the newest few; None without room.

    Backups dated after now were made under a clock that ran ahead, and go. `on_progress` is called as the work moves
    on. Raises LibraryDamagedError when the check finds damage, and the backups stay as they are; LibraryError, OSError.
    """
    _check(folder, on_progress)
    target = make_private(folder / BACKUP_FOLDER_NAME) / f"{instant(now_us):{_NAME_FORMAT}}.db"
    if shutil.disk_usage(target.parent).free < _SPACE_FACTOR * (folder / database.LIBRARY_FILE_NAME).stat().st_size:
        log.warning("there is too little free space for a backup of the library")
        return None
    temp = target.with_name(f".{target.name}.tmp")
    try:
        os.close(open_own(temp, _NEW))
        library.copy_to(temp, on_progress)
        with temp.open("rb") as copy:
            os.fsync(copy.fileno())
        temp.replace(target)
    finally:
        temp.unlink(missing_ok=True)
    library.shorten_journal()
    library.journal.export(target.parent)
    ahead = [b for b in backups(folder) if made_at(b) > made_at(target)]
    for old in [*ahead, *(b for b in backups(folder)[len(ahead) + keep :])]:
        old.unlink(missing_ok=True)
    return target


def _check(folder: Path, on_progress: Callable[[], None]) -> None:
    """Check all of the library as it is on the disk, past what its owner has in memory; raise LibraryDamagedError."""
    with closing(database.open_for_reading(folder)) as connection:
        connection.set_progress_handler(on_progress, database.STEPS_PER_PROGRESS)
        try:
            problem = database.database_damage(connection, on_progress)
        except database.ERRORS as error:
            raise database.to_library_error(error, folder / database.LIBRARY_FILE_NAME) from error
    if problem:
        raise LibraryDamagedError(noted("the library is damaged: {problem}").format(problem=problem), RESTORING)


def _remove_leftovers(folder: Path) -> None:
    """Remove what a backup or a restoration that was cut short left."""
    for leftover in [
        folder / f".{database.LIBRARY_FILE_NAME}.restored",
        *(folder / BACKUP_FOLDER_NAME).glob(".library-*.tmp*"),
    ]:
        with suppress(OSError):
            leftover.unlink(missing_ok=True)


def _set_aside(folder: Path, now_us: int) -> Path:
    """Rename the library with its log out of the way; return its new name."""
    mark = f".corrupt-{instant(now_us):%Y%m%dT%H%M%SZ}"
    for suffix in ("-wal", "-shm", ""):
        file = folder / f"{database.LIBRARY_FILE_NAME}{suffix}"
        with suppress(FileNotFoundError):
            file.rename(file.with_name(f"{database.LIBRARY_FILE_NAME}{mark}{suffix}"))
    return folder / f"{database.LIBRARY_FILE_NAME}{mark}"


def is_sound(file: Path) -> bool:
    """Return whether a backup is whole; log what is wrong with one that is not."""
    problem = file_problem(file)
    if problem:
        log.warning("%s: it is no backup of ours", problem)
        return False
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            problem = database.database_damage(connection)
    except database.ERRORS as error:
        problem = str(error)
    if problem:
        log.warning("the backup %s is damaged too: %s", shown(file.name), shown(problem))
    return not problem

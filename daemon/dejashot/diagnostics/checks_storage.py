"""The doctor's checks of the library: its folder and disk, its database, the owner's decisions, and who uses it."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from dejashot.actions.batches import interrupted
from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics.checks_watching import file_system
from dejashot.diagnostics.checks_writing import writing_problem
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.diagnostics.interrupted import batch_body, describe_interrupted
from dejashot.diagnostics.status import all_left_out, journal_present
from dejashot.errors import JournalError, LibraryError
from dejashot.files.mounts import misses_events
from dejashot.language.formats import format_bytes
from dejashot.library.daemon_status import is_locked, running_daemon
from dejashot.library.database import ERRORS, LIBRARY_FILE_NAME, database_damage, open_for_reading
from dejashot.library.journal import JOURNAL_NAME
from dejashot.library.library import Library
from dejashot.paths import shown

MIN_FREE_BYTES, LOW_FREE_BYTES = 200 * 1024**2, 2 * 1024**3


def check_library_folder(settings: Settings) -> Iterator[Finding]:
    """Check the folder of the library, which may not be there yet: whose it is, and its disk."""
    folder = library_folder(settings)
    if not folder.is_dir():
        yield _creation_finding(folder)
        return
    yield _ownership_finding(folder)
    yield _space_finding(folder)
    kind = file_system(folder)
    if misses_events(kind):
        yield wrong(
            "library disk", f"on {kind}: a database is not safe there", "Set library.folder to a folder on a local disk"
        )


def check_library(settings: Settings) -> Iterator[Finding]:
    """Check what the library holds, where there is one: its database, the owner's decisions, and who uses it."""
    folder = library_folder(settings)
    if not folder.is_dir():
        return
    yield from _database_findings(folder)
    yield from _left_out_findings(folder)
    yield from _decisions_findings(folder)
    for batch in interrupted(folder):
        yield wrong("applying", *describe_interrupted(batch_body(batch)))
    yield _user_finding(folder)


def _creation_finding(folder: Path) -> Finding:
    problem = writing_problem(folder)
    if problem:
        return wrong("library", f"{shown(folder)} can't be made: {problem}", "Mend that, or set library.folder")
    return ok("library", f"{shown(folder)}: made at the first start")


def _ownership_finding(folder: Path) -> Finding:
    status = folder.stat()
    if status.st_uid != os.geteuid():
        return wrong(
            "library",
            f"{shown(folder)} belongs to another account",
            "Run Dejashot as that account, or set library.folder",
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        return wrong("library", f"{shown(folder)} can be entered by other accounts", f"chmod 700 '{shown(folder)}'")
    return ok("library", f"{shown(folder)}, yours alone")


def _space_finding(folder: Path) -> Finding:
    free_bytes = shutil.disk_usage(folder).free
    text = f"{format_bytes(free_bytes)} free"
    if free_bytes < MIN_FREE_BYTES:
        return wrong("free space", text, "Free some space: nothing is lost, but nothing new is taken in either")
    if free_bytes < LOW_FREE_BYTES:
        return advice("free space", text, "A library takes about 3 KB for each photo")
    return ok("free space", text)


def _database_findings(folder: Path) -> Iterator[Finding]:
    """Check the database where there is one."""
    if not (folder / LIBRARY_FILE_NAME).exists():
        return
    try:
        with closing(open_for_reading(folder)) as connection:
            damage = database_damage(connection)
    except LibraryError as error:
        yield wrong("database", error.title, error.hint)
    except ERRORS as error:
        yield wrong("database", str(error), "Stop the daemon and start it again")
    else:
        fix = "Stop the daemon and start it again; the photos themselves are untouched"
        yield wrong("database", f"damaged: {damage}", fix) if damage else ok("database", "sound")


def _left_out_findings(folder: Path) -> Iterator[Finding]:
    """Yield what of the folders is left out on purpose."""
    with suppress(LibraryError), closing(Library.open_read_only(folder)) as library:
        for part in all_left_out(library):
            yield ok("not looked at", part.counted)


def _decisions_findings(folder: Path) -> Iterator[Finding]:
    """Check the journal of the owner's decisions where there is one."""
    try:
        if journal_present(folder):
            yield ok("decisions", f"{JOURNAL_NAME} can be read")
    except JournalError as error:
        yield wrong("decisions", error.title, error.hint)


def _user_finding(folder: Path) -> Finding:
    """Return who uses the library now."""
    daemon = running_daemon(folder)
    if daemon is None:
        locked = is_locked(folder)
        return ok("in use by", "another Dejashot, for the moment" if locked else "nobody: the daemon does not run")
    text = f"the daemon, process {daemon.pid}"
    if daemon.trouble:
        fix = "`dejashot status` and `dejashot service logs` say more"
        return wrong("in use by", f"{text}: {daemon.trouble}", fix)
    return ok("in use by", text)

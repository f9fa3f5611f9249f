"""The doctor's look at places: watched folders, the limits of watching, the library and its disk."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from dejashot.actions.batch import interrupted
from dejashot.config.locations import library_folder, top_folders
from dejashot.config.settings import Settings, WatchSettings
from dejashot.diagnostics.config_check import refuse_own_folders
from dejashot.diagnostics.finding import Finding, advice, ok, wrong
from dejashot.diagnostics.status import all_left_out, batch_body, stopped_words
from dejashot.errors import DejashotError, FolderError, JournalError, LibraryError
from dejashot.files.mounts import kind_of, misses_events, read_mounts, watch_method_for
from dejashot.library.daemon_status import is_locked, running_daemon
from dejashot.library.database import ERRORS, LIBRARY_FILE_NAME, database_damage, open_for_reading
from dejashot.library.journal import JOURNAL_NAME, readable
from dejashot.library.library import Library
from dejashot.paths import preview_folder, shown
from dejashot.reports.report import human_bytes, plural
from dejashot.watch.walk import check_folder

LITTLE_BYTES, TIGHT_BYTES = 200 * 1024**2, 2 * 1024**3
_INOTIFY = Path("/proc/sys/fs/inotify")


def folders(settings: Settings) -> Iterator[Finding]:
    """Look at the folders of the configuration."""
    try:
        watched = top_folders(Path(f) for f in settings.folders)
        refuse_own_folders(settings, watched)
    except DejashotError as error:
        yield wrong("folders", error.title, error.hint)
        return
    if not watched:
        yield wrong(
            "folders",
            "none is named in the configuration",
            'Set folders = ["~/Pictures"] in the file of `dejashot config path`',
        )
    if len(watched) < len(settings.folders):
        yield advice(
            "folders",
            "one lies inside another, or is named twice",
            "Name the outer one only: what is below it is included",
        )
    for folder in watched:
        yield _folder(folder, settings.watch)
    yield from _watch_limits(watched)


def _folder(folder: Path, watch: WatchSettings) -> Finding:
    name = f"folder {shown(folder)}"
    if not folder.exists():
        return wrong(name, "it is not there", "Check the spelling, or whether the disk is mounted")
    try:
        check_folder(folder)
        with os.scandir(folder) as listing:
            empty = next(listing, None) is None
    except (FolderError, OSError) as error:
        fix = error.hint if isinstance(error, FolderError) else "Check the permissions"
        return wrong(name, error.title if isinstance(error, FolderError) else str(error.strerror), fix)
    plan = watch_method_for(folder, watch.method, watch.methods, read_mounts())
    if empty:
        return advice(name, "it is empty", "Right if nothing was synced yet; otherwise: is the disk mounted?")
    if plan.polled:
        return advice(
            name,
            f"polled: {plan.why}",
            f"It is walked every {watch.poll_s:g} s instead (watch.poll_s); watch.methods can decide otherwise",
        )
    kind = file_system(folder)
    return ok(name, f"there, can be listed{f', on {kind}' if kind else ''}")


def _watch_limits(watched: Sequence[Path]) -> Iterator[Finding]:
    """Hold the system's limits of watching against what is to be watched."""
    limit, instances = _number(_INOTIFY / "max_user_watches"), _number(_INOTIFY / "max_user_instances")
    if limit is not None:
        below = sum(1 + sum(len(names) for _, names, _ in os.walk(os.fsencode(folder))) for folder in watched)
        words = f"{plural(below, 'folder')} to watch, the system allows {limit:,}"
        enough = max(524_288, 2 ** (2 * below).bit_length())
        raise_it = f"echo fs.inotify.max_user_watches={enough} | sudo tee /etc/sysctl.d/60-dejashot.conf && sudo sysctl --system"
        yield (
            wrong("watches", words, raise_it)
            if below > limit
            else (
                advice("watches", f"{words}, which other programs use as well", raise_it)
                if below * 2 > limit
                else ok("watches", words)
            )
        )
    if instances is not None:
        used = _inotify_in_use()
        words = f"{used:,} of {instances:,} watchers of your account in use"
        more = (
            "echo fs.inotify.max_user_instances=1024 | sudo tee /etc/sysctl.d/61-dejashot.conf && sudo sysctl --system"
        )
        yield wrong("watchers", words, more) if used + len(watched) > instances else ok("watchers", words)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _inotify_in_use() -> int:
    """Return how many inotify instances the processes of this account hold."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == os.getuid():
                count += sum(str(handle.readlink()) == "anon_inode:inotify" for handle in (process / "fd").iterdir())
        except OSError:
            continue  # it ended meanwhile, or is another account's
    return count


def library(settings: Settings) -> Iterator[Finding]:
    """Look at the library: whose it is, its disk, its database, who uses it."""
    folder = library_folder(settings)
    name = "library"
    if not folder.is_dir():
        above = next(p for p in folder.parents if p.exists())
        if os.access(above, os.W_OK):
            yield ok(name, f"{shown(folder)}: made at the first start")
        else:
            yield wrong(name, f"{shown(folder)} can't be made", f"Make {shown(above)} writable, or set library.folder")
        return
    status = folder.stat()
    if status.st_uid != os.geteuid():
        yield wrong(
            name, f"{shown(folder)} belongs to another account", "Run Dejashot as that account, or set library.folder"
        )
    elif stat.S_IMODE(status.st_mode) & 0o077:
        yield wrong(name, f"{shown(folder)} can be entered by other accounts", f"chmod 700 '{shown(folder)}'")
    else:
        yield ok(name, f"{shown(folder)}, yours alone")
    yield _space(folder)
    kind = file_system(folder)
    if misses_events(kind):
        yield wrong(
            "library disk", f"on {kind}: a database is not safe there", "Set library.folder to a folder on a local disk"
        )
    yield from _database(folder)
    yield from _left_out(folder)
    yield from _journal(folder)
    yield from _batches(folder)
    yield _user_of(folder)


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{human_bytes(free)} free"
    if free < LITTLE_BYTES:
        return wrong("free space", words, "Free some space: nothing is lost, but nothing new is taken in either")
    return (
        advice("free space", words, "A library takes about 3 KB for each photo")
        if free < TIGHT_BYTES
        else ok("free space", words)
    )


def _database(folder: Path) -> Iterator[Finding]:
    if not (folder / LIBRARY_FILE_NAME).exists():
        return
    try:
        with closing(open_for_reading(folder)) as connection:
            trouble = database_damage(connection)
    except (LibraryError, *ERRORS) as error:
        fix = error.hint if isinstance(error, LibraryError) else "Stop the daemon and start it again"
        yield wrong("database", error.title if isinstance(error, LibraryError) else str(error), fix)
        return
    if not trouble:
        yield ok("database", "sound")
    else:
        yield wrong(
            "database", f"damaged: {trouble}", "Stop the daemon and start it again; the photos themselves are untouched"
        )


def _left_out(folder: Path) -> Iterator[Finding]:
    """Say what of the folders is left out on purpose, where anything is."""
    with suppress(LibraryError), closing(Library.open_read_only(folder)) as library:
        for part in all_left_out(library):
            yield ok("not looked at", part.counted)


def _journal(folder: Path) -> Iterator[Finding]:
    try:
        with suppress(FileNotFoundError), readable(folder) as journal:
            journal.read(1)
            yield ok("decisions", f"{JOURNAL_NAME} can be read")
    except JournalError as error:
        yield wrong("decisions", error.title, error.hint)


def _batches(folder: Path) -> Iterator[Finding]:
    for batch in interrupted(folder):
        what, _, fix = stopped_words(batch_body(batch)).rpartition(": ")
        yield wrong("applying", what, fix)


def _user_of(folder: Path) -> Finding:
    pulse = running_daemon(folder)
    if pulse is None:
        return ok(
            "in use by", "another Dejashot, for the moment" if is_locked(folder) else "nobody: the daemon does not run"
        )
    return (
        ok("in use by", f"the daemon, process {pulse.pid}")
        if not pulse.trouble
        else wrong(
            "in use by",
            f"the daemon, process {pulse.pid}: {pulse.trouble}",
            "`dejashot status` and `dejashot service logs` say more",
        )
    )


def previews() -> Finding:
    """Look at the folder of previews."""
    folder = preview_folder()
    above = folder if folder.exists() else next(p for p in folder.parents if p.exists())
    if os.access(above, os.W_OK | os.X_OK):
        return ok("previews", shown(folder))
    return wrong("previews", f"{shown(folder)} can't be written", "Check who owns it, or set XDG_CACHE_HOME")


def metrics(settings: Settings) -> Iterator[Finding]:
    """Look at the metrics file, where one is wanted."""
    if settings.metrics.file:
        file = Path(settings.metrics.file).expanduser().absolute()
        if os.access(file.parent, os.W_OK | os.X_OK):
            yield ok("metrics", shown(file))
        else:
            yield wrong(
                "metrics",
                f"{shown(file.parent)} can't be written",
                "Make it, or make it writable, or name another metrics.file",
            )


def file_system(path: Path) -> str:
    """Return the type of the file system that holds a path, empty where the system does not say."""
    return kind_of(os.fsencode(path.resolve()), read_mounts()) if path.exists() else ""

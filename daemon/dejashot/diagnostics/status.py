"""The body of `dejashot status`: the library as it is, and what a running daemon publishes beside it."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from dejashot.actions.batches import interrupted
from dejashot.config.settings import ReviewSettings
from dejashot.diagnostics.interrupted import batch_body
from dejashot.digests.schedule import Schedule
from dejashot.errors import GroupsFileError, JournalError, LibraryError
from dejashot.files.exclusions import Exclusion, merged
from dejashot.library.backup import backups, made_at
from dejashot.library.daemon_status import DaemonStatus, daemon_problem, running_daemon
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.library.index import INDEX_FOLDER
from dejashot.library.journal import readable
from dejashot.library.kept.group_lookups import GroupLookups
from dejashot.library.kept.store import open_kept_groups
from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import instant, microseconds
from dejashot.models.files import FileRef
from dejashot.paths import shown
from dejashot.reading.sandbox.confine import missing_here
from dejashot.reading.sandbox.parts import SandboxPart, describe_missing
from dejashot.reports.formats.json_format import exclusion_body
from dejashot.reports.wording import plural
from dejashot.web.server_state import page_body

UPCOMING_DIGESTS = 3
_NO_GROUPS = {"kept": 0, "open": 0, "pending": 0}


def upcoming(schedule: Schedule, now: datetime) -> list[str]:
    """Return the next three slots after an aware moment, in local ISO 8601."""
    return [slot.astimezone().isoformat(timespec="seconds") for slot in islice(schedule.after(now), UPCOMING_DIGESTS)]


def status_line(watched: int, folders: int, daemon: DaemonStatus | None) -> str:
    """Return the state of the daemon in one line, for the service manager."""
    parts = [f"Watching {watched} of {plural(folders, 'folder')}"]
    if daemon is not None:
        parts.append(plural(sum(f["photos"] for f in daemon.folders), "photo"))
        if daemon.backlog:
            parts.append(f"{daemon.backlog:,} waiting")
        if daemon.trouble:
            parts.append(f"trouble: {daemon.trouble}")
        elif daemon.next_digest:
            parts.append(f"next digest {datetime.fromisoformat(daemon.next_digest):%a %H:%M}")
    return ", ".join(parts)


def library_status(
    folder: Path, next_digests: Callable[[], list[str]] = list, review: ReviewSettings | None = None
) -> dict[str, Any]:
    """Return the state of the library and the daemon as JSON-able values.

    `next_digests` finds out, and `review` is, what the settings want: the daemon that runs may know better.
    """
    daemon = running_daemon(folder)
    body = _empty_body() | {
        "trouble": _journal_problem(folder) or daemon_problem(folder, daemon),
        "interrupted": [batch_body(batch) for batch in interrupted(folder)],
        "seal": _seal_body(daemon),
        "review": page_body(folder, review or ReviewSettings(), daemon=daemon is not None),
        "library": shown(folder),
    }
    if daemon is not None:
        body |= _daemon_body(daemon)
    body["next_digests"] = body["next_digests"] or next_digests()
    if not (folder / LIBRARY_FILE_NAME).exists():
        return body
    newest_backup = next(iter(backups(folder)), None)
    body["last_backup"] = _iso(microseconds(made_at(newest_backup))) if newest_backup else None
    try:
        with closing(Library.open_read_only(folder)) as library:
            body |= _library_body(library, daemon)
    except LibraryError as error:  # damaged, or just being made
        body["trouble"] = f"{error.title}: {error.hint}"
    body["library_bytes"], body["index"]["bytes"] = _sizes(folder)
    return body


def _empty_body() -> dict[str, Any]:
    """Return the body where there is no library and no daemon runs; its order is that of the JSON."""
    return {
        "schema": "dejashot.status/1",
        "running": False,
        "photos": 0,
        "skipped": 0,
        "missing": 0,
        "folders": [],
        "left_out": [],
        "backlog": 0,
        "retrying": 0,
        "closer_looks": 0,
        "trouble": "",
        "interrupted": [],
        "last_digest": None,
        "last_backup": None,
        "next_digest": None,
        "next_digests": [],
        "pid": None,
        "memory_bytes": None,
        "reader": None,
        "seal": {},
        "problems": [],
        "notices_waiting": 0,
        "review": None,
        "started_at": None,
        "network": None,
        "library": "",
        "library_bytes": 0,
        "index": {"vectors": 0, "bytes": 0},
        "groups": _NO_GROUPS,
    }


def _daemon_body(daemon: DaemonStatus) -> dict[str, Any]:
    return {
        "running": True,
        "backlog": daemon.backlog,
        "retrying": daemon.retrying,
        "closer_looks": daemon.counts.get("closer_looks", 0),
        "next_digest": daemon.next_digest,
        "next_digests": daemon.next_digests,
        "pid": daemon.pid,
        "memory_bytes": _memory_bytes(daemon.pid),
        "reader": daemon.reader,
        "problems": daemon.problems,
        "notices_waiting": daemon.notices_waiting,
        "started_at": daemon.started_at,
    }


def _library_body(library: Library, daemon: DaemonStatus | None) -> dict[str, Any]:
    live = {f["path"]: f for f in daemon.folders} if daemon else {}
    counts = {folder.id: library.files.counts([folder.id]) for folder in library.folders.all()}
    done = library.digest_runs.in_states("done")
    model = library.vectors.active_model()
    vectors = 0 if model is None else library.vectors.count(model.id)
    return {
        **{
            key: sum(count.get(state, 0) for count in counts.values())
            for key, state in (("photos", "present"), ("skipped", "skipped"), ("missing", "missing"))
        },
        "folders": [
            _folder_body(folder, counts[folder.id].get("present", 0), live.get(shown(folder.path), {}))
            for folder in library.folders.all()
        ],
        "left_out": [exclusion_body(part) for part in all_left_out(library)],
        "last_digest": _digest_body(done[0]) if done else None,
        "network": None if model is None else model.label,
        "index": {"vectors": vectors, "bytes": 0},
        "groups": _groups_body(library),
    }


def _groups_body(library: Library) -> dict[str, int]:
    """Return how many groups are kept, how many of them are open, and how many wait for a closer look."""
    try:
        kept = open_kept_groups(library.folder, library.changes, library.newest_seq(), owner=False)
        if kept is None:
            return _NO_GROUPS
        with closing(kept):
            found = GroupLookups(kept).counts()
    except GroupsFileError:  # made anew by whoever owns the library
        return _NO_GROUPS
    return dict(zip(_NO_GROUPS, found, strict=True))


def _folder_body(folder: Folder, photos: int, live: dict[str, Any]) -> dict[str, Any]:
    """Return a folder of the library, with what the daemon publishes of it in `live`."""
    return {
        "path": shown(folder.path),
        "state": live.get("state", "not watched"),
        "how": live.get("how", ""),
        "trouble": live.get("trouble", ""),
        "photos": photos,
        "watched": folder.watched,
    }


def _digest_body(run: DigestRun) -> dict[str, Any]:
    return {
        "slot": _iso(run.slot_us),
        "made_at": _iso(run.made_us),
        "photos": run.photos,
        "groups": run.groups,
        "reclaimable_bytes": run.reclaimable_bytes,
        "file": os.fsdecode(run.file),
    }


def _seal_body(daemon: DaemonStatus | None) -> dict[str, Any]:
    """Return which parts of the readers' sandbox are missing, in the daemon's readers or else on this system."""
    published = daemon.reader.get("seal_missing") if daemon else None
    missing = missing_here() if published is None else frozenset(SandboxPart(name) for name in published)
    return {"missing": sorted(missing), "words": describe_missing(missing)}


def _journal_problem(folder: Path) -> str:
    try:
        journal_present(folder)
    except JournalError as error:
        return f"{error.title}. {error.hint}"
    return ""


def journal_present(folder: Path) -> bool:
    """Return whether a library has a journal of decisions; raise JournalError when it has one that can't be read."""
    try:
        with readable(folder) as journal:
            journal.read(1)
    except FileNotFoundError:
        return False
    return True


def all_left_out(library: Library) -> list[Exclusion]:
    """Return what was left out on purpose in all folders of a library that are there, with absolute paths."""
    roots = {f.id: f.path for f in library.folders.all() if f.path.is_dir()}
    found = library.folders.exclusions(list(roots))
    return merged(
        replace(part, paths=tuple(FileRef(folder, path).under(roots[folder]) for path in part.paths))
        for folder, parts in found.items()
        for part in parts
    )


def _sizes(folder: Path) -> tuple[int, int]:
    """Return the bytes of all files of a library, and of its index."""
    total, index = 0, 0
    for file in folder.rglob("*"):
        with suppress(OSError):  # a file being replaced
            size = file.stat().st_size
            total += size
            index += size if file.parent.name == INDEX_FOLDER else 0
    return total, index


def _memory_bytes(pid: int) -> int | None:
    """Return the memory that a process really uses, None where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _iso(us: int) -> str:
    """Return microseconds since 1970 as local ISO 8601."""
    return instant(us).astimezone().isoformat(timespec="seconds")

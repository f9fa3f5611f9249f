"""What `dejashot status` says: the library as it is, and what a running daemon publishes beside it."""

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from dejashot.actions.batch import UNFINISHED, Summary, interrupted
from dejashot.config.settings import ReviewSettings
from dejashot.digests.schedule import Schedule
from dejashot.errors import JournalError, LibraryError
from dejashot.files.exclusions import Exclusion, merged
from dejashot.library.backup import backups, made_at
from dejashot.library.daemon_status import STALE_AFTER_S, STATUS_NAME, DaemonStatus, running_daemon
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.library.index import INDEX_FOLDER
from dejashot.library.journal import readable
from dejashot.library.library import Library
from dejashot.models.capture import instant, microseconds
from dejashot.models.files import FileRef
from dejashot.paths import shown
from dejashot.reading.sandbox.confine import missing_here
from dejashot.reading.sandbox.parts import SandboxPart, missing_words
from dejashot.reports.json_format import left_out_body
from dejashot.reports.report import plural
from dejashot.web.server_state import page_body

LITTLE_SPACE_BYTES = 8 * 1024 * 1024
DIGESTS_FORESEEN = 3


def upcoming(schedule: Schedule, now: datetime) -> list[str]:
    """Return the next three slots after an aware moment, in local ISO 8601."""
    return [slot.astimezone().isoformat(timespec="seconds") for slot in islice(schedule.after(now), DIGESTS_FORESEEN)]


def status_line(watched: int, folders: int, pulse: DaemonStatus | None) -> str:
    """Return how the daemon does, in one line."""
    words = [f"Watching {watched} of {plural(folders, 'folder')}"]
    if pulse is not None:
        words.append(plural(sum(f["photos"] for f in pulse.folders), "photo"))
        if pulse.backlog:
            words.append(f"{pulse.backlog:,} waiting")
        if pulse.trouble:
            words.append(f"trouble: {pulse.trouble}")
        elif pulse.next_digest:
            words.append(f"next digest {datetime.fromisoformat(pulse.next_digest):%a %H:%M}")
    return ", ".join(words)


def library_status(folder: Path, foreseen: Sequence[str] = (), review: ReviewSettings | None = None) -> dict[str, Any]:
    """Return the state of the library and the daemon as JSON-able values.

    `foreseen` are the next digests and `review` is what is wanted of the page, by the settings.
    """
    pulse = running_daemon(folder)
    body: dict[str, Any] = {
        "schema": "dejashot.status/1",
        "running": pulse is not None,
        "photos": 0,
        "skipped": 0,
        "missing": 0,
        "folders": [],
        "left_out": [],
        "backlog": pulse.backlog if pulse else 0,
        "retrying": pulse.retrying if pulse else 0,
        "trouble": journal_trouble(folder) or _trouble(folder, pulse),
        "interrupted": [batch_body(b) for b in interrupted(folder)],
        "last_digest": None,
        "last_backup": None,
        "next_digest": pulse.next_digest if pulse else None,
        "next_digests": (pulse.next_digests if pulse else None) or list(foreseen),
        "pid": pulse.pid if pulse else None,
        "memory_bytes": _memory_bytes(pulse.pid) if pulse else None,
        "reader": pulse.reader if pulse else None,
        "seal": _seal_body(pulse),
        "problems": pulse.problems if pulse else [],
        "notices_waiting": pulse.notices_waiting if pulse else 0,
        "review": page_body(folder, review or ReviewSettings(), daemon=pulse is not None),
        "started_at": pulse.started_at if pulse else None,
        "network": None,
        "library": shown(folder),
        "library_bytes": 0,
        "index": {"vectors": 0, "bytes": 0},
    }
    if not (folder / LIBRARY_FILE_NAME).exists():
        return body
    kept = backups(folder)
    body["last_backup"] = _iso(microseconds(made_at(kept[0]))) if kept else None
    try:
        with closing(Library.open_read_only(folder)) as library:
            _add_library(body, library, pulse)
    except LibraryError as error:  # damaged, or just being made
        body["trouble"] = f"{error.title}: {error.hint}"
    for file in folder.rglob("*"):
        with suppress(OSError):  # a file being replaced
            size = file.stat().st_size
            body["library_bytes"] += size
            body["index"]["bytes"] += size if file.parent.name == INDEX_FOLDER else 0
    return body


def _seal_body(pulse: DaemonStatus | None) -> dict[str, Any]:
    """Return which parts of the readers' seal are missing, and in words what follows: by the daemon's readers, else by this system."""
    said = pulse.reader.get("seal_missing") if pulse else None
    missing = missing_here() if said is None else frozenset(SandboxPart(name) for name in said)
    return {"missing": sorted(missing), "words": missing_words(missing)}


def _trouble(folder: Path, pulse: DaemonStatus | None) -> str:
    """Return what the daemon says is wrong, or what keeps it from saying so."""
    said = pulse.trouble if pulse else ""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < LITTLE_SPACE_BYTES:
            return said or "the disk that holds the library is full"
    if pulse is not None and not said:
        silent_s = 0.0
        with suppress(OSError):
            silent_s = time.time() - (folder / STATUS_NAME).stat().st_mtime
        if silent_s > STALE_AFTER_S:
            return f"the daemon has not been heard of for {silent_s / 60:.0f} minutes"
    return said


def journal_trouble(folder: Path) -> str:
    """Return what is wrong with the journal of decisions and what to do, empty when it can be read or there is none."""
    try:
        with suppress(FileNotFoundError), readable(folder) as journal:
            journal.read(1)
    except JournalError as error:
        return f"{error.title}. {error.hint}"
    return ""


def batch_body(batch: Summary) -> dict[str, Any]:
    """Return a batch that was stopped in the middle as JSON-able values: how far it came, and of how many files."""
    return {
        "id": batch.id,
        "made_at": _iso(batch.made_us),
        "how": batch.how.value,
        "state": batch.state,
        "files": batch.files,
        "planned": batch.planned,
    }


def _add_library(body: dict[str, Any], library: Library, pulse: DaemonStatus | None) -> None:
    """Add what the library says."""
    live = {f["path"]: f for f in pulse.folders} if pulse else {}
    body["left_out"] = [left_out_body(part) for part in all_left_out(library)]
    for folder in library.folders.all():
        counts = library.files.counts([folder.id])
        path = shown(folder.path)
        now = live.get(path, {})
        state = now.get("state", "not watched")
        body["folders"].append(
            {
                "path": path,
                "state": state,
                "how": now.get("how", ""),
                "trouble": now.get("trouble", ""),
                "photos": counts.get("present", 0),
                "watched": folder.watched,
            }
        )
        body["photos"] += counts.get("present", 0)
        body["skipped"] += counts.get("skipped", 0)
        body["missing"] += counts.get("missing", 0)
    done = library.digest_runs.in_states("done")
    if done:
        last = done[0]
        body["last_digest"] = {
            "slot": _iso(last.slot_us),
            "made_at": _iso(last.made_us),
            "photos": last.photos,
            "groups": last.groups,
            "reclaimable_bytes": last.reclaimable_bytes,
            "file": os.fsdecode(last.file),
        }
    active = library.vectors.active_model()
    if active is not None:
        body["network"] = active.label
        body["index"]["vectors"] = sum(count for count, _ in library.vectors.part_stamps(active.id).values())


def all_left_out(library: Library) -> list[Exclusion]:
    """Return what was left out on purpose in all folders of a library that are there, with absolute paths."""
    roots = {f.id: f.path for f in library.folders.all() if f.path.is_dir()}
    found = library.folders.exclusions(list(roots))
    return merged(
        replace(part, paths=tuple(FileRef(folder, path).under(roots[folder]) for path in part.paths))
        for folder, parts in found.items()
        for part in parts
    )


def _memory_bytes(pid: int) -> int | None:
    """Return the memory that a process really uses, None where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _iso(us: int) -> str:
    """Return microseconds since 1970 as local ISO 8601."""
    return instant(us).astimezone().isoformat(timespec="seconds")


def stopped_words(batch: dict[str, Any]) -> str:
    """Return what is to be said of a batch that was stopped in the middle, with what to do."""
    what = f"{batch['how']} of {local_words(batch['made_at'])}"
    if batch["state"] == UNFINISHED:
        far = f"{batch['files']:,} of {plural(batch['planned'], 'file')} done"
        return f"{what} was stopped in the middle, {far}: `dejashot apply` finishes it, `dejashot undo {batch['id']}` takes it back"
    return f"taking back {what} was stopped in the middle: `dejashot undo {batch['id']}` goes on with it"


def local_words(iso: str | None) -> str:
    """Return an ISO time as people write it, `never` for None."""
    return "never" if iso is None else datetime.fromisoformat(iso).strftime("%a %d %b %Y, %H:%M")

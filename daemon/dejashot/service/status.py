"""What `dejashot status` says: the library as it is, and what a running daemon publishes beside it."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import Timeout

from dejashot.library.database import FILE_NAME
from dejashot.library.reader import LibraryReader
from dejashot.models import instant
from dejashot.paths import shown, write_atomically
from dejashot.service.pipeline import lock_of

PULSE_NAME = "daemon.json"
STALE_AFTER_S = 120.0
LITTLE_SPACE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the daemon publishes of itself; times in ISO 8601."""

    pid: int
    started_at: str
    folders: list[dict[str, Any]]
    backlog: int
    retrying: int
    next_digest: str | None
    trouble: str
    updated_at: str


def publish(folder: Path, pulse: Pulse) -> None:
    """Write the daemon's pulse beside the library; a full disk only makes `status` older."""
    with suppress(OSError):
        write_atomically(folder / PULSE_NAME, json.dumps(asdict(pulse)).encode(), durable=False)


def withdraw(folder: Path) -> None:
    """Remove the pulse when the daemon ends."""
    with suppress(OSError):
        (folder / PULSE_NAME).unlink()


def running_pulse(folder: Path) -> Pulse | None:
    """Return the pulse of the running daemon, None when none runs: the library is not locked, or not by it."""
    if not folder.is_dir() or not _locked(folder):
        return None
    try:
        pulse = Pulse(**json.loads((folder / PULSE_NAME).read_bytes()))
        os.kill(pulse.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return pulse


def _locked(folder: Path) -> bool:
    lock = lock_of(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def status(folder: Path) -> dict[str, Any]:
    """Return the state of the library and the daemon as JSON-able values."""
    pulse = running_pulse(folder)
    body: dict[str, Any] = {
        "schema": "dejashot.status/1",
        "running": pulse is not None,
        "photos": 0,
        "skipped": 0,
        "missing": 0,
        "folders": [],
        "backlog": pulse.backlog if pulse else 0,
        "retrying": pulse.retrying if pulse else 0,
        "trouble": _trouble(folder, pulse),
        "last_digest": None,
        "next_digest": pulse.next_digest if pulse else None,
        "started_at": pulse.started_at if pulse else None,
        "network": None,
        "library": shown(folder),
        "library_bytes": 0,
    }
    if not (folder / FILE_NAME).exists():
        return body
    reader = LibraryReader.open(folder)
    try:
        _add_library(body, reader, pulse)
    finally:
        reader.close()
    for file in folder.rglob("*"):
        with suppress(OSError):  # a file being replaced
            body["library_bytes"] += file.stat().st_size
    return body


def _trouble(folder: Path, pulse: Pulse | None) -> str:
    """Return what the daemon says is wrong, or what keeps it from saying so."""
    said = pulse.trouble if pulse else ""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < LITTLE_SPACE_BYTES:
            return said or "the disk that holds the library is full"
    if pulse is not None and not said:
        silent_s = (datetime.now(UTC) - datetime.fromisoformat(pulse.updated_at)).total_seconds()
        if silent_s > STALE_AFTER_S:
            return f"the daemon has not been heard of for {silent_s / 60:.0f} minutes"
    return said


def _add_library(body: dict[str, Any], reader: LibraryReader, pulse: Pulse | None) -> None:
    """Add what the library says."""
    live = {f["path"]: f for f in pulse.folders} if pulse else {}
    for folder in reader.folders():
        counts = reader.counts([folder.id])
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
    done = reader.digest_runs("done")
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
    active = reader.active_network()
    if active is not None:
        body["network"] = f"{json.loads(active.description)['name']}@{active.fingerprint}"


def _iso(us: int) -> str:
    """Return microseconds since 1970 as local ISO 8601."""
    return instant(us).astimezone().isoformat(timespec="seconds")


def local_words(iso: str | None) -> str:
    """Return an ISO time as people write it, `never` for None."""
    return "never" if iso is None else datetime.fromisoformat(iso).strftime("%a %d %b %Y, %H:%M")

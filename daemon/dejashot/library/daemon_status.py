"""The status file that a running daemon keeps beside the library, for the commands."""

import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dejashot.errors import StorageError
from dejashot.files.state_file import StateFile, process_runs
from dejashot.language.texts import noted
from dejashot.library.lock import LockTimeoutError, lock_of

STATUS_NAME = "daemon.json"
STALE_AFTER_S = 120.0
MIN_FREE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DaemonStatus:
    """What the daemon publishes of itself; times in ISO 8601.

    Of the `backlog`, `reembedding` are photos that wait to be read again by another model.
    """

    pid: int
    started_at: str
    folders: list[dict[str, Any]]
    backlog: int
    retrying: int
    next_digest: str | None
    trouble: str
    updated_at: str
    next_digests: list[str] = field(default_factory=list)
    reader: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    problem_count: int = 0
    notices_waiting: int = 0
    reembedding: int = 0


def publish_status(folder: Path, status: DaemonStatus) -> None:
    """Write the daemon's status beside the library; a full disk only leaves an older one."""
    with suppress(OSError):
        _state_file(folder).publish(asdict(status))


def keep_alive(folder: Path) -> None:
    """Date the status file now: a daemon at a long work has nothing new to publish, but is alive."""
    _state_file(folder).touch()


def withdraw_status(folder: Path) -> None:
    """Remove the status file when the daemon ends."""
    _state_file(folder).withdraw()


def _state_file(folder: Path) -> StateFile:
    return StateFile(folder / STATUS_NAME)


def running_daemon(folder: Path) -> DaemonStatus | None:
    """Return the status of the running daemon, None when none runs: the library is not locked, or not by it."""
    if not folder.is_dir() or not is_locked(folder):
        return None
    try:
        status = DaemonStatus(**_state_file(folder).read())
        return status if process_runs(status.pid) else None
    except TypeError:
        return None


def daemon_problem(folder: Path, daemon: DaemonStatus | None) -> str:
    """Return the problem that the daemon publishes, or what keeps it from publishing one; empty when all is well."""
    published = daemon.trouble if daemon else ""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
            return published or noted("the disk that holds the library is full")
    if daemon is not None and not published:
        silent_s = 0.0
        with suppress(OSError):
            silent_s = time.time() - (folder / STATUS_NAME).stat().st_mtime
        if silent_s > STALE_AFTER_S:
            return noted("the daemon has not been heard of for {minutes} minutes").format(minutes=round(silent_s / 60))
    return published


def is_locked(folder: Path) -> bool:
    """Return whether a process owns the library."""
    lock = lock_of(folder)
    try:
        lock.acquire(timeout_s=0)
    except LockTimeoutError:
        return True
    except (StorageError, OSError):
        return False
    lock.release()
    return False

"""The batches of a library: listed, found by name, and carried out one at a time."""

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dejashot.actions.batch import BATCHES, PLAN_NAME, PROGRESS_NAME, Batch, Summary
from dejashot.actions.checked_values import NONSENSE
from dejashot.errors import BatchError, StorageError
from dejashot.language.texts import noted
from dejashot.library.lock import LockTimeoutError, OwnLock
from dejashot.paths import (
    make_private,
    open_own,
)

log = logging.getLogger(__name__)

BATCH_LOCK_NAME = "apply.lock"
BATCH_LOCK_TIMEOUT_S = 1.0  # whoever only looks holds the lock for a moment
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4,8}")
_LAST_LINE_BYTES = 256
_CLOSED = ("finished", "undone")


def all_batches(library: Path) -> list[Batch]:
    """Return the batches of a library, oldest first; a folder without a plan is none: nothing was touched for it."""
    return _read(_folders(library))


def interrupted(library: Path) -> list[Summary]:
    """Return the batches that were stopped and that no process works on, oldest first; quick where there is none."""
    suspects = [folder for folder in _folders(library) if not _seems_closed(folder / PROGRESS_NAME)]
    if not suspects:
        return []
    try:
        with exclusive(library):
            return [b.summary for b in _read(suspects) if b.stopped]
    except BatchError:  # the one that is carried out at this moment may be the one
        return []
    except (StorageError, OSError):  # a library that may only be read
        return [b.summary for b in _read(suspects) if b.stopped]


def _folders(library: Path) -> list[Path]:
    folder = library / BATCHES
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [name for name in there if _ID.fullmatch(name.name) and (name / PLAN_NAME).exists()]


def _read(folders: Iterable[Path]) -> list[Batch]:
    found: list[Batch] = []
    for folder in folders:
        try:
            found.append(Batch.read(folder))
        except BatchError as error:
            log.warning("%s: %s", error.title, error.hint)
    return sorted(found, key=lambda b: (b.plan.made_us, b.plan.id))


def _seems_closed(progress: Path) -> bool:
    """Return whether the last line of a journal says that nothing of the batch is left to do."""
    try:
        with os.fdopen(open_own(progress), "rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - _LAST_LINE_BYTES))
            return json.loads(lines.read().split(b"\n")[-2])["is"] in _CLOSED
    except (*NONSENSE, OSError):
        return False


def batch_named(library: Path, name: str) -> Batch:
    """Return the named batch, or the newest that is not undone, or not wholly, for no name; raise BatchError."""
    known = all_batches(library)
    if not name:
        waiting = [b for b in known if b.stopped or (not b.undone and b.acted)] or [b for b in known if b.left]
        if not waiting:
            raise BatchError(
                noted("there is nothing to undo"),
                "`dejashot undo --list` shows what was done",
                noted("Load the page again"),
            )
        return waiting[-1]
    found = [b for b in known if b.plan.id == name]
    if not found:
        raise BatchError(
            noted("there is no batch {name}").format(name=repr(name)),
            "`dejashot undo --list` shows them",
            noted("Load the page again"),
        )
    return found[0]


@contextmanager
def exclusive(library: Path) -> Iterator[None]:
    """Make sure that nothing else is applied or undone at the same time; raise BatchError, StorageError."""
    guarded = make_private(library) / BATCHES
    lock = OwnLock(library / BATCH_LOCK_NAME, BATCH_LOCK_TIMEOUT_S, guarded if guarded.is_dir() else None)
    try:
        lock.acquire()
    except LockTimeoutError:
        raise BatchError(
            noted("another batch is being carried out at this moment"), noted("Wait until it is done")
        ) from None
    try:
        yield
    finally:
        lock.release()

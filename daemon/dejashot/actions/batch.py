"""A batch: a plan that is written down before anything is touched, and beside it what became of every file, so that it can go on or back."""

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import Timeout

from dejashot.actions.checked_values import NONSENSE, event_of
from dejashot.actions.plan import Item, Method, Plan, plan_body, plan_from, planned_bytes
from dejashot.errors import BatchError, StorageError
from dejashot.files import jsonl
from dejashot.files.nofollow import folder_of
from dejashot.library.lock import OwnLock
from dejashot.paths import (
    PRIVATE_FOLDER,
    make_private,
    open_own,
    read_own,
    refuse_others,
    shown,
    sync_folder,
    write_atomically,
)

log = logging.getLogger(__name__)

BATCHES, PLAN_NAME, PROGRESS_NAME, BATCH_LOCK_NAME = "batches", "plan.json", "progress.jsonl", "apply.lock"
UNFINISHED, UNDONE, UNDONE_IN_PART, NOTHING_DONE = "unfinished", "undone", "undone but for some", "nothing was done"
SYNC_EVERY = 32  # files between two moments at which what became of them is brought to the disk
BATCH_LOCK_TIMEOUT_S = 1.0  # whoever only looks holds the lock for a moment
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4,8}")
_LAST_LINE_BYTES = 256
_CLOSED = ("finished", "undone")


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in short: when (us since 1970), how, what it did and whether that was undone: `state` is a word or two.

    `files` were dealt with, of those that were `planned`. One that is `stopped` waits for its owner to go on with it or take it back.
    """

    id: str
    made_us: int
    how: Method
    to: bytes
    files: int
    photos: int
    size_bytes: int
    state: str
    planned: int
    stopped: bool


@dataclass
class Batch:
    """A batch as its folder tells it.

    `done`, `back` and `ready` hold what was noted of items by number, `refused` and `left` why nothing was done (or undone) with them,
    `made` holds folders that were made for it, `touched` those in which names changed that may not be on the disk yet.
    """

    folder: Path
    plan: Plan
    done: dict[int, dict[str, Any]] = field(default_factory=dict)
    ready: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    back: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    made: list[bytes] = field(default_factory=list)
    finished: bool = False
    undoing: bool = False
    undone: bool = False
    touched: set[bytes] = field(default_factory=set)
    _unsynced: int = 0

    @classmethod
    def begin(cls, library: Path, plan: Plan) -> "Batch":
        """Write a plan down, on the disk when this returns; raise BatchError when that was done before, or OSError."""
        folder = make_private(library / BATCHES) / plan.id
        try:
            folder.mkdir(mode=PRIVATE_FOLDER)
            folder.chmod(PRIVATE_FOLDER)  # the umask has no say in it
        except FileExistsError:
            raise BatchError(
                "this plan has been carried out already",
                "Make a new one: run `dejashot apply` again",
                "Have a new one shown",
            ) from None
        write_atomically(folder / PLAN_NAME, json.dumps(plan_body(plan)).encode())
        sync_folder(folder.parent)
        return cls(folder, plan)

    @classmethod
    def read(cls, folder: Path) -> "Batch":
        """Read a batch; raise BatchError when its plan is not readable."""
        try:
            refuse_others(folder)
            batch = cls(folder, plan_from(json.loads(read_own(folder / PLAN_NAME))))
            if batch.plan.id != folder.name:
                raise ValueError("the plan of another batch")
            lines = jsonl.read_lines(folder / PROGRESS_NAME)
        except (*NONSENSE, StorageError, OSError) as error:
            raise BatchError(
                f"the batch {folder.name} can't be read", f"Look into {shown(folder)}: plan.json says what moved where"
            ) from error
        numbers = {item.number for item in batch.plan.items}
        for line in lines:
            with suppress(*NONSENSE):  # torn by a power cut, say: what is on the disk tells
                batch._take_in(event_of(json.loads(line), numbers))
        return batch

    def note(self, what: str, item: Item | None = None, *, durable: bool = False, **more: Any) -> None:
        """Note what became of an item, or of the batch; raise OSError."""
        event = {"is": what, **({"item": item.number} if item else {}), **more}
        jsonl.append(self.folder / PROGRESS_NAME, [event], durable=durable)
        self._take_in(event)

    def touch(self, item: Item) -> bool:
        """Remember the folders that an item changes, and tell whether it is time to bring everything to the disk."""
        self.touched.update(folder_of(path) for path in (item.source, item.target) if path)
        self._unsynced = (self._unsynced + 1) % SYNC_EVERY
        return self._unsynced == 0

    def _take_in(self, event: dict[str, Any]) -> None:
        what, number = event["is"], event.get("item", -1)
        if what == "done":
            self.done[number] = event
            self.refused.pop(number, None)
        elif what == "ready":
            self.ready[number] = event
        elif what == "refused":
            self.refused[number] = str(event["why"])
        elif what == "back":
            self.back[number] = event
            self.left.pop(number, None)
        elif what == "left":
            self.left[number] = str(event["why"])
        elif what == "made":
            self.made.extend(os.fsencode(f) for f in event["folders"])
        elif what in ("finished", "undoing", "undone"):
            setattr(self, what, True)

    @property
    def open(self) -> bool:
        """Tell whether it was stopped in the middle and is to go on."""
        return not self.finished and not self.undoing

    @property
    def stopped(self) -> bool:
        """Tell whether it was stopped in the middle, on its way or on the way back."""
        return self.open or (self.undoing and not self.undone)

    @property
    def acted(self) -> list[Item]:
        """Return the items that were done."""
        return [i for i in self.plan.items if i.number in self.done]

    @property
    def summary(self) -> Summary:
        """Return the batch in short."""
        acted, plan = self.acted, self.plan
        size_bytes = planned_bytes(acted) if plan.how.moves else 0
        photos = sum(not i.companion for i in acted)
        planned = len(plan.items)
        return Summary(
            plan.id,
            plan.made_us,
            plan.how,
            plan.to,
            len(acted),
            photos,
            size_bytes,
            self._state(),
            planned,
            self.stopped,
        )

    def _state(self) -> str:
        if not self.stopped and not self.acted:
            return NOTHING_DONE
        if self.undone:
            return UNDONE_IN_PART if self.left else UNDONE
        if self.undoing:
            return "being undone"
        return "done" if self.finished else UNFINISHED


def all_batches(library: Path) -> list[Batch]:
    """Return the batches of a library, oldest first; a folder without a plan is none: nothing was touched for it."""
    return _read(_folders(library))


def interrupted(library: Path) -> list[Summary]:
    """Return the batches that were stopped in the middle and that nobody is at now, oldest first; quick where there is none."""
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
    """Tell whether the last line of what became of a batch says that nothing of it is left to do."""
    try:
        with os.fdopen(open_own(progress), "rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - _LAST_LINE_BYTES))
            return json.loads(lines.read().split(b"\n")[-2])["is"] in _CLOSED
    except (*NONSENSE, OSError):
        return False


def batch_named(library: Path, name: str) -> Batch:
    """Return a batch by its id, or when none is named the newest that is not undone, or else not wholly; raise BatchError."""
    known = all_batches(library)
    if not name:
        waiting = [b for b in known if b.stopped or (not b.undone and b.acted)] or [b for b in known if b.left]
        if not waiting:
            raise BatchError(
                "there is nothing to undo", "`dejashot undo --list` shows what was done", "Load the page again"
            )
        return waiting[-1]
    found = [b for b in known if b.plan.id == name]
    if not found:
        raise BatchError(f"there is no batch {name!r}", "`dejashot undo --list` shows them", "Load the page again")
    return found[0]


@contextmanager
def exclusive(library: Path) -> Iterator[None]:
    """Make sure that nothing else is applied or undone at the same time; raise BatchError, StorageError."""
    guarded = make_private(library) / BATCHES
    lock = OwnLock(library / BATCH_LOCK_NAME, BATCH_LOCK_TIMEOUT_S, guarded if guarded.is_dir() else None)
    try:
        lock.acquire()
    except Timeout:
        raise BatchError("another batch is being carried out at this moment", "Wait until it is done") from None
    try:
        yield
    finally:
        lock.release()

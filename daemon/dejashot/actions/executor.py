"""Carrying a plan out, going on with one that was stopped, and taking one back: file by file, verified by its bytes."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dejashot.actions.batch import Batch
from dejashot.actions.batches import all_batches, batch_named, exclusive
from dejashot.actions.destination import check_destination, check_return
from dejashot.actions.destination_folder import clear_manifest, make_destination, remove_destination, write_manifest
from dejashot.actions.methods.base import ActionMethod
from dejashot.actions.methods.registry import method_for
from dejashot.actions.moves.writing import sync
from dejashot.actions.plan import IN_PACKAGE, LAST, Item, Plan, RefusedFile, WatchedRoot
from dejashot.actions.planning.disk import root_now
from dejashot.actions.required_copies import RequiredCopies
from dejashot.errors import BatchError, SkippedFileError
from dejashot.files.nofollow import fingerprint, folder_of
from dejashot.files.packages import package_of
from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import shown

AWAY = noted("its folder is not there, or another disk is in its place: it can't come back now")
STOPPED = noted("a batch was stopped in the middle")
STAYS_WITH_PHOTO = noted("its photo stays, and it with it")
SYNC_EVERY = 32  # files between two moments at which changed names are brought to the disk

BatchProgress = Callable[[int, int], None]  # files dealt with, and of how many


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What came of a batch, or of taking it back: photos and files dealt with, their bytes, and the files left alone.

    What the plan had refused before is not among them.
    """

    batch: str
    how: ApplyMethod
    to: bytes
    photos: int
    files: int
    size_bytes: int
    refused: tuple[RefusedFile, ...]


def no_progress(_done: int, _of: int) -> None:
    """Report progress to nobody."""


def execute(plan: Plan, library: Path, progress: BatchProgress = no_progress) -> BatchOutcome:
    """Carry a plan out as a batch of its own.

    Raises BatchError when there is nothing to do, files can't go where they are to go, another batch runs, or one was
    stopped earlier; DiskFullError when a disk is full (the batch can go on, or back); OSError when our own journal
    can't be written.
    """
    if plan.how is ApplyMethod.LIST or not plan.items:
        raise BatchError(noted("there is nothing to do"), noted("Reject photos first, on the review page"))
    check_destination(plan)
    with exclusive(library):
        if _stopped(library):
            raise BatchError(
                STOPPED,
                "`dejashot apply` finishes it, `dejashot undo` takes it back",
                noted("Finish it, or take it back, first"),
            )
        # the last batch is the last, also where the clock was set back
        newest_us = max((b.plan.made_us for b in all_batches(library)), default=0)
        batch = Batch.begin(library, replace(_with_hashes(plan), made_us=max(plan.made_us, newest_us + 1)))
        outcome = _roll_forward(batch, progress)
        return replace(outcome, refused=(*batch.plan.refused[len(plan.refused) :], *outcome.refused))


def resume(library: Path, progress: BatchProgress = no_progress, name: str = "") -> list[BatchOutcome]:
    """Go on with the batches that were stopped, oldest first, or with the named one alone, on its way back too.

    Raises BatchError when the named one was not stopped, and what `execute` does.
    """
    if not name and not _stopped(library):
        return []
    with exclusive(library):
        stopped = (
            _stopped(library) if not name else [b for b in all_batches(library) if b.plan.id == name and b.stopped]
        )
        if name and not stopped:
            raise BatchError(
                noted("this batch was not stopped, or it is finished already"),
                "`dejashot undo --list` shows them",
                noted("Load the page again"),
            )
        return [_roll_forward(b, progress) if b.open else _roll_back(b, progress) for b in stopped]


def roll_back(library: Path, name: str = "", progress: BatchProgress = no_progress) -> BatchOutcome:
    """Take a batch back, the newest that is not undone when none is named; nothing is written over.

    Raises BatchError when there is no such batch or another runs, DiskFullError, or OSError.
    """
    with exclusive(library):
        batch = batch_named(library, name)
        if batch.undone and not batch.left:
            raise BatchError(
                noted("{id} is undone already").format(id=batch.plan.id),
                "`dejashot undo --list` shows what can be undone",
                noted("Load the page again"),
            )
        check_return(batch.plan)
        return _roll_back(batch, progress)


class _ChangedFolders:
    """The folders in which names changed that may not be on the disk yet."""

    def __init__(self) -> None:
        self._folders: set[bytes] = set()
        self._files = 0

    def add(self, item: Item) -> None:
        """Add the folders that an item changes; every `SYNC_EVERY` files all of them are brought to the disk."""
        self._folders.update(folder_of(path) for path in (item.source, item.target) if path)
        self._files += 1
        if self._files % SYNC_EVERY == 0:
            self.sync()

    def sync(self) -> None:
        """Bring the names that changed to the disk."""
        sync(self._folders)
        self._folders.clear()


def _stopped(library: Path) -> list[Batch]:
    return [b for b in all_batches(library) if b.open]


def _with_hashes(plan: Plan) -> Plan:
    """Return the plan with the hash of every companion; photos whose companions can't be read stay."""
    items: list[Item] = []
    bad: dict[int, str] = {}
    for item in plan.items:
        try:
            items.append(item if item.content else replace(item, content=fingerprint(item.source)[0]))
        except (OSError, ValueError):
            bad[item.photo] = noted("{name}, which belongs to it, can't be read").format(
                name=shown(os.path.basename(item.source))
            )
    refused = [RefusedFile(i.source, bad[i.number]) for i in items if i.number in bad]
    return replace(plan, items=tuple(i for i in items if i.photo not in bad), refused=(*plan.refused, *refused))


def _roll_forward(batch: Batch, progress: BatchProgress) -> BatchOutcome:
    """Do what is left to do of a batch."""
    plan, method, copies, changed = batch.plan, method_for(batch), RequiredCopies(batch.plan), _ChangedFolders()
    make_destination(batch)
    for count, item in enumerate(_by_photo(plan), start=1):
        _apply(batch, method, copies, item)
        progress(count, len(plan.items))
        changed.add(item)
    write_manifest(plan, batch.acted)
    changed.sync()
    batch.note("finished", durable=True)
    return _outcome(batch, batch.acted, batch.refused)


def _apply(batch: Batch, method: ActionMethod, copies: RequiredCopies, item: Item) -> None:
    """Deal with one file, and note what came of it."""
    if item.number in batch.done:
        return
    try:
        if item.companion and item.photo not in batch.done:
            raise SkippedFileError(STAYS_WITH_PHOTO)
        if package_of(folder_of(item.source)):
            raise SkippedFileError(IN_PACKAGE)
        if not item.companion and not copies.allow(item):
            raise SkippedFileError(LAST)
        noted = method.apply(item)
    except SkippedFileError as error:
        batch.note("refused", item, why=error.title)
    else:
        batch.note("done", item, **noted)


def _by_photo(plan: Plan) -> Iterator[Item]:
    """Yield the items photo by photo, each with its companions behind it."""
    photos: dict[int, list[Item]] = {}
    for item in plan.items:
        photos.setdefault(item.photo, []).append(item)
    for items in photos.values():
        yield from items


def _roll_back(batch: Batch, progress: BatchProgress) -> BatchOutcome:
    """Take back what a batch did, companions before their photos."""
    plan, method, changed = batch.plan, method_for(batch), _ChangedFolders()
    if not batch.undoing:
        batch.note("undoing", durable=True)
    clear_manifest(plan)
    away = _roots_away(plan)
    returned: list[Item] = []
    left: dict[int, str] = {}
    for count, item in enumerate(reversed(plan.items), start=1):
        try:
            if item.folder in away:
                raise SkippedFileError(AWAY)
            came = method.revert(item)
        except SkippedFileError as error:
            left[item.number] = error.title
            batch.note("left", item, why=error.title)
        else:
            if came or item.number in batch.left or (item.number in batch.done and item.number not in batch.back):
                returned.append(item)
                batch.note("back", item)
        progress(count, len(plan.items))
        changed.add(item)
    if not left:
        remove_destination(batch)
    changed.sync()
    batch.note("undone", durable=True)
    return _outcome(batch, returned, left)


def _roots_away(plan: Plan) -> set[bytes]:
    """Return the watched folders that nothing can come back to now."""
    if plan.how is ApplyMethod.ALBUM:
        return set()  # nothing comes back to them
    return {root.path for root in plan.roots if _is_away(plan, root)}


def _is_away(plan: Plan, root: WatchedRoot) -> bool:
    """Return whether a watched folder is gone, or on another disk than it was; disks are numbered anew.

    All disks of one kind begin with the same inode, so where one is mounted the files on it must show which it is.
    """
    now = root_now(root.path)
    if root.device != now.device and root.inode != now.inode:
        return True
    left = [copy.path for copies in plan.guards for copy in copies] + [i.source for i in plan.items]
    return os.path.ismount(root.path) and not any(
        path.startswith(root.path + b"/") and os.path.lexists(path) for path in left
    )


def _outcome(batch: Batch, items: Sequence[Item], why: dict[int, str]) -> BatchOutcome:
    plan = batch.plan
    refused = [
        RefusedFile(i.target if plan.how is ApplyMethod.XMP else i.source, why[i.number])
        for i in plan.items
        if i.number in why
    ]
    return BatchOutcome(
        batch=plan.id,
        how=plan.how,
        to=plan.to,
        photos=sum(not i.companion for i in items),
        files=len(items),
        size_bytes=replace(plan, items=tuple(items)).size_bytes,
        refused=tuple(refused),
    )

"""Carrying a plan out, going on with one that was stopped, and taking one back: file by file, each verified by its bytes."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dejashot.actions.batch import Batch, all_batches, batch_named, exclusive
from dejashot.actions.destination import check_destination, check_return
from dejashot.actions.methods.registry import ActionMethod, method_for
from dejashot.actions.moves.writing import FileAttributes, clear, make_folders, sync, translate_os_errors, write_fresh
from dejashot.actions.plan import IN_PACKAGE, LAST, Item, Method, Plan, RefusedFile, RequiredCopy, item_body
from dejashot.actions.planner import target_of
from dejashot.errors import BatchError, SkippedFileError
from dejashot.files.nofollow import fingerprint, folder_of, folder_unfollowed, open_unfollowed
from dejashot.files.packages import package_of
from dejashot.paths import PRIVATE_FILE, shown

QUARANTINE_MANIFEST = b"manifest.json"
AWAY = "its folder is not there, or another disk is in its place: it can't come back now"
STOPPED = "a batch was stopped in the middle"
STAYS_WITH_PHOTO = "its photo stays, and it with it"

BatchProgress = Callable[[int, int], None]  # files dealt with, and of how many


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What came of a batch, or of taking it back: photos and files dealt with, their bytes, and what was left alone and why.

    What the plan had refused before is not said again.
    """

    batch: str
    how: Method
    to: bytes
    photos: int
    files: int
    size_bytes: int
    refused: tuple[RefusedFile, ...]


def execute(plan: Plan, library: Path, progress: BatchProgress = lambda _done, _of: None) -> BatchOutcome:
    """Carry a plan out as a batch of its own.

    Raises BatchError when there is nothing to do, it can't be put where it is to go, another runs, or one was stopped earlier (what is
    to become of that is for its owner to say), DiskFullError when a disk is full (the batch can go on, or back), OSError when our own
    journal can't be written.
    """
    if plan.how is Method.LIST or not plan.items:
        raise BatchError("there is nothing to do", "Reject photos first, on the review page")
    check_destination(plan)
    with exclusive(library):
        if _stopped(library):
            raise BatchError(
                STOPPED,
                "`dejashot apply` finishes it, `dejashot undo` takes it back",
                "Finish it, or take it back, first",
            )
        newest_us = max(
            (b.plan.made_us for b in all_batches(library)), default=0
        )  # the last is the last, also where the clock went back
        batch = Batch.begin(library, replace(_with_hashes(plan), made_us=max(plan.made_us, newest_us + 1)))
        outcome = _forward(batch, progress)
        return replace(outcome, refused=(*batch.plan.refused[len(plan.refused) :], *outcome.refused))


def resume(library: Path, progress: BatchProgress = lambda _done, _of: None, name: str = "") -> list[BatchOutcome]:
    """Go on with the batches that were stopped in the middle, oldest first, or with the named one alone, on its way back too.

    Raises BatchError when the named one was not stopped, and what `carry_out` does.
    """
    if not name and not _stopped(library):
        return []
    with exclusive(library):
        stopped = (
            _stopped(library) if not name else [b for b in all_batches(library) if b.plan.id == name and b.stopped]
        )
        if name and not stopped:
            raise BatchError(
                "this batch was not stopped, or it is finished already",
                "`dejashot undo --list` shows them",
                "Load the page again",
            )
        return [_forward(b, progress) if b.open else _backward(b, progress) for b in stopped]


def roll_back(library: Path, name: str = "", progress: BatchProgress = lambda _done, _of: None) -> BatchOutcome:
    """Take a batch back, the newest that is not undone when none is named; nothing is written over.

    Raises BatchError when there is no such batch or another runs, DiskFullError, or OSError.
    """
    with exclusive(library):
        batch = batch_named(library, name)
        if batch.undone and not batch.left:
            raise BatchError(
                f"{batch.plan.id} is undone already",
                "`dejashot undo --list` shows what can be undone",
                "Load the page again",
            )
        check_return(batch.plan)
        return _backward(batch, progress)


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
            bad[item.photo] = f"{shown(os.path.basename(item.source))}, which belongs to it, can't be read"
    refused = [RefusedFile(i.source, bad[i.number]) for i in items if i.number in bad]
    return replace(plan, items=tuple(i for i in items if i.photo not in bad), refused=(*plan.refused, *refused))


def _forward(batch: Batch, progress: BatchProgress) -> BatchOutcome:
    """Do what is left to do of a batch."""
    plan, deed, watch = batch.plan, method_for(batch), _Watch(batch.plan)
    _make_room(batch)
    dealt = 0
    for shot in _shots(plan):
        for item in shot:
            _one(batch, deed, watch, item)
            dealt += 1
            progress(dealt, len(plan.items))
            if batch.touch(item):
                _bring_to_disk(batch)
    _write_manifest(batch, batch.acted)
    _bring_to_disk(batch)
    batch.note("finished", durable=True)
    return _outcome(batch, batch.acted, batch.refused)


def _one(batch: Batch, deed: ActionMethod, watch: "_Watch", item: Item) -> None:
    """Deal with one file, and note what came of it."""
    if item.number in batch.done:
        return
    try:
        if item.companion and item.photo not in batch.done:
            raise SkippedFileError(STAYS_WITH_PHOTO)
        if package_of(folder_of(item.source)):
            raise SkippedFileError(IN_PACKAGE)
        if not item.companion and not watch.one_stays(item):
            raise SkippedFileError(LAST)
        noted = deed.do(item)
    except SkippedFileError as error:
        batch.note("refused", item, why=error.title)
    else:
        batch.note("done", item, **noted)


def _shots(plan: Plan) -> Iterator[list[Item]]:
    """Yield the items photo by photo, each with its companions behind it."""
    shots: dict[int, list[Item]] = {}
    for item in plan.items:
        shots.setdefault(item.photo, []).append(item)
    yield from shots.values()


class _Watch:
    """Know whether one of the files that must stay is there with its bytes: read once, then watched by its stamp."""

    def __init__(self, plan: Plan) -> None:
        self._guards = plan.guards
        self._verified: dict[RequiredCopy, tuple[int, ...]] = {}

    def one_stays(self, item: Item) -> bool:
        """Tell whether a photo may go, as far as others are concerned."""
        return item.guards < 0 or any(self._there(g) for g in self._guards[item.guards])

    def _there(self, guard: RequiredCopy) -> bool:
        if guard in self._verified and self._stamp(guard.path) == self._verified[guard]:
            return True
        self._verified.pop(guard, None)
        try:
            content, status = fingerprint(guard.path)
        except (OSError, ValueError):
            return False
        if content == guard.content:
            self._verified[guard] = _stamp(status)
        return content == guard.content

    @staticmethod
    def _stamp(path: bytes) -> tuple[int, ...]:
        try:
            handle = open_unfollowed(path)
        except OSError:
            return ()
        try:
            return _stamp(os.fstat(handle))
        finally:
            os.close(handle)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _backward(batch: Batch, progress: BatchProgress) -> BatchOutcome:
    """Take back what a batch did, companions before their photos."""
    plan, deed = batch.plan, method_for(batch)
    if not batch.undoing:
        batch.note("undoing", durable=True)
    if plan.how is Method.QUARANTINE:
        clear(_manifest(plan), _manifest_tag(plan))
    away = _away(plan)
    returned: list[Item] = []
    left: dict[int, str] = {}
    for count, item in enumerate(reversed(plan.items), start=1):
        try:
            if item.folder in away:
                raise SkippedFileError(AWAY)
            came = deed.undo(item)
        except SkippedFileError as error:
            left[item.number] = error.title
            batch.note("left", item, why=error.title)
        else:
            if came or item.number in batch.left or (item.number in batch.done and item.number not in batch.back):
                returned.append(item)
                batch.note("back", item)
        progress(count, len(plan.items))
        if batch.touch(item):
            _bring_to_disk(batch)
    if not left:
        _clear_away(batch)
    _bring_to_disk(batch)
    batch.note("undone", durable=True)
    return _outcome(batch, returned, left)


def _away(plan: Plan) -> set[bytes]:
    """Return the watched folders that nothing can come back to: gone, or on another disk than they were (devices are numbered anew)."""
    if plan.how is Method.ALBUM:
        return set()  # nothing comes back to them
    return {path for path, device, inode in plan.roots if _is_away(plan, path, device, inode)}


def _is_away(plan: Plan, root: bytes, device: int, inode: int) -> bool:
    """Tell whether a watched folder is not what it was; all disks of one kind begin alike, so where one is mounted its files must tell."""
    now = target_of(root)
    if device != now[0] and inode != now[1]:
        return True
    left = [g.path for guards in plan.guards for g in guards] + [i.source for i in plan.items]
    return os.path.ismount(root) and not any(p.startswith(root + b"/") and os.path.lexists(p) for p in left)


def _outcome(batch: Batch, items: Sequence[Item], why: dict[int, str]) -> BatchOutcome:
    plan = batch.plan
    size_bytes = replace(plan, items=tuple(items)).size_bytes
    alone_now = [
        RefusedFile(i.target if plan.how is Method.XMP else i.source, why[i.number])
        for i in plan.items
        if i.number in why
    ]
    return BatchOutcome(
        plan.id, plan.how, plan.to, sum(not i.companion for i in items), len(items), size_bytes, tuple(alone_now)
    )


def _bring_to_disk(batch: Batch) -> None:
    """Have the names that changed on the disk."""
    sync(batch.touched)
    batch.touched.clear()


def _make_room(batch: Batch) -> None:
    """Make the folder that files go to, noting which folders were made for it, and write down what is to come there."""
    plan = batch.plan
    if not plan.to:
        return
    place = os.path.join(plan.to, plan.id.encode()) if plan.how is Method.QUARANTINE else plan.to
    missing: list[bytes] = []
    above = plan.to
    while not os.path.lexists(above):
        missing.append(above)
        above = folder_of(above)
    if missing and not batch.made:
        batch.note("made", durable=True, folders=[os.fsdecode(f) for f in missing])
    try:
        with translate_os_errors(os.path.join(place, QUARANTINE_MANIFEST)):
            make_folders(place)
    except SkippedFileError as error:
        raise BatchError(
            f"can't make {shown(place)}: {error.title}",
            "Name another folder with --to, after `dejashot undo`",
            "Take this batch back, then name another folder",
        ) from error
    _write_manifest(batch, plan.items)


def _write_manifest(batch: Batch, items: Sequence[Item]) -> None:
    """Write beside the files of a quarantine what they are and where they come from."""
    plan = batch.plan
    if plan.how is not Method.QUARANTINE:
        return
    place = os.path.join(plan.to, plan.id.encode())
    files = []
    for item in items:
        body = item_body(item)
        path = os.fsdecode(os.path.relpath(item.target, place))
        files.append(
            {
                "path": path,
                "origin": body["source"],
                "bytes": item.stamp.size_bytes,
                "blake2b_256": body["content"],
                "companion": item.companion,
            }
        )
    text = json.dumps({"schema": "dejashot.quarantine/1", "batch": plan.id, "files": files}, indent=1)
    with translate_os_errors(_manifest(plan)), folder_unfollowed(place) as folder:
        dress = FileAttributes(PRIVATE_FILE, os.geteuid(), os.getegid())
        write_fresh(folder, QUARANTINE_MANIFEST, text.encode(), _manifest_tag(plan), dress, replace=True)


def _manifest(plan: Plan) -> bytes:
    return os.path.join(plan.to, plan.id.encode(), QUARANTINE_MANIFEST)


def _manifest_tag(plan: Plan) -> str:
    return f"{plan.id}-manifest"


def _clear_away(batch: Batch) -> None:
    """Remove the folders that were made for a batch and are empty again, and its manifest."""
    plan = batch.plan
    if plan.how is Method.QUARANTINE:
        place = os.path.join(plan.to, plan.id.encode())
        with suppress(OSError):
            Path(os.fsdecode(_manifest(plan))).unlink()
        for folder, _, _ in os.walk(place, topdown=False):
            _remove_empty(folder)
    for folder in batch.made:
        _remove_empty(folder)


def _remove_empty(folder: bytes) -> None:
    with suppress(OSError):
        Path(os.fsdecode(folder)).rmdir()

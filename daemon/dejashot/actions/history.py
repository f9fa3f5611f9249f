"""What batches took out of the folders so far, still set aside or gone for good; and old batches are removed."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dejashot.actions.batch import BATCHES, Batch
from dejashot.actions.batches import all_batches
from dejashot.actions.methods import xdg_trash
from dejashot.actions.plan import Item, planned_bytes
from dejashot.models.decisions import ApplyMethod

KEPT_DAYS = 90  # that a batch of which nothing is left stays listed
_DAY_US = 86_400_000_000
_REMOVED = ".over-"  # no name of a batch: one that is half removed is never taken for one that was stopped

BytesBySource = Mapping[tuple[str, str], int]  # month of capture (`YYYY-MM`) and camera, empty where not known


@dataclass(frozen=True, slots=True)
class MovedBytes:
    """Bytes that batches moved and did not bring back: still where they were moved to, or gone from there."""

    set_aside: BytesBySource
    freed: BytesBySource

    @property
    def set_aside_bytes(self) -> int:
        """Return the sum of what is set aside."""
        return sum(self.set_aside.values())

    @property
    def freed_bytes(self) -> int:
        """Return the sum of what is freed."""
        return sum(self.freed.values())


def moved_files(batches: Iterable[Batch], still_there: Callable[[Batch, Item], bool]) -> MovedBytes:
    """Return the bytes that batches moved and did not bring back, companions included.

    `still_there` tells whether a file is where it was moved to.
    """
    set_aside: dict[tuple[str, str], list[Item]] = {}
    freed: dict[tuple[str, str], list[Item]] = {}
    for batch in batches:
        for item in batch.acted if batch.plan.how.moves else ():
            if item.number not in batch.back:
                column = set_aside if still_there(batch, item) else freed
                column.setdefault((item.month, item.camera), []).append(item)
    return MovedBytes(
        {source: planned_bytes(items) for source, items in set_aside.items()},
        {source: planned_bytes(items) for source, items in freed.items()},
    )


def is_set_aside() -> Callable[[Batch, Item], bool]:
    """Return a function that tells whether a file lies where a batch moved it; in an opaque trash, it does."""
    seen: dict[bytes, dict[bytes, list[bytes]]] = {}

    def is_there(batch: Batch, item: Item) -> bool:
        if batch.plan.how is ApplyMethod.QUARANTINE:
            return os.path.lexists(item.target)
        return not xdg_trash.trash_locations() or xdg_trash.is_in_trash(item.source, seen)

    return is_there


def prune(library: Path, now_us: int) -> int:
    """Remove old batches that did nothing or were wholly undone, and return how many; raise OSError.

    A batch whose files may still lie where it moved them stays. The caller holds the lock of the batches.
    """
    for leftover in (library / BATCHES).glob(f"{_REMOVED}*"):
        shutil.rmtree(leftover)
    is_there = is_set_aside()
    over = [b for b in all_batches(library) if b.plan.made_us < now_us - KEPT_DAYS * _DAY_US and _is_over(b, is_there)]
    for batch in over:
        gone = batch.folder.rename(batch.folder.with_name(_REMOVED + batch.folder.name))
        shutil.rmtree(gone)
    return len(over)


def _is_over(batch: Batch, is_there: Callable[[Batch, Item], bool]) -> bool:
    """Return whether a batch did nothing or was wholly undone, and none of its files lies where it moved it."""
    if batch.stopped or batch.left or (batch.acted and not batch.undone):
        return False
    return not (batch.plan.how.moves and any(is_there(batch, item) for item in batch.plan.items))

"""What the owner's decisions have set aside and freed so far, told from the batches."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dejashot.review import trash
from dejashot.review.batch import Batch
from dejashot.review.plan import How, Item, freed_bytes


@dataclass(frozen=True, slots=True)
class Sum:
    """Photos and bytes, companions included in the bytes."""

    photos: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was moved and is still there to come back (`set_aside`), what is gone from there since (`freed`), both by month and camera.

    Months are those of capture, `YYYY-MM`; a camera that wrote no name is the empty one.
    """

    set_aside: Sum = Sum()
    freed: Sum = Sum()
    by_month: dict[str, Sum] = field(default_factory=dict)
    by_camera: dict[str, Sum] = field(default_factory=dict)


def ledger(batches: Iterable[Batch], still_there: Callable[[Batch, Item], bool]) -> Ledger:
    """Add up what batches moved and was not brought back; `still_there` tells whether a file is where it was moved to."""
    aside: list[Item] = []
    gone: list[Item] = []
    for batch in batches:
        for item in batch.acted if batch.plan.how.moves else ():
            if item.number not in batch.back:
                (aside if still_there(batch, item) else gone).append(item)
    both = aside + gone
    return Ledger(
        set_aside=_sum(aside),
        freed=_sum(gone),
        by_month={month: _sum([i for i in both if i.month == month]) for month in sorted({i.month for i in both})},
        by_camera={camera: _sum([i for i in both if i.camera == camera]) for camera in sorted({i.camera for i in both})},
    )


def moved(batches: Iterable[Batch], still_there: Callable[[Batch, Item], bool]) -> dict[str, dict[tuple[str, str], int]]:
    """Return the bytes that batches moved and did not bring back: `set_aside` and `freed`, each by month and camera."""
    parts: dict[str, dict[tuple[str, str], list[Item]]] = {"set_aside": {}, "freed": {}}
    for batch in batches:
        for item in batch.acted if batch.plan.how.moves else ():
            if item.number not in batch.back:
                column = parts["set_aside" if still_there(batch, item) else "freed"]
                column.setdefault((item.month, item.camera), []).append(item)
    return {name: {key: freed_bytes(items) for key, items in column.items()} for name, column in parts.items()}


def _sum(items: list[Item]) -> Sum:
    return Sum(sum(not i.companion for i in items), freed_bytes(items))


def lies_aside(batch: Batch, item: Item) -> bool:
    """Tell whether a file lies where a batch moved it to; of a trash that does not say, that it does."""
    if batch.plan.how is How.QUARANTINE:
        return os.path.lexists(item.target)
    return not trash.told() or any(os.path.lexists(found.file) for found in trash.find(item.source))

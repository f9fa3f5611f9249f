"""What was taken out of the folders so far, told from the batches: still set aside, or gone for good."""

import os
from collections.abc import Callable, Iterable

from dejashot.review import trash
from dejashot.review.batch import Batch
from dejashot.review.plan import How, Item, freed_bytes

Moved = dict[str, dict[tuple[str, str], int]]


def moved(batches: Iterable[Batch], still_there: Callable[[Batch, Item], bool]) -> Moved:
    """Return the bytes that batches moved and did not bring back, companions included: `set_aside` and `freed`.

    Each is by month of capture (`YYYY-MM`) and camera, empty where none is known. `still_there` tells whether a file is where it was
    moved to.
    """
    parts: dict[str, dict[tuple[str, str], list[Item]]] = {"set_aside": {}, "freed": {}}
    for batch in batches:
        for item in batch.acted if batch.plan.how.moves else ():
            if item.number not in batch.back:
                column = parts["set_aside" if still_there(batch, item) else "freed"]
                column.setdefault((item.month, item.camera), []).append(item)
    return {name: {key: freed_bytes(items) for key, items in column.items()} for name, column in parts.items()}


def lies_aside() -> Callable[[Batch, Item], bool]:
    """Return what tells whether a file lies where a batch moved it to, as things are now; of a trash that does not say, that it does."""
    seen: dict[bytes, dict[bytes, list[bytes]]] = {}

    def lies(batch: Batch, item: Item) -> bool:
        if batch.plan.how is How.QUARANTINE:
            return os.path.lexists(item.target)
        return not trash.told() or trash.lies_there(item.source, seen)

    return lies

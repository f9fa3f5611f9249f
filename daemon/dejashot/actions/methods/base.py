"""What every method of applying offers: deal with one file, and take that back. Each can be asked again."""

from typing import Any, Protocol

from dejashot.actions.batch import Batch
from dejashot.actions.moves.safe_move import inspect
from dejashot.actions.plan import Item
from dejashot.errors import SkippedFileError

FOLDER_MODE = 0o755  # of a photo folder that has to be made again


class ActionMethod(Protocol):
    """One method of applying: each call looks at what is on the disk first, and can be repeated."""

    def apply(self, item: Item) -> dict[str, Any]:
        """Deal with one file unless that is done; return what to note. Raises SkippedFileError, DiskFullError."""

    def revert(self, item: Item) -> bool:
        """Take it back unless it is back; return whether there was anything. Raises SkippedFileError, DiskFullError."""


def tag_of(batch: Batch, item: Item) -> str:
    """Return what the hidden names of an item's files are marked with, so that the next attempt finds them."""
    return f"{batch.plan.id}-{item.number}"


def require_back(batch: Batch, item: Item, why: str) -> None:
    """Raise SkippedFileError where a file should have come back and is not in its place."""
    if item.number in batch.done and item.number not in batch.back and not inspect(item.source, item.content).same:
        raise SkippedFileError(why)

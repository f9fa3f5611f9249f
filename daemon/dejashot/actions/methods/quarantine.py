"""Quarantine: move files to a folder of the owner's."""

from typing import Any

from dejashot.actions.batch import Batch
from dejashot.actions.methods.base import FOLDER_MODE, require_back, tag_of
from dejashot.actions.moves.aside import is_aside
from dejashot.actions.moves.safe_move import inspect, move
from dejashot.actions.moves.writing import remove_temp
from dejashot.actions.plan import Item
from dejashot.errors import SkippedFileError
from dejashot.language.texts import noted


class QuarantineMethod:
    """Move files to a folder of the owner's."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def apply(self, item: Item) -> dict[str, Any]:
        """Move a file to the quarantine."""
        move(item.source, item.target, item.content, tag_of(self._batch, item))
        return {}

    def revert(self, item: Item) -> bool:
        """Move it back to where it was."""
        tag = tag_of(self._batch, item)
        remove_temp(item.target, tag)
        try:
            return move(item.target, item.source, item.content, tag, FOLDER_MODE)
        except SkippedFileError:
            if inspect(item.target, item.content).there or is_aside(item.target, tag):
                raise
        require_back(self._batch, item, noted("it is no longer in the quarantine"))
        return False

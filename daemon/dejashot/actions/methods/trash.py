"""Trash: put files into the trash of the system."""

import os
from typing import Any

from dejashot.actions.batch import Batch
from dejashot.actions.methods import xdg_trash
from dejashot.actions.methods.base import FOLDER_MODE, require_back, tag_of
from dejashot.actions.moves.aside import restore_name
from dejashot.actions.moves.renames import confirm_rename
from dejashot.actions.moves.safe_move import CHANGED_SINCE, GONE, inspect, move
from dejashot.actions.moves.writing import translate_os_errors
from dejashot.actions.plan import Item
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted

PUT_BACK = noted("it lies in the Trash: put it back from there, this system offers programs no way to")


class TrashMethod:
    """Put files into the system's trash."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def apply(self, item: Item) -> dict[str, Any]:
        """Put a file into the trash, and put it back if it turns out to be another."""
        state = inspect(item.source, item.content)
        if not state.there:
            if self._find(item) is not None:
                return {}
            raise SkippedFileError(GONE)
        if not state.same:
            raise SkippedFileError(CHANGED_SINCE)
        xdg_trash.send(item.source)
        trashed = next(xdg_trash.find(item.source), None)
        if trashed is not None and not inspect(trashed.file, item.content).same:
            self._take_out(trashed)  # another file got its name in this very moment
            raise SkippedFileError(CHANGED_SINCE)
        return {}

    def revert(self, item: Item) -> bool:
        """Take a file out of the trash, where the system says which it is."""
        if not xdg_trash.trash_locations():
            if inspect(item.source, item.content).same:
                return False
            raise SkippedFileError(PUT_BACK)
        tag = tag_of(self._batch, item)
        ours = self._may_be_ours(item)
        for trashed in xdg_trash.find(item.source) if ours else ():
            if not os.path.lexists(trashed.file):
                restore_name(trashed.file, tag)
        found = self._find(item) if ours else None
        if found is None:
            require_back(self._batch, item, noted("it is no longer in the trash"))
            return False
        moved = move(found.file, item.source, item.content, tag, FOLDER_MODE)
        with translate_os_errors(found.note):
            xdg_trash.forget(found)
        return moved

    def _may_be_ours(self, item: Item) -> bool:
        """Return whether this batch put a file into the trash, or was stopped before it could note that."""
        if item.number in self._batch.done:
            return True
        return item.number not in self._batch.refused and not os.path.lexists(item.source)

    @staticmethod
    def _take_out(other: xdg_trash.Trashed) -> None:
        """Give a file that got into the trash by mistake its name back; raise SkippedFileError where it stays there."""
        try:
            with folder_unfollowed(folder_of(other.file)) as there, folder_unfollowed(folder_of(other.origin)) as here:
                confirm_rename(there, os.path.basename(other.file), here, os.path.basename(other.origin))
            xdg_trash.forget(other)
        except OSError as error:
            raise SkippedFileError(
                noted("another file had its name in this moment; that lies in the trash now: {why}").format(
                    why=error.strerror
                )
            ) from error

    @staticmethod
    def _find(item: Item) -> xdg_trash.Trashed | None:
        return next((t for t in xdg_trash.find(item.source) if inspect(t.file, item.content).same), None)

"""Album: give keepers another name, a hard link, in a folder of the owner's."""

import os
from contextlib import suppress
from typing import Any

from dejashot.actions.batch import Batch
from dejashot.actions.methods.base import FOLDER_MODE, tag_of
from dejashot.actions.moves.aside import restore_name, unlink_verified
from dejashot.actions.moves.safe_move import CHANGED_SINCE, GONE, inspect
from dejashot.actions.moves.writing import TAKEN, make_folders, translate_os_errors
from dejashot.actions.plan import OTHER_DISK, Item
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted


class AlbumMethod:
    """Give keepers another name in a folder of the owner's."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def apply(self, item: Item) -> dict[str, Any]:
        """Link a keeper into the album."""
        state = inspect(item.source, item.content)
        if not state.same or state.status is None:
            raise SkippedFileError(CHANGED_SINCE if state.there else GONE)
        with translate_os_errors(item.target):
            make_folders(folder_of(item.target), FOLDER_MODE)
            with folder_unfollowed(folder_of(item.source)) as here, folder_unfollowed(folder_of(item.target)) as there:
                if os.fstat(there).st_dev != state.status.st_dev:
                    raise SkippedFileError(OTHER_DISK)
                name, new = os.path.basename(item.source), os.path.basename(item.target)
                with suppress(FileExistsError):
                    os.link(name, new, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
                node = os.stat(new, dir_fd=there, follow_symlinks=False)
                if (node.st_dev, node.st_ino) != state.node:
                    raise SkippedFileError(TAKEN)
        return {"inode": node.st_ino}

    def revert(self, item: Item) -> bool:
        """Take the album's name away if it still is the same file."""
        done, tag = self._batch.done.get(item.number), tag_of(self._batch, item)
        inode = done["inode"] if done else item.stamp.inode
        restore_name(item.target, tag, lambda aside: os.lstat(aside).st_ino == inode and os.lstat(aside).st_nlink > 1)
        with translate_os_errors(item.target):
            try:
                with folder_unfollowed(folder_of(item.target)) as folder:
                    self._unlink(folder, os.path.basename(item.target), inode, tag)
            except FileNotFoundError:
                return False
        return True

    @staticmethod
    def _unlink(folder: int, name: bytes, inode: int, tag: str) -> None:
        """Take a name in the open album away, if it stands for a file that has others."""
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if now.st_ino != inode or now.st_dev != os.fstat(folder).st_dev:
            raise SkippedFileError(noted("another file has its name in the album"))
        if now.st_nlink < 2:
            raise SkippedFileError(noted("it is the last name of this photo: nothing else holds it any more"))
        if not unlink_verified(folder, name, now, tag, names=2):
            raise SkippedFileError(CHANGED_SINCE)

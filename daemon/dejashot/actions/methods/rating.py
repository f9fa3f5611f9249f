"""Rating: write stars into XMP sidecars."""

import os
from pathlib import Path
from typing import Any

from dejashot.actions.batch import Batch
from dejashot.actions.methods.base import tag_of
from dejashot.actions.methods.xmp import new_sidecar, read_sidecar, with_rating
from dejashot.actions.moves.aside import unlink_verified
from dejashot.actions.moves.replacing import CHANGED_NOW, replace_known, resolve_aside
from dejashot.actions.moves.safe_move import CHANGED_SINCE, GONE, inspect
from dejashot.actions.moves.writing import FileAttributes, remove_temp, translate_os_errors, write_new
from dejashot.actions.plan import Item
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted
from dejashot.models.files import content_hash
from dejashot.paths import read_own, write_atomically

SIDECAR_CHANGED = noted("its sidecar was changed since")


class RatingMethod:
    """Write ratings into sidecars; what one said before is kept in the batch's own folder."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def apply(self, item: Item) -> dict[str, Any]:
        """Write the rating, into the sidecar that there is or into a new one."""
        photo = inspect(item.source, item.content)
        if not photo.same or photo.status is None:
            raise SkippedFileError(CHANGED_SINCE if photo.there else GONE)
        ready = self._clear_up(item)
        before = read_sidecar(item.target)
        if ready and _hash(before) == ready["after"]:
            return {}
        if ready and _hash(before) != ready["before"]:
            raise SkippedFileError(CHANGED_NOW)
        with translate_os_errors(item.target), folder_unfollowed(folder_of(item.target)) as folder:
            if before is None:
                self._write_new(item, folder, photo.status)
            else:
                self._replace(item, folder, before)
        return {}

    def revert(self, item: Item) -> bool:
        """Restore the bytes from before, or remove the sidecar that was not there, if it still is as it was written."""
        ready = self._clear_up(item)
        if not ready or _hash(read_sidecar(item.target)) == ready["before"]:
            return False
        after = bytes.fromhex(ready["after"])
        now = inspect(item.target, after)
        if not now.same or now.status is None:
            raise SkippedFileError(SIDECAR_CHANGED)
        name, tag = os.path.basename(item.target), tag_of(self._batch, item)
        with translate_os_errors(item.target), folder_unfollowed(folder_of(item.target)) as folder:
            if not ready["before"]:
                if not unlink_verified(folder, name, now.status, tag):
                    raise SkippedFileError(SIDECAR_CHANGED)
                return True
            data = read_own(self._kept(item))
            if _hash(data) != ready["before"]:
                raise SkippedFileError(noted("what it said before is not kept as it was"))
            replace_known(folder, name, data, after, tag, FileAttributes(**ready["was"]))
        return True

    def _write_new(self, item: Item, folder: int, photo: os.stat_result) -> None:
        """Write a sidecar that was not there, with the photo's mode and owner."""
        after = new_sidecar(item.rating)
        attributes = FileAttributes(photo.st_mode & 0o666, photo.st_uid, photo.st_gid)
        self._batch.note("ready", item, durable=True, before="", after=_hash(after))
        name = os.path.basename(item.target)
        write_new(folder, name, after, tag_of(self._batch, item), attributes, replace=False)

    def _replace(self, item: Item, folder: int, before: bytes) -> None:
        """Replace a sidecar by one with the rating, and keep the bytes from before first."""
        after = with_rating(before, item.rating)
        if before == after:
            return
        name = os.path.basename(item.target)
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        attributes = FileAttributes(status.st_mode & 0o7777, status.st_uid, status.st_gid)
        write_atomically(self._kept(item), before)
        was = {
            "mode": attributes.mode,
            "owner": attributes.owner,
            "group": attributes.group,
            "mtime_ns": status.st_mtime_ns,
        }
        self._batch.note("ready", item, durable=True, before=_hash(before), after=_hash(after), was=was)
        tag = tag_of(self._batch, item)
        replace_known(folder, name, after, content_hash(before).digest(), tag, attributes)

    def _clear_up(self, item: Item) -> dict[str, Any] | None:
        """Clear what a stopped attempt left next to a sidecar; return what was noted before it was written."""
        tag = tag_of(self._batch, item)
        remove_temp(item.target, tag)
        ready = self._batch.ready.get(item.number)
        if ready:
            versions = {bytes.fromhex(ready[version]) for version in ("before", "after") if ready[version]}
            resolve_aside(item.target, tag, versions)
        return ready

    def _kept(self, item: Item) -> Path:
        return self._batch.folder / f"{item.number}.xmp"


def _hash(data: bytes | None) -> str:
    return "" if data is None else content_hash(data).hexdigest()

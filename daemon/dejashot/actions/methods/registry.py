"""What each way of applying does with one file, and how that is undone: each looks at what is there and can be asked again."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from dejashot.actions.batch import Batch
from dejashot.actions.methods import xdg_trash
from dejashot.actions.methods.xmp import new_sidecar, with_rating
from dejashot.actions.moves.aside import bring_back, is_aside, take_away
from dejashot.actions.moves.renames import confirm_rename
from dejashot.actions.moves.replacing import CHANGED_NOW, replace_known, settle_version
from dejashot.actions.moves.safe_move import CHANGED_SINCE, GONE, inspect, move
from dejashot.actions.moves.writing import TAKEN, FileAttributes, clear, make_folders, translate_os_errors, write_fresh
from dejashot.actions.plan import Item, Method
from dejashot.actions.planner import ELSEWHERE, read_sidecar
from dejashot.errors import SkippedFileError
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.models.files import content_hash
from dejashot.paths import read_own, write_atomically

_FOLDER_MODE = 0o755  # of a photo folder that has to be made again
SIDECAR_CHANGED = "its sidecar was changed since"
PUT_BACK = "it lies in the Trash: put it back from there, this system offers programs no way to"


class ActionMethod(Protocol):
    """One way of applying."""

    def do(self, item: Item) -> dict[str, Any]:
        """Do it with one file, unless it is done; return what is to be noted. Raises LeftAloneError or DiskFullError."""

    def undo(self, item: Item) -> bool:
        """Take it back, unless it is back; tell whether there was anything. Raises LeftAloneError or DiskFullError."""


class QuarantineMethod:
    """Move files to a folder of the owner's."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, item: Item) -> dict[str, Any]:
        """Move a file to the quarantine."""
        move(item.source, item.target, item.content, _tag(self._batch, item))
        return {}

    def undo(self, item: Item) -> bool:
        """Move it back to where it was."""
        clear(item.target, _tag(self._batch, item))
        try:
            return move(item.target, item.source, item.content, _tag(self._batch, item), _FOLDER_MODE)
        except SkippedFileError:
            if inspect(item.target, item.content).there or is_aside(item.target, _tag(self._batch, item)):
                raise
            return _back_already(self._batch, item, "it is no longer in the quarantine")


class TrashMethod:
    """Put files into the system's trash."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, item: Item) -> dict[str, Any]:
        """Put a file into the trash, and put it back if it turns out to be another."""
        seen = inspect(item.source, item.content)
        if not seen.there:
            if self._find(item) is not None:
                return {}
            raise SkippedFileError(GONE)
        if not seen.same:
            raise SkippedFileError(CHANGED_SINCE)
        xdg_trash.send(item.source)
        other = next(xdg_trash.find(item.source), None)
        if (
            other is not None and not inspect(other.file, item.content).same
        ):  # another file got its name in this very moment
            self._take_out(other)
            raise SkippedFileError(CHANGED_SINCE)
        return {}

    def undo(self, item: Item) -> bool:
        """Take a file out of the trash, where the system says which it is."""
        if not xdg_trash.trash_locations():
            if inspect(item.source, item.content).same:
                return False
            raise SkippedFileError(PUT_BACK)
        ours = item.number in self._batch.done or (
            item.number not in self._batch.refused and not os.path.lexists(item.source)
        )
        for lying in xdg_trash.find(item.source) if ours else ():
            if not os.path.lexists(lying.file):
                bring_back(lying.file, _tag(self._batch, item))
        found = self._find(item) if ours else None
        if found is None:
            return _back_already(self._batch, item, "it is no longer in the trash")
        moved = move(found.file, item.source, item.content, _tag(self._batch, item), _FOLDER_MODE)
        with translate_os_errors(found.note):
            xdg_trash.forget(found)
        return moved

    @staticmethod
    def _take_out(other: xdg_trash.Trashed) -> None:
        """Give a file that got into the trash by mistake its name back; raise LeftAloneError where it stays there."""
        try:
            with folder_unfollowed(folder_of(other.file)) as there, folder_unfollowed(folder_of(other.origin)) as here:
                confirm_rename(there, os.path.basename(other.file), here, os.path.basename(other.origin))
            xdg_trash.forget(other)
        except OSError as error:
            raise SkippedFileError(
                f"another file had its name in this moment; that lies in the trash now: {error.strerror}"
            ) from error

    @staticmethod
    def _find(item: Item) -> xdg_trash.Trashed | None:
        return next((t for t in xdg_trash.find(item.source) if inspect(t.file, item.content).same), None)


class RatingMethod:
    """Write ratings into sidecars."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, item: Item) -> dict[str, Any]:
        """Write the rating; what was there before is kept in the batch's own folder first."""
        photo = inspect(item.source, item.content)
        if not photo.same or photo.status is None:
            raise SkippedFileError(CHANGED_SINCE if photo.there else GONE)
        ready = self._settle(item)
        before = read_sidecar(item.target)
        if ready and _hash(before) == ready["after"]:
            return {}
        if ready and _hash(before) != ready["before"]:
            raise SkippedFileError(CHANGED_NOW)
        after = new_sidecar(item.rating) if before is None else with_rating(before, item.rating)
        if before == after:
            return {}
        with translate_os_errors(item.target), folder_unfollowed(folder_of(item.target)) as folder:
            name = os.path.basename(item.target)
            dress = FileAttributes(photo.status.st_mode & 0o666, photo.status.st_uid, photo.status.st_gid)
            if before is not None:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                dress = FileAttributes(status.st_mode & 0o7777, status.st_uid, status.st_gid)
                write_atomically(self._kept(item), before)
                was = {"mode": dress.mode, "owner": dress.owner, "group": dress.group, "mtime_ns": status.st_mtime_ns}
                self._batch.note("ready", item, durable=True, before=_hash(before), after=_hash(after), was=was)
            else:
                self._batch.note("ready", item, durable=True, before="", after=_hash(after))
            if before is not None:
                replace_known(folder, name, after, content_hash(before).digest(), _tag(self._batch, item), dress)
            else:
                write_fresh(folder, name, after, _tag(self._batch, item), dress, replace=False)
        return {}

    def undo(self, item: Item) -> bool:
        """Restore the bytes from before, or remove the sidecar that was not there, if it still is as it was written."""
        ready = self._settle(item)
        if not ready:
            return False
        if _hash(read_sidecar(item.target)) == ready["before"]:
            return False
        after = bytes.fromhex(ready["after"])
        now = inspect(item.target, after)
        if not now.same or now.status is None:
            raise SkippedFileError(SIDECAR_CHANGED)
        with translate_os_errors(item.target), folder_unfollowed(folder_of(item.target)) as folder:
            name = os.path.basename(item.target)
            if not ready["before"]:
                if not take_away(folder, name, now.status, _tag(self._batch, item)):
                    raise SkippedFileError(SIDECAR_CHANGED)
                return True
            data = read_own(self._kept(item))
            if _hash(data) != ready["before"]:
                raise SkippedFileError("what it said before is not kept as it was")
            replace_known(folder, name, data, after, _tag(self._batch, item), FileAttributes(**ready["was"]))
        return True

    def _settle(self, item: Item) -> dict[str, Any] | None:
        """Settle what a stopped attempt left beside a sidecar; return what was noted when it was ready to be written."""
        clear(item.target, _tag(self._batch, item))
        ready = self._batch.ready.get(item.number)
        if ready:
            versions = {bytes.fromhex(ready[version]) for version in ("before", "after") if ready[version]}
            settle_version(item.target, _tag(self._batch, item), versions)
        return ready

    def _kept(self, item: Item) -> Path:
        return self._batch.folder / f"{item.number}.xmp"


class AlbumMethod:
    """Give keepers another name in a folder of the owner's."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def do(self, item: Item) -> dict[str, Any]:
        """Link a keeper into the album."""
        seen = inspect(item.source, item.content)
        if not seen.same or seen.status is None:
            raise SkippedFileError(CHANGED_SINCE if seen.there else GONE)
        with translate_os_errors(item.target):
            make_folders(folder_of(item.target), _FOLDER_MODE)
            with folder_unfollowed(folder_of(item.source)) as here, folder_unfollowed(folder_of(item.target)) as there:
                if os.fstat(there).st_dev != seen.status.st_dev:
                    raise SkippedFileError(ELSEWHERE)
                name, new = os.path.basename(item.source), os.path.basename(item.target)
                with suppress(FileExistsError):
                    os.link(name, new, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
                node = os.stat(new, dir_fd=there, follow_symlinks=False)
                if (node.st_dev, node.st_ino) != seen.node:
                    raise SkippedFileError(TAKEN)
        return {"inode": node.st_ino}

    def undo(self, item: Item) -> bool:
        """Take the album's name away if it still is the same file."""
        done, tag = self._batch.done.get(item.number), _tag(self._batch, item)
        inode = done["inode"] if done else item.stamp.inode
        bring_back(item.target, tag, lambda aside: os.lstat(aside).st_ino == inode and os.lstat(aside).st_nlink > 1)
        with translate_os_errors(item.target):
            try:
                with folder_unfollowed(folder_of(item.target)) as folder:
                    self._take_away(folder, item, inode, tag)
            except FileNotFoundError:
                return False
        return True

    @staticmethod
    def _take_away(folder: int, item: Item, inode: int, tag: str) -> None:
        """Take a name in the open album away, if it stands for a file that has others."""
        name = os.path.basename(item.target)
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if now.st_ino != inode or now.st_dev != os.fstat(folder).st_dev:
            raise SkippedFileError("another file has its name in the album")
        if now.st_nlink < 2:
            raise SkippedFileError("it is the last name of this photo: nothing else holds it any more")
        if not take_away(folder, name, now, tag, names=2):
            raise SkippedFileError(CHANGED_SINCE)


_DEEDS: dict[Method, Callable[[Batch], ActionMethod]] = {
    Method.QUARANTINE: QuarantineMethod,
    Method.TRASH: TrashMethod,
    Method.XMP: RatingMethod,
    Method.ALBUM: AlbumMethod,
}


def method_for(batch: Batch) -> ActionMethod:
    """Return what a batch does."""
    return _DEEDS[batch.plan.how](batch)


def _tag(batch: Batch, item: Item) -> str:
    return f"{batch.plan.id}-{item.number}"


def _back_already(batch: Batch, item: Item, why: str) -> bool:
    """Return False where nothing has to come back; raise LeftAloneError where something should and is not there."""
    if item.number in batch.done and item.number not in batch.back and not inspect(item.source, item.content).same:
        raise SkippedFileError(why)
    return False


def _hash(data: bytes | None) -> str:
    return "" if data is None else content_hash(data).hexdigest()

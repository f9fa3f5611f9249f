"""What is on the disk today where decisions point to: folders are only looked at, and no link is followed."""

import os
import stat
from dataclasses import dataclass, field

from dejashot.actions.plan import WatchedRoot
from dejashot.actions.planning.resolution import LocatedFile
from dejashot.files.names import SYNC_MARKER
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.language.texts import noted
from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileStamp
from dejashot.paths import shown

NO_STAMP = FileStamp(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DiskEntry:
    """A regular file in a folder: its stamp and how many names it has."""

    stamp: FileStamp
    links: int


@dataclass
class Disk:
    """The folders that a plan is about, each looked at once."""

    _listed: dict[bytes, dict[bytes, DiskEntry]] = field(default_factory=dict)
    _absent: dict[int, str] = field(default_factory=dict)
    _read_only: dict[bytes, str] = field(default_factory=dict)

    def files(self, folder: bytes) -> dict[bytes, DiskEntry]:
        """Return the regular files of a folder by name; nothing for one that can't be listed."""
        if folder not in self._listed:
            try:
                with folder_unfollowed(folder) as handle, os.scandir(handle) as entries:
                    named = ((os.fsencode(e.name), e.stat(follow_symlinks=False)) for e in entries)
                    self._listed[folder] = {
                        n: DiskEntry(FileStamp.of(s), s.st_nlink) for n, s in named if stat.S_ISREG(s.st_mode)
                    }
            except OSError:
                self._listed[folder] = {}
        return self._listed[folder]

    def locate(self, folder: Folder, path: bytes, content: bytes, size_bytes: int) -> LocatedFile:
        """Return a file of a photo (absolute path) as it is today; one of another size is another photo."""
        problem = self.absence(folder)
        entry = None if problem else self.files(folder_of(path)).get(os.path.basename(path))
        there = entry is not None and entry.stamp.size_bytes == size_bytes
        if entry is not None:
            problem = self.write_problem(folder_of(path)) or (
                "" if there else noted("it is no longer what you decided about")
            )
        stamp, links = (entry.stamp, entry.links) if entry else (NO_STAMP, 1)
        return LocatedFile(os.fsencode(folder.path), path, content, there, stamp, problem, links)

    def absence(self, folder: Folder) -> str:
        """Return why a watched folder is not the one that the library knows, empty when it is."""
        if folder.id not in self._absent:
            self._absent[folder.id] = _absence(folder)
        return self._absent[folder.id]

    def write_problem(self, folder: bytes) -> str:
        """Return why no file may leave a folder, empty when it may."""
        if folder not in self._read_only:
            self._read_only[folder] = _write_problem(folder)
        return self._read_only[folder]


def root_now(folder: bytes) -> WatchedRoot:
    """Return a watched folder as it is on the disk now."""
    try:
        stamp = FileStamp.of(os.stat(folder))  # noqa: PTH116 - bytes
    except OSError:
        return WatchedRoot(folder, 0, 0)
    return WatchedRoot(folder, stamp.device, stamp.inode)


def _absence(folder: Folder) -> str:
    try:
        status = folder.path.stat()
    except OSError:
        return noted("its folder {folder} is not there").format(folder=shown(folder.path))
    now = FileStamp.of(status)
    if not stat.S_ISDIR(status.st_mode):
        return noted("its folder {folder} is not there").format(folder=shown(folder.path))
    if now.device != folder.device or (folder.inode and now.inode != folder.inode):
        return noted(
            "another disk or folder is in the place of {folder}; if that is right, run `dejashot scan` on it first"
        ).format(folder=shown(folder.path))
    if folder.marker and not os.path.lexists(folder.path / SYNC_MARKER):
        return noted("{folder} has lost its {marker}: its sync tool holds it for gone").format(
            folder=shown(folder.path), marker=SYNC_MARKER
        )
    return ""


def _write_problem(folder: bytes) -> str:
    try:
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    except OSError as error:
        return noted("its folder can't be looked at: {why}").format(why=error.strerror)
    if read_only:
        return noted("its disk is mounted read-only")
    return "" if os.access(folder, os.W_OK | os.X_OK) else noted("you may not change its folder")

"""What is on the disk today where decisions point to, for planning: looked at only, following no link."""

import os
import stat
from dataclasses import dataclass, field

from dejashot.actions.plan import LocatedFile
from dejashot.files.names import SYNC_MARKER
from dejashot.files.nofollow import folder_of, folder_unfollowed
from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileStamp
from dejashot.paths import shown

NOWHERE = FileStamp(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DiskEntry:
    """A regular file in a folder: its stamp and how many names it has."""

    stamp: FileStamp
    links: int


@dataclass
class Disk:
    """Look at folders, each once."""

    _listed: dict[bytes, dict[bytes, DiskEntry]] = field(default_factory=dict)
    _roots: dict[int, tuple[bool, str]] = field(default_factory=dict)
    _closed: dict[bytes, str] = field(default_factory=dict)

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

    def spot(self, folder: Folder, path: bytes, content: bytes, size_bytes: int) -> LocatedFile:
        """Return a file of a photo (absolute path) as it is today; one of another size is another photo."""
        here, trouble = self.root(folder)
        entry = self.files(folder_of(path)).get(os.path.basename(path)) if here else None
        there = entry is not None and entry.stamp.size_bytes == size_bytes
        if entry is not None and not trouble:
            trouble = self.closed(folder_of(path)) or ("" if there else "it is no longer what you decided about")
        stamp, links = (entry.stamp, entry.links) if entry else (NOWHERE, 1)
        return LocatedFile(os.fsencode(folder.path), path, content, there, stamp, trouble, links)

    def root(self, folder: Folder) -> tuple[bool, str]:
        """Tell whether a folder is the one that the library knows, and why nothing may be moved out of it if that is so."""
        if folder.id not in self._roots:
            trouble = _absence(folder)
            self._roots[folder.id] = not trouble, trouble
        return self._roots[folder.id]

    def closed(self, folder: bytes) -> str:
        """Return why no file may leave a folder, empty when it may."""
        if folder not in self._closed:
            self._closed[folder] = _closed(folder)
        return self._closed[folder]


def _absence(folder: Folder) -> str:
    """Return why a folder is not the one that was walked last, empty when it is."""
    try:
        status = folder.path.stat()
    except OSError:
        return f"its folder {shown(folder.path)} is not there"
    place = FileStamp.of(status)
    if not stat.S_ISDIR(status.st_mode):
        return f"its folder {shown(folder.path)} is not there"
    if place.device != folder.device or (folder.inode and place.inode != folder.inode):
        return f"another disk or folder is in the place of {shown(folder.path)}; if that is right, run `dejashot scan` on it first"
    if folder.marker and not os.path.lexists(folder.path / SYNC_MARKER):
        return f"{shown(folder.path)} has lost its {SYNC_MARKER}: its sync tool holds it for gone"
    return ""


def _closed(folder: bytes) -> str:
    try:
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    except OSError as error:
        return f"its folder can't be looked at: {error.strerror}"
    if read_only:
        return "its disk is mounted read-only"
    return "" if os.access(folder, os.W_OK | os.X_OK) else "you may not change its folder"

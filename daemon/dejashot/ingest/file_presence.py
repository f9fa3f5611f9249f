"""Is a known file still there, and if not: is it gone, or only its disk?"""

import os
from pathlib import Path

from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileRef, FileStamp


def is_there(folder: Folder, path: bytes) -> bool:
    """Return whether something has the name of a file (path below the folder, bytes)."""
    return os.path.lexists(FileRef(folder.id, path).under(folder.path))


def is_other_place(folder: Folder, place: tuple[int, int]) -> bool:
    """Return whether a folder, now at a device and inode, is not the one that was walked last."""
    return (folder.device, folder.inode) != place if folder.inode else folder.device != place[0]


def is_lost(folder: Folder, path: bytes, device: int) -> bool:
    """Return whether a file (path below the folder) last seen on a device is gone, and not only its disk or folder."""
    if is_there(folder, path):
        return False
    try:
        status = FileStamp.of(folder.path.stat())
        if is_other_place(folder, (status.device, status.inode)):
            return False
        above = Path(os.fsdecode(FileRef(folder.id, path).under(folder.path))).parent
        while above != folder.path and not above.is_dir():
            above = above.parent
        return FileStamp.of(above.stat()).device == device
    except OSError:
        return False


def is_below(root: Path, path: bytes) -> bool:
    """Return whether a path (absolute, bytes) leads to where it seems to, through no link below the folder."""
    start, above = os.fsencode(root), path.rpartition(b"/")[0]
    return os.path.realpath(above) == os.path.normpath(
        os.path.join(os.path.realpath(start), os.path.relpath(above, start))
    )

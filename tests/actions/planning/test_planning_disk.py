"""The disk as planning sees it: the known folder or another one, and files as they are today."""

import os
from dataclasses import replace
from pathlib import Path

from dejashot.actions.planning.disk import Disk, root_now
from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileStamp


def test_a_folder_that_is_not_the_known_one_is_said(folder: Path) -> None:
    status = FileStamp.of(folder.stat())
    known = Folder(1, folder, status.device, True, status.inode, marker=True)
    assert "lost its .stfolder" in Disk().absence(known)
    (folder / ".stfolder").mkdir()
    assert Disk().absence(known) == ""
    assert "another disk" in Disk().absence(replace(known, device=known.device + 1))
    assert "another disk" in Disk().absence(replace(known, inode=known.inode + 1))
    assert Disk().absence(replace(known, inode=0)) == ""
    assert "is not there" in Disk().absence(replace(known, path=folder / "gone"))


def test_a_file_is_located_as_it_is_today(folder: Path) -> None:
    status = FileStamp.of(folder.stat())
    known, disk = Folder(1, folder, status.device, True, status.inode), Disk()
    photo = min(folder.glob("*.jpg"))
    path, size_bytes = os.fsencode(photo), photo.stat().st_size
    found = disk.locate(known, path, b"content", size_bytes)
    assert (found.there, found.problem, found.stamp) == (True, "", FileStamp.of(photo.stat()))
    changed = disk.locate(known, path, b"content", size_bytes + 1)
    assert (changed.there, changed.problem) == (False, "it is no longer what you decided about")
    gone = disk.locate(known, path + b".gone", b"content", 1)
    assert (gone.there, gone.problem) == (False, "")


def test_a_root_that_is_gone_has_no_identity(folder: Path) -> None:
    now, status = root_now(os.fsencode(folder)), folder.stat()
    assert (now.device, now.inode) == (status.st_dev, status.st_ino)
    gone = root_now(os.fsencode(folder / "gone"))
    assert (gone.device, gone.inode) == (0, 0)

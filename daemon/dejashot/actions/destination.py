"""Whether files can go where they are to go: the folder can be made and written to, and its disk has room."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dejashot.actions.plan import Item, Plan
from dejashot.errors import BatchError, DiskFullError
from dejashot.files.mounts import parse_fstab, read_mounts
from dejashot.files.nofollow import folder_of
from dejashot.language.formats import format_bytes
from dejashot.language.texts import noted
from dejashot.models.decisions import ApplyMethod
from dejashot.models.files import FileStamp
from dejashot.paths import shown

FSTAB = Path("/etc/fstab")
MARGIN_BYTES = 20_000_000  # left free besides the copies: a full disk is of no use
# where systems mount what is plugged in
_MOUNT_FOLDERS = re.compile(rb"(?:/run/media/[^/]+|/media/[^/]+|/media|/mnt|/Volumes)")


def destination_problem(plan: Plan, fstab: Path = FSTAB) -> str:
    """Return why nothing can go to a plan's destination now; empty when it can, or when there is none."""
    if not plan.to:
        return ""
    there = _nearest(plan.to)
    return (
        _absence(plan.to, there, fstab)
        or _write_problem(plan.to, there)
        or missing_room(there, plan.items if plan.how is ApplyMethod.QUARANTINE else ())
    )


def check_destination(plan: Plan) -> None:
    """Raise BatchError when nothing can go to a plan's destination now."""
    problem = destination_problem(plan)
    if problem:
        raise BatchError(
            problem,
            "Name another folder with --to, or mend that",
            noted("Name another folder, or mend that, then have the plan shown again"),
        )


def check_return(plan: Plan) -> None:
    """Raise DiskFullError when there is no room for all that is to come back from other disks: all of it waits then."""
    coming: dict[bytes, list[Item]] = {}
    for item in plan.items if plan.how is ApplyMethod.QUARANTINE else ():
        with suppress(OSError):
            status = os.stat(item.target, follow_symlinks=False)  # noqa: PTH116 - bytes
            coming.setdefault(item.folder, []).append(replace(item, stamp=FileStamp.of(status)))
    for folder, items in coming.items():
        missing = missing_room(folder, items) if Path(os.fsdecode(folder)).is_dir() else ""
        if missing:
            raise DiskFullError(missing, noted("Nothing is lost. Make room there, then undo it again"))


def missing_room(folder: bytes, items: Iterable[Item]) -> str:
    """Return how much room is missing on a folder's disk for copies of files from other disks, empty when they fit."""
    device = FileStamp.of(os.stat(folder)).device  # noqa: PTH116 - bytes
    disk = os.statvfs(folder)
    block_bytes = max(disk.f_frsize, 1)
    blocks = sum(-(-item.stamp.size_bytes // block_bytes) for item in items if item.stamp.device != device)
    free_bytes, needed_bytes = disk.f_bavail * disk.f_frsize, blocks * block_bytes + MARGIN_BYTES
    # file systems that are no disks may not say how large they are
    if not blocks or not disk.f_blocks or needed_bytes <= free_bytes:
        return ""
    return noted(
        "{size} are to be copied to the disk at {disk}, which has {free} free and is to keep {kept}: "
        "{missing} are missing"
    ).format(
        size=format_bytes(needed_bytes - MARGIN_BYTES),
        disk=shown(_mount_point(folder)),
        free=format_bytes(free_bytes),
        kept=format_bytes(MARGIN_BYTES),
        missing=format_bytes(needed_bytes - free_bytes),
    )


def _nearest(folder: bytes) -> bytes:
    """Return the folder itself, or the nearest above it that has a name on the disk."""
    while not os.path.lexists(folder):
        folder = folder_of(folder)
    return folder


def _absence(folder: bytes, there: bytes, fstab: Path) -> str:
    """Return which disk is missing, empty where none is: its folder would be made on another disk, and hidden later."""
    if folder != there and _MOUNT_FOLDERS.fullmatch(there):
        missing = os.path.join(there, folder[len(there) :].lstrip(b"/").split(b"/")[0])
        return noted("there is no disk at {folder}; if that is to be an ordinary folder, make it first").format(
            folder=shown(missing)
        )
    mounted = {mount.point for mount in read_mounts()}
    for point in _fstab_points(fstab) if mounted else ():
        if (folder + b"/").startswith(point + b"/") and point not in mounted:
            return noted("the disk that belongs at {folder} is not mounted").format(folder=shown(point))
    return ""


def _write_problem(folder: bytes, there: bytes) -> str:
    """Return why a folder can't be made or written to, empty when it can."""
    if not Path(os.fsdecode(there)).is_dir():
        return noted("{folder} is no folder").format(folder=shown(there))
    if os.access(there, os.W_OK | os.X_OK):
        return ""
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return noted("the disk at {folder} is mounted read-only").format(folder=shown(_mount_point(there)))
    if there == folder:
        return noted("you may not write to {folder}").format(folder=shown(folder))
    return noted("you may not write to {there}, where {folder} would have to be made").format(
        there=shown(there), folder=shown(folder)
    )


def _fstab_points(fstab: Path) -> list[bytes]:
    try:
        return parse_fstab(fstab.read_bytes())
    except OSError:
        return []


def _mount_point(folder: bytes) -> bytes:
    while folder != b"/" and not os.path.ismount(folder):
        folder = folder_of(folder)
    return folder

"""Can files be put where they are to go: a folder that can be made and written to, on a disk that is there and has room for copies."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dejashot.actions.plan import Item, Method, Plan
from dejashot.errors import BatchError, DiskFullError
from dejashot.files.mounts import read_mounts
from dejashot.files.nofollow import folder_of
from dejashot.models.files import FileStamp
from dejashot.paths import shown
from dejashot.reports.wording import format_bytes

FSTAB = Path("/etc/fstab")
MARGIN_BYTES = 20_000_000  # left free beside the copies: a disk that is filled to the brim serves nobody
_DISKS = re.compile(
    rb"(?:/run/media/[^/]+|/media/[^/]+|/media|/mnt|/Volumes)"
)  # where systems mount what is plugged in
_OCTAL = re.compile(rb"\\([0-7]{3})")


def destination_problem(plan: Plan, fstab: Path = FSTAB) -> str:
    """Return why nothing can be put where a plan has it go, as things are now; empty when it can, or when it goes nowhere."""
    if not plan.to:
        return ""
    there = _nearest(plan.to)
    return (
        _absence(plan.to, there, fstab)
        or _closed(plan.to, there)
        or lack_of_room(there, plan.items if plan.how is Method.QUARANTINE else ())
    )


def check_destination(plan: Plan) -> None:
    """Raise BatchError when nothing can be put where a plan has it go: nothing is begun then."""
    trouble = destination_problem(plan)
    if trouble:
        raise BatchError(
            trouble,
            "Name another folder with --to, or mend that",
            "Name another folder, or mend that, then have the plan shown again",
        )


def check_return(plan: Plan) -> None:
    """Raise DiskFullError when what is to come back from another disk has no room: what was put together stays together until it has."""
    coming: dict[bytes, list[Item]] = {}
    for item in plan.items if plan.how is Method.QUARANTINE else ():
        with suppress(OSError):
            status = os.stat(item.target, follow_symlinks=False)  # noqa: PTH116 - bytes
            coming.setdefault(item.folder, []).append(replace(item, stamp=FileStamp.of(status)))
    for folder, items in coming.items():
        lack = lack_of_room(folder, items) if Path(os.fsdecode(folder)).is_dir() else ""
        if lack:
            raise DiskFullError(lack, "Nothing is lost. Make room there, then undo it again")


def lack_of_room(folder: bytes, items: Iterable[Item]) -> str:
    """Return how much is missing on the disk of a folder that is there for copies of files from other disks, empty when they fit."""
    device = FileStamp.of(os.stat(folder)).device  # noqa: PTH116 - bytes
    disk = os.statvfs(folder)
    block_bytes = max(disk.f_frsize, 1)
    blocks = sum(-(-item.stamp.size_bytes // block_bytes) for item in items if item.stamp.device != device)
    free_bytes, needed_bytes = disk.f_bavail * disk.f_frsize, blocks * block_bytes + MARGIN_BYTES
    if (
        not blocks or not disk.f_blocks or needed_bytes <= free_bytes
    ):  # some that are no disks do not say how large they are
        return ""
    return (
        f"{format_bytes(needed_bytes - MARGIN_BYTES)} are to be copied to the disk at {shown(_mount_point(folder))}, which has"
        f" {format_bytes(free_bytes)} free and is to keep {format_bytes(MARGIN_BYTES)}: {format_bytes(needed_bytes - free_bytes)} are missing"
    )


def _nearest(folder: bytes) -> bytes:
    """Return the folder itself, or the nearest above it that has a name on the disk."""
    while not os.path.lexists(folder):
        folder = folder_of(folder)
    return folder


def _absence(folder: bytes, there: bytes, fstab: Path) -> str:
    """Return which disk is not there, empty where none is missing: the folder would be made on another disk, out of sight later."""
    if folder != there and _DISKS.fullmatch(there):
        missing = os.path.join(there, folder[len(there) :].lstrip(b"/").split(b"/")[0])
        return f"there is no disk at {shown(missing)}; if that is to be an ordinary folder, make it first"
    mounted = {mount.point for mount in read_mounts()}
    for point in _mount_points(fstab) if mounted else ():
        if (folder + b"/").startswith(point + b"/") and point not in mounted:
            return f"the disk that belongs at {shown(point)} is not mounted"
    return ""


def _closed(folder: bytes, there: bytes) -> str:
    """Return why a folder can't be made or written to."""
    if not Path(os.fsdecode(there)).is_dir():
        return f"{shown(there)} is no folder"
    if os.access(there, os.W_OK | os.X_OK):
        return ""
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return f"the disk at {shown(_mount_point(there))} is mounted read-only"
    return f"you may not write to {shown(there)}" + (
        "" if there == folder else f", where {shown(folder)} would have to be made"
    )


def _mount_points(fstab: Path) -> list[bytes]:
    """Return where the system's table of disks has them mounted, the root left out."""
    try:
        lines = fstab.read_bytes().splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if not line.lstrip().startswith(b"#")]
    points = [_OCTAL.sub(lambda m: bytes([int(m[1], 8) & 0xFF]), f[1]).rstrip(b"/") for f in fields if len(f) > 2]
    return [p for p in points if p.startswith(b"/")]


def _mount_point(folder: bytes) -> bytes:
    while folder != b"/" and not os.path.ismount(folder):
        folder = folder_of(folder)
    return folder

"""Which file systems are mounted where, and how to follow a folder on them: by events, or by polling."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = "/proc/self/mountinfo"
_OCTAL = re.compile(rb"\\([0-7]{3})")
_MAC_LINE = re.compile(rb".+? on (/.*) \(([^,)]+)[^()]*\)")
_NO_EVENTS = frozenset(
    (
        "nfs nfs3 nfs4 cifs smb smb2 smb3 smbfs 9p afs afpfs ceph glusterfs lustre gpfs beegfs orangefs pvfs2 ocfs2 "
        "gfs2 coda ncpfs virtiofs vboxsf vmhgfs prl_fs prl_vfs webdav davfs davfs2 drvfs fuse macfuse osxfuse sshfs "
        "autofs"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Mount:
    """A place where a file system is mounted (absolute path, bytes) and the file system's type in lower case."""

    point: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class WatchMethod:
    """How a folder is followed: polled, with the reason, or watched for events."""

    polled: bool = False
    why: str = ""


def parse_mountinfo(text: bytes) -> list[Mount]:
    """Parse Linux's /proc/self/mountinfo, in its order; lines that are not understood are left out. See proc(5)."""
    mounts: list[Mount] = []
    for line in text.splitlines():
        before, dash, after = line.partition(b" - ")
        fields, kinds = before.split(b" "), after.split(b" ")
        if dash and len(fields) > 4 and kinds[0]:
            mounts.append(Mount(_unescaped(fields[4]), _kind(kinds[0])))
    return mounts


def parse_fstab(text: bytes) -> list[bytes]:
    """Parse /etc/fstab: return the absolute folders that disks belong at, the root left out. See fstab(5)."""
    fields = [line.split() for line in text.splitlines() if not line.lstrip().startswith(b"#")]
    points = [_unescaped(parts[1]).rstrip(b"/") for parts in fields if len(parts) > 2]
    return [point for point in points if point.startswith(b"/")]


def _unescaped(field: bytes) -> bytes:
    """Return a field of mountinfo or fstab with its octal escapes (`\\040` for a blank) decoded."""
    return _OCTAL.sub(lambda m: bytes([int(m[1], 8) & 0xFF]), field)


def parse_mount_output(text: bytes) -> list[Mount]:
    """Parse what macOS's `mount` prints: `/dev/disk3s1 on /Volumes/Photos (apfs, local, journaled)`."""
    found = (_MAC_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return [Mount(m[1], _kind(m[2])) for m in found if m]


def _kind(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip().lower()


def read_mounts() -> list[Mount]:
    """Return what is mounted now; nothing where the system does not say."""
    try:
        if sys.platform == "darwin":
            output = subprocess.run(["/sbin/mount"], capture_output=True, timeout=10, check=False).stdout
            return parse_mount_output(output)
        return parse_mountinfo(Path(MOUNTINFO).read_bytes())
    except (OSError, subprocess.SubprocessError):
        return []


def kind_of(path: bytes, mounts: Iterable[Mount]) -> str:
    """Return the type of the file system that an absolute, resolved path (bytes) lies on, empty when unknown.

    The longest mount point above the path counts, and of several mounts on one point the last: it covers the others.
    """
    best: Mount | None = None
    for mount in mounts:
        inside = path == mount.point or path.startswith(mount.point.rstrip(b"/") + b"/")
        if inside and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best.kind if best else ""


def misses_events(kind: str) -> bool:
    """Return whether a file system may change without events: another machine, or a program, makes changes unseen."""
    return kind in _NO_EVENTS or (kind.startswith("fuse.") and kind != "fuse.fuseblk")


def watch_method_for(folder: Path, method: str, methods: Mapping[str, str], mounts: Sequence[Mount]) -> WatchMethod:
    """Decide how a folder is followed: `methods` by folder comes before `method`, and `auto` asks the file system."""
    place = os.path.realpath(folder)
    named = {os.path.realpath(Path(name).expanduser()): chosen for name, chosen in methods.items()}
    chosen = named.get(place, method)
    if chosen == "poll":
        return WatchMethod(True, "the configuration asks for it")
    kind = kind_of(os.fsencode(place), mounts)
    if chosen == "auto" and misses_events(kind):
        return WatchMethod(True, f"{kind} does not tell of changes made elsewhere")
    return WatchMethod()

"""What is in a folder now, against what is known of it: the safety net under the watcher."""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from dejashot.errors import FolderError
from dejashot.files.exclusions import ExclusionCounts, ExclusionReason
from dejashot.files.first_bytes import FileContent, file_content_of, first_bytes_in
from dejashot.files.names import BESIDE, PICTURES, NameKind, NameRules
from dejashot.files.packages import is_package_inside, package_of
from dejashot.models.files import FileStamp
from dejashot.paths import shown

MAX_DEPTH = 200  # folders in folders, each held open while those in it are walked
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

Asked = Mapping[
    bytes, tuple[FileStamp, FileContent]
]  # files that were asked for their first bytes, with their stamps then


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file in a folder: its path below it (bytes), its stamp, its verdict, and when it last changed (ctime, ns)."""

    path: bytes
    stamp: FileStamp
    verdict: NameKind
    ctime_ns: int


@dataclass(slots=True)
class WalkCoverage:
    """What a walk went through: folders entered, with device and inode, and paths of which nothing could be learnt.

    `mixed` says that files show other devices than the folder they lie in, as on stacked file systems: devices tell nothing there.
    `asked` holds what was learnt from first bytes, now and (`asked_before`) earlier, `left` what was left out on purpose, `closed` the
    folders among that.
    """

    entered: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    unlisted: list[bytes] = field(default_factory=list)
    mixed: bool = False
    beat: Callable[[], None] = field(default=lambda: None, repr=False)  # called as the walk moves on
    asked: dict[bytes, tuple[FileStamp, FileContent]] = field(default_factory=dict)
    asked_before: Asked = field(default_factory=dict)
    left: ExclusionCounts = field(default_factory=ExclusionCounts)
    closed: set[bytes] = field(default_factory=set)

    def close(self, folder: bytes, why: ExclusionReason) -> None:
        """Note a folder that is not entered on purpose."""
        self.closed.add(folder)
        self.left.add(why, folder)

    def shuts_out(self, path: bytes) -> bool:
        """Tell whether a path lies in a folder that was not entered on purpose."""
        folder = path.rpartition(b"/")[0]
        while folder and folder not in self.closed:
            folder = folder.rpartition(b"/")[0]
        return folder in self.closed


@dataclass(slots=True)
class Changes:
    """What a walk found: new or changed files, paths no longer there, paths on a disk that is away, and what it went through.

    `beside` holds all files that may belong to a photo and are none, known or not, `dropped` what of the missing is there but no longer
    looked at: it lies in a package, or its name is to be ignored.
    """

    arrived: list[FoundFile] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)
    away: list[bytes] = field(default_factory=list)
    beside: list[FoundFile] = field(default_factory=list)
    dropped: set[bytes] = field(default_factory=set)
    ground: WalkCoverage = field(default_factory=WalkCoverage)
    files: int = 0
    notice: str = ""

    @property
    def trouble(self) -> str:
        """Say what stands in the way of knowing everything, empty when nothing does."""
        unlisted = self.ground.unlisted
        if not unlisted:
            return self.notice
        more = f" and {len(unlisted) - 1} more" if len(unlisted) > 1 else ""
        said = f"can't look into {shown(unlisted[0])}{more}: check the permissions"
        return f"{self.notice}; {said}" if self.notice else said


def check_folder(folder: Path) -> os.stat_result:
    """Return the stat of a folder to watch; raise FolderError when it is not a folder that can be listed, or is another program's."""
    package = package_of(os.fsencode(os.path.realpath(folder)))
    if package:
        raise FolderError(
            f"{shown(folder)} belongs to another program: it is, or lies in, the package {shown(os.path.basename(package))}",
            "Only that program may change what is in it. Export the photos, and name the folder they are in then",
        )
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise FolderError(
            f"there is no folder {shown(folder)}", "Check the spelling, or whether the disk is mounted"
        ) from None
    except NotADirectoryError:
        raise FolderError(f"{shown(folder)} is not a folder", "Name the folder that holds the photos") from None
    except OSError as error:
        raise FolderError(f"can't list {shown(folder)}: {error.strerror}", "Check the permissions") from error
    return status


def walk(folder: Path, rules: NameRules, ground: WalkCoverage) -> Iterator[FoundFile]:
    """Yield the photos (pictures of unsupported formats, films and sidecars too) below a folder, in name order, following no links.

    Every folder is opened from the one above it, so that nothing put in its place leads the walk outside. `ground` takes up what
    was entered and what could not be looked into.
    """
    yield from _walk_below(os.fsencode(folder), None, b"", rules, ground, MAX_DEPTH)


def _walk_below(
    name: bytes, above: int | None, path: bytes, rules: NameRules, ground: WalkCoverage, depth: int
) -> Iterator[FoundFile]:
    try:
        handle = os.open(name, _OPEN_FOLDER | (os.O_NOFOLLOW if path else 0), dir_fd=above)
    except OSError as error:
        if error.errno not in (
            errno.ELOOP,
            errno.ENOTDIR,
        ):  # a link or a file in the place of a folder: nothing below it is there
            ground.unlisted.append(path)
        return
    try:
        here = FileStamp.of(os.fstat(handle))
        with os.scandir(handle) as listing:
            entries = sorted(((os.fsencode(e.name), e) for e in listing), key=lambda pair: pair[0])
        if path and is_package_inside(path.rpartition(b"/")[2], lambda p: _lies_in(handle, p), {n for n, _ in entries}):
            ground.close(path, ExclusionReason.PACKAGE)
            return
        ground.entered[path] = (here.device, here.inode)
        folders: list[tuple[bytes, bytes]] = []
        for entry_name, entry in entries:
            ground.beat()
            below = path + b"/" + entry_name if path else entry_name
            if _is_folder(entry):
                why = rules.why_not_into(below)
                if why is None:
                    folders.append((entry_name, below))
                else:
                    ground.close(below, why)
            elif (found := _look_at(entry, handle, below, rules, ground)) is not None:
                ground.mixed = ground.mixed or found.stamp.device != here.device
                yield found
        for entry_name, below in folders:
            if depth:
                yield from _walk_below(entry_name, handle, below, rules, ground, depth - 1)
            else:
                ground.unlisted.append(below)
    except OSError:
        ground.entered.pop(path, None)
        ground.unlisted.append(path)
    finally:
        os.close(handle)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _lies_in(folder: int, path: bytes) -> bool:
    try:
        os.stat(path, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _look_at(
    entry: "os.DirEntry[str]", folder: int, path: bytes, rules: NameRules, ground: WalkCoverage
) -> FoundFile | None:
    """Return a file of interest; one that can't be asked is not known to be gone either."""
    verdict = rules.judge(path)
    if entry.is_symlink() and verdict not in (NameKind.HIDDEN, NameKind.TEMPORARY):
        ground.left.add(_why_no_link(entry, verdict), path)
        return None
    if verdict not in (NameKind.ASK, *PICTURES, *BESIDE):
        ground.left.add(rules.why_not(path, verdict), path)
        return None
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:
        ground.unlisted.append(path)
        return None
    if not stat.S_ISREG(status.st_mode):
        ground.left.add(ExclusionReason.SPECIAL if verdict in PICTURES else ExclusionReason.SYSTEM, path)
        return None
    stamp = FileStamp.of(status)
    if verdict is NameKind.ASK:
        if _ask(os.fsencode(entry.name), folder, path, stamp, ground) is not FileContent.PICTURE:
            return None
        verdict = NameKind.PHOTO
    return FoundFile(path, stamp, verdict, status.st_ctime_ns)


def _why_no_link(entry: "os.DirEntry[str]", verdict: NameKind) -> ExclusionReason:
    """Return what a link leads to; of one that is called like a picture that need not be asked: the disk may be far away, or gone."""
    if verdict in PICTURES:
        return ExclusionReason.LINK
    try:
        why = ExclusionReason.FOLDER_LINK if stat.S_ISDIR(entry.stat().st_mode) else ExclusionReason.LINK
    except OSError:
        why = ExclusionReason.BROKEN_LINK
    return why if verdict is NameKind.ASK or why is ExclusionReason.FOLDER_LINK else ExclusionReason.SYSTEM


def _ask(name: bytes, folder: int, path: bytes, stamp: FileStamp, ground: WalkCoverage) -> FileContent:
    """Return what a file is by its first bytes, which are read once for each stamp, and count it where nobody knows."""
    before = ground.asked_before.get(path)
    if before is not None and replace(before[0], device=stamp.device) == stamp:
        content = before[1]
        ground.asked[path] = before
    else:
        first = first_bytes_in(name, folder) if stamp.size_bytes else b""
        if first is None and before is not None:
            return before[1]  # whoever reads it says why it can't be read
        content = FileContent.UNKNOWN if first is None else file_content_of(first, os.fsdecode(name))
        if first is not None:
            ground.asked[path] = (stamp, content)
    if content is FileContent.UNKNOWN:
        ground.left.add(ExclusionReason.UNKNOWN_KIND, path)
    return content


def compare(
    folder: Path,
    rules: NameRules,
    known: Mapping[bytes, FileStamp],
    beat: Callable[[], None] = lambda: None,
    asked: Asked = MappingProxyType({}),
) -> Changes:
    """Walk a folder and compare it with the stamps known of it; `beat` is called as the walk moves on, `asked` is known of first bytes.

    A known path counts as missing only where the folder that held it could be listed, or is left out on purpose, and as away where what
    could be listed lies on another device than the file did: a disk mounted below the folder was taken off.
    """
    changes = Changes(ground=WalkCoverage(beat=beat, asked_before=asked))
    seen: set[bytes] = set()
    for found in walk(folder, rules, changes.ground):
        if found.verdict in BESIDE:
            changes.beside.append(found)
            continue
        changes.files += 1
        seen.add(found.path)
        if known.get(found.path) != found.stamp:
            changes.arrived.append(found)
    unlisted = frozenset(changes.ground.unlisted)
    if b"" in unlisted:
        return changes
    moved = {known[f.path].device for f in changes.arrived if f.path in known and _elsewhere(known[f.path], f.stamp)}
    blind = tuple(u + b"/" for u in unlisted)
    for path, stamp in known.items():
        if path in seen:
            continue
        if is_dropped(path, rules, changes.ground):
            changes.dropped.add(path)
            changes.missing.append(path)
            continue
        if path in unlisted or (blind and path.startswith(blind)):
            continue
        away = (
            not changes.ground.mixed
            and stamp.device not in moved
            and stamp.device != device_above(path, changes.ground)
        )
        (changes.away if away else changes.missing).append(path)
    return changes


def is_dropped(path: bytes, rules: NameRules, ground: WalkCoverage) -> bool:
    """Tell whether a path that a walk did not come to is left out on purpose, there or not."""
    return ground.shuts_out(path) or rules.judge(path) not in (NameKind.ASK, *PICTURES)


def _elsewhere(before: FileStamp, now: FileStamp) -> bool:
    """Tell whether a file is what it was on a device with another number: its disk was numbered anew."""
    return before != now and (before.size_bytes, before.mtime_ns, before.inode) == (
        now.size_bytes,
        now.mtime_ns,
        now.inode,
    )


def device_above(path: bytes, ground: WalkCoverage) -> int:
    """Return the device of the nearest folder above a path (bytes) that a walk entered."""
    folder = path.rpartition(b"/")[0]
    while folder and folder not in ground.entered:
        folder = folder.rpartition(b"/")[0]
    return ground.entered[folder][0]

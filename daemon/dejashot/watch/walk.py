"""A walk through a folder: every photo in it, and what the walk could and could not see."""

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
from dejashot.language.texts import noted
from dejashot.models.files import FileStamp
from dejashot.paths import shown

MAX_DEPTH = 200  # folders in folders, each held open while those in it are walked
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

# what files are by their first bytes, by path, with the stamp that each file had then
SniffedFiles = Mapping[bytes, tuple[FileStamp, FileContent]]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file in a folder: its path below it (bytes), stamp, kind by name, and when it last changed (ctime, ns)."""

    path: bytes
    stamp: FileStamp
    kind: NameKind
    ctime_ns: int


@dataclass(slots=True)
class WalkCoverage:
    """What a walk went through.

    `entered` holds folders with device and inode, `unlisted` paths that could not be read, `closed` folders that were
    left out on purpose. `mixed` says that files show other devices than their folder, as on stacked file systems:
    devices mean nothing there.
    """

    entered: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    unlisted: list[bytes] = field(default_factory=list)
    closed: set[bytes] = field(default_factory=set)
    mixed: bool = False
    sniffed: dict[bytes, tuple[FileStamp, FileContent]] = field(default_factory=dict)
    exclusions: ExclusionCounts = field(default_factory=ExclusionCounts)

    def close(self, folder: bytes, why: ExclusionReason) -> None:
        """Note a folder that is not entered on purpose."""
        self.closed.add(folder)
        self.exclusions.add(why, folder)

    def is_in_closed(self, path: bytes) -> bool:
        """Return whether a path lies in a folder that was not entered on purpose."""
        folder = path.rpartition(b"/")[0]
        while folder and folder not in self.closed:
            folder = folder.rpartition(b"/")[0]
        return folder in self.closed


def check_folder(folder: Path) -> os.stat_result:
    """Return the stat of a folder to watch.

    Raise FolderError when it is not a folder that can be listed, or is another program's.
    """
    package = package_of(os.fsencode(os.path.realpath(folder)))
    if package:
        raise FolderError(
            noted("{folder} belongs to another program: it is, or lies in, the package {package}").format(
                folder=shown(folder), package=shown(os.path.basename(package))
            ),
            ". ".join(
                [
                    noted("Only that program may change what is in it"),
                    noted("Export the photos, and name the folder they are in then"),
                ]
            ),
        )
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise FolderError(
            noted("there is no folder {folder}").format(folder=shown(folder)),
            noted("Check the spelling, or whether the disk is mounted"),
        ) from None
    except NotADirectoryError:
        raise FolderError(
            noted("{folder} is not a folder").format(folder=shown(folder)),
            noted("Name the folder that holds the photos"),
        ) from None
    except OSError as error:
        raise FolderError(
            noted("can't list {folder}: {error}").format(folder=shown(folder), error=error.strerror),
            noted("Check the permissions"),
        ) from error
    return status


class FolderWalk:
    """One walk through a folder: iterate over the files it finds; `coverage` grows as it goes.

    It finds photos, pictures of unsupported formats, films and sidecars, in name order, and follows no links: every
    folder is opened from the one above it, so that nothing put in its place leads outside.
    """

    def __init__(
        self,
        folder: Path,
        rules: NameRules,
        known_sniffed: SniffedFiles = MappingProxyType({}),
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        `known_sniffed` is what is known of first bytes, `on_progress` is called at every entry of a folder.
        """
        self.coverage = WalkCoverage()
        self._folder = folder
        self._rules = rules
        self._known_sniffed = known_sniffed
        self._on_progress = on_progress

    def __iter__(self) -> Iterator[FoundFile]:
        """Yield the files."""
        yield from self._walk(os.fsencode(self._folder), None, b"", MAX_DEPTH)

    def _walk(self, name: bytes, above: int | None, path: bytes, depth: int) -> Iterator[FoundFile]:
        """Yield the files of one folder, opened by name from the one above it, and of the folders in it."""
        coverage = self.coverage
        try:
            handle = os.open(name, _OPEN_FOLDER | (os.O_NOFOLLOW if path else 0), dir_fd=above)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENOTDIR):  # a link or a file in its place: nothing is below it
                coverage.unlisted.append(path)
            return
        try:
            folders = list[tuple[bytes, bytes]]()
            for entry_name, entry in self._entries(handle, path):
                self._on_progress()
                below = path + b"/" + entry_name if path else entry_name
                if _is_folder(entry):
                    if self._enters(below):
                        folders.append((entry_name, below))
                elif (found := self._file_of(entry, handle, below)) is not None:
                    coverage.mixed = coverage.mixed or found.stamp.device != coverage.entered[path][0]
                    yield found
            for entry_name, below in folders:
                if depth:
                    yield from self._walk(entry_name, handle, below, depth - 1)
                else:
                    coverage.unlisted.append(below)
        except OSError:
            coverage.entered.pop(path, None)
            coverage.unlisted.append(path)
        finally:
            os.close(handle)

    def _entries(self, handle: int, path: bytes) -> list[tuple[bytes, "os.DirEntry[str]"]]:
        """Return what is in an open folder in name order, nothing of another program's package; raise OSError."""
        here = FileStamp.of(os.fstat(handle))
        with os.scandir(handle) as listing:
            entries = sorted(((os.fsencode(e.name), e) for e in listing), key=lambda pair: pair[0])
        if path and is_package_inside(path.rpartition(b"/")[2], lambda p: _lies_in(handle, p), {n for n, _ in entries}):
            self.coverage.close(path, ExclusionReason.PACKAGE)
            return []
        self.coverage.entered[path] = (here.device, here.inode)
        return entries

    def _enters(self, folder: bytes) -> bool:
        """Return whether a folder is walked; count it where it is not."""
        why = self._rules.why_not_into(folder)
        if why is not None:
            self.coverage.close(folder, why)
        return why is None

    def _file_of(self, entry: "os.DirEntry[str]", folder: int, path: bytes) -> FoundFile | None:
        """Return a file of interest; one that can't be read is not known to be gone either."""
        kind, exclusions = self._rules.judge(path), self.coverage.exclusions
        if entry.is_symlink() and kind not in (NameKind.HIDDEN, NameKind.TEMPORARY):
            exclusions.add(_why_no_link(entry, kind), path)
            return None
        if kind not in (NameKind.ASK, *PICTURES, *BESIDE):
            exclusions.add(self._rules.why_not(path, kind), path)
            return None
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError:
            self.coverage.unlisted.append(path)
            return None
        if not stat.S_ISREG(status.st_mode):
            exclusions.add(ExclusionReason.SPECIAL if kind in PICTURES else ExclusionReason.SYSTEM, path)
            return None
        stamp = FileStamp.of(status)
        if kind is NameKind.ASK:
            if self._sniff(os.fsencode(entry.name), folder, path, stamp) is not FileContent.PICTURE:
                return None
            kind = NameKind.PHOTO
        return FoundFile(path, stamp, kind, status.st_ctime_ns)

    def _sniff(self, name: bytes, folder: int, path: bytes, stamp: FileStamp) -> FileContent:
        """Return what a file is by its first bytes, which are read once for each stamp.

        Count it where they do not say.
        """
        before = self._known_sniffed.get(path)
        if before is not None and replace(before[0], device=stamp.device) == stamp:
            content = before[1]
            self.coverage.sniffed[path] = before
        else:
            first = first_bytes_in(name, folder) if stamp.size_bytes else b""
            if first is None and before is not None:
                return before[1]  # whoever reads it says why it can't be read
            content = FileContent.UNKNOWN if first is None else file_content_of(first, os.fsdecode(name))
            if first is not None:
                self.coverage.sniffed[path] = (stamp, content)
        if content is FileContent.UNKNOWN:
            self.coverage.exclusions.add(ExclusionReason.UNKNOWN_KIND, path)
        return content


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


def _why_no_link(entry: "os.DirEntry[str]", kind: NameKind) -> ExclusionReason:
    """Return what a link leads to.

    Of one that is called like a picture that is not found out: the disk may be far away, or gone.
    """
    if kind in PICTURES:
        return ExclusionReason.LINK
    try:
        why = ExclusionReason.FOLDER_LINK if stat.S_ISDIR(entry.stat().st_mode) else ExclusionReason.LINK
    except OSError:
        why = ExclusionReason.BROKEN_LINK
    return why if kind is NameKind.ASK or why is ExclusionReason.FOLDER_LINK else ExclusionReason.SYSTEM

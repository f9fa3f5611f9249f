"""What is in a folder now, compared with what is known of it: the safety net under the watcher."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from dejashot.files.names import BESIDE, PICTURES, NameKind, NameRules
from dejashot.language.texts import english_plural, noted, noted_plural
from dejashot.models.files import FileStamp
from dejashot.paths import shown
from dejashot.watch.walk import FolderWalk, FoundFile, SniffedFiles, WalkCoverage


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What a walk found against what was known.

    `arrived` are new or changed photos, `missing` known paths that are gone, `unmounted` those on a disk that is
    away, `dropped` those of the missing that may be there but are left out on purpose. `companions` are new or
    changed files that may belong to a photo and are none, `photos` counts the photos there, `more` the new files left
    to the next walk.
    """

    arrived: tuple[FoundFile, ...]
    missing: tuple[bytes, ...]
    unmounted: tuple[bytes, ...]
    dropped: frozenset[bytes]
    companions: tuple[FoundFile, ...]
    photos: int
    coverage: WalkCoverage
    more: int = 0

    @property
    def problem(self) -> str:
        """Return what could not be looked into, empty when everything could."""
        unlisted = self.coverage.unlisted
        if not unlisted:
            return ""
        folder = shown(unlisted[0])
        if len(unlisted) == 1:
            return noted("can't look into {folder}: check the permissions").format(folder=folder)
        forms = noted_plural(
            "can't look into {folder} and {count} more: check the permissions",
            "can't look into {folder} and {count} more: check the permissions",
        )
        return english_plural(forms, len(unlisted) - 1, folder=folder)


class KnownStamps(Protocol):
    """What is known of a folder, as far as its files need not be read again."""

    def met(self, path: bytes, stamp: FileStamp) -> FileStamp | None:
        """Return the known stamp of a file that a walk met, None for none.

        Files come directory by directory, each once, those of a directory in the order of their names.
        """

    def holds(self, path: bytes) -> bool:
        """Return whether anything is known of the file that was met last, were it that it is to be read again."""

    def unmet(self) -> Iterable[tuple[bytes, FileStamp]]:
        """Return what the walk did not meet, with its stamps, once the walk is over."""


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """What is known of a folder: its photos, files that may belong to them, and what files are by their first bytes."""

    photos: KnownStamps
    companions: KnownStamps
    sniffed: SniffedFiles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WalkCalls:
    """What is called as a walk moves on, and at each photo that arrived."""

    on_progress: Callable[[], None] = lambda: None
    on_photo: Callable[[], None] = lambda: None


def compare(
    folder: Path,
    rules: NameRules,
    known: KnownFolder,
    calls: WalkCalls = WalkCalls(),
    max_new: int | None = None,
) -> FolderChanges:
    """Walk a folder and compare it with what is known of it; no more than `max_new` files are new, the rest counted.

    A known path is missing only where its folder could be listed, or is left out on purpose. It is unmounted where
    what could be listed lies on another device than the file did: a disk mounted below the folder was taken off.
    """
    arrived, companions, renumbered = list[FoundFile](), list[FoundFile](), set[int]()
    photos = new = 0
    folder_walk = FolderWalk(folder, rules, known.sniffed, calls.on_progress)
    for found in folder_walk:
        if found.kind in BESIDE:
            if _is_other(known.companions.met(found.path, found.stamp), found.stamp):
                companions.append(found)
            continue
        photos += 1
        before = known.photos.met(found.path, found.stamp)
        if before is None and not known.photos.holds(found.path):
            new += 1
            if max_new is not None and new > max_new:
                continue
        if before != found.stamp:
            arrived.append(found)
            if before is not None and _is_renumbered(before, found.stamp):
                renumbered.add(before.device)
            if found.kind is NameKind.PHOTO:
                calls.on_photo()
    coverage = folder_walk.coverage
    lost = _lost(known.photos, rules, coverage, renumbered)
    return FolderChanges(
        tuple(arrived),
        *lost,
        tuple(companions),
        photos,
        coverage,
        0 if max_new is None else max(0, new - max_new),
    )


def _lost(
    known: KnownStamps, rules: NameRules, coverage: WalkCoverage, renumbered: set[int]
) -> tuple[tuple[bytes, ...], tuple[bytes, ...], frozenset[bytes]]:
    """Return what is missing, unmounted and dropped of what a walk did not meet.

    `renumbered` are the former numbers of devices that have another one now.
    """
    missing, unmounted, dropped = list[bytes](), list[bytes](), set[bytes]()
    unlisted = frozenset(coverage.unlisted)
    below_unlisted = tuple(u + b"/" for u in unlisted)
    for path, stamp in known.unmet() if b"" not in unlisted else ():
        if is_dropped(path, rules, coverage):
            dropped.add(path)
            missing.append(path)
        elif path not in unlisted and not path.startswith(below_unlisted):
            away = not coverage.mixed and stamp.device not in {*renumbered, device_above(path, coverage)}
            (unmounted if away else missing).append(path)
    return tuple(missing), tuple(unmounted), frozenset(dropped)


def is_dropped(path: bytes, rules: NameRules, coverage: WalkCoverage) -> bool:
    """Return whether a path that a walk did not come to is left out on purpose, there or not."""
    return coverage.is_in_closed(path) or rules.judge(path) not in (NameKind.ASK, *PICTURES)


def device_above(path: bytes, coverage: WalkCoverage) -> int:
    """Return the device of the nearest folder above a path (bytes) that a walk entered."""
    folder = path.rpartition(b"/")[0]
    while folder and folder not in coverage.entered:
        folder = folder.rpartition(b"/")[0]
    return coverage.entered[folder][0]


def _is_other(before: FileStamp | None, now: FileStamp) -> bool:
    """Return whether a companion is not the one that was known; its disk may have been numbered anew."""
    return before is None or replace(before, device=now.device) != now


def _is_renumbered(before: FileStamp, now: FileStamp) -> bool:
    """Return whether a file is the same as on a device with another number: its disk was numbered anew."""
    same = (before.size_bytes, before.mtime_ns, before.inode) == (now.size_bytes, now.mtime_ns, now.inode)
    return before != now and same

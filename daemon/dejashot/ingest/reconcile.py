"""A walk through a folder against what the library knows of it: what arrived, and what is really gone."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from dejashot.config.locations import own_below
from dejashot.config.settings import WatchSettings
from dejashot.errors import FolderError, Reason, UnreadablePhotoError
from dejashot.files.names import SYNC_MARKER, NameKind, NameRules, has_extra
from dejashot.ingest.file_presence import is_other_place, is_there
from dejashot.language.texts import english_plural, noted, noted_plural
from dejashot.library.known_files import KnownFiles
from dejashot.library.library import Library
from dejashot.library.tables.files import KnownFile
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef, FileStamp
from dejashot.paths import shown
from dejashot.watch.compare import FolderChanges, KnownFolder, WalkCalls, compare, is_dropped
from dejashot.watch.walk import FoundFile, SniffedFiles, WalkCoverage, check_folder

_EMPTY = noted_plural(
    "{folder} stands empty although {count} photo was there: is the right disk mounted?",
    "{folder} stands empty although {count} photos were there: is the right disk mounted?",
)
_NONE_LEFT = noted_plural(
    "none of the {count} photos known here is there any more", "none of the {count} photos known here is there any more"
)
_AWAY = noted_plural(
    "{count} of the photos known here lie on a disk that is not there",
    "{count} of the photos known here lie on a disk that is not there",
)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of a walk: photos to read, folders entered (device and inode by path), and what is not known.

    `more` counts the new files that the next walk brings.
    """

    arrived: Sequence[FoundFile]
    entered: Mapping[bytes, tuple[int, int]]
    problem: str
    more: int = 0


class SidecarMarks(Protocol):
    """Where folders are marked in which sidecars may have something new to say."""

    def mark(self, folder: int) -> None:
        """Mark a folder."""


class Reconciler:
    """Bring what a library knows of folders up to date with what is in them."""

    def __init__(
        self,
        library: Library,
        watch: WatchSettings,
        own_folders: Mapping[str, Path],
        sidecars: SidecarMarks,
        on_progress: Callable[[], None],
    ) -> None:
        """Prepare; `own_folders` are those that Dejashot writes in, `on_progress` is called as a walk moves on."""
        self._library = library
        self._watch = watch
        self._own_folders = own_folders
        self._sidecars = sidecars
        self._on_progress = on_progress

    def rules_of(self, folder: Path) -> NameRules:
        """Return the rules for names in a watched folder, which leave out what Dejashot keeps below it."""
        return NameRules(self._watch.ignore, self._watch.hidden, own_below(self._own_folders, folder))

    def reconcile(
        self, folder: Folder, on_photo: Callable[[], None] = lambda: None, max_new: int | None = None
    ) -> Reconciled:
        """Walk a folder, store what went missing or came back, and return what arrived.

        `on_photo` is called at each photo that arrived; with `max_new` no more than so many files are new. Raise
        FolderError (see `reconcile`).
        """
        current = next((f for f in self._library.folders.all() if f.id == folder.id), folder)
        rules = self.rules_of(current.path)
        calls = WalkCalls(self._on_progress, on_photo)
        found = reconcile(self._library, current, rules, now_us(), calls, max_new)
        if self._library.companions.pending([folder.id]) or self._library.companions.late(folder.id):
            self._sidecars.mark(folder.id)
        return found


def reconcile(
    library: Library, folder: Folder, rules: NameRules, at_us: int, calls: WalkCalls, max_new: int | None = None
) -> Reconciled:
    """Compare a folder with what is known of it, store what changed, and return what arrived.

    A photo counts as missing only where its disk is there and holds the folder that it held. Raises FolderError when
    the folder is not there, is empty where another was, or has lost its marker: then nothing counts as missing.
    """
    status = FileStamp.of(check_folder(folder.path))
    marker = _marker_of(folder)
    photos = KnownFiles(
        library.files,
        folder.id,
        lambda p, k: _as_of_today(k, folder.device, status.device) if _need_not_be_read_again(p, k) else None,
    )
    companions = KnownFiles(library.companions, folder.id, lambda _, k: replace(k.stamp, device=status.device))
    sniffed = library.folders.first_bytes(folder.id)
    changes = compare(folder.path, rules, KnownFolder(photos, companions, sniffed), calls, max_new)
    known, stamps = photos.held, photos.stamps
    place = changes.coverage.entered.get(b"")
    if place is None or place[0] != status.device:
        raise FolderError(
            noted("{folder} went away while it was walked").format(folder=shown(folder.path)),
            noted("Is the disk mounted? It is walked again"),
        )
    unmounted = {p for p in stamps if known[p].unmounted and p not in changes.dropped}
    # a card in the place of another may have its very numbers
    swapped = changes.photos > 0 and os.path.ismount(folder.path)
    moved = swapped or is_other_place(folder, place)
    replaced = moved and not photos.any_as_it_was and _nothing_left(known, unmounted, changes)
    present = library.files.counts([folder.id]).get("present", 0) if replaced or unmounted or changes.unmounted else 0
    if replaced and not changes.photos:
        raise FolderError(
            english_plural(_EMPTY, present, folder=shown(folder.path)),
            noted("Nothing is forgotten"),
        )
    with library.batch():
        if replaced:
            library.files.mark_unmounted(folder.id)
            unmounted |= {p for p in stamps if known[p].state == "present" and p not in changes.dropped}
        losses = _losses_of(changes, unmounted, known, present)
        if (folder.device, folder.inode, folder.marker) != (*place, marker):
            library.folders.set_location(folder.id, *place, marker)
        _FolderUpdate(library, folder, known, stamps, changes).store(losses, unmounted, rules, at_us)
        _store_companions(library, folder, changes, companions, complete=not losses.unmounted)
        _store_exclusions(library, folder, changes.coverage, sniffed)
    arrived = [f for f in changes.arrived if f.kind is NameKind.PHOTO]
    problem = "; ".join(filter(None, (losses.notice, changes.problem)))
    return Reconciled(arrived, changes.coverage.entered, problem, changes.more)


@dataclass(frozen=True, slots=True)
class _Losses:
    """Photos that are gone, photos on a disk that is away, and a sentence on the latter."""

    missing: list[bytes]
    unmounted: list[bytes]
    notice: str


def _marker_of(folder: Folder) -> bool:
    """Return whether a folder has the marker of a sync tool; raise FolderError when it had one and has none."""
    marker = os.path.lexists(folder.path / SYNC_MARKER)
    if folder.marker and not marker:
        raise FolderError(
            noted("Syncthing's marker {marker} is gone from {folder}").format(
                marker=SYNC_MARKER, folder=shown(folder.path)
            ),
            noted("Is the right disk mounted? If you have left Syncthing, create a folder {marker} there").format(
                marker=SYNC_MARKER
            ),
        )
    return marker


def _nothing_left(known: Mapping[bytes, KnownFile], unmounted: set[bytes], changes: FolderChanges) -> bool:
    """Return whether photos were there and none is any more: what has the name, but not the size, is another photo."""
    lost = {*changes.missing, *changes.unmounted}
    lost.update(
        f.path for f in changes.arrived if f.path in known and known[f.path].stamp.size_bytes != f.stamp.size_bytes
    )
    there = [p for p, k in known.items() if k.state == "present" and p not in unmounted and p not in changes.dropped]
    return bool(there) and all(p in lost for p in there)


def _losses_of(
    changes: FolderChanges, unmounted: set[bytes], known: Mapping[bytes, KnownFile], present: int
) -> _Losses:
    """Count what was known on a disk that is away as unmounted, not as missing, and say so.

    `present` is how many photos were known to be there.
    """
    away = {*changes.unmounted, *(p for p in changes.missing if p in unmounted)}
    missing = [p for p in changes.missing if p not in away]
    count = sum(known[p].state == "present" for p in away)
    notice = ""
    if count and away >= unmounted and count == present:
        notice = "; ".join([english_plural(_NONE_LEFT, count), noted("nothing is forgotten")])
    elif count:
        notice = "; ".join([english_plural(_AWAY, count), noted("nothing is forgotten")])
    return _Losses(missing, sorted(away), notice)


@dataclass(frozen=True, slots=True)
class _FolderUpdate:
    """What is stored of a walk.

    `known` is what the library holds and the walk did not find as it was, `stamps` those of it that need not be read
    again.
    """

    library: Library
    folder: Folder
    known: Mapping[bytes, KnownFile]
    stamps: Mapping[bytes, FileStamp]
    changes: FolderChanges

    def store(self, losses: _Losses, unmounted: set[bytes], rules: NameRules, at_us: int) -> None:
        """Store what is gone, what is back, and what is of a format that can't be read."""
        library, folder, coverage = self.library, self.folder, self.changes.coverage
        dropped = self.changes.dropped | {
            p for p in self.known if p not in self.stamps and is_dropped(p, rules, coverage)
        }
        unread = [p for p, k in self.known.items() if k.state == "skipped" and p not in self.stamps]
        gone = losses.missing + [p for p in unread if p in dropped or not is_there(folder, p)]
        if gone:
            library.files.mark_missing(folder.id, gone, at_us)
        not_back = {*losses.unmounted, *(f.path for f in self.changes.arrived)}
        if back := [p for p in unmounted if p not in not_back]:
            library.files.mark_mounted(folder.id, back, self.stamps[back[0]].device)
            library.closer_looks.look_again(folder.id)
        for found in self.changes.arrived:
            if found.kind is NameKind.UNSUPPORTED:
                error = UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT)
                library.files.skip(FileRef(folder.id, found.path), found.stamp, error, at_us)


def _store_companions(
    library: Library, folder: Folder, changes: FolderChanges, known: KnownFiles, *, complete: bool
) -> None:
    """Store which companions of photos are there, and which came late; `complete` says that no disk is away.

    Which photos those belong to is decided once they are read.
    """
    unmet = {p for p, _ in known.unmet()}
    fresh = {f.path: f.stamp for f in changes.companions}
    gone = [p for p in unmet if _was_visible(p, changes.coverage)] if complete else []
    first = not library.companions.is_recorded(folder.id)
    if not fresh and not gone and not first:
        return
    new = {p: (s.size_bytes, s.mtime_ns) for p, s in fresh.items() if p not in known.held}
    moved = _moved(library, folder, {*new.values()}, unmet) if new and not first else {*new.values()}
    late = frozenset(p for p, of_file in new.items() if of_file not in moved)  # at the first walk nothing is late
    library.companions.record(folder.id, fresh, gone, late)


def _moved(library: Library, folder: Folder, wanted: set[tuple[int, int]], unmet: set[bytes]) -> set[tuple[int, int]]:
    """Return which sizes and mtimes are those of a companion in another folder, or of one that was not met in this."""
    others = (
        known.stamp
        for one in library.folders.all()
        for path, known in library.companions.known_in_order(one.id)
        if one.id != folder.id or path in unmet
    )
    return wanted.intersection((s.size_bytes, s.mtime_ns) for s in others)


def _store_exclusions(library: Library, folder: Folder, coverage: WalkCoverage, before: SniffedFiles) -> None:
    """Store what was left out on purpose and what first bytes said, where that is not what is known."""
    exclusions = coverage.exclusions.all()
    if exclusions != library.folders.exclusions([folder.id]).get(folder.id, []):
        library.folders.set_exclusions(folder.id, exclusions)
    fresh = {p: sniffed for p, sniffed in coverage.sniffed.items() if before.get(p) != sniffed}
    gone = [p for p in before if p not in coverage.sniffed]
    if fresh or gone:
        library.folders.set_first_bytes(folder.id, fresh, gone)


def _was_visible(path: bytes, coverage: WalkCoverage) -> bool:
    """Return whether a walk would have met a file: its folder was entered, or is gone from one that was."""
    above = path.rpartition(b"/")[0]
    while above and above not in coverage.entered:
        if above in coverage.unlisted:
            return False
        above = above.rpartition(b"/")[0]
    return above in coverage.entered


def _need_not_be_read_again(path: bytes, known: KnownFile) -> bool:
    if known.state == "skipped" and known.reason == Reason.NEEDS_EXTRA:
        return not has_extra(path)  # it may have been installed since
    return known.state == "present" or (known.state == "skipped" and not Reason(known.reason).passing)


def _as_of_today(known: KnownFile, before: int, now: int) -> FileStamp:
    """Return a stamp as it would be read today: a disk may have another number after every boot."""
    stamp = known.stamp
    if stamp.device == now:
        return stamp
    return replace(stamp, device=now) if stamp.device == before or known.unmounted else stamp

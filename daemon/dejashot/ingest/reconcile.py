"""A walk through a folder against what the library knows of it: what arrived, what is gone, and what only seems to be."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from dejashot.errors import FolderError, Reason, UnreadablePhotoError
from dejashot.files.names import SYNC_MARKER, NameKind, NameRules, has_extra
from dejashot.library.library import Library
from dejashot.library.tables.files import KnownFile
from dejashot.library.tables.folders import Folder
from dejashot.models.files import FileRef, FileStamp
from dejashot.paths import shown
from dejashot.watch.walk import Asked, Changes, WalkCoverage, check_folder, compare, is_dropped


def reconcile(
    library: Library, folder: Folder, rules: NameRules, now_us: int, beat: Callable[[], None] = lambda: None
) -> Changes:
    """Compare a folder with what is known of it, note what went missing, and return what arrived.

    A photo counts as missing only where its disk is there and holds the folder that it held. Raises FolderError when the folder is
    not there, stands empty where another stood, or has lost its marker: then nothing counts as missing. Pictures of formats that
    can't be read are listed at once. What is there but no longer looked at, as it lies in another program's package or is to be ignored,
    counts as missing wherever it lies. `beat` is called as the walk moves on.
    """
    status = FileStamp.of(check_folder(folder.path))
    marker = os.path.lexists(folder.path / SYNC_MARKER)
    if folder.marker and not marker:
        raise FolderError(
            f"Syncthing's marker {SYNC_MARKER} is gone from {shown(folder.path)}",
            f"Is the right disk mounted? If you have left Syncthing, create a folder {SYNC_MARKER} there",
        )
    known = library.files.in_folder(folder.id)
    stamps = {
        p: _as_of_today(k, folder.device, status.device) for p, k in known.items() if _need_not_be_read_again(p, k)
    }
    asked = library.folders.first_bytes(folder.id)
    changes = compare(folder.path, rules, stamps, beat, asked)
    place = changes.ground.entered.get(b"")
    if place is None or place[0] != status.device:
        raise FolderError(
            f"{shown(folder.path)} went away while it was walked", "Is the disk mounted? It is walked again"
        )
    before = {p for p in stamps if known[p].unmounted and p not in changes.dropped}
    swapped = changes.files > 0 and os.path.ismount(
        folder.path
    )  # a card in the place of another may have its very numbers
    other = (swapped or _is_other_place(folder, place)) and _nothing_left(known, before, changes)
    if other and not changes.files:
        count = sum(k.state == "present" for k in known.values())
        raise FolderError(
            f"{shown(folder.path)} stands empty although {_photos(count)} there: is the right disk mounted?",
            "Nothing is forgotten",
        )
    with library.batch():
        if other:
            library.files.mark_unmounted(folder.id)
            before |= {p for p in stamps if known[p].state == "present" and p not in changes.dropped}
        _set_apart(changes, before, known)
        if (folder.device, folder.inode, folder.marker) != (*place, marker):
            library.folders.set_location(folder.id, *place, marker)
        dropped = changes.dropped | {p for p in known if p not in stamps and is_dropped(p, rules, changes.ground)}
        _write(library, folder, changes, known, stamps, before, dropped, now_us)
        _note_beside(library, folder, changes)
        _note_left_out(library, folder, changes, asked)
    changes.arrived = [f for f in changes.arrived if f.verdict is NameKind.PHOTO]
    return changes


def _is_other_place(folder: Folder, place: tuple[int, int]) -> bool:
    """Tell whether a folder is not, by device and inode, the one that was walked last."""
    return (folder.device, folder.inode) != place if folder.inode else folder.device != place[0]


def _nothing_left(known: Mapping[bytes, KnownFile], before: set[bytes], changes: Changes) -> bool:
    """Tell whether photos were there and none is any more: what has the name, but not the size, is another photo."""
    lost = {*changes.missing, *changes.away}
    lost.update(
        f.path for f in changes.arrived if f.path in known and known[f.path].stamp.size_bytes != f.stamp.size_bytes
    )
    there = [p for p, k in known.items() if k.state == "present" and p not in before and p not in changes.dropped]
    return bool(there) and all(p in lost for p in there)


def _set_apart(changes: Changes, before: set[bytes], known: Mapping[bytes, KnownFile]) -> None:
    """Count what was known on a disk that is away as away, not as missing, and say so."""
    away = {*changes.away, *(p for p in changes.missing if p in before)}
    changes.missing = [p for p in changes.missing if p not in away]
    changes.away = sorted(away)
    count = sum(known[p].state == "present" for p in away)
    if count and away >= before and count == sum(k.state == "present" for k in known.values()):
        changes.notice = f"none of the {count:,} photos known here is there any more; nothing is forgotten"
    elif count:
        changes.notice = f"{count:,} of the photos known here lie on a disk that is not there; nothing is forgotten"


def _write(
    library: Library,
    folder: Folder,
    changes: Changes,
    known: Mapping[bytes, KnownFile],
    stamps: Mapping[bytes, FileStamp],
    before: set[bytes],
    dropped: set[bytes],
    now_us: int,
) -> None:
    """Write down what a walk found to be gone, to be back, and not to be readable."""
    unread = [p for p, k in known.items() if k.state == "skipped" and p not in stamps]
    gone = changes.missing + [p for p in unread if p in dropped or not _is_there(folder, p)]
    if gone:
        library.files.mark_missing(folder.id, gone, now_us)
    out = {*changes.away, *(f.path for f in changes.arrived)}
    if back := [p for p in before if p not in out]:
        library.files.mark_mounted(folder.id, back, stamps[back[0]].device)
    for found in changes.arrived:
        if found.verdict is NameKind.UNSUPPORTED:
            library.files.skip(
                FileRef(folder.id, found.path), found.stamp, UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT), now_us
            )


def _note_beside(library: Library, folder: Folder, changes: Changes) -> None:
    """Write down what lies beside photos, and what of it came late: whose it is, is settled when it was asked what it says."""
    everywhere = library.companions.stamps([f.id for f in library.folders.all()])
    before = everywhere[folder.id]
    there = {f.path: f.stamp for f in changes.beside}
    fresh = {p: s for p, s in there.items() if p not in before or replace(before[p], device=s.device) != s}
    gone = [] if changes.away else [p for p in before if p not in there and _was_looked_for(p, changes.ground)]
    first = not library.companions.is_recorded(folder.id)
    if not fresh and not gone and not first:
        return
    others = (s for f, found in everywhere.items() for p, s in found.items() if f != folder.id or p not in there)
    moved = {(s.size_bytes, s.mtime_ns) for s in others}
    new = (p for p in fresh if p not in before and (fresh[p].size_bytes, fresh[p].mtime_ns) not in moved)
    library.companions.record(
        folder.id, fresh, gone, frozenset() if first else frozenset(new)
    )  # where nothing was ever noted, nothing is late


def _note_left_out(library: Library, folder: Folder, changes: Changes, before: Asked) -> None:
    """Write down what was left out on purpose and what first bytes said, where that is not what is known."""
    left, ground = changes.ground.left.all(), changes.ground
    if left != library.folders.exclusions([folder.id]).get(folder.id, []):
        library.folders.set_exclusions(folder.id, left)
    fresh = {p: said for p, said in ground.asked.items() if before.get(p) != said}
    gone = [p for p in before if p not in ground.asked]
    if fresh or gone:
        library.folders.set_first_bytes(folder.id, fresh, gone)


def _was_looked_for(path: bytes, ground: WalkCoverage) -> bool:
    """Tell whether a walk would have met a file: the folder that held it was entered, or is gone from one that was."""
    above = path.rpartition(b"/")[0]
    while above and above not in ground.entered:
        if above in ground.unlisted:
            return False
        above = above.rpartition(b"/")[0]
    return above in ground.entered


def is_lost(folder: Folder, path: bytes, device: int) -> bool:
    """Tell whether a file (path below the folder, bytes) last seen on a device is gone, and not merely its disk or its folder."""
    if _is_there(folder, path):
        return False
    try:
        status = FileStamp.of(folder.path.stat())
        if _is_other_place(folder, (status.device, status.inode)):
            return False
        above = Path(os.fsdecode(FileRef(folder.id, path).under(folder.path))).parent
        while above != folder.path and not above.is_dir():
            above = above.parent
        return FileStamp.of(above.stat()).device == device
    except OSError:
        return False


def is_below(root: Path, path: bytes) -> bool:
    """Tell whether a path (absolute, bytes) leads to where it seems to, through no link below the folder."""
    start, above = os.fsencode(root), path.rpartition(b"/")[0]
    return os.path.realpath(above) == os.path.normpath(
        os.path.join(os.path.realpath(start), os.path.relpath(above, start))
    )


def _is_there(folder: Folder, path: bytes) -> bool:
    return os.path.lexists(FileRef(folder.id, path).under(folder.path))


def _need_not_be_read_again(path: bytes, known: KnownFile) -> bool:
    if known.state == "skipped" and known.reason == Reason.NEEDS_EXTRA:
        return not has_extra(path)  # it may have been installed since
    return known.state == "present" or (known.state == "skipped" and not Reason(known.reason).passing)


def _as_of_today(known: KnownFile, before: int, now: int) -> FileStamp:
    """Return a stamp as it would be read today: the number of a disk may change with every boot, the files on it do not."""
    stamp = known.stamp
    return replace(stamp, device=now) if stamp.device == before or known.unmounted else stamp


def _photos(count: int) -> str:
    return "1 photo was" if count == 1 else f"{count:,} photos were"

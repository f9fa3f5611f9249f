"""What films and sidecars say of photos, and what follows: times for photos that have none of their own, shots that have grown."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.companions import companions, subjects
from dejashot.files.folder_names import folded_name
from dejashot.grouping.capture_clocks import Clocks
from dejashot.library.index import TimeIndex
from dejashot.library.library import Library
from dejashot.library.tables.companions import SidecarTime
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import CaptureTime, Certainty, TimeSource, instant
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import SidecarMetadata
from dejashot.reading.pool import Job, ReaderPool

AT_ONCE, TIMES_AT_ONCE = 500, 5_000  # files, and times in lists, to a transaction
_FOR_NOW = {Reason.VANISHED, Reason.CHANGED_WHILE_READING, Reason.OUT_OF_MEMORY}


def read_sidecars(library: Library, pool: ReaderPool, files: Iterable[tuple[FileRef, bytes]]) -> None:
    """Ask files beside photos, each with its absolute path, what they say, and keep it; one that can't be read says nothing.

    What keeps one from being read for the moment only leaves it to be asked again after the next walk.
    """
    heard: list[tuple[FileRef, SidecarMetadata]] = []
    times = 0
    for job, answer in pool.hear(Job(path, file) for file, path in files):
        if isinstance(answer, SidecarMetadata) or _lasts(answer):
            heard.append((job.ticket, answer if isinstance(answer, SidecarMetadata) else SidecarMetadata()))
            times += len(heard[-1][1].times_us)
        if len(heard) >= AT_ONCE or times >= TIMES_AT_ONCE:
            library.companions.set_metadata(heard)
            heard, times = [], 0
    library.companions.set_metadata(heard)


def _lasts(error: UnreadablePhotoError) -> bool:
    return not error.reason.passing and error.reason not in _FOR_NOW


def apply_sidecar_times(
    library: Library, index: TimeIndex, network: int, folder: Folder, clocks: Clocks, beat: Callable[[], None]
) -> None:
    """Draw the conclusions from what was heard in a folder; `beat` is called as this goes on.

    Photos whose own time is a weak guess take that of their sidecar, and what came late to a photo makes its shot one that has grown.
    """
    told = _told_times(library, folder.id, clocks, beat)
    for start in range(0, len(told), AT_ONCE):
        chunk = told[start : start + AT_ONCE]
        with library.batch():
            keys = [(library.photos.set_time(content, taken), content) for content, taken in chunk]
        for (before, after), content in keys:
            vector = library.vectors.get(content, network)
            if vector is not None:
                index.move(before, after, vector)
        beat()
    late = library.companions.late(folder.id)
    if late:
        library.companions.mark_amended(folder.id, list(_grown(library, folder, late, beat)))


def _told_times(
    library: Library, folder: int, clocks: Clocks, beat: Callable[[], None]
) -> list[tuple[bytes, CaptureTime]]:
    """Return the times that sidecars tell of photos, by content, where they differ from what is known: of each the surest.

    Of equally sure ones it is the one of the first file by its path, so that two sidecars of one content never take turns.
    """
    guessed = library.photos.weak_times(folder) if library.companions.has_times(folder) else {}
    best: dict[bytes, tuple[bool, bytes, SidecarTime]] = {}
    for above, paths in _by_directory(guessed).items():
        beat()
        said = library.companions.times(folder, above)
        for path, one in _about(said, above, library.companions.names(folder, above)) if said else ():
            if path in paths:
                content = guessed[path].content
                best[content] = min(
                    best.get(content, (True, b"\xff", one)), (one.to_minute, path, one), key=lambda b: b[:2]
                )
    known = {photo.content: photo.taken for photo in guessed.values()}
    found = ((content, _time_of(one, clocks)) for content, (_, _, one) in best.items())
    return [(content, taken) for content, taken in found if taken != known[content]]


def _by_directory(paths: Iterable[bytes]) -> dict[bytes, set[bytes]]:
    """Return paths below a folder by the directory that they lie in."""
    found: dict[bytes, set[bytes]] = {}
    for path in paths:
        found.setdefault(path.rpartition(b"/")[0], set()).add(path)
    return found


def _about(said: Sequence[SidecarTime], above: bytes, names: Iterable[bytes]) -> Iterator[tuple[bytes, SidecarTime]]:
    """Yield which photo (path below the folder) each time is said of, in one directory with all names that lie in it."""
    start = above + b"/" if above else b""
    there = frozenset(names)
    owners = subjects({one.sidecar[len(start) :] for one in said if not one.photo}, there)
    spelled = {folded_name(name): name for name in sorted(there)} if any(one.photo for one in said) else {}
    for one in said:
        if one.photo:
            listed = os.fsencode(one.photo)
            yield start + (listed if listed in there else spelled.get(folded_name(listed), listed)), one
        else:
            yield from ((start + photo, one) for photo in owners[one.sidecar[len(start) :]])


def _time_of(said: SidecarTime, clocks: Clocks) -> CaptureTime:
    """Return what a sidecar says as a capture time: the instant is known, what the wall showed is that of the owner's home."""
    offset = instant(said.taken_us).astimezone(clocks.home).utcoffset() or timedelta()
    certainty = Certainty.LOW if said.to_minute else Certainty.MEDIUM
    return CaptureTime(said.taken_us, round(offset.total_seconds()), TimeSource.SIDECAR, certainty)


def _grown(library: Library, folder: Folder, late: Sequence[bytes], beat: Callable[[], None]) -> Iterator[bytes]:
    """Yield the photos (paths below the folder) that what came late belongs to."""
    told, root = library.companions.link_metadata([folder]), os.fsencode(folder.path)
    beside: dict[bytes, dict[bytes, FileStamp]] = {}
    for path, stamp in library.companions.stamps([folder.id])[folder.id].items():
        above, _, name = path.rpartition(b"/")
        beside.setdefault(above, {})[name] = stamp
    for above, came in _by_directory(late).items():
        beat()
        start = above + b"/" if above else b""
        own = library.photos.moments(folder.id, above)
        names = {name: stamp.mtime_ns for name, stamp in beside.get(above, {}).items()} | {
            name: m[0] for name, m in own.items()
        }
        paths = {name: os.path.join(root, start + name) for name in names}
        itself = {name: told[path] for name, path in paths.items() if path in told}
        for photo, along in companions(names, own, itself).items():
            if came.intersection(start + name for name in along):
                yield start + photo

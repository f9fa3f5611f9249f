"""What films and sidecars say of photos: capture times, and which shots got new companions."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.companions import companions_by_path, subjects
from dejashot.files.folder_names import folded_name
from dejashot.grouping.capture_clocks import Clocks
from dejashot.ingest.owned_library import OwnedLibrary
from dejashot.library.library import Library
from dejashot.library.tables.companions import SidecarTime
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import CaptureTime, Certainty, TimeSource, instant
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import SidecarMetadata
from dejashot.reading.job import ReadJob

MAX_FILES_PER_BATCH, MAX_TIMES_PER_BATCH = 500, 5_000  # in one transaction
_PASSING = {Reason.VANISHED, Reason.CHANGED_WHILE_READING, Reason.OUT_OF_MEMORY}


class SidecarPool(Protocol):
    """Readers of films and sidecars."""

    def read_sidecars(
        self, jobs: Iterable[ReadJob[FileRef]]
    ) -> Iterator[tuple[ReadJob[FileRef], SidecarMetadata | UnreadablePhotoError]]:
        """Yield what each file says of photos, or why it can't be read."""


class Sidecars:
    """Read the sidecars of a library's folders and apply what they say."""

    def __init__(self, owned: OwnedLibrary, pool: SidecarPool, clocks: Clocks, on_progress: Callable[[], None]) -> None:
        """Prepare; `on_progress` is called as the work goes on."""
        self._owned = owned
        self._library = owned.library
        self._pool = pool
        self._clocks = clocks
        self._on_progress = on_progress
        self._marked = {f.id for f in owned.library.folders.all()}

    def mark(self, folder: int) -> None:
        """Mark a folder in which what sidecars say may bear on what has come since."""
        self._marked.add(folder)

    def read(self, files: Iterable[FileRef]) -> None:
        """Read some films and sidecars and store what they say."""
        roots = {f.id: f.path for f in self._library.folders.all()}
        read_sidecars(self._library, self._pool, (ReadJob(file.under(roots[file.folder]), file) for file in files))

    def apply(self) -> None:
        """Apply what sidecars say in the marked folders."""
        for folder in self._library.folders.all() if self._marked else ():
            if folder.id in self._marked:
                apply_sidecar_times(self._owned, folder, self._clocks, self._on_progress)
        self._marked.clear()


def read_sidecars(library: Library, pool: SidecarPool, jobs: Iterable[ReadJob[FileRef]]) -> None:
    """Read films and sidecars and store what they say; one that can't be read says nothing.

    What only can't be read for the moment is left to be read after the next walk.
    """
    batch: list[tuple[FileRef, SidecarMetadata]] = []
    times = 0
    for job, answer in pool.read_sidecars(jobs):
        if isinstance(answer, SidecarMetadata):
            batch.append((job.ticket, answer))
            times += len(answer.times_us)
        elif not answer.reason.passing and answer.reason not in _PASSING:
            batch.append((job.ticket, SidecarMetadata()))
        if len(batch) >= MAX_FILES_PER_BATCH or times >= MAX_TIMES_PER_BATCH:
            library.companions.set_metadata(batch)
            batch, times = [], 0
    library.companions.set_metadata(batch)


def apply_sidecar_times(owned: OwnedLibrary, folder: Folder, clocks: Clocks, on_progress: Callable[[], None]) -> None:
    """Apply what the sidecars of a folder say; `on_progress` is called as this goes on.

    Photos whose own time is a weak guess take that of their sidecar, and a shot whose companion came late counts as
    amended.
    """
    library = owned.library
    corrections = _corrections(library, folder.id, clocks, on_progress)
    for start in range(0, len(corrections), MAX_FILES_PER_BATCH):
        chunk = corrections[start : start + MAX_FILES_PER_BATCH]
        with library.batch():
            keys = [(library.photos.set_time(content, taken), content) for content, taken in chunk]
        for (before, after), content in keys:
            vector = library.vectors.get(content, owned.row.id)
            if vector is not None:
                owned.index.move(before, after, vector)
        on_progress()
    late = library.companions.late(folder.id)
    if late:
        library.companions.mark_amended(folder.id, list(_with_late_companions(library, folder, late, on_progress)))


def _corrections(
    library: Library, folder: int, clocks: Clocks, on_progress: Callable[[], None]
) -> list[tuple[bytes, CaptureTime]]:
    """Return the times that sidecars give photos, by content, where they differ from what is known: of each the surest.

    Of equally sure ones it is that of the first file by path, so that two sidecars of one content never take turns.
    """
    guessed = library.photos.weak_times(folder) if library.companions.has_times(folder) else {}
    best: dict[bytes, tuple[bool, bytes, SidecarTime]] = {}
    for above, paths in _by_directory(guessed).items():
        on_progress()
        times = library.companions.times(folder, above)
        for path, time in _subjects_of(times, above, library.companions.names(folder, above)) if times else ():
            if path in paths:
                content = guessed[path].content
                before = best.get(content, (True, b"\xff", time))
                best[content] = min(before, (time.to_minute, path, time), key=lambda b: b[:2])
    known = {photo.content: photo.taken for photo in guessed.values()}
    found = ((content, _capture_time(time, clocks)) for content, (_, _, time) in best.items())
    return [(content, taken) for content, taken in found if taken != known[content]]


def _by_directory(paths: Iterable[bytes]) -> dict[bytes, set[bytes]]:
    """Return paths below a folder by the directory that they lie in."""
    found: dict[bytes, set[bytes]] = {}
    for path in paths:
        found.setdefault(path.rpartition(b"/")[0], set()).add(path)
    return found


def _subjects_of(
    times: Sequence[SidecarTime], above: bytes, names: Iterable[bytes]
) -> Iterator[tuple[bytes, SidecarTime]]:
    """Yield which photo (path below the folder) each time is of, in one directory with all names that lie in it."""
    start = above + b"/" if above else b""
    there = frozenset(names)
    owners = subjects({time.sidecar[len(start) :] for time in times if not time.photo}, there)
    spelled = {folded_name(name): name for name in sorted(there)} if any(time.photo for time in times) else {}
    for time in times:
        if time.photo:
            listed = os.fsencode(time.photo)
            yield start + (listed if listed in there else spelled.get(folded_name(listed), listed)), time
        else:
            yield from ((start + photo, time) for photo in owners[time.sidecar[len(start) :]])


def _capture_time(time: SidecarTime, clocks: Clocks) -> CaptureTime:
    """Return a sidecar's time as a capture time: the instant is known, the wall time is that of the owner's home."""
    offset = instant(time.taken_us).astimezone(clocks.home).utcoffset() or timedelta()
    certainty = Certainty.LOW if time.to_minute else Certainty.MEDIUM
    return CaptureTime(time.taken_us, round(offset.total_seconds()), TimeSource.SIDECAR, certainty)


def _with_late_companions(
    library: Library, folder: Folder, late: Sequence[bytes], on_progress: Callable[[], None]
) -> Iterator[bytes]:
    """Yield the photos (paths below the folder) that the companions that came late belong to."""
    described, root = library.companions.link_metadata([folder]), os.fsencode(folder.path)
    stamps: dict[bytes, dict[bytes, FileStamp]] = {}
    for path, stamp in library.companions.stamps([folder.id])[folder.id].items():
        above, _, name = path.rpartition(b"/")
        stamps.setdefault(above, {})[name] = stamp
    for above, came in _by_directory(late).items():
        on_progress()
        directory = os.path.join(root, above)
        files = {os.path.join(directory, name): stamp.mtime_ns for name, stamp in stamps.get(above, {}).items()}
        photos = library.photos.moments(folder.id, above).items()
        moments_ns = {os.path.join(directory, name): moments for name, moments in photos}
        for photo, along in companions_by_path(files, moments_ns, described).items():
            if came.intersection(os.path.relpath(path, root) for path in along):
                yield os.path.relpath(photo, root)

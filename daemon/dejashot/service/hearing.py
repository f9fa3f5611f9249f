"""What films and sidecars say of photos, and what follows: times for photos that have none of their own, shots that have grown."""

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.intake.companions import companions, subjects
from dejashot.library.index import TimeIndex
from dejashot.library.reader import Said
from dejashot.library.store import Store
from dejashot.models import CaptureTime, Certainty, FileRef, Hearsay, TimeSource, instant
from dejashot.reading.pool import Job, ReaderPool
from dejashot.sifting.clocks import Clocks

AT_ONCE = 500  # to a transaction


def hear(store: Store, pool: ReaderPool, files: Iterable[tuple[FileRef, bytes]]) -> None:
    """Ask files beside photos, each with its absolute path, what they say, and keep it; one that can't be read says nothing.

    What keeps one from being read for the moment only leaves it to be asked again after the next walk.
    """
    heard: list[tuple[FileRef, Hearsay]] = []
    for job, answer in pool.hear(Job(path, file) for file, path in files):
        if isinstance(answer, Hearsay) or _lasts(answer):
            heard.append((job.ticket, answer if isinstance(answer, Hearsay) else Hearsay()))
        if len(heard) >= AT_ONCE:
            store.note_heard(heard)
            heard = []
    store.note_heard(heard)


def _lasts(error: UnreadablePhotoError) -> bool:
    return not error.reason.passing and error.reason not in (Reason.VANISHED, Reason.CHANGED_WHILE_READING)


def settle(store: Store, index: TimeIndex, network: int, folder: int, clocks: Clocks) -> int:
    """Draw the conclusions from what was heard in a folder; return how many photos got their times from it.

    Photos whose own time is a weak guess take that of their sidecar, and what came late to a photo makes its shot one that has grown.
    """
    told = _told_times(store, folder, clocks)
    for start in range(0, len(told), AT_ONCE):
        chunk = told[start : start + AT_ONCE]
        with store.batch():
            keys = [(store.retime(content, taken), content) for content, taken in chunk]
        for (before, after), content in keys:
            vector = store.vector_of(content, network)
            if vector is not None:
                index.move(before, after, vector)
    late = store.late(folder)
    if late:
        store.note_grown(folder, _grown(store, folder, late))
    return len(told)


def _told_times(store: Store, folder: int, clocks: Clocks) -> list[tuple[bytes, CaptureTime]]:
    """Return the times that sidecars tell of photos, by content, where they are better than what is known: the surest of each."""
    guessed = store.guessed(folder) if store.is_told(folder) else {}
    said = store.said(folder) if guessed else []
    names: dict[bytes, list[bytes]] = {}
    for path in guessed if said else ():
        above, _, name = path.rpartition(b"/")
        names.setdefault(above, []).append(name)
    found: dict[bytes, CaptureTime] = {}
    for path, one in _about(said, names):
        content, source = guessed.get(path, (b"", TimeSource.NAME))
        taken = _time_of(one, clocks)
        better = taken.certainty is Certainty.MEDIUM or source is not TimeSource.SIDECAR
        if content and better and (content not in found or not found[content].certainty.reaches(taken.certainty)):
            found[content] = taken
    return list(found.items())


def _about(said: Sequence[Said], names: dict[bytes, list[bytes]]) -> Iterable[tuple[bytes, Said]]:
    """Yield which photo (path below the folder) each time is said of."""
    apart: dict[bytes, list[Said]] = {}
    for one in said:
        apart.setdefault(one.sidecar.rpartition(b"/")[0], []).append(one)
    for above, ones in apart.items():
        there = names.get(above, [])
        owners = subjects({one.sidecar.rpartition(b"/")[2] for one in ones if not one.photo}, there) if there else {}
        for one in ones if there else ():
            photos = [os.fsencode(one.photo)] if one.photo else owners[one.sidecar.rpartition(b"/")[2]]
            for photo in photos:
                yield (above + b"/" + photo if above else photo), one


def _time_of(said: Said, clocks: Clocks) -> CaptureTime:
    """Return what a sidecar says as a capture time: the instant is known, what the wall showed is that of the owner's home."""
    offset = instant(said.taken_us).astimezone(clocks.home).utcoffset() or timedelta()
    certainty = Certainty.LOW if said.to_minute else Certainty.MEDIUM
    return CaptureTime(said.taken_us, round(offset.total_seconds()), TimeSource.SIDECAR, certainty)


def _grown(store: Store, folder: int, late: Sequence[bytes]) -> list[bytes]:
    """Return the photos (paths below the folder) that what came late belongs to."""
    beside, told = store.beside([folder])[folder], store.told([folder])[folder]
    grown: dict[bytes, None] = {}
    for above in dict.fromkeys(path.rpartition(b"/")[0] for path in late):
        start = above + b"/" if above else b""
        own = store.moments(folder, above)
        names = {p[len(start) :]: s.mtime_ns for p, s in beside.items() if p.rpartition(b"/")[0] == above}
        names |= {name: moments[0] for name, moments in own.items()}
        itself = {name: told[start + name] for name in names if start + name in told}
        came = {p[len(start) :] for p in late if p.rpartition(b"/")[0] == above}
        for photo, along in companions(names, own, itself).items():
            if came.intersection(along):
                grown[start + photo] = None
    return list(grown)

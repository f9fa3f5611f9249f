"""Answers from the library, read-only: the photos most like one photo, and a report over everything known."""

import hashlib
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config import Settings
from dejashot.errors import FolderError, LibraryError, UnreadablePhotoError
from dejashot.library.decisions import Book
from dejashot.library.index import FIRST_KEY, LAST_KEY
from dejashot.library.reader import Folder, LibraryReader, NetworkRow
from dejashot.models import CaptureTime, Reading, Shot, Vector, content_hash, key_floor
from dejashot.paths import shown
from dejashot.reading.network import load_network, model_file, stored_network
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reporting.digest import Health, Report
from dejashot.service.pipeline import INDEX_FOLDER, all_readers, open_index, worker_options
from dejashot.service.reports import Desk, Question, make_report, rules_of
from dejashot.sifting.similarity import Rules, percent, probability


@dataclass(frozen=True, slots=True)
class Likeness:
    """A photo found: where it lies, the shot, seconds from the photo asked about, cosine and similarity in percent."""

    path: Path
    shot: Shot
    gap_s: float
    cosine: float
    similarity_percent: float


@contextmanager
def open_desk(settings: Settings, library: Path, *, exact: bool = False) -> Iterator[Desk]:
    """Open the library read-only, with a pool for what has to be looked at.

    Answers come from the library's network, which lags behind the settings until all photos are read again; with `exact` another
    network than theirs is refused. Raises LibraryError or ModelError.
    """
    reader = LibraryReader.open(library)
    pool = ReaderPool(worker_options(settings), all_readers(settings))
    try:
        row = reader.active_network()
        if row is None:
            raise LibraryError("the library holds no photo yet", "Run `dejashot scan FOLDER` first")
        if exact:
            _same_network(row, settings)
        yield Desk(settings, reader, row, pool, Book(library))
    finally:
        pool.close()
        reader.close()


def similar(
    settings: Settings, library: Path, photo: Path, within_s: float | None, limit: int, *, exact: bool = False
) -> tuple[CaptureTime, list[Likeness]]:
    """Return the photo's capture time and the photos most like it, anywhere or within a span of its capture time, best first.

    Equal bytes are one photo: copies of the photo itself are not listed. Raises UnreadablePhotoError, LibraryError.
    """
    with open_desk(settings, library, exact=exact) as desk:
        content, vector, taken = _vector_of(desk, photo)
        low, high = FIRST_KEY, LAST_KEY
        if within_s is not None:
            span_us = round(within_s * 1e6)
            low, high = key_floor(taken.taken_us - span_us), key_floor(taken.taken_us + span_us + 1)
        index = open_index(library / INDEX_FOLDER, desk.reader, desk.row, desk.network)
        # files that went missing stay in the index: ask for more until enough of what is found is there
        rules = rules_of(settings, desk.network)
        own = desk.reader.key_of(content) or 0
        count = limit + 1
        while True:
            matches = index.search(vector, count, low, high)
            located = desk.reader.located([m.key for m in matches])
            looks = desk.reader.matches(desk.row.id, [own, *located])
            found = [
                _likeness(rules, taken, *located[m.key], m.cosine, looks.get((own, m.key), looks.get((m.key, own), math.nan)))
                for m in matches
                if m.key in located and located[m.key][1].content != content
            ]
            if len(found) >= limit or len(matches) < count:
                return taken, found[:limit]
            count *= 4


def _likeness(rules: Rules, taken: CaptureTime, path: Path, shot: Shot, cosine: float, match: float) -> Likeness:
    gap_s = (shot.taken.taken_us - taken.taken_us) / 1e6
    return Likeness(path, shot, gap_s, cosine, percent(float(probability(rules, cosine, abs(gap_s), match=match))))


def _vector_of(desk: Desk, photo: Path) -> tuple[bytes, Vector, CaptureTime]:
    """Return content, vector and capture time of a photo: from the library when it is known, else by reading it."""
    photo = photo.resolve()
    if not photo.is_file():
        raise FolderError(f"{shown(photo)} is not a file", "Name a photo")
    try:
        with photo.open("rb") as file:
            content = hashlib.file_digest(file, content_hash).digest()
    except OSError as error:
        raise FolderError(f"can't read {shown(photo)}: {error.strerror}", "Check the permissions") from error
    vector, key = desk.reader.vector_of(content, desk.row.id), desk.reader.key_of(content)
    if vector is not None and key is not None:
        known = desk.reader.located([key])
        if known:
            return content, vector, known[key][1].taken
    for _, answer in desk.pool.read([Job(os.fsencode(photo), None)], lambda _: True):
        if isinstance(answer, Reading):
            _same_network(desk.row, desk.settings)
            return content, answer.vector, answer.taken
        if isinstance(answer, UnreadablePhotoError):
            raise answer
    raise LibraryError("the photo could not be read", "Try again")


def _same_network(row: NetworkRow, settings: Settings) -> None:
    """Refuse to compare vectors of two networks."""
    wanted = load_network(model_file(settings.model.path))
    if wanted.fingerprint != row.fingerprint:
        raise LibraryError(
            f"the library answers from {stored_network(row.description).label}, not from {wanted.label}",
            "Run `dejashot scan` with that network over all your folders: once they are read again it answers",
        )


def report(
    settings: Settings, library: Path, since: datetime | None, *, previews: bool, include_place: bool, exact: bool = False
) -> Report:
    """Return a report over every folder the library knows, of what was taken since a moment; raise LibraryError."""
    began_s = monotonic()
    with open_desk(settings, library, exact=exact) as desk:
        known = desk.reader.folders()
        folders = [f for f in known if f.path.is_dir()]
        question = Question(
            title="Your library" if since is None else f"Your photos since {since:%d %B %Y, %H:%M}",
            folders=folders,
            since_us=None if since is None else round(since.timestamp() * 1e6),
            previews=previews,
            include_place=include_place,
            health=[_health(desk.reader, f, there=f in folders) for f in known],
        )
        return make_report(desk, question, datetime.now().astimezone(), lambda: monotonic() - began_s)


def _health(reader: LibraryReader, folder: Folder, *, there: bool) -> Health:
    """Return how a folder was followed; one that is not there is left out of a report, not forgotten."""
    state = "watched" if folder.watched else "scanned once"
    trouble = "" if there else "the folder is not there, its photos are left out"
    return Health(shown(folder.path), state, trouble, reader.counts([folder.id]).get("present", 0))

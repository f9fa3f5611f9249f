"""Answers from the library, read-only: the photos most like one photo, and a report over everything known."""

import hashlib
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic

from dejashot.config.settings import Settings
from dejashot.errors import FolderError, LibraryError, UnreadablePhotoError
from dejashot.grouping.capture_clocks import Clocks, correct_clock, resolve_times
from dejashot.grouping.similarity import Rules, percent, probability
from dejashot.library.index import FIRST_KEY, INDEX_FOLDER, LAST_KEY, open_index
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.vectors import ModelRow
from dejashot.models.capture import CaptureTime, CaptureTimeColumns, key_floor
from dejashot.models.files import content_hash
from dejashot.models.photo import Reading, Vector, Wanted
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reading.options import all_readers, worker_options
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reading.vision.model import load_model, model_file, stored_model
from dejashot.reports.build import ReportContext, ReportRequest, build_report, clocks_of, rules_of
from dejashot.reports.report import Health, Report

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """A photo found: where it lies, the shot, seconds from the photo asked about, cosine and similarity in percent."""

    path: Path
    shot: Shot
    gap_s: float
    cosine: float
    similarity_percent: float


@contextmanager
def open_context(settings: Settings, library: Path, *, exact: bool = False) -> Iterator[ReportContext]:
    """Open the library read-only, with a pool for what has to be looked at.

    Answers come from the library's network, which lags behind the settings until all photos are read again; with `exact` another
    network than theirs is refused. Raises LibraryError or ModelError.
    """
    reader = Library.open_read_only(library)
    pool = ReaderPool(worker_options(settings), all_readers(settings))
    try:
        row = reader.vectors.active_model()
        if row is None:
            raise LibraryError("the library holds no photo yet", "Run `dejashot scan FOLDER` first")
        if exact:
            _same_network(row, settings)
        yield ReportContext(settings, reader, row, pool, DecisionJournal(library))
    finally:
        pool.close()
        reader.close()


def everything(desk: ReportContext) -> Report:
    """Return a report over all folders that are there, made of what is known: nothing is looked at for it."""
    began_s = monotonic()
    folders = [f for f in desk.library.folders.all() if f.path.is_dir()]
    question = ReportRequest(title="Your library", folders=folders, looks=False)
    return build_report(desk, question, datetime.now().astimezone(), lambda: monotonic() - began_s)


def find_similar(
    settings: Settings, library: Path, photo: Path, within_s: float | None, limit: int, *, exact: bool = False
) -> tuple[CaptureTime, list[Likeness]]:
    """Return the photo's capture time and the photos most like it, anywhere or within a span of its capture time, best first.

    Equal bytes are one photo: copies of the photo itself are not listed. Raises UnreadablePhotoError, LibraryError.
    """
    with open_context(settings, library, exact=exact) as desk:
        asked, vector = _vector_of(desk, photo)
        clocks = clocks_of(settings)
        low, high = FIRST_KEY, LAST_KEY
        if within_s is not None:
            low, high = _keys_within(asked.taken, within_s, clocks)
        index = open_index(library / INDEX_FOLDER, desk.library, desk.row, desk.network)
        # files that went missing stay in the index: ask for more until enough of what is found is there
        rules = rules_of(settings, desk.network)
        own = desk.library.photos.key_of(asked.content) or 0
        count = limit + 1
        while True:
            matches = index.search(vector, count, low, high)
            located = desk.library.shots.by_key([m.key for m in matches])
            looks = desk.library.measurements.matches(desk.row.id, [own, *located])
            found = [
                _likeness(
                    rules,
                    asked,
                    located[m.key][0],
                    shot,
                    m.cosine,
                    looks.get((own, m.key), looks.get((m.key, own), math.nan)),
                )
                for m in matches
                if m.key in located and (shot := correct_clock([located[m.key][1]], clocks)[0]).content != asked.content
            ]
            found = [f for f in found if within_s is None or abs(f.gap_s) <= within_s]
            if len(found) >= limit or len(matches) < count:
                return asked.taken, found[:limit]
            count *= 4


@dataclass(frozen=True, slots=True)
class _Asked:
    content: bytes
    taken: CaptureTime
    camera: str


def _keys_within(taken: CaptureTime, within_s: float, clocks: Clocks) -> tuple[int, int]:
    """Return the index keys [low, high) among which all photos within a span lie.

    Keys stay what the files say, so that a clock set right takes nothing out of its place: the span is widened by how far any clock is
    off, and by the day that wall times without a zone may be.
    """
    offsets_us = [0, *(round(s * 1e6) for s in clocks.offsets.values())]
    span_us = round(within_s * 1e6) + DAY_US
    low, high = (
        key_floor(taken.taken_us - span_us - max(offsets_us)),
        key_floor(taken.taken_us + span_us - min(offsets_us) + 1),
    )
    return max(low, FIRST_KEY), min(high, LAST_KEY)


def _likeness(rules: Rules, asked: _Asked, path: Path, shot: Shot, cosine: float, match: float) -> Likeness:
    taken = shot.taken
    by_wall = asked.camera == shot.camera.name and not asked.taken.zone_known and not taken.zone_known
    gap_s = (taken.wall_us - asked.taken.wall_us if by_wall else taken.taken_us - asked.taken.taken_us) / 1e6
    return Likeness(path, shot, gap_s, cosine, percent(float(probability(rules, cosine, abs(gap_s), match=match))))


def _set_right(content: bytes, taken: CaptureTime, camera: str, clocks: Clocks) -> _Asked:
    settled = resolve_times(
        CaptureTimeColumns.of([(taken.taken_us, taken.offset_s, taken.zone_known, taken.source)], [camera]), clocks
    )
    return _Asked(content, replace(taken, taken_us=int(settled.taken_us[0]), offset_s=int(settled.offset_s[0])), camera)


def _vector_of(desk: ReportContext, photo: Path) -> tuple[_Asked, Vector]:
    """Return content, capture time and vector of a photo: from the library when it is known, else by reading it."""
    clocks = clocks_of(desk.settings)
    photo = photo.resolve()
    if not photo.is_file():
        raise FolderError(f"{shown(photo)} is not a file", "Name a photo")
    try:
        with photo.open("rb") as file:
            content = hashlib.file_digest(file, content_hash).digest()
    except OSError as error:
        raise FolderError(f"can't read {shown(photo)}: {error.strerror}", "Check the permissions") from error
    vector, key = desk.library.vectors.get(content, desk.row.id), desk.library.photos.key_of(content)
    if vector is not None and key is not None:
        known = desk.library.shots.by_key([key])
        if known:
            shot = known[key][1]
            return _set_right(content, shot.taken, shot.camera.name, clocks), vector
    for _, answer in desk.pool.read([Job(os.fsencode(photo), None)], lambda _: Wanted.ALL):
        if isinstance(answer, Reading) and answer.vector is not None:
            _same_network(desk.row, desk.settings)
            return _set_right(content, answer.taken, answer.camera.name, clocks), answer.vector
        if isinstance(answer, UnreadablePhotoError):
            raise answer
    raise LibraryError("the photo could not be read", "Try again")


def _same_network(row: ModelRow, settings: Settings) -> None:
    """Refuse to compare vectors of two networks."""
    wanted = load_model(model_file(settings.model.path))
    if wanted.fingerprint != row.fingerprint:
        raise LibraryError(
            f"the library answers from {stored_model(row.description).label}, not from {wanted.label}",
            "Run `dejashot scan` with that network over all your folders: once they are read again it answers",
        )


def library_report(
    settings: Settings,
    library: Path,
    since: datetime | None,
    *,
    previews: bool,
    include_place: bool,
    exact: bool = False,
) -> Report:
    """Return a report over every folder the library knows, of what was taken since a moment; raise LibraryError."""
    began_s = monotonic()
    with open_context(settings, library, exact=exact) as desk:
        known = desk.library.folders.all()
        folders = [f for f in known if f.path.is_dir()]
        question = ReportRequest(
            title="Your library" if since is None else f"Your photos since {since.day} {since:%B %Y, %H:%M}",
            folders=folders,
            since_us=None if since is None else round(since.timestamp() * 1e6),
            previews=previews,
            include_place=include_place,
            health=[_health(desk.library, f, there=f in folders) for f in known],
        )
        return build_report(desk, question, datetime.now().astimezone(), lambda: monotonic() - began_s)


def _health(library: Library, folder: Folder, *, there: bool) -> Health:
    """Return how a folder was followed; one that is not there is left out of a report, not forgotten."""
    state = "watched" if folder.watched else "scanned once"
    trouble = "" if there else "the folder is not there, its photos are left out"
    return Health(shown(folder.path), state, trouble, library.files.counts([folder.id]).get("present", 0))

"""The photos most like one photo, from the library as it is."""

import hashlib
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dejashot.config.settings import Settings
from dejashot.errors import FolderError, LibraryError, UnreadablePhotoError
from dejashot.grouping.capture_clocks import Clocks, correct_clock, resolve_times
from dejashot.grouping.pages import are_pages
from dejashot.grouping.pairs.evidence import RegistrationColumns, evidence_of, judged, percent
from dejashot.grouping.pairs.rules import Rules
from dejashot.language.texts import noted
from dejashot.library.index import FIRST_KEY, INDEX_FOLDER, LAST_KEY, TimeIndex, open_index
from dejashot.models.arrays import Vector
from dejashot.models.capture import CaptureTime, CaptureTimeColumns, key_floor
from dejashot.models.files import content_hash
from dejashot.models.groups import VerifiedPairs
from dejashot.models.photo import Reading, Wanted
from dejashot.models.shot import Shot
from dejashot.paths import shown
from dejashot.reading.job import ReadJob
from dejashot.reports.context import ReportContext, open_context, require_same_model
from dejashot.reports.parameters import clocks_of, rules_of

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class SimilarPhoto:
    """A photo found: its path, the shot, seconds from the photo asked about, cosine and similarity in percent."""

    path: Path
    shot: Shot
    gap_s: float
    cosine: float
    similarity_percent: float


def find_similar(
    settings: Settings, library: Path, photo: Path, within_s: float | None, limit: int, *, exact: bool = False
) -> tuple[CaptureTime, list[SimilarPhoto]]:
    """Return a photo's capture time and the photos most like it, best first.

    They are from anywhere, or from within a span of its capture time. Copies of the photo itself are not listed. Raises
    UnreadablePhotoError, LibraryError.
    """
    with open_context(settings, library, exact=exact) as context:
        query = _query(context, photo)
        search = _Search(
            context, query, open_index(library / INDEX_FOLDER, context.library, context.row, context.model)
        )
        return query.taken, search.nearest(within_s, limit)


@dataclass(frozen=True, slots=True)
class _Query:
    """The photo asked about, by its corrected clock."""

    content: bytes
    taken: CaptureTime
    camera: str
    vector: Vector


class _Search:
    """A search of the index for photos like one."""

    def __init__(self, context: ReportContext, query: _Query, index: TimeIndex) -> None:
        self._context, self._query, self._index = context, query, index
        self._clocks = clocks_of(context.settings)
        self._rules = rules_of(context.settings, context.model)

    def nearest(self, within_s: float | None, limit: int) -> list[SimilarPhoto]:
        """Return the most similar photos, best first, those further away in time than a span left out."""
        low, high = FIRST_KEY, LAST_KEY
        if within_s is not None:
            low, high = _keys_within(self._query.taken, within_s, self._clocks)
        count = limit + 1
        while True:  # files that went missing stay in the index: ask for more until enough of them are there
            cosines = {m.key: m.cosine for m in self._index.search(self._query.vector, count, low, high)}
            found = [f for f in self._located(cosines) if within_s is None or abs(f.gap_s) <= within_s]
            if len(found) >= limit or len(cosines) < count:
                return found[:limit]
            count *= 4

    def _located(self, cosines: dict[int, float]) -> list[SimilarPhoto]:
        """Return the photos of index keys that are there, except those with the bytes asked about."""
        located = self._context.library.shots.by_key(list(cosines))
        comparison = _Comparison(self._context, self._rules, self._query, list(located))
        found: list[SimilarPhoto] = []
        for key, cosine in cosines.items():
            if key in located:
                path, recorded = located[key]
                (shot,) = correct_clock([recorded], self._clocks)
                if shot.content != self._query.content:
                    gap_s = _gap_s(self._query, shot)
                    chance = comparison.chance(shot, cosine, gap_s)
                    found.append(SimilarPhoto(path, shot, gap_s, cosine, percent(chance)))
        return found


class _Comparison:
    """Compares the photo asked about with photos of some index keys, by what the library knows of each pair."""

    def __init__(self, context: ReportContext, rules: Rules, query: _Query, keys: list[int]) -> None:
        self._context, self._rules = context, rules
        self._own_key = context.library.photos.key_of(query.content) or 0
        self._of_page = self._is_page(query.vector)
        measurements, asked = context.library.measurements, [self._own_key, *keys]
        self._verified = VerifiedPairs(measurements.matches(context.row.id, asked), measurements.registrations(asked))

    def chance(self, shot: Shot, cosine: float, gap_s: float) -> float:
        """Return P(same shot) of a photo with the one asked about."""
        match = registered = None
        for pair in ((self._own_key, shot.key), (shot.key, self._own_key)):
            match = self._verified.matches.get(pair, match)
            registered = self._verified.registrations.get(pair, registered)
        matches = np.array([math.nan if match is None else match])
        evidence = evidence_of(self._rules, [cosine], abs(gap_s), match=matches)
        columns = RegistrationColumns.of({} if registered is None else {0: registered}, 1)
        pages = self._of_page and self._is_page(self._context.library.vectors.get(shot.content, self._context.row.id))
        return float(judged(self._rules, evidence, matches, columns, np.array([False]), np.array([pages]))[0])

    def _is_page(self, vector: Vector | None) -> bool:
        """Return whether a picture is a page, by its vector."""
        return vector is not None and bool(are_pages(self._rules.page, vector[None])[0])


def _keys_within(taken: CaptureTime, within_s: float, clocks: Clocks) -> tuple[int, int]:
    """Return the index keys [low, high) among which all photos within a span lie.

    Keys stay what the files say, so that a corrected clock takes nothing out of its place: the span is widened by how
    far any clock is off, and by the day that wall times without a zone may be.
    """
    offsets_us = [0, *(round(s * 1e6) for s in clocks.offsets.values())]
    span_us = round(within_s * 1e6) + _DAY_US
    low = key_floor(taken.taken_us - span_us - max(offsets_us))
    high = key_floor(taken.taken_us + span_us - min(offsets_us) + 1)
    return max(low, FIRST_KEY), min(high, LAST_KEY)


def _gap_s(query: _Query, shot: Shot) -> float:
    """Return the seconds from the photo asked about to another one."""
    taken = shot.taken
    by_wall = query.camera == shot.camera.name and not query.taken.zone_known and not taken.zone_known
    return (taken.wall_us - query.taken.wall_us if by_wall else taken.taken_us - query.taken.taken_us) / 1e6


def _query(context: ReportContext, photo: Path) -> _Query:
    """Return a photo as it is asked about: from the library when it is known, else by reading it."""
    content = _content_of(photo.resolve())
    clocks = clocks_of(context.settings)
    vector, key = context.library.vectors.get(content, context.row.id), context.library.photos.key_of(content)
    if vector is not None and key is not None:
        known = context.library.shots.by_key([key])
        if known:
            shot = known[key][1]
            return _Query(content, _corrected(shot.taken, shot.camera.name, clocks), shot.camera.name, vector)
    for _, answer in context.pool.read([ReadJob(os.fsencode(photo.resolve()), None)], lambda _: Wanted.ALL):
        if isinstance(answer, Reading) and answer.vector is not None:
            require_same_model(context.row, context.settings)
            camera = answer.camera.name
            return _Query(content, _corrected(answer.taken, camera, clocks), camera, answer.vector)
        if isinstance(answer, UnreadablePhotoError):
            raise answer
    raise LibraryError(noted("the photo could not be read"), noted("Try again"))


def _content_of(photo: Path) -> bytes:
    """Return the hash of a photo's bytes; raise FolderError."""
    if not photo.is_file():
        raise FolderError(noted("{file} is not a file").format(file=shown(photo)), noted("Name a photo"))
    try:
        with photo.open("rb") as file:
            return hashlib.file_digest(file, content_hash).digest()
    except OSError as error:
        raise FolderError(
            noted("can't read {file}: {why}").format(file=shown(photo), why=error.strerror),
            noted("Check the permissions"),
        ) from error


def _corrected(taken: CaptureTime, camera: str, clocks: Clocks) -> CaptureTime:
    """Return a capture time by the corrected clock of its camera."""
    recorded = CaptureTimeColumns.of([(taken.taken_us, taken.offset_s, taken.zone_known, taken.source)], [camera])
    resolved = resolve_times(recorded, clocks)
    return replace(taken, taken_us=int(resolved.taken_us[0]), offset_s=int(resolved.offset_s[0]))

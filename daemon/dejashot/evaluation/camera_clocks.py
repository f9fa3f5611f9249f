"""Find cameras whose clocks differ, from scenes that two cameras both took. Nothing is set: it only suggests."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dejashot.config.settings import Settings
from dejashot.evaluation.clock_agreement import MIN_SCENES, ClockDifference, clock_difference
from dejashot.grouping.capture_clocks import correct_clock
from dejashot.grouping.pairs.evidence import probability
from dejashot.grouping.pairs.rules import Rules
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.shot import Shot
from dejashot.reports.context import open_context
from dejashot.reports.parameters import clocks_of, rules_of

MAX_CAMERAS = 8
MAX_PHOTOS = 20_000  # of one camera; of more photos an even sample is taken
MAX_QUERIES = 4_000  # of the one of two cameras that has fewer
QUERIES_AT_ONCE = 256
MIN_PROBABILITY = 0.99  # P(same shot) by vision alone

_Vectors = npt.NDArray[np.float32]
_Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the clock of `other` is off from `reference`, None where too few scenes agree.

    `photos` counts what could be compared of each, `pairs` those of one scene. `configured_s` is the offset configured
    for `other` already. `zone_known`: most photos of `other` name their time zone. Without one, a journey looks like a
    wrong clock.
    """

    reference: str
    other: str
    photos: tuple[int, int]
    pairs: int
    difference: ClockDifference | None
    configured_s: float
    zone_known: bool

    @property
    def suggested_s(self) -> float | None:
        """Return the offset in seconds to configure for `other`, None where nothing is to be changed."""
        if self.difference is None or not self.difference.matters:
            return None
        return self.configured_s + self.difference.offset_s


def compare_clocks(settings: Settings, library: Path) -> list[Comparison]:
    """Compare the clocks of the cameras with the most photos, every two of them; raise LibraryError or ModelError."""
    with open_context(settings, library) as desk:
        rules, clocks = rules_of(settings, desk.model), clocks_of(settings)
        rows = desk.library.shots.in_folders([f.id for f in desk.library.folders.all()], desk.row.id)
        shots = list({row.shot.content: row.shot for row in rows}.values())
    cameras: dict[str, list[Shot]] = {}
    for shot in correct_clock(shots, clocks):
        if _usable(shot, rules):
            cameras.setdefault(shot.camera.name, []).append(shot)
    most = sorted((own for own in cameras.values() if len(own) >= MIN_SCENES), key=len, reverse=True)[:MAX_CAMERAS]
    made: list[Comparison] = []
    for one, two in itertools.combinations(most, 2):
        first, second = sorted((one, two), key=_trust, reverse=True)
        pairs = list(_same_scenes(_thinned(first), _thinned(second), _least_cosine(rules)))
        reference, other = first[0].camera.name, second[0].camera.name
        found = clock_difference(pairs)
        zone_known = 2 * sum(s.taken.zone_known for s in second) > len(second)
        made.append(
            Comparison(
                reference, other, (len(first), len(second)), len(pairs), found, clocks.offset_s(other), zone_known
            )
        )
    return made


def _usable(shot: Shot, rules: Rules) -> bool:
    """Return whether a photo shows its camera's clock, and a scene that can be recognized."""
    timed = shot.taken.source is TimeSource.EXIF and shot.taken.certainty is not Certainty.LOW
    return bool(shot.camera.name) and timed and shot.vector is not None and shot.contrast >= rules.blank_contrast


def _trust(shots: Sequence[Shot]) -> tuple[bool, float, int]:
    """Return how far a camera's clock can be trusted, as a sort key.

    First a clock that needed no correction, then one that knows its zone, as a phone's does, then the one with more
    photos.
    """
    zone_known = sum(s.taken.zone_known for s in shots) / len(shots)
    return not shots[0].clock_offset_s, round(zone_known, 1), len(shots)


def _thinned(shots: Sequence[Shot]) -> Sequence[Shot]:
    return shots[:: -(-len(shots) // MAX_PHOTOS)]


def _least_cosine(rules: Rules) -> float:
    """Return the lowest cosine at which two photos are of one scene by vision alone."""
    cosines = np.linspace(0, 1, 1001)
    sure = cosines[probability(rules, cosines, np.nan) >= MIN_PROBABILITY]
    return float(sure[0]) if len(sure) else 1.0


def _same_scenes(first: Sequence[Shot], second: Sequence[Shot], least_cosine: float) -> Iterator[tuple[int, int]]:
    """Yield the capture times (us) of pairs that are each other's nearest neighbours, and of one scene."""
    one, two = _vectors(first), _vectors(second)
    few = one[:: -(-len(one) // MAX_QUERIES)] if len(one) <= len(two) else one
    step = len(one) // len(few) if len(one) <= len(two) else 1
    nearest, cosines = _nearest(few, two)
    back, _ = _nearest(two[nearest], one)
    for n, (there, cosine, again) in enumerate(zip(nearest.tolist(), cosines.tolist(), back.tolist(), strict=True)):
        if cosine >= least_cosine and again == n * step:
            yield first[n * step].taken.taken_us, second[there].taken.taken_us


def _vectors(shots: Sequence[Shot]) -> _Vectors:
    return np.stack([s.vector for s in shots if s.vector is not None])


def _nearest(queries: _Vectors, among: _Vectors) -> tuple[_Indices, npt.NDArray[np.float32]]:
    """Return the index of the nearest of some vectors for each query, and the cosine."""
    found, cosines = np.zeros(len(queries), dtype=np.int64), np.zeros(len(queries), dtype=np.float32)
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        table = queries[start : start + QUERIES_AT_ONCE] @ among.T
        found[start : start + QUERIES_AT_ONCE] = table.argmax(axis=1)
        cosines[start : start + QUERIES_AT_ONCE] = table.max(axis=1)
    return found, cosines

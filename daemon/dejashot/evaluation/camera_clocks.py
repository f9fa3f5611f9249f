"""Which cameras' clocks differ, found in scenes that two cameras both saw. Suggestions only: nothing is set by itself."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dejashot.config.settings import Settings
from dejashot.evaluation.clock_agreement import MIN_SCENES, Difference, difference
from dejashot.grouping.capture_clocks import correct_clock
from dejashot.grouping.similarity import Rules, probability
from dejashot.models.capture import Certainty, TimeSource
from dejashot.models.shot import Shot
from dejashot.reports.build import clocks_of, rules_of
from dejashot.reports.search import open_context

MAX_CAMERAS = 8
MAX_PHOTOS = 20_000  # of one camera; of more every so many-th is looked at
MAX_QUERIES = 4_000  # of the one of two cameras that has fewer
AT_ONCE = 256
SURE = 0.99  # P(same shot) by vision alone

Vectors = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two cameras' clocks against each other: how far `other` is off from `reference`, None where too few scenes agree.

    `photos` is how many photos of each could be compared, `pairs` how many of them show one scene, `known_s` what the configuration adds to the other's times already: the
    difference is what is left. `zoned` tells whether most of the other's photos name their zone: else a journey looks like a wrong clock.
    """

    reference: str
    other: str
    photos: tuple[int, int]
    pairs: int
    difference: Difference | None
    known_s: float
    zoned: bool

    @property
    def suggested_s(self) -> float | None:
        """Return the offset that should stand in the configuration for `other` in seconds, None where none is to be changed."""
        if self.difference is None or not self.difference.matters:
            return None
        return self.known_s + self.difference.offset_s


def compare_clocks(settings: Settings, library: Path) -> list[Comparison]:
    """Compare the clocks of the cameras with the most photos, every two of them; raise LibraryError or ModelError."""
    with open_context(settings, library) as desk:
        rules, clocks = rules_of(settings, desk.network), clocks_of(settings)
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
        found = difference(pairs)
        zoned = 2 * sum(s.taken.zone_known for s in second) > len(second)
        made.append(
            Comparison(reference, other, (len(first), len(second)), len(pairs), found, clocks.offset_s(other), zoned)
        )
    return made


def _usable(shot: Shot, rules: Rules) -> bool:
    """Tell whether a photo says something of its camera's clock."""
    timed = shot.taken.source is TimeSource.EXIF and shot.taken.certainty is not Certainty.LOW
    return bool(shot.camera.name) and timed and shot.vector is not None and shot.contrast >= rules.blank_contrast


def _trust(shots: Sequence[Shot]) -> tuple[bool, float, int]:
    """Return how much a camera's clock is to be believed: one not set right yet, that knows its zone, as a phone's does, and has many photos."""
    return not shots[0].clock_offset_s, round(sum(s.taken.zone_known for s in shots) / len(shots), 1), len(shots)


def _thinned(shots: Sequence[Shot]) -> Sequence[Shot]:
    return shots[:: -(-len(shots) // MAX_PHOTOS)]


def _least_cosine(rules: Rules) -> float:
    """Return from which cosine on two photos are surely of one scene by vision alone."""
    cosines = np.linspace(0, 1, 1001)
    sure = cosines[probability(rules, cosines, np.nan) >= SURE]
    return float(sure[0]) if len(sure) else 1.0


def _same_scenes(first: Sequence[Shot], second: Sequence[Shot], least_cosine: float) -> Iterator[tuple[int, int]]:
    """Yield the capture times (us) of photos of two cameras that are each other's nearest and surely of one scene."""
    one, two = _vectors(first), _vectors(second)
    few = one[:: -(-len(one) // MAX_QUERIES)] if len(one) <= len(two) else one
    step = len(one) // len(few) if len(one) <= len(two) else 1
    nearest, cosines = _nearest(few, two)
    back, _ = _nearest(two[nearest], one)
    for n, (there, cosine, again) in enumerate(zip(nearest.tolist(), cosines.tolist(), back.tolist(), strict=True)):
        if cosine >= least_cosine and again == n * step:
            yield first[n * step].taken.taken_us, second[there].taken.taken_us


def _vectors(shots: Sequence[Shot]) -> Vectors:
    return np.stack([s.vector for s in shots if s.vector is not None])


def _nearest(queries: Vectors, among: Vectors) -> tuple[Indices, npt.NDArray[np.float32]]:
    """Return, for each vector, which of others is nearest, and the cosine."""
    found, cosines = np.zeros(len(queries), dtype=np.int64), np.zeros(len(queries), dtype=np.float32)
    for start in range(0, len(queries), AT_ONCE):
        table = queries[start : start + AT_ONCE] @ among.T
        found[start : start + AT_ONCE] = table.argmax(axis=1)
        cosines[start : start + AT_ONCE] = table.max(axis=1)
    return found, cosines

"""What is known of the shots of a stretch of the timeline, as columns: many pairs are judged at once."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from dejashot.grouping.pages import are_pages
from dejashot.grouping.pairs.evidence import RegistrationColumns
from dejashot.grouping.pairs.rules import Rules
from dejashot.grouping.series.screenshots import is_screenshot
from dejashot.grouping.timeline import times_of
from dejashot.models.arrays import Booleans, Floats32, Floats64, Indices, Integers
from dejashot.models.capture import Certainty
from dejashot.models.groups import VerifiedPairs
from dejashot.models.registration import Registration
from dejashot.models.shot import Shot

MAX_VERIFIED_PLACES = 16  # pairs further apart on the timeline are not verified: keeps the work linear


class Clocks:
    """By whose clocks the shots of a stretch were timed, and the gaps between them."""

    def __init__(self, shots: Sequence[Shot]) -> None:
        self._times_us = times_of(shots)
        self._timed = np.array([s.taken.certainty is not Certainty.LOW for s in shots])
        self._zoned = np.array([s.taken.zone_known for s in shots])
        self._cameras = codes(s.camera.name for s in shots)

    def gaps_s(self, a: Indices, b: Indices) -> Floats64:
        """Return the seconds between shots `a[i]` and `b[i]`."""
        gaps_s: Floats64 = (self._times_us[b] - self._times_us[a]) / 1e6
        return gaps_s

    def trusted_gaps_s(self, a: Indices, b: Indices) -> Floats64:
        """Return the seconds between shots, NaN where they say nothing: uncertain times, or two clocks."""
        # of one camera's shots, the zone known of one and guessed of the other, the gap is a guess
        comparable = (
            self._timed[a]
            & self._timed[b]
            & (self._cameras[a] == self._cameras[b])
            & (self._zoned[a] == self._zoned[b])
        )
        return np.where(comparable, self.gaps_s(a, b), np.nan)


class StretchColumns:
    """What reading told of the shots of a stretch, asked for pairs `a[i]`, `b[i]` by their index in it."""

    def __init__(self, rules: Rules, shots: Sequence[Shot]) -> None:
        known = next((s.vector for s in shots if s.vector is not None), np.zeros(1, np.float32))
        self.contents = codes(s.content for s in shots)
        self._vectors = np.stack([np.zeros_like(known) if s.vector is None else s.vector for s in shots])
        self._seen = np.array([s.vector is not None for s in shots])
        self.is_page = are_pages(rules.page if self._seen.any() else None, self._vectors)
        if rules.page is not None:
            self.is_page |= np.array([is_screenshot(s) for s in shots], dtype=np.bool_) & self._seen
        self._bursts = codes(s.camera.burst_id for s in shots)
        self._tagged = np.array([bool(s.camera.burst_id) for s in shots])
        self._blank = np.array([s.contrast < rules.blank_contrast for s in shots])

    def cosines(self, a: Indices, b: Indices) -> Floats32:
        """Return the cosines of their vectors, 0 where one has none."""
        cosines: Floats32 = np.einsum("ij,ij->i", self._vectors[a], self._vectors[b])
        return np.clip(cosines, -1.0, 1.0)

    def seen(self, a: Indices, b: Indices) -> Booleans:
        """Return whether both have a vector."""
        return np.asarray(self._seen[a] & self._seen[b])

    def equal(self, a: Indices, b: Indices) -> Booleans:
        """Return whether their bytes are equal."""
        return np.asarray(self.contents[a] == self.contents[b])

    def of_one_burst(self, a: Indices, b: Indices) -> Booleans:
        """Return whether a camera tagged both as one burst."""
        return np.asarray(self._tagged[a] & (self._bursts[a] == self._bursts[b]))

    def blank(self, a: Indices, b: Indices) -> Booleans:
        """Return whether one of them shows nothing."""
        return np.asarray(self._blank[a] | self._blank[b])

    def pages(self, a: Indices, b: Indices) -> Booleans:
        """Return whether both are pages."""
        return np.asarray(self.is_page[a] & self.is_page[b])


class VerifiedColumns:
    """What verification found of the pairs of a stretch, asked for pairs `a[i]`, `b[i]` by their index in it."""

    def __init__(self, shots: Sequence[Shot], verified: VerifiedPairs) -> None:
        self._keys = [s.key for s in shots]
        self._verified = verified

    def matches(self, a: Indices, b: Indices) -> Floats64:
        """Return their matches, NaN where they were not verified."""
        known, found = self._verified.matches, np.full(len(a), np.nan)
        if known:
            near = np.flatnonzero(b - a <= MAX_VERIFIED_PLACES)
            found[near] = [known.get(keys, math.nan) for keys in self._pairs(a[near], b[near])]
        return found

    def registrations(self, a: Indices, b: Indices) -> RegistrationColumns:
        """Return their registrations, NaN where they were not registered."""
        found: dict[int, Registration] = {}
        if known := self._verified.registrations:
            near = np.flatnonzero(b - a <= MAX_VERIFIED_PLACES)
            pairs = zip(near.tolist(), self._pairs(a[near], b[near]), strict=True)
            found = {n: known[keys] for n, keys in pairs if keys in known}
        return RegistrationColumns.of(found, len(a))

    def _pairs(self, a: Indices, b: Indices) -> list[tuple[int, int]]:
        """Return the index keys of pairs."""
        return [(self._keys[i], self._keys[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)]


def codes(values: Iterable[str | bytes]) -> Integers:
    """Return a number for each value, equal for equal values."""
    seen: dict[str | bytes, int] = {}
    return np.array([seen.setdefault(v, len(seen)) for v in values], dtype=np.int64)

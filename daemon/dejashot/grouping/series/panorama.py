"""Panorama sweeps: frames that move on in one direction, and overlap the one before."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dejashot.grouping.series.exposure import exposure_ev
from dejashot.grouping.series.frame_shift import correlations, frame_shifts
from dejashot.grouping.series.takes import FoundSeries, Takes, gaps_s
from dejashot.language.texts import english_plural, noted_plural
from dejashot.models.arrays import SIGNATURE_SIDE
from dejashot.models.shot import Shot

SWEEP = "panorama sweep"
_STEPS = {
    # Translators: of a panorama: {share} is by how much of its width the camera moved on
    "right": noted_plural(
        "{count} frames in a row, each further to the right by about {share}",
        "{count} frames in a row, each further to the right by about {share}",
    ),
    "left": noted_plural(
        "{count} frames in a row, each further to the left by about {share}",
        "{count} frames in a row, each further to the left by about {share}",
    ),
    "down": noted_plural(
        "{count} frames in a row, each further down by about {share}",
        "{count} frames in a row, each further down by about {share}",
    ),
    "up": noted_plural(
        "{count} frames in a row, each further up by about {share}",
        "{count} frames in a row, each further up by about {share}",
    ),
}
MIN_SWEEP_GAP_S, MAX_SWEEP_GAP_S = 0.5, 10.0  # quicker is a burst that follows a subject
# cells of a signature: a frame is 16 wide and high
MIN_SWEEP_STEP, MAX_SWEEP_STEP, MIN_SWEEP_WAY = 2.0, 11.0, 6.0
MIN_SWEEP_CORRELATION, MIN_SWEEP_GAIN = 0.84, 0.12  # where the frames overlap, and how much better than without moving
MIN_SWEEP_STRAIGHTNESS, MAX_SWEEP_UNEVENNESS, MAX_SWEEP_EXPOSURE_EV = 0.85, 2.5, 1.0
_BATCH = 32  # pairs whose shifts are looked for at once: they fit into a cache


@dataclass(frozen=True, slots=True)
class Step:
    """How far the camera moved on from one frame to the next, in cells of a signature."""

    right: float
    down: float

    @property
    def length(self) -> float:
        """Return the length in cells."""
        return math.hypot(self.right, self.down)

    @property
    def direction(self) -> str:
        """Return the main direction in words."""
        if abs(self.right) >= abs(self.down):
            return "right" if self.right > 0 else "left"
        return "down" if self.down > 0 else "up"


class PanoramaDetector:
    """Finds panorama sweeps; the step between two frames is looked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Step | None] = {}

    def max_gap_s(self, _members: Sequence[Shot]) -> float:
        """Return the longest gap between two frames, in seconds."""
        return MAX_SWEEP_GAP_S

    def prepare(self, shots: Sequence[Shot], members: Iterable[int]) -> None:
        """Look at once for every second step next to members: most are none, which rules out their neighbours too."""
        at_s = np.array([s.taken.taken_us for s in shots]) / 1e6
        near = np.zeros(len(shots) + 1, dtype=np.bool_)  # near[n]: from n - 1 to n
        near[1:-1] = (np.diff(at_s) >= MIN_SWEEP_GAP_S) & (np.diff(at_s) <= MAX_SWEEP_GAP_S)
        starts = sorted({m - m % 2 for m in members})
        ends = [(shots[n], shots[n + 1]) for n in starts if near[n + 1] and (near[n] or near[n + 2])]
        for start in range(0, len(ends), _BATCH):
            part = ends[start : start + _BATCH]
            self._known.update(zip(((a.content, b.content) for a, b in part), _steps(part), strict=True))

    def detect(self, takes: Takes) -> Iterator[FoundSeries]:
        """Yield the sweeps, each with its median step."""
        for chain in takes.chains(MAX_SWEEP_GAP_S):
            for frames, step in self._sweeps(chain, takes):
                share = 100 * step.length / SIGNATURE_SIDE
                why = english_plural(_STEPS[step.direction], len(frames), share=f"{share:.0f} %")
                yield FoundSeries(SWEEP, frames, why)

    def _sweeps(self, chain: Sequence[Shot], takes: Takes) -> Iterator[tuple[Sequence[Shot], Step]]:
        """Yield the sweeps around wanted shots with their median step."""
        done = 0
        for n in sorted({n + k for n, s in enumerate(chain) if s.content in takes.wanted for k in (-1, 0)}):
            if n < done:
                continue
            first = last = n
            while self._goes_on(chain, first - 1):
                first -= 1
            while self._goes_on(chain, last):
                last += 1
            done = last + 1
            if last > first:
                frames = chain[first : last + 2]
                steps = [s for a, b in itertools.pairwise(frames) if (s := self._step(a, b)) is not None]
                if math.hypot(sum(s.right for s in steps), sum(s.down for s in steps)) >= MIN_SWEEP_WAY:
                    yield frames, _median(steps)

    def _goes_on(self, chain: Sequence[Shot], n: int) -> bool:
        """Return whether the step after shot n and the one after it are of one movement."""
        if not 0 <= n < len(chain) - 2:
            return False
        first, middle, last = chain[n], chain[n + 1], chain[n + 2]
        if self._is_ruled_out(middle, last):
            return False
        before = self._step(first, middle)
        after = self._step(middle, last) if before else None
        return before is not None and after is not None and _are_one_movement(before, after)

    def _step(self, a: Shot, b: Shot) -> Step | None:
        """Return the step from one frame to the next, None when it is none of a sweep."""
        ends = a.content, b.content
        if ends not in self._known:
            (self._known[ends],) = _steps([(a, b)])
        return self._known[ends]

    def _is_ruled_out(self, a: Shot, b: Shot) -> bool:
        """Return whether it is known already that there is no step between two frames."""
        ends = a.content, b.content
        return ends in self._known and self._known[ends] is None


def _steps(ends: Sequence[tuple[Shot, Shot]]) -> list[Step | None]:
    """Return the step from each first frame to the second, None where it is no step of a sweep."""
    steps: list[Step | None] = [None] * len(ends)
    likely = [n for n, (a, b) in enumerate(ends) if _may_be_step(a, b)]
    if likely:
        first, second = (np.stack([ends[n][k].signature for n in likely]) for k in (0, 1))
        moving = np.flatnonzero(correlations(first, second) <= 1 - MIN_SWEEP_GAIN)
        for n, shift in zip(moving.tolist(), frame_shifts(first[moving], second[moving]), strict=True):
            step = Step(shift.right, shift.down)
            gain = shift.correlation - shift.unmoved
            fits = shift.correlation >= MIN_SWEEP_CORRELATION and gain >= MIN_SWEEP_GAIN
            if fits and MIN_SWEEP_STEP <= step.length <= MAX_SWEEP_STEP:
                steps[likely[n]] = step
    return steps


def _may_be_step(a: Shot, b: Shot) -> bool:
    """Return whether two frames may be neighbours in a sweep, whatever they show."""
    if not MIN_SWEEP_GAP_S <= gaps_s((a, b))[0] <= MAX_SWEEP_GAP_S or (a.width, a.height) != (b.width, b.height):
        return False
    if a.camera.burst_id and a.camera.burst_id == b.camera.burst_id:
        return False
    first, second = exposure_ev(a.camera), exposure_ev(b.camera)
    return first is None or second is None or abs(first - second) <= MAX_SWEEP_EXPOSURE_EV


def _are_one_movement(before: Step, after: Step) -> bool:
    """Return whether two steps have the same direction, and lengths that do not differ much."""
    short, long = sorted((before.length, after.length))
    along = before.right * after.right + before.down * after.down
    return long <= MAX_SWEEP_UNEVENNESS * short and along >= MIN_SWEEP_STRAIGHTNESS * short * long


def _median(steps: Sequence[Step]) -> Step:
    right, down = np.median([(s.right, s.down) for s in steps], axis=0).tolist()
    return Step(right, down)

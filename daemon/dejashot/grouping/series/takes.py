"""The takes of one camera around a group: what the detectors look for a series among, and what a detector is."""

import itertools
import statistics
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dejashot.grouping.series.exposure import exposure_settings_of
from dejashot.models.capture import Certainty
from dejashot.models.shot import Shot

MIN_SHOTS = 3  # two shots are never a series
CONTEXT = 12  # shots before and after a group that may complete a series: look-alikes are often only a part of it
SAME_SIGNATURE = 2.5  # mean difference of the 16 x 16 luma, in levels of 255: re-encoding stays below it


@dataclass(frozen=True, slots=True)
class Takes:
    """The takes of one camera, in time order, each as one shot; a series counts if it holds one of the `wanted`.

    `wanted` holds contents; `members` are the shots of the group that the camera took, copies included.
    """

    shots: Sequence[Shot]
    wanted: Set[bytes]
    members: Sequence[Shot]

    def chains(self, max_gap_s: float) -> Iterator[list[Shot]]:
        """Yield the takes cut at longer gaps, where three or more hang together and one of them is wanted."""
        neighbours = enumerate(itertools.pairwise(self.shots), 1)
        starts = [0, *(n for n, (a, b) in neighbours if are_separated(a, b, max_gap_s))]
        for start, end in itertools.pairwise([*starts, len(self.shots)]):
            if end - start >= MIN_SHOTS and any(s.content in self.wanted for s in self.shots[start:end]):
                yield list(self.shots[start:end])


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """A series that a detector has found: its name, its takes in time order, and why they are thought to be one."""

    name: str
    takes: Sequence[Shot]
    because: str


class SeriesDetector(Protocol):
    """Finds one sort of series."""

    def max_gap_s(self, members: Sequence[Shot]) -> float:
        """Return the longest gap inside a series that members of a group are of, in seconds."""

    def detect(self, takes: Takes) -> Iterator[FoundSeries]:
        """Yield the series among the takes; a take may be in several, then the first counts."""


def is_trusted(shot: Shot, camera: str) -> bool:
    """Return whether a shot is of this camera and its time is to be trusted."""
    return shot.taken.certainty is not Certainty.LOW and shot.camera.name == camera


def shots_around(shots: Sequence[Shot], members: Sequence[int], camera: str, max_gap_s: float) -> list[Shot]:
    """Return what one camera took from a little before a group to a little after it, without longer gaps outside it."""
    first, last = members[0], members[-1]
    inside = [s for s in shots[first : last + 1] if is_trusted(s, camera)]
    before, after = inside[:1], inside[-1:]
    for shot in reversed(shots[max(0, first - CONTEXT) : first]):
        if before and is_trusted(shot, camera):
            if are_separated(shot, before[-1], max_gap_s):
                break
            before.append(shot)
    for shot in shots[last + 1 : last + 1 + CONTEXT]:
        if after and is_trusted(shot, camera):
            if are_separated(after[-1], shot, max_gap_s):
                break
            after.append(shot)
    return [*before[:0:-1], *inside, *after[1:]]


def take_by_content(shots: Sequence[Shot]) -> dict[bytes, Shot]:
    """Return by content the take that each shot is: itself, or the first of its copies; of one instant, the largest.

    A copy is the same byte for byte, or of one instant and one exposure and looks the same.
    """
    take_of: dict[bytes, Shot] = {}
    instant: list[Shot] = []
    for shot in sorted(shots, key=lambda s: (s.taken.taken_us, -s.width * s.height)):
        if instant and instant[0].taken.taken_us != shot.taken.taken_us:
            instant = []
        if shot.content in take_of:
            continue
        take_of[shot.content] = next((take for take in instant if _are_one_take(take, shot)), shot)
        if take_of[shot.content] is shot:
            instant.append(shot)
    return take_of


def _are_one_take(a: Shot, b: Shot) -> bool:
    same_settings = exposure_settings_of(a.camera) == exposure_settings_of(b.camera)
    return same_settings and float(signature_change(a, b).mean()) <= SAME_SIGNATURE


def are_separated(a: Shot, b: Shot, max_gap_s: float) -> bool:
    """Return whether two shots are further apart than a gap in seconds.

    A long exposure takes its time, and as long again where the camera subtracts a dark frame.
    """
    return b.taken.taken_us - a.taken.taken_us > 1e6 * (max_gap_s + 2 * (a.camera.exposure_s or 0.0))


def signature_change(a: Shot, b: Shot) -> npt.NDArray[np.int16]:
    """Return how much the cells of two signatures differ, in levels of 255."""
    return np.abs(a.signature.astype(np.int16) - b.signature.astype(np.int16))


def gaps_s(shots: Sequence[Shot]) -> list[float]:
    """Return the gaps between neighbours, in seconds."""
    return [(b.taken.taken_us - a.taken.taken_us) / 1e6 for a, b in itertools.pairwise(shots)]


def median_gap_s(shots: Sequence[Shot]) -> float | None:
    """Return the median gap between the different times of shots, in seconds; None where there is one time only."""
    times_us = sorted({s.taken.taken_us for s in shots})
    gaps = [b - a for a, b in itertools.pairwise(times_us)]
    return statistics.median(gaps) / 1e6 if gaps else None

"""The timeline: shots in time order, and the runs that gaps cut it into (never integer buckets)."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from dejashot.models.arrays import Booleans, Integers
from dejashot.models.shot import Shot

STRETCH = 4096
_DIGITS = re.compile(r"(\d+)")


def time_order(shot: Shot) -> tuple[int, list[tuple[int, int | str]]]:
    """Return the sort key of the timeline: capture time; equal times by name, numbers in names counted as numbers."""
    return shot.taken.taken_us, natural(shot.path)


def in_time_order(shots: Iterable[Shot]) -> list[Shot]:
    """Return shots in the order of the timeline; names are taken apart only where times are equal."""
    ordered: list[Shot] = []
    for _, run in itertools.groupby(sorted(shots, key=_taken_us), _taken_us):
        same = list(run)
        ordered += sorted(same, key=time_order) if len(same) > 1 else same
    return ordered


def _taken_us(shot: Shot) -> int:
    return shot.taken.taken_us


def times_of(shots: Sequence[Shot]) -> Integers:
    """Return the capture times (us)."""
    return np.array([s.taken.taken_us for s in shots], dtype=np.int64)


def natural(text: str) -> list[tuple[int, int | str]]:
    """Return a sort key under which `IMG_9` comes before `IMG_10`."""
    return [(0, int(p)) if p.isdigit() and p.isascii() else (1, p) for p in _DIGITS.split(text.casefold())]


def runs(times_us: Integers, interval_s: float) -> list[tuple[int, int]]:
    """Return the runs [start, end) of sorted capture times (us): maximal chains with gaps of at most the interval."""
    if not len(times_us):
        return []
    cuts = np.flatnonzero(np.diff(times_us) > interval_s * 1e6) + 1
    edges = [0, *cuts.tolist(), len(times_us)]
    return list(itertools.pairwise(edges))


def stretches(runs_found: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the runs in stretches of a few thousand shots, each run whole, to share work and hold little in memory.

    A stretch of nothing but lone shots is left out: there is nothing to compare.
    """
    stretch: list[tuple[int, int]] = []
    company = False
    for run in runs_found:
        if stretch and run[1] - stretch[0][0] > STRETCH:
            if company:
                yield stretch
            stretch, company = [], False
        stretch.append(run)
        company = company or run[1] - run[0] > 1
    if company:
        yield stretch


def in_runs_with_new(times_us: Integers, are_new: Booleans, interval_s: float) -> Booleans:
    """Return of capture times (us, in any order) whether they lie in a run with one that is new."""
    chosen = np.zeros(len(times_us), dtype=np.bool_)
    if not len(times_us):
        return chosen
    order = np.argsort(times_us, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(times_us[order]) > interval_s * 1e6) + 1])
    new = np.logical_or.reduceat(are_new[order], starts)
    chosen[order] = np.repeat(new, np.diff(np.append(starts, len(order))))
    return chosen

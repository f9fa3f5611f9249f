"""The files on the timeline in columns: what tells which of them are worked out together."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dejashot.files.shot_names import shot_name
from dejashot.grouping.capture_clocks import ResolvedTimes
from dejashot.library.tables.file_times import FileName, FileTimes
from dejashot.models.arrays import Booleans, Integers


@dataclass(frozen=True, slots=True)
class TimelineFiles:
    """Files, ascending by number, in columns [n]: their times as recorded and as compared, photos, names.

    `units` says by name which files may be of one press of the shutter. `shadowed` are those that another folder
    holds too, inside or around theirs: they are on the timeline once.
    """

    times: FileTimes
    resolved: ResolvedTimes
    photos: Integers
    units: Integers
    shadowed: Booleans

    @property
    def files(self) -> Integers:
        """Return their numbers [n]."""
        return self.times.files

    @classmethod
    def of(
        cls, times: FileTimes, resolved: ResolvedTimes, names: Iterable[FileName], roots: Mapping[int, Path]
    ) -> "TimelineFiles":
        """Return files in columns, with their names in any order; folders are given by their numbers."""
        count = len(times.files)
        photos, units = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        paths = np.zeros(count, dtype=np.int64) if _are_nested(roots.values()) else None
        prefixes = {folder: os.fsencode(root) for folder, root in roots.items()}
        for name in names:
            n = int(np.searchsorted(times.files, name.file))
            full = os.path.join(prefixes[name.folder], name.path)
            photos[n], units[n] = name.photo, unit_number(full)
            if paths is not None:
                paths[n] = _number(full)
        return cls(times, resolved, photos, units, _shadowed(paths, count))


def unit_number(path: bytes) -> int:
    """Return a number that is the same for the files that may be of one press of the shutter by an absolute path."""
    directory, name = os.path.split(path)
    return _number(directory + b"\0" + os.fsencode(shot_name(os.fsdecode(name)).base))


def _number(text: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)


def _shadowed(paths: Integers | None, count: int) -> Booleans:
    """Return which files have the path of a later one."""
    found = np.zeros(count, dtype=np.bool_)
    if paths is not None and count:
        order = np.lexsort((np.arange(count), paths))
        found[order[:-1]] = paths[order][:-1] == paths[order][1:]
    return found


def _are_nested(roots: Iterable[Path]) -> bool:
    """Return whether a folder lies in another."""
    return _nested(tuple(sorted(os.fsencode(root) for root in roots)))


@lru_cache(maxsize=8)
def _nested(roots: tuple[bytes, ...]) -> bool:
    return any(b != a and b.startswith(os.path.join(a, b"")) for a in roots for b in roots)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a timeline: the places of the files of each lie in `places` from a start to an end."""

    places: Integers
    starts: Integers
    ends: Integers

    def __iter__(self) -> Iterator[Integers]:
        return (self.places[start:end] for start, end in zip(self.starts, self.ends, strict=True))


def components(files: TimelineFiles, copies: Sequence[tuple[int, int]], interval_s: float) -> Parts:
    """Return the places of files in parts that touch no other, each in time order, by their first times.

    Files of one run are one part, so are files of one unit, and a copy from another time and its original: `copies`
    holds the photos of both.
    """
    if not len(files.files):
        return Parts(files.files, files.files, files.files)
    order = np.lexsort((files.files, files.resolved.taken_us))
    at = files.resolved.taken_us[order]
    run = np.zeros(len(order), dtype=np.int64)
    run[order] = np.cumsum(np.diff(at, prepend=at[:1]) > interval_s * 1e6)
    parts = _Union(int(run.max()) + 1)
    _join_equal(parts, run, files.units)
    if copies:
        _join_equal(parts, run, *_of_copies(files.photos, copies))
    root = parts.roots()[run[order]]
    by_part = np.argsort(root, kind="stable")
    places = order[by_part]
    edges = np.flatnonzero(np.diff(root[by_part])) + 1
    starts, ends = np.append(0, edges), np.append(edges, len(places))
    by_time = np.argsort(files.resolved.taken_us[places[starts]], kind="stable")
    return Parts(places, starts[by_time], ends[by_time])


def _of_copies(photos: Integers, copies: Sequence[tuple[int, int]]) -> tuple[Integers, Integers]:
    """Return labels that copies and originals share, and the places of the files that have each."""
    order = np.argsort(photos, kind="stable")
    labels: list[int] = []
    places: list[int] = []
    for label, pair in enumerate(copies):
        for photo in pair:
            low, high = np.searchsorted(photos[order], [photo, photo + 1])
            places += order[low:high].tolist()
            labels += [label] * int(high - low)
    return np.array(labels, dtype=np.int64), np.array(places, dtype=np.int64)


def _join_equal(parts: "_Union", run: Integers, labels: Integers, places: Integers | None = None) -> None:
    """Join the runs of files with equal labels."""
    runs = run if places is None else run[places]
    order = np.lexsort((runs, labels))
    same = (np.diff(labels[order]) == 0) & (np.diff(runs[order]) != 0)
    for n in np.flatnonzero(same).tolist():
        parts.join(int(runs[order[n]]), int(runs[order[n + 1]]))


class _Union:
    """Numbers from 0 that are joined; each part has its least number as root."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count)

    def join(self, a: int, b: int) -> None:
        """Join the parts of two numbers."""
        first, second = sorted((self._root(a), self._root(b)))
        self._parent[second] = first

    def roots(self) -> Integers:
        """Return the root of each number."""
        while True:
            further = self._parent[self._parent]
            if np.array_equal(further, self._parent):
                return self._parent
            self._parent = further

    def _root(self, n: int) -> int:
        while self._parent[n] != n:
            self._parent[n] = self._parent[self._parent[n]]
            n = int(self._parent[n])
        return n

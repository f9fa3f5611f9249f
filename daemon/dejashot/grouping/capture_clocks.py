"""Capture times as they are compared, corrected by what the owner knows of each camera's clock.

A recorded instant counts. Where only a wall time was recorded, the photos of one camera that follow each other within
the interval get one offset, so that no end of summer time falls between them. Other cameras are compared in the owner's
home zone.
"""

import fnmatch
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, tzinfo

import numpy as np

from dejashot.models.arrays import Booleans, Integers
from dejashot.models.capture import CaptureTime, CaptureTimeColumns, Certainty, TimeSource, instant
from dejashot.models.shot import Shot

MINUTE_US = 60_000_000
QUARTER_US = 15 * MINUTE_US  # no zone changes its offset at another time of the hour
MIN_MINUTES, MINUTES_DIFFERENT = (
    4,
    2,
)  # so many photos of one camera in a row, all at whole minutes: its times have no seconds
_WRITTEN = (TimeSource.EXIF, TimeSource.XMP, TimeSource.IPTC, TimeSource.TEXT)  # a wall clock, written into the file
MAX_ONE_INSTANT = 120  # more photos than that at one instant were not taken then: somebody dated them


@dataclass(frozen=True, slots=True)
class Clocks:
    """What is known of clocks: seconds to add by camera (name or pattern), the owner's home zone, the interval in
    seconds."""

    home: tzinfo
    interval_s: float
    offsets: Mapping[str, float] = field(default_factory=dict)

    def offset_s(self, camera: str) -> float:
        """Return what to add to the times of a camera: by its very name, or by the first pattern that fits."""
        name = camera.casefold()
        exact = [seconds for pattern, seconds in self.offsets.items() if pattern.casefold() == name]
        fitting = (
            seconds for pattern, seconds in self.offsets.items() if fnmatch.fnmatchcase(name, pattern.casefold())
        )
        return exact[0] if exact else next(fitting, 0.0)


@dataclass(frozen=True, slots=True)
class ResolvedTimes:
    """Times as they are compared: microseconds since 1970, the offset of the wall in seconds, and what was added.

    Coarse times order photos, but the gaps between them say nothing.
    """

    taken_us: Integers
    offset_s: Integers
    added_us: Integers
    coarse: Booleans

    def at(self, chosen: Integers | Booleans) -> "ResolvedTimes":
        """Return some of the times."""
        return ResolvedTimes(self.taken_us[chosen], self.offset_s[chosen], self.added_us[chosen], self.coarse[chosen])


def resolve_times(times: CaptureTimeColumns, clocks: Clocks) -> ResolvedTimes:
    """Return times as they are compared, in the order they come in."""
    added_us = _added_us(times, clocks)
    taken_us, offset_s = times.taken_us + added_us, times.offset_s.copy()
    _read_anew(taken_us, offset_s, added_us, ~times.zone_known & (added_us != 0), clocks.home)
    coarse = _coarse(times, clocks.interval_s)
    _place_walls(taken_us, offset_s, times, clocks.interval_s)
    _show_at_home(taken_us, offset_s, times, clocks.home)
    return ResolvedTimes(taken_us, offset_s, added_us, coarse)


def correct_clock(shots: Sequence[Shot], clocks: Clocks) -> list[Shot]:
    """Return shots with the times that they are compared by; each holds what was added."""
    return with_times(shots, resolve_times(with_clocks(shots), clocks))


def with_times(shots: Sequence[Shot], settled: ResolvedTimes) -> list[Shot]:
    """Return shots with times as they are compared, in the same order; each holds what was added."""
    made: list[Shot] = []
    columns = (settled.taken_us.tolist(), settled.offset_s.tolist(), settled.added_us.tolist(), settled.coarse.tolist())
    for shot, taken_us, offset_s, added_us, coarse in zip(shots, *columns, strict=True):
        before = shot.taken
        certainty = Certainty.LOW if coarse else before.certainty
        if (taken_us, offset_s, certainty) == (before.taken_us, before.offset_s, before.certainty):
            made.append(shot)
            continue
        taken = CaptureTime(taken_us, offset_s, before.source, certainty, before.zone_known)
        made.append(replace(shot, taken=taken, clock_offset_s=added_us / 1e6))
    return made


def with_clocks(shots: Sequence[Shot]) -> CaptureTimeColumns:
    """Return the times of shots with their cameras."""
    taken = [s.taken for s in shots]
    return CaptureTimeColumns.of(
        ((t.taken_us, t.offset_s, t.zone_known, t.source) for t in taken), (s.camera.name for s in shots)
    )


def _added_us(times: CaptureTimeColumns, clocks: Clocks) -> Integers:
    """Return what is added to each time: nothing to those that are not by the camera's own clock."""
    if not clocks.offsets or not times.cameras:
        return np.zeros(len(times.taken_us), dtype=np.int64)
    offsets_us = np.array([round(clocks.offset_s(name) * 1e6) for name in times.cameras], dtype=np.int64)
    return np.where(times.by(*_WRITTEN, TimeSource.NAME), offsets_us[times.camera], 0)


def _read_anew(taken_us: Integers, offset_s: Integers, added_us: Integers, chosen: Booleans, home: tzinfo) -> None:
    """Read the chosen walls, which were corrected, in the home zone again.

    Summer time may hold on the right day and not on the wrong one.
    """
    members = np.flatnonzero(chosen)
    right_us = taken_us[members] + offset_s[members] * 1_000_000
    for n, wall_us, moved_us in zip(members.tolist(), right_us.tolist(), added_us[members].tolist(), strict=True):
        if _home_offset_s(wall_us - moved_us, home) == offset_s[n]:
            offset_s[n] = _home_offset_s(wall_us, home)
            taken_us[n] = wall_us - offset_s[n] * 1_000_000


def _home_offset_s(wall_us: int, home: tzinfo) -> int:
    """Return the offset of the home zone at a wall time."""
    return round((instant(wall_us).replace(tzinfo=home).utcoffset() or timedelta()).total_seconds())


def _show_at_home(taken_us: Integers, offset_s: Integers, times: CaptureTimeColumns, home: tzinfo) -> None:
    """Give instants that no wall clock was written for the offset of the home zone as it is set now."""
    chosen = np.flatnonzero(times.by(TimeSource.MTIME, TimeSource.GPS) & times.zone_known)
    quarters, places = np.unique(taken_us[chosen] // QUARTER_US, return_inverse=True)
    offsets = [instant(q * QUARTER_US).astimezone(home).utcoffset() or timedelta() for q in quarters.tolist()]
    offset_s[chosen] = np.array([round(o.total_seconds()) for o in offsets], dtype=np.int64)[places]


def _chains(order_by: Integers, camera: Integers, interval_s: float) -> tuple[Integers, Integers]:
    """Return an order by camera and time, and where chains begin in it.

    A chain is one camera's photos with gaps of at most the interval.
    """
    order = np.lexsort((order_by, camera))
    at, who = order_by[order], camera[order]
    starts = np.flatnonzero(np.concatenate([[True], (np.diff(who) != 0) | (np.diff(at) > interval_s * 1e6)]))
    return order, starts


def in_chains_with(chosen: Booleans, wall_us: Integers, camera: Integers, interval_s: float) -> Booleans:
    """Return which walls (us) are in a chain with a chosen one; `camera` numbers the camera of each."""
    found = np.zeros(len(wall_us), dtype=np.bool_)
    if len(wall_us):
        order, starts = _chains(wall_us, camera, interval_s)
        touched = np.logical_or.reduceat(chosen[order], starts)
        found[order] = np.repeat(touched, np.diff(np.append(starts, len(order))))
    return found


def _coarse(times: CaptureTimeColumns, interval_s: float) -> Booleans:
    """Return which times were written without seconds, or are one instant for more photos than a camera takes in it."""
    coarse = np.zeros(len(times.taken_us), dtype=np.bool_)
    chosen = np.flatnonzero(times.by(*_WRITTEN))
    if not len(chosen):
        return coarse
    order, starts = _chains(times.taken_us[chosen], times.camera[chosen], interval_s)
    at = times.taken_us[chosen][order]
    sizes = np.diff(np.append(starts, len(at)))
    whole = np.logical_and.reduceat(at % MINUTE_US == 0, starts)
    moves = np.diff(at, prepend=at[:1]) != 0
    moves[starts] = False
    different = np.add.reduceat(moves, starts, dtype=np.int64) + 1
    minutes = whole & (sizes >= MIN_MINUTES) & (different >= MINUTES_DIFFERENT)
    moves[starts] = True
    instants = np.cumsum(moves)
    found = np.repeat(minutes, sizes) | (np.bincount(instants)[instants] > MAX_ONE_INSTANT)
    coarse[chosen[order]] = found
    return coarse


def _place_walls(taken_us: Integers, offset_s: Integers, times: CaptureTimeColumns, interval_s: float) -> None:
    """Give one offset to all wall times of one camera that follow each other: the one that most of them have.

    Where the same camera recorded its zone at about the same time on the wall (it did, a copy of its photo lost it), it
    is that one.
    """
    known, camera = times.zone_known, times.camera
    chosen = np.flatnonzero(~known)
    if not len(chosen):
        return
    named = np.array([bool(name) for name in times.cameras], dtype=np.bool_)
    wall_us = taken_us + offset_s * 1_000_000
    recorded, apart_us = _recorded_near(wall_us, offset_s, known, camera, chosen)
    recorded_fits = (apart_us <= interval_s * 1e6) & named[camera[chosen]]
    order, starts = _chains(wall_us[chosen], camera[chosen], interval_s)
    ends = np.append(starts[1:], len(order))
    offsets = offset_s[chosen][order]
    mixed = np.maximum.reduceat(offsets, starts) != np.minimum.reduceat(offsets, starts)
    touched = mixed | np.logical_or.reduceat(recorded_fits[order], starts)
    for start, end in zip(starts[touched].tolist(), ends[touched].tolist(), strict=True):
        members = order[start:end]
        near = members[recorded_fits[members]]
        best = (
            recorded[near[np.argmin(apart_us[near])]]
            if len(near)
            else Counter(offset_s[chosen[members]].tolist()).most_common(1)[0][0]
        )
        offset_s[chosen[members]] = best
    taken_us[chosen] = wall_us[chosen] - offset_s[chosen] * 1_000_000


def _recorded_near(
    wall_us: Integers, offset_s: Integers, known: Booleans, camera: Integers, chosen: Integers
) -> tuple[Integers, Integers]:
    """Return for each chosen time the offset that its camera recorded nearest on the wall, and how far off that is
    (us)."""
    best, apart_us = np.zeros(len(chosen), dtype=np.int64), np.full(len(chosen), np.iinfo(np.int64).max)
    for who in np.unique(camera[chosen]).tolist():
        with_zone = np.flatnonzero(known & (camera == who))
        if not len(with_zone):
            continue
        with_zone = with_zone[np.argsort(wall_us[with_zone], kind="stable")]
        asked = np.flatnonzero(camera[chosen] == who)
        after = np.searchsorted(wall_us[with_zone], wall_us[chosen[asked]])
        for near in (np.maximum(after - 1, 0), np.minimum(after, len(with_zone) - 1)):
            far_us = np.abs(wall_us[with_zone[near]] - wall_us[chosen[asked]])
            closer = far_us < apart_us[asked]
            best[asked[closer]] = offset_s[with_zone[near[closer]]]
            apart_us[asked[closer]] = far_us[closer]
    return best, apart_us

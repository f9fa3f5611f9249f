"""The files that a report on what is new is about: the runs of the timeline with something new, and nothing else read.

Runs are found from what is new outwards. A photo whose zone was recorded is found by its time; one whose zone was not
is found by the wall, since its chain, the photos of its camera about it, say which offset it gets.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from dejashot.grouping.capture_clocks import Clocks, ResolvedTimes, in_chains_with, resolve_times
from dejashot.grouping.timeline import in_runs_with_new
from dejashot.library.tables.file_times import FileTime, FileTimes, FileTimesTable
from dejashot.library.validation import OFFSET_LIMIT_S
from dejashot.models.arrays import Booleans, Integers
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.parameters import clocks_of
from dejashot.reports.spans import NO_SPANS, around, in_spans, joined, without

_SECOND_US = 1_000_000
_NEWEST_SEQ = 2**63 - 1
_FIRST_REACH = 4  # intervals: what is read about a photo at first, and twice as far each time that this is not enough
_FURTHEST_US = 2**60  # no two photos are that far apart


class _Read(NamedTuple):
    """Spans (us) of recorded times: on the timeline, on the wall, and on the wall with the zone recorded."""

    timeline: Integers = NO_SPANS
    wall: Integers = NO_SPANS
    zoned_wall: Integers = NO_SPANS

    def without(self, others: "_Read") -> "_Read":
        """Return the spans that are not in others."""
        return _Read(*(without(own, other) for own, other in zip(self, others, strict=True)))

    def joined_with(self, others: "_Read") -> "_Read":
        """Return these spans and others."""
        return _Read(*(joined(*both) for both in zip(self, others, strict=True)))


def files_in_changed_runs(context: ReportContext, request: ReportRequest) -> list[int]:
    """Return the numbers of the files in runs with an arrival of the request, or with a copy or original of one."""
    folders = [f.id for f in request.folders]
    until_seq = _NEWEST_SEQ if request.until_seq is None else request.until_seq
    copies, table = context.library.measurements.distant_copies, context.library.shots.times
    partners = copies.files_of_partners(folders, request.after_seq, until_seq)
    new = [*table.arrived(folders, request.after_seq, until_seq), *table.of_files(partners)]
    found = RunSearch(table, folders, clocks_of(context.settings)).runs_with(new)
    return [int(file) for file in found.times.files]


def files_near_arrivals(context: ReportContext, request: ReportRequest, places: int) -> list[int]:
    """Return the numbers of the files that arrived, and of those at most so many places before and after them.

    This costs the same however long the run is that they lie in. The order is that of recorded times: it may differ
    from that of corrected ones.
    """
    folders, clocks = [f.id for f in request.folders], clocks_of(context.settings)
    table = context.library.shots.times
    until_seq = _NEWEST_SEQ if request.until_seq is None else request.until_seq
    new = table.arrived(folders, request.after_seq, until_seq)
    if not new:
        return []
    reach_us = int(min(places * clocks.interval_s * 1e6, _FURTHEST_US))
    taken_us = np.array([t.taken_us for t in new], dtype=np.int64)
    walls_us = taken_us + np.array([t.offset_s for t in new], dtype=np.int64) * _SECOND_US
    near = (
        new,
        table.taken_within(folders, around(taken_us, reach_us)),
        table.wall_within(folders, around(walls_us, reach_us), zone_known=False),
    )
    ordered = sorted({t.file: t for some in near for t in some}.values(), key=lambda t: (t.taken_us, t.file))
    arrived = {t.file for t in new}
    at = np.flatnonzero([t.file in arrived for t in ordered])
    return [ordered[n].file for n in np.flatnonzero(in_spans(np.arange(len(ordered)), around(at, places)))]


class FoundRuns(NamedTuple):
    """The files of some runs, ascending by number, with their times as recorded and as compared."""

    times: FileTimes
    resolved: ResolvedTimes


class RunSearch:
    """Find runs from some of their files outwards: the times read so far, and the spans in which all were read."""

    def __init__(self, table: FileTimesTable, folders: Sequence[int], clocks: Clocks) -> None:
        self._table, self._folders, self._clocks = table, folders, clocks
        self._interval_us = int(min(clocks.interval_s * 1e6, _FURTHEST_US))
        self._added_us = sorted({0, *(round(seconds * 1e6) for seconds in clocks.offsets.values())})
        self._offsets_us = self._possible_offsets_us()
        self._found: dict[int, FileTime] = {}
        self._read = _Read()

    def runs_with(self, new: Iterable[FileTime]) -> FoundRuns:
        """Return the files in runs with new ones."""
        self._found |= {t.file: t for t in new}
        new_files, reach_us = [t.file for t in self._found.values()], _FIRST_REACH * self._interval_us
        while True:
            times = FileTimes.of(self._found.values())
            resolved = resolve_times(times.taken, self._clocks)
            chosen = in_runs_with_new(resolved.taken_us, np.isin(times.files, new_files), self._clocks.interval_s)
            missing = self._needed(times, resolved, chosen, self._interval_us).without(self._read)
            if not any(map(len, missing)):
                return FoundRuns(times.at(chosen), resolved.at(chosen))
            self._look(self._needed(times, resolved, chosen, reach_us).without(self._read))
            reach_us = min(2 * reach_us, _FURTHEST_US)

    def _needed(self, times: FileTimes, resolved: ResolvedTimes, chosen: Booleans, reach_us: int) -> _Read:
        """Return where all photos have to be read that may be within reach of a chosen one, or of its chain."""
        timeline = around(resolved.taken_us[chosen], reach_us)
        if self._offsets_us is None:
            return _Read(self._as_recorded(timeline))
        wall = joined(timeline + self._offsets_us)
        unzoned = ~times.taken.zone_known
        walls_us = resolved.taken_us[unzoned] + resolved.offset_s[unzoned] * _SECOND_US
        in_chains = in_chains_with(
            in_spans(walls_us, wall), walls_us, times.taken.camera[unzoned], self._clocks.interval_s
        )
        chains = around(walls_us[in_chains], reach_us)
        return _Read(
            self._as_recorded(timeline),
            self._as_recorded(joined(wall, chains)),
            self._as_recorded(chains),
        )

    def _as_recorded(self, spans: Integers) -> Integers:
        """Return in which spans of recorded times those are that may be in some spans of corrected times."""
        return joined(*(spans - added for added in self._added_us))

    def _look(self, spans: _Read) -> None:
        """Read the times in spans."""
        found = (
            self._table.taken_within(self._folders, spans.timeline),
            self._table.wall_within(self._folders, spans.wall, zone_known=False),
            self._table.wall_within(self._folders, spans.zoned_wall, zone_known=True),
        )
        self._found |= {t.file: t for some in found for t in some}
        self._read = self._read.joined_with(spans)

    def _possible_offsets_us(self) -> Integers | None:
        """Return the least and the largest offset that a photo without a zone may get, None where there is none.

        It is another photo's; where clocks are corrected, it may be any that the home zone ever had.
        """
        unzoned = self._table.offsets(zone_known=False)
        if not unzoned:
            return None
        if len(self._added_us) > 1:
            return np.array([-OFFSET_LIMIT_S, OFFSET_LIMIT_S], dtype=np.int64) * _SECOND_US
        known = [*unzoned, *self._table.offsets(zone_known=True)]
        return np.array([min(known), max(known)], dtype=np.int64) * _SECOND_US

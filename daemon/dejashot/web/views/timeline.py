"""The timeline as the page shows it: months, days, and in each day the runs with the pairs between neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

from dejashot.grouping.timeline import runs, times_of
from dejashot.models.groups import Pair
from dejashot.models.shot import Shot
from dejashot.reports.report import Report


@dataclass(frozen=True, slots=True)
class Day:
    """One day of local time: how many shots, runs of two or more, and groups there are, and the first shot."""

    day: date
    shots: int
    runs: int
    groups: int
    first: Shot


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A shot of a run, the pair with the one before (None for the first), and the group it is in (empty: none).

    `in_series` tells whether both of the pair belong to one series.
    """

    shot: Shot
    link: Pair | None
    group: str
    in_series: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Shots that follow each other within the interval."""

    steps: tuple[TimelineStep, ...]


def local_day(shot: Shot) -> date:
    """Return the day on which a shot was taken, where it was taken."""
    return datetime.fromisoformat(shot.taken.iso).date()


class TimelineView:
    """The shots of a report by month, day and run."""

    def __init__(self, report: Report, group_of: Mapping[bytes, str]) -> None:
        self.report = report
        self._group_of = group_of
        self._runs: dict[date, list[tuple[int, int]]] = {}
        for start, end in runs(times_of(report.shots), report.head.interval_s):
            self._runs.setdefault(local_day(report.shots[start]), []).append((start, end))
        self._links = {p.b: p for p in report.pairs}
        self._series_of = {m: g.id for g in report.series for m in g.group.members}

    def months(self) -> list[tuple[date, list[Day]]]:
        """Return the days by month (its first day), newest first."""
        days = [self._day(day) for day in sorted(self._runs, reverse=True)]
        return [(month, list(found)) for month, found in groupby(days, key=lambda d: d.day.replace(day=1))]

    def day(self, day: date, start: int, count: int) -> tuple[list[Run], int]:
        """Return some runs of a day in time order, from the one numbered `start` on, and how many there are."""
        found = self._runs.get(day, [])
        return [self._run(low, high) for low, high in found[start : start + count]], len(found)

    def around(self, day: date) -> tuple[date | None, date | None]:
        """Return the days with photos before and after a day."""
        known = sorted(self._runs)
        return max((d for d in known if d < day), default=None), min((d for d in known if d > day), default=None)

    def _day(self, day: date) -> Day:
        spans = self._runs[day]
        shots = self.report.shots
        groups = {
            self._group_of[s.content] for low, high in spans for s in shots[low:high] if s.content in self._group_of
        }
        count = sum(high - low for low, high in spans)
        return Day(day, count, sum(high - low > 1 for low, high in spans), len(groups), shots[spans[0][0]])

    def _run(self, low: int, high: int) -> Run:
        shots = self.report.shots
        links: Sequence[Pair | None] = [None, *(self._links.get(b) for _, b in pairwise(range(low, high)))]
        return Run(
            tuple(
                TimelineStep(shots[n], link, self._group_of.get(shots[n].content, ""), self._is_in_series(n))
                for n, link in zip(range(low, high), links, strict=True)
            )
        )

    def _is_in_series(self, n: int) -> bool:
        """Return whether a shot and the one before belong to one series."""
        series = self._series_of.get(n)
        return series is not None and series == self._series_of.get(n - 1)

"""The timeline as the page shows it: months, days, and in each day the runs with the pairs between neighbours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from dejashot.models.groups import Pair
from dejashot.models.shot import Shot
from dejashot.reports.formats.charts import Part
from dejashot.reports.kept.loading import GroupLoader, ShownRun

_LAST_DAY = "9999-12-31"
_DAY_PERCENT = 100 / 31  # of the width of a month in the strip
_LOWEST = 12.0  # percent of the height: a single photo is seen


@dataclass(frozen=True, slots=True)
class Day:
    """One day of local time: how many shots, runs of two or more, and groups there are, and the first shot's content.

    The content is in hex; `alike` of the shots are in groups of the same shot.
    """

    day: date
    shots: int
    runs: int
    groups: int
    first: str
    alike: int = 0

    @property
    def alike_percent(self) -> float:
        """Return the share of the shots that are in groups of the same shot."""
        return 100 * self.alike / self.shots


Months = Sequence[tuple[date, list[Day]]]


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


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day in the strip: the room it has in its month, and its bar, in percent."""

    day: Day
    left: float
    width: float
    parts: tuple[Part, ...]


def strip_of(months: Months) -> list[tuple[date, list[StripDay]]]:
    """Return some months as a strip, days from the left: the more shots, the higher the bar, by their square root."""
    most = max((day.shots for _, days in months for day in days), default=1)
    return [(month, [_strip_day(day, most) for day in days[::-1]]) for month, days in months]


def _strip_day(day: Day, most: int) -> StripDay:
    left, width = _DAY_PERCENT * (day.day.day - 1), _DAY_PERCENT
    height = max(100 * math.sqrt(day.shots / most), _LOWEST)
    alike = height * day.alike_percent / 100
    rectangles = (("alike", 100 - alike, alike), ("rest", 100 - height, height - alike))
    parts = (
        Part(name, round(left + 0.1 * width, 2), round(top, 2), round(0.8 * width, 2), round(size, 2))
        for name, top, size in rectangles
        if size > 0
    )
    return StripDay(day, round(left, 2), round(width, 2), tuple(parts))


class TimelineView:
    """The shots of a library by month, day and run."""

    def __init__(self, loader: GroupLoader) -> None:
        self._loader, self._queries = loader, loader.queries

    def months(self, until: date | None, count: int) -> tuple[Months, date | None]:
        """Return the days of some months (by their first days), newest first, and the first month that is left out.

        Without `until` they begin with the newest month.
        """
        last = _LAST_DAY if until is None else f"{until:%Y-%m}-31"
        older = None
        months: dict[date, list[Day]] = {}
        for kept in self._queries.days(last):
            day = date.fromisoformat(kept.day)
            month = day.replace(day=1)
            if until is not None and month > until:
                continue
            if month not in months and len(months) == count:
                older = month
                break
            first = self._queries.first_content(kept.day).hex()
            months.setdefault(month, []).append(Day(day, kept.shots, kept.runs, kept.groups, first))
        return self._with_alike(list(months.items())), older

    def _with_alike(self, months: Months) -> Months:
        """Return months whose days know how many of their shots are alike."""
        if not months:
            return months
        found = self._queries.alike_by_day(str(months[-1][1][-1].day), str(months[0][1][0].day))
        return [
            (month, [replace(day, alike=min(day.shots, found.get(str(day.day), 0))) for day in days])
            for month, days in months
        ]

    def day(self, day: date, start: int, count: int) -> tuple[list[Run], int]:
        """Return some runs of a day in time order, from the one numbered `start` on, and how many there are."""
        runs = [_run(shown) for shown in self._loader.day(str(day), start, count)]
        return runs, self._queries.count_runs(str(day))

    def around(self, day: date) -> tuple[date | None, date | None]:
        """Return the days with photos before and after a day."""
        before, after = self._queries.day_before(str(day)), self._queries.day_after(str(day))
        return _date(before), _date(after)


def _date(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _run(shown: ShownRun) -> Run:
    return Run(
        tuple(
            TimelineStep(
                shot,
                shown.links.get(n) if n else None,
                shown.groups.get(n, ""),
                n > 0 and n in shown.series and shown.series[n] == shown.series.get(n - 1),
            )
            for n, shot in enumerate(shown.shots)
        )
    )

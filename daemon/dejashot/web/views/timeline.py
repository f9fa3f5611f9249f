"""The timeline as the page shows it: months, days, and in each day the runs with the pairs between neighbours."""

from dataclasses import dataclass
from datetime import date

from dejashot.models.groups import Pair
from dejashot.models.shot import Shot
from dejashot.reports.kept.loading import GroupLoader, ShownRun

_LAST_DAY = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of local time: how many shots, runs of two or more, and groups there are, and the first shot's content.

    The content is in hex.
    """

    day: date
    shots: int
    runs: int
    groups: int
    first: str


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


class TimelineView:
    """The shots of a library by month, day and run."""

    def __init__(self, loader: GroupLoader) -> None:
        self._loader, self._queries = loader, loader.queries

    def months(self, until: date | None, count: int) -> tuple[list[tuple[date, list[Day]]], date | None]:
        """Return the days of some months (by their first days), newest first, and the first month that is left out.

        Without `until` they begin with the newest month.
        """
        last = _LAST_DAY if until is None else f"{until:%Y-%m}-31"
        months: dict[date, list[Day]] = {}
        for kept in self._queries.days(last):
            day = date.fromisoformat(kept.day)
            month = day.replace(day=1)
            if until is not None and month > until:
                continue
            if month not in months and len(months) == count:
                return list(months.items()), month
            first = self._queries.first_content(kept.day).hex()
            months.setdefault(month, []).append(Day(day, kept.shots, kept.runs, kept.groups, first))
        return list(months.items()), None

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

"""What the digests before one told: how many photos came in each week or month, and how many could go."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from dejashot.reports.formats.arrivals import Arrivals

WEEKS, MONTHS = 12, 24  # in a chart

Told = tuple[date, int, int]  # the day of a digest, the photos that came, the photos that could go


def weeks_of(told: Iterable[Told], until: date) -> list[Arrivals]:
    """Return the weeks up to that of a day in time order, from the first that anything came in; at most `WEEKS`."""
    weeks = [_monday(until) - timedelta(weeks=n) for n in range(WEEKS)][::-1]
    return _sums(told, weeks, _monday)


def months_of(told: Iterable[Told], until: date) -> list[Arrivals]:
    """Return the months up to that of a day in time order, from the first that anything came in; at most `MONTHS`."""
    last = 12 * until.year + until.month - 1
    months = [date(n // 12, n % 12 + 1, 1) for n in range(last - MONTHS + 1, last + 1)]
    return _sums(told, months, lambda day: day.replace(day=1))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sums(told: Iterable[Told], times: list[date], time_of: Callable[[date], date]) -> list[Arrivals]:
    sums = dict.fromkeys(times, (0, 0))
    for day, photos, could_go in told:
        time = time_of(day)
        if time in sums:
            sums[time] = sums[time][0] + photos, sums[time][1] + could_go
    found = [Arrivals(time, *both) for time, both in sums.items()]
    begun = next((n for n, arrivals in enumerate(found) if arrivals.photos), len(found))
    return found[begun:]

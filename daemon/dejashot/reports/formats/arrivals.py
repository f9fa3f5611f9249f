"""What came in the last weeks or months, and what of it could go, as a chart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dejashot.language.formats import format_date, format_month, format_short_date, format_short_month
from dejashot.language.texts import t, tn
from dejashot.reports.formats.charts import Chart, Entry, paired_chart

_LABELS = 4  # that fit side by side on a phone
_LEAST = 2  # times with photos, without which there is nothing to compare


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many photos came in a week or a month, given by its first day, and how many photos could go by then."""

    first: date
    photos: int
    could_go: int


def weeks_chart(weeks: Sequence[Arrivals]) -> Chart | None:
    """Return weeks in time order as a chart, None where there is no history worth one."""
    return _chart(weeks, format_short_date, lambda first: t("Week of {day}", day=format_date(first)))


def months_chart(months: Sequence[Arrivals]) -> Chart | None:
    """Return months in time order as a chart, None where there is no history worth one."""
    return _chart(months, format_short_month, format_month)


def _chart(arrivals: Sequence[Arrivals], label: Callable[[date], str], name: Callable[[date], str]) -> Chart | None:
    if sum(a.photos > 0 for a in arrivals) < _LEAST:
        return None
    return paired_chart([_entry(a, label(a.first), name(a.first)) for a in arrivals], _LABELS)


def _entry(arrivals: Arrivals, label: str, name: str) -> Entry:
    words = (
        name,
        tn("{count} photo came", "{count} photos came", arrivals.photos),
        tn("{count} photo could go", "{count} photos could go", arrivals.could_go),
    )
    return Entry(label, words, (("came", arrivals.photos), ("could-go", arrivals.could_go)))

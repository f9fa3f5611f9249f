"""What came in the last weeks or months, and what of it could go, as a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dejashot.language.formats import format_date, format_month, format_short_date, format_short_month
from dejashot.language.texts import t, tn
from dejashot.reports.formats.charts import Chart, Entry, paired_chart

_WEEK_LABELS, _MONTH_LABELS = 4, 3  # that fit side by side on a phone, in any language
_LEAST = 2  # times with photos, without which there is nothing to compare


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many photos came in a week or a month, given by its first day, and how many photos could go by then."""

    first: date
    photos: int
    could_go: int


def weeks_chart(weeks: Sequence[Arrivals]) -> Chart | None:
    """Return weeks in time order as a chart, None where there is no history worth one."""
    entries = [_entry(w, format_short_date(w.first), t("Week of {day}", day=format_date(w.first))) for w in weeks]
    return paired_chart(entries, _WEEK_LABELS) if _is_history(weeks) else None


def months_chart(months: Sequence[Arrivals]) -> Chart | None:
    """Return months in time order as a chart, None where there is no history worth one."""
    entries = [_entry(m, format_short_month(m.first), format_month(m.first)) for m in months]
    return paired_chart(entries, _MONTH_LABELS) if _is_history(months) else None


def _is_history(arrivals: Sequence[Arrivals]) -> bool:
    return sum(a.photos > 0 for a in arrivals) >= _LEAST


def _entry(arrivals: Arrivals, label: str, name: str) -> Entry:
    words = (
        name,
        tn("{count} photo came", "{count} photos came", arrivals.photos),
        tn("{count} photo could go", "{count} photos could go", arrivals.could_go),
    )
    return Entry(label, words, (("came", arrivals.photos), ("could-go", arrivals.could_go)))

"""What choosing could bring and has brought so far: suggested and chosen, by month of capture and by camera."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dejashot.actions.history import MovedBytes
from dejashot.language.formats import format_bytes, format_month, format_short_month
from dejashot.language.texts import noted, t
from dejashot.reports.formats.charts import Chart, Entry, Part, stacked_chart
from dejashot.reports.saving import CHOSEN, SUGGESTED
from dejashot.web.views.groups import GroupsView, savings_by_source

NO_MONTH, NO_CAMERA = noted("no date"), noted("no camera named")
COLUMNS = (SUGGESTED, CHOSEN, "set_aside", "freed")
MAX_MONTHS = 36  # in a chart: a longer time is shown by year
MAX_DEVICES = 8  # in a chart, the table holds all
_MONTH_LABELS, _YEAR_LABELS = 3, 7  # that fit side by side on a phone, in any language


@dataclass(slots=True)
class Line:
    """One line of the table, in bytes by column; its name is a month (`2026-07`), a camera, or empty for the sum."""

    name: str
    columns: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))


@dataclass(frozen=True, slots=True)
class Savings:
    """The sum, the months (newest first) and the cameras (most first)."""

    total: Line
    months: tuple[Line, ...]
    cameras: tuple[Line, ...]


class Table:
    """Add up bytes by column, month and camera."""

    def __init__(self) -> None:
        self._total = Line("")
        self._months: dict[str, Line] = {}
        self._cameras: dict[str, Line] = {}

    def add(self, column: str, count: int, month: str, camera: str) -> None:
        """Add some bytes; without a month or a camera they have a line of their own."""
        month, camera = month or NO_MONTH, camera or NO_CAMERA
        for line in (
            self._total,
            self._months.setdefault(month, Line(month)),
            self._cameras.setdefault(camera, Line(camera)),
        ):
            line.columns[column] += count

    def done(self) -> Savings:
        """Return the table."""
        months = sorted(
            (line for line in self._months.values() if any(line.columns.values())),
            key=lambda line: line.name,
            reverse=True,
        )
        cameras = sorted(
            (line for line in self._cameras.values() if any(line.columns.values())),
            key=lambda line: -sum(line.columns.values()),
        )
        return Savings(self._total, tuple(months), tuple(cameras))


def savings(groups_view: GroupsView, moved: MovedBytes) -> Savings:
    """Return the table of what the groups could bring and of what was moved."""
    table = Table()
    for (what, month, camera), count in savings_by_source(groups_view).items():
        if count:
            table.add(what, count, month, camera)
    for column, parts in (("set_aside", moved.set_aside), ("freed", moved.freed)):
        for (month, camera), count in parts.items():
            table.add(column, count, month, camera)
    return table.done()


@dataclass(frozen=True, slots=True)
class DeviceBar:
    """The bar of a device: its name, the sum in bytes, and its parts, side by side in percent of the longest bar."""

    name: str
    sum_bytes: int
    parts: tuple[Part, ...]


def time_chart(table: Savings) -> tuple[Chart, bool]:
    """Return the months as a chart of bytes, months without any between them too, and whether it is by year instead.

    What has no date is in the table alone.
    """
    by_month = {month: line.columns for line in table.months if (month := _month(line.name)) is not None}
    months = list(_from_first_to_last(by_month))
    if len(months) <= MAX_MONTHS:
        entries = [_entry(format_short_month(m), format_month(m), by_month.get(m, {})) for m in months]
        return stacked_chart(entries, _MONTH_LABELS), False
    years: dict[int, dict[str, int]] = {}
    for month, columns in sorted(by_month.items()):
        sums = years.setdefault(month.year, dict.fromkeys(COLUMNS, 0))
        for column, count in columns.items():
            sums[column] += count
    return stacked_chart([_entry(str(year), str(year), sums) for year, sums in years.items()], _YEAR_LABELS), True


def device_bars(cameras: Sequence[Line]) -> tuple[DeviceBar, ...]:
    """Return the devices with the most bytes as bars."""
    longest = max((sum(line.columns.values()) for line in cameras), default=0)
    bars = []
    for line in cameras[:MAX_DEVICES]:
        parts, left = [], 0.0
        for column in COLUMNS[::-1]:
            width = 100 * line.columns[column] / longest
            if width > 0:
                parts.append(Part(column, round(left, 2), 0, round(width, 2), 100))
            left += width
        bars.append(DeviceBar(line.name, sum(line.columns.values()), tuple(parts)))
    return tuple(bars)


def _month(name: str) -> date | None:
    try:
        return date.fromisoformat(f"{name}-01")
    except ValueError:
        return None


def _from_first_to_last(months: Iterable[date]) -> Iterable[date]:
    """Yield each month from the first to the last, at most as many as are drawn and one more."""
    known = sorted(months)
    for n in range(MAX_MONTHS + 1 if known else 0):
        at = known[0].month - 1 + n
        month = date(known[0].year + at // 12, at % 12 + 1, 1)
        if month > known[-1]:
            return
        yield month


def _entry(label: str, name: str, columns: Mapping[str, int]) -> Entry:
    amounts = tuple((column, columns.get(column, 0)) for column in COLUMNS[::-1])
    words = {
        SUGGESTED: t("Suggested: {size}", size=format_bytes(columns.get(SUGGESTED, 0))),
        CHOSEN: t("Chosen: {size}", size=format_bytes(columns.get(CHOSEN, 0))),
        "set_aside": t("Set aside: {size}", size=format_bytes(columns.get("set_aside", 0))),
        "freed": t("Freed: {size}", size=format_bytes(columns.get("freed", 0))),
    }
    return Entry(label, (name, *(words[column] for column in COLUMNS if columns.get(column))), amounts)

"""What choosing could bring and has brought so far: suggested and chosen, by month of capture and by camera."""

from dataclasses import dataclass, field

from dejashot.actions.history import MovedBytes
from dejashot.language.texts import noted
from dejashot.reports.saving import CHOSEN, SUGGESTED
from dejashot.web.views.groups import GroupsView, savings_by_source

NO_MONTH, NO_CAMERA = noted("no date"), noted("no camera named")
COLUMNS = (SUGGESTED, CHOSEN, "set_aside", "freed")


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

"""What choosing could bring and has brought so far: suggested and chosen, by month of capture and by camera."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dejashot.actions.history import MovedBytes
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.verdicts import last_ones
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.groups import GroupsView, suggestion_of

NO_CAMERA = "no camera named"
COLUMNS = ("suggested", "chosen", "set_aside", "freed")


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
        month, camera = month or "no date", camera or NO_CAMERA
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


def savings(
    groups_view: GroupsView,
    decisions: OwnerDecisions,
    moved: MovedBytes,
    is_there: Callable[[Shot], bool],
) -> Savings:
    """Return the table of what the groups could bring and of what was moved.

    `is_there` tells whether a file still is where it was read: what was just moved may still be in the groups.
    """
    table = Table()
    for shot, column in surplus(groups_view, decisions):
        if column == "suggested" or is_there(shot):
            table.add(column, shot.whole_bytes, shot.taken.iso[:7], shot.camera.name)
    for column, parts in (("set_aside", moved.set_aside), ("freed", moved.freed)):
        for (month, camera), count in parts.items():
            table.add(column, count, month, camera)
    return table.done()


def surplus(groups_view: GroupsView, decisions: OwnerDecisions) -> Iterator[tuple[Shot, str]]:
    """Yield each file that would go: `chosen` by the owner's verdict, or `suggested` while there is none.

    Hard links to one file count once, and not at all while one of them stays.
    """
    going: dict[tuple[int, int], tuple[Shot, str]] = {}
    staying: set[tuple[int, int]] = set()
    shots = groups_view.report.shots
    for report_group in groups_view.remaining(decisions):
        if report_group.group.kind is Kind.SERIES:
            continue
        members = report_group.group.members
        last = last_ones(shots, report_group.group, suggestion_of(report_group), decisions.verdicts)
        suggested = members if report_group.pending else suggestion_of(report_group).keepers
        originals: dict[bytes, int] = {}
        for m in sorted(members, key=lambda m: originality(shots[m])):
            originals.setdefault(shots[m].content, m)
        for m in members:
            shot = shots[m]
            verdict = decisions.verdicts.get(shot.content)
            extra = verdict is Verdict.KEEP_ONE and originals[shot.content] != m
            if (verdict is Verdict.REJECT and m not in last) or extra:
                going[shot.node] = shot, "chosen"
            elif verdict is None and m not in suggested:
                going.setdefault(shot.node, (shot, "suggested"))
            else:
                staying.add(shot.node)
    yield from (item for node, item in going.items() if node not in staying)

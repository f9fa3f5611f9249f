"""What choosing could bring and has brought so far: suggested and chosen, by month of capture and by camera."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.verdicts import Verdicts
from dejashot.models.decisions import SeparatedPairs, Verdict
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from dejashot.web.views.groups import GroupsView

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
        """Add some bytes; what is dated or named by nothing has a line of its own."""
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
    album: GroupsView,
    words: Verdicts,
    apart: SeparatedPairs,
    moved: Mapping[str, Mapping[tuple[str, str], int]],
    there: Callable[[Shot], bool],
) -> Savings:
    """Return the table of an album and of what was moved.

    `moved` holds bytes by column (`set_aside`, `freed`), month and camera; `there` tells whether a file still is where it was read:
    what was just moved may still stand in the album.
    """
    table = Table()
    for shot, column in surplus(album, words, apart):
        if column == "suggested" or there(shot):
            table.add(column, shot.whole_bytes, shot.taken.iso[:7], shot.camera.name)
    for column, parts in moved.items():
        for (month, camera), count in parts.items():
            table.add(column, count, month, camera)
    return table.done()


def surplus(album: GroupsView, words: Verdicts, apart: SeparatedPairs) -> Iterator[tuple[Shot, str]]:
    """Yield each file that would go: `chosen` by the owner's word, or `suggested` while the owner has said nothing of it.

    Names of one file on the disk count once, and not at all while one of them stays.
    """
    going: dict[tuple[int, int], tuple[Shot, str]] = {}
    staying: set[tuple[int, int]] = set()
    for chosen in album.there(apart):
        if chosen.group.kind is Kind.SERIES:
            continue
        suggestion = chosen.suggestion or chosen.choice
        originals: dict[bytes, int] = {}
        for m in sorted(chosen.group.members, key=lambda m: originality(album.report.shots[m])):
            originals.setdefault(album.report.shots[m].content, m)
        for m in chosen.group.members:
            shot = album.report.shots[m]
            word = words.get(shot.content)
            extra = word is Verdict.KEEP_ONE and originals[shot.content] != m
            if word is Verdict.REJECT or extra:
                going[shot.node] = shot, "chosen"
            elif word is None and m not in suggestion.keepers:
                going.setdefault(shot.node, (shot, "suggested"))
            else:
                staying.add(shot.node)
    yield from (item for node, item in going.items() if node not in staying)

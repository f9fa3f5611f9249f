"""The groups of a library as they are at this moment: those kept, and instead of what changed since those made now."""

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dejashot.errors import GroupsFileError
from dejashot.library.kept.changes import Changed
from dejashot.library.kept.groups_file import create_groups_file
from dejashot.library.kept.kept_groups import GroupRow, GroupTotals, KeptGroups
from dejashot.library.kept.store import open_kept_groups
from dejashot.models.shot import Shot
from dejashot.reports.context import ReportContext
from dejashot.reports.kept.basis import Basis
from dejashot.reports.kept.bodies import group_of, places_in, run_of, unpacked
from dejashot.reports.kept.closure import Closure
from dejashot.reports.kept.keeper import add_all, add_stale, is_of
from dejashot.reports.parameters import clocks_of
from dejashot.reports.report import ReportGroup

_FIRST = (-(2**63), 0)
_GROUPS_AT_ONCE = 500
_HELD_RUNS = 64


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with its own shots, which its members number from 0 in time order."""

    shots: Sequence[Shot]
    group: ReportGroup


class GroupSource:
    """The groups of one file, but for those of some components."""

    def __init__(self, kept: KeptGroups, without: frozenset[int] = frozenset()) -> None:
        self.kept, self.without = kept, without
        self._runs: dict[int, list[Sequence[Shot]]] = {}

    def totals(self) -> GroupTotals:
        """Return the totals of its components."""
        every = self.kept.totals()
        return every.with_more(self.kept.totals(self.without), -1) if self.without else every

    def lines(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield when each run begins and what a report says of it, in time order; raise GroupsFileError."""
        for run in self.kept.lines():
            if run.component not in self.without:
                yield run.first_us, unpacked(run.lines)

    def groups(self) -> Iterator[ShownGroup]:
        """Yield its groups in time order; raise GroupsFileError."""
        after = _FIRST
        while rows := self.kept.groups_from(after, _GROUPS_AT_ONCE):
            yield from (self.shown(row) for row in rows if row.component not in self.without)
            after = rows[-1].first_us, rows[-1].number

    def shown(self, row: GroupRow) -> ShownGroup:
        """Return a group with its shots; raise GroupsFileError."""
        values = unpacked(row.body)
        runs = self._runs_of(row.component)
        try:
            shots = [runs[run][place] for run, place in places_in(values)]
        except (LookupError, ValueError, TypeError) as error:
            raise GroupsFileError("the file of kept groups is damaged", "It is made anew") from error
        return ShownGroup(shots, group_of(values))

    def _runs_of(self, component: int) -> list[Sequence[Shot]]:
        """Return the shots of a component by run; those of the last ones are held."""
        if component not in self._runs:
            if len(self._runs) >= _HELD_RUNS:
                self._runs.clear()
            self._runs[component] = [run_of(body)[0] for body in self.kept.run_bodies(component)]
        return self._runs[component]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The groups of a library from one or two files, with what they were made from."""

    basis: Basis
    sources: Sequence[GroupSource] = field(default_factory=list)

    def totals(self) -> GroupTotals:
        """Return the totals of all groups."""
        sums = GroupTotals()
        for source in self.sources:
            sums = sums.with_more(source.totals())
        return sums

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield what a report says of each run in time order: photos, pairs, groups and damaged photos, joined.

        Raises GroupsFileError.
        """
        merged = heapq.merge(*(source.lines() for source in self.sources), key=lambda run: run[0])
        return (lines for _, lines in merged)

    def groups(self) -> Iterator[ShownGroup]:
        """Yield all groups in time order; raise GroupsFileError."""
        return heapq.merge(*(s.groups() for s in self.sources), key=lambda shown: shown.shots[0].taken.taken_us)


@contextmanager
def open_groups(context: ReportContext) -> Iterator[GroupView]:
    """Give the groups of a library as it is now; what is not kept is worked out, and dropped with the block.

    Raises LibraryError.
    """
    basis = Basis.of(context)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dejashot-groups-")))
        try:
            kept = open_kept_groups(
                context.library.folder, context.library.changes, context.library.newest_seq(), owner=False
            )
            if kept is not None:
                stack.callback(kept.close)
            sources = _sources(context, basis, kept, folder, stack)
        except GroupsFileError:
            sources = _sources(context, basis, None, folder, stack)
        yield GroupView(basis, sources)


def _sources(
    context: ReportContext, basis: Basis, kept: KeptGroups | None, folder: Path, stack: ExitStack
) -> list[GroupSource]:
    """Return where the groups are: in the kept file as far as it holds, and in one made in a folder now."""
    if kept is None or kept.basis().get("conditions") != basis.conditions:
        made = _temporary(folder, 1, stack)
        for _ in add_all(context, basis, made):
            pass
        return [GroupSource(made)]
    others: Sequence[int] = () if is_of(kept.basis(), basis, context.library) else kept.pending_components()
    changed = _changed(context, basis, kept)
    if not changed and not others:
        return [GroupSource(kept)]
    stale = Closure(context.library, kept, basis.there, clocks_of(context.settings)).stale(changed, others)
    made = _temporary(folder, 2, stack)
    add_stale(context, basis, kept, stale, made)
    return [GroupSource(kept, stale.components), GroupSource(made)]


def _changed(context: ReportContext, basis: Basis, kept: KeptGroups) -> Changed:
    """Return what changed: as the library notes it, by decisions that it does not know of yet, by folders that went."""
    noted, changes = context.library.changes.all(), context.library.changes
    known, journal = set(context.library.decisions.all()), set(context.journal.decisions)
    contents = sorted({c for d in known ^ journal for c in (d.content, d.other) if c})
    moved = set(kept.basis().get("absent", "").split(",")) ^ set(basis.absent.split(","))
    files = changes.files_in([int(number) for number in moved if number])
    return Changed(
        tuple(sorted({*noted.files, *files})),
        tuple(sorted({*noted.photos, *changes.photos_of(contents)})),
        noted.companions,
    )


def _temporary(folder: Path, number: int, stack: ExitStack) -> KeptGroups:
    made = KeptGroups(create_groups_file(folder, number))
    stack.callback(made.close)
    return made

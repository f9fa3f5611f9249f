"""The groups of a library as they are at this moment: those kept, and instead of what changed since those made now."""

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from dejashot.errors import GroupsFileError, LibraryError
from dejashot.language.texts import noted
from dejashot.library.kept.changes import Changed
from dejashot.library.kept.group_lookups import GroupLookups
from dejashot.library.kept.groups_file import create_groups_file
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.store import CHANGE, open_kept_groups
from dejashot.library.kept.values import GroupRow, GroupTotals
from dejashot.models.shot import Shot
from dejashot.reports.context import ReportContext
from dejashot.reports.kept.basis import Basis
from dejashot.reports.kept.bodies import group_of, places_in, run_of, unpacked, unpacked_lines
from dejashot.reports.kept.closure import Closure
from dejashot.reports.kept.keeper import add_all, add_stale, looked_at_since
from dejashot.reports.kept.verdict_components import components_by_verdicts
from dejashot.reports.parameters import clocks_of
from dejashot.reports.report import ReportGroup

_FIRST = (-(2**63), 0)
_GROUPS_AT_ONCE = 500
_HELD_RUNS = 64
_TRIES = 3


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with its own shots, which its members number from 0 in time order."""

    shots: Sequence[Shot]
    group: ReportGroup


class GroupSource:
    """The groups of one file, but for those of some components."""

    def __init__(self, kept: KeptGroups, without: frozenset[int] = frozenset()) -> None:
        self.kept, self.without = kept, without
        self.lookups = GroupLookups(kept)
        self._runs: dict[int, list[Sequence[Shot]]] = {}

    def totals(self) -> GroupTotals:
        """Return the totals of its components."""
        every = self.lookups.totals()
        return every.with_more(self.lookups.totals(self.without), -1) if self.without else every

    def lines(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield when each run begins and what a report says of it, in time order; raise GroupsFileError."""
        for run in self.lookups.lines():
            if run.component not in self.without:
                yield run.first_us, unpacked_lines(run.lines)

    def groups(self) -> Iterator[ShownGroup]:
        """Yield its groups in time order; raise GroupsFileError."""
        after = _FIRST
        while rows := self.lookups.groups_from(after, _GROUPS_AT_ONCE):
            yield from (self.shown(row) for row in rows if row.component not in self.without)
            after = rows[-1].first_us, rows[-1].number

    def shown(self, row: GroupRow) -> ShownGroup:
        """Return a group with its shots; raise GroupsFileError."""
        return shown_group(row.body, self._runs_of(row.component))

    def _runs_of(self, component: int) -> list[Sequence[Shot]]:
        """Return the shots of a component by run; those of the last ones are held."""
        if component not in self._runs:
            if len(self._runs) >= _HELD_RUNS:
                self._runs.clear()
            self._runs[component] = [run_of(body)[0] for _, body in self.lookups.run_bodies([component])]
        return self._runs[component]


def shown_group(body: bytes, runs: Sequence[Sequence[Shot]]) -> ShownGroup:
    """Return a group from its body and the runs of its component; raise GroupsFileError."""
    values = unpacked(body)
    try:
        shots = [runs[run][place] for run, place in places_in(values)]
    except (LookupError, ValueError, TypeError) as error:
        raise GroupsFileError(noted("the file of kept groups is damaged"), noted("It is made anew")) from error
    return ShownGroup(shots, group_of(values))


@dataclass(frozen=True, slots=True)
class LibraryGroups:
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


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """Which groups are asked for: of what was taken since a moment alone, as if there were nothing else, or of all.

    With `for_plan` what stays of a group may be by decisions that were changed since; its members, and what is
    suggested, are as they are now. With `anew` nothing kept is trusted.
    """

    since_us: int | None = None
    for_plan: bool = False
    anew: bool = False


@contextmanager
def open_groups(context: ReportContext, wanted: ViewRequest = ViewRequest()) -> Iterator[LibraryGroups]:
    """Give the groups of a library as it is now; what is not kept is worked out, and dropped with the block.

    Raises LibraryError.
    """
    basis = Basis.of(context)
    with ExitStack() as stack:
        try:
            trusted = wanted.since_us is None and not wanted.anew
            kept = _kept_as_held(context, stack) if trusted else None
            sources = _sources(context, basis, kept, wanted, stack)
        except GroupsFileError:
            sources = _sources(context, basis, None, wanted, stack)
        yield LibraryGroups(basis, sources)


def _kept_as_held(context: ReportContext, stack: ExitStack) -> KeptGroups | None:
    """Return the kept groups as they follow on the library as it is read, None where there are none.

    Where its owner has kept more since, the library is read anew. Raises LibraryError, GroupsFileError.
    """
    library = context.library
    for tries in range(_TRIES):
        kept = open_kept_groups(library.folder, library.changes, library.newest_seq(), owner=False)
        if kept is None:
            return None
        stack.callback(kept.close)
        kept.hold()
        ahead = int(kept.basis()[CHANGE]) != library.changes.groups_change  # or its owner was stopped in between
        if not (ahead and library.is_held) or tries == _TRIES - 1:
            break
        library.hold()
        row = library.vectors.active_model()
        if row is None or row.id != context.row.id:
            raise LibraryError(noted("another model has taken over at this moment"), noted("Try again"))
    return kept


def _sources(
    context: ReportContext, basis: Basis, kept: KeptGroups | None, wanted: ViewRequest, stack: ExitStack
) -> list[GroupSource]:
    """Return where the groups are: in the kept file as far as it holds, and in one made now."""
    if kept is None or not basis.is_of(kept.basis()):
        made = _temporary(stack)
        for _ in add_all(context, basis, made, wanted.since_us):
            pass
        return [GroupSource(made)]
    changed, moved_verdicts = _changed(context, basis, kept)
    others = set(looked_at_since(kept, context.library, context.library.closer_looks.done_until(basis.rules)))
    if wanted.for_plan:
        others |= components_by_verdicts(context, kept, moved_verdicts)
    else:
        photos = context.library.changes.photos_of(sorted(moved_verdicts))
        changed = replace(changed, photos=tuple(sorted({*changed.photos, *photos})))
    if not changed and not others:
        return [GroupSource(kept)]
    stale = Closure(context.library, kept, basis.there, clocks_of(context.settings)).stale(changed, sorted(others))
    made = _temporary(stack)
    add_stale(context, basis, kept, stale, made)
    return [GroupSource(kept, stale.components), GroupSource(made)]


def _changed(context: ReportContext, basis: Basis, kept: KeptGroups) -> tuple[Changed, set[bytes]]:
    """Return what changed: as the library notes it, by pairs that were separated or joined, by folders that went.

    And the contents of which it does not know the verdict yet.
    """
    noted, changes = context.library.changes.all(), context.library.changes
    other = set(context.library.decisions.all()) ^ set(context.journal.decisions)
    pairs = sorted({c for d in other if d.other for c in (d.content, d.other)})
    files = changes.files_in(basis.folders_moved(kept.basis()))
    changed = Changed(
        tuple(sorted({*noted.files, *files})),
        tuple(sorted({*noted.photos, *changes.photos_of(pairs)})),
        noted.companions,
    )
    return changed, {d.content for d in other if not d.other}


def _temporary(stack: ExitStack) -> KeptGroups:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dejashot-groups-")))
    made = KeptGroups(create_groups_file(folder, 1))
    stack.callback(made.close)
    return made

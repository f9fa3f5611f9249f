"""Keep the groups of a library that this process owns: made once, mended where something changed."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from dejashot.errors import GroupsFileError
from dejashot.grouping.capture_clocks import resolve_times
from dejashot.library.kept.changes import Changed
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.store import CHANGE, NEWEST_SEQ, make_kept_groups, open_kept_groups, use_kept_groups
from dejashot.library.library import Library
from dejashot.models.arrays import Integers
from dejashot.models.capture import now_us
from dejashot.reports.closer_look.preempt import PreemptedError
from dejashot.reports.context import ReadOnlyResults, ReportContext
from dejashot.reports.kept.basis import ABSENT, CONDITIONS, LOOKED, Basis
from dejashot.reports.kept.closure import Closure, Stale
from dejashot.reports.kept.components import ComponentMaker
from dejashot.reports.kept.timeline_files import TimelineFiles, components
from dejashot.reports.parameters import clocks_of

log = logging.getLogger(__name__)

SHOTS_AT_ONCE = 4096  # that are worked out together: they share work
CHANGES_AT_ONCE = 4096  # that are mended together


class GroupIdResults(ReadOnlyResults):
    """Keeps the ids of groups alone: what is not known of photos is left to closer looks."""

    def __init__(self, context: ReportContext) -> None:
        self._ids = context.library.group_ids

    def add_group_ids(self, ids: Mapping[tuple[bytes, bool], str]) -> None:
        """Store group ids."""
        self._ids.remember(ids)


@dataclass(frozen=True, slots=True)
class _Rebuild:
    """A file that is being made: its number, the file, and the work on it that is left."""

    number: int
    kept: KeptGroups
    work: Iterator[None]
    conditions: str


class GroupKeeper:
    """Keeps the groups of a library up to date; what is under way is gone on with after it was preempted.

    `on_progress` is called as the work moves on. Not thread-safe.
    """

    def __init__(self, library: Library, on_progress: Callable[[], None] = lambda: None) -> None:
        self._library, self._on_progress = library, on_progress
        self._kept: KeptGroups | None = None
        self._rebuild: _Rebuild | None = None

    def keep(self, context: ReportContext) -> None:
        """Bring the kept groups up to the library, given its owner's context.

        Raises PreemptedError when the context says to stop before.
        What was done by then is kept. Raises LibraryError, also for a file that can't be written.
        """
        context = replace(context, row=self._library.vectors.active_model() or context.row)
        try:
            self._bring_up(context)
        except GroupsFileError as error:
            log.warning("the kept groups are made anew: %s", error.title)
            self.close()
            self._library.changes.note_kept(self._library.changes.groups_file + 1, 0)
            self._bring_up(context)

    def is_current(self, context: ReportContext) -> bool:
        """Return whether nothing is to be done."""
        if self._rebuild is not None or self._kept is None:
            return False
        context = replace(context, row=self._library.vectors.active_model() or context.row)
        basis = Basis.of(context)
        return not self._library.changes.any() and is_of(self._kept.basis(), basis, context.library)

    def close(self) -> None:
        """Close the files; what is not done yet is begun again by the next keeper."""
        self._drop_rebuild()
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _bring_up(self, context: ReportContext) -> None:
        basis = Basis.of(context)
        if self._kept is None:
            self._kept = open_kept_groups(
                self._library.folder, self._library.changes, self._library.newest_seq(), owner=True
            )
        if self._kept is not None:
            self._kept.check(now_us())
        if self._rebuild is not None and self._rebuild.conditions != basis.conditions:
            self._drop_rebuild()
        if self._rebuild is None and not self._can_be_mended(basis):
            self._rebuild = self._begin(context, basis)
        if self._rebuild is not None:
            self._finish(self._rebuild, context)
        self._mend(context, basis)

    def _can_be_mended(self, basis: Basis) -> bool:
        """Return whether the kept groups are of these conditions, and less changed than there is."""
        if self._kept is None or not basis.is_of(self._kept.basis()):
            return False
        changed = self._library.changes.count_files()
        return changed <= CHANGES_AT_ONCE or changed <= self._kept.count_files()

    def _begin(self, context: ReportContext, basis: Basis) -> _Rebuild:
        """Begin a file with all groups."""
        self._library.changes.set_aside()
        number, kept = make_kept_groups(self._library.folder, self._library.changes)
        return _Rebuild(number, kept, add_all(context, basis, kept), basis.conditions)

    def _finish(self, rebuild: _Rebuild, context: ReportContext) -> None:
        """Do the work on a file that is left, and take it into use; one that fails is begun again."""
        try:
            for _ in rebuild.work:
                self._go_on(context)
        except PreemptedError:
            raise
        except BaseException:
            self._drop_rebuild()
            raise
        self._take_into_use(rebuild)

    def _drop_rebuild(self) -> None:
        if self._rebuild is not None:
            self._rebuild.kept.close()
        self._rebuild = None

    def _take_into_use(self, rebuild: _Rebuild) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = self._rebuild = None
        self._kept = use_kept_groups(self._library.folder, self._library.changes, rebuild.number, rebuild.kept)

    def _mend(self, context: ReportContext, basis: Basis) -> None:
        """Work out again what changed, some of it at a time."""
        kept = self._kept
        if kept is None:
            return
        closure = Closure(self._library, kept, basis.there, clocks_of(context.settings))
        known, looked = kept.basis(), context.library.closer_looks.done_until(basis.rules)
        moved = Changed(files=tuple(self._library.changes.files_in(basis.folders_moved(known))))
        for changed in chain(_some_at_a_time(self._library.changes.all()), _some_at_a_time(moved)):
            self._mend_some(context, basis, closure, changed, ())
            self._go_on(context)
        others = looked_at_since(kept, context.library, looked)
        for start in range(0, len(others), CHANGES_AT_ONCE):
            self._mend_some(context, basis, closure, Changed(), others[start : start + CHANGES_AT_ONCE])
            self._go_on(context)
        if not is_of(known, basis, context.library):
            kept.set_basis({ABSENT: basis.absent, LOOKED: str(looked)})

    def _go_on(self, context: ReportContext) -> None:
        """Say that the work moves on; raise PreemptedError when the context says to stop."""
        self._on_progress()
        if context.should_stop():
            raise PreemptedError

    def _mend_some(
        self, context: ReportContext, basis: Basis, closure: Closure, changed: Changed, others: Sequence[int]
    ) -> None:
        """Work out again what some changes touch, and forget their notes."""
        kept, library = self._kept, self._library
        if kept is None:
            return
        stale = closure.stale(changed, others)
        change = int(kept.basis()[CHANGE]) + 1
        with kept.batch():
            add_stale(context, basis, kept, stale, kept)
            kept.set_basis({CHANGE: str(change), NEWEST_SEQ: str(library.newest_seq())})
        with library.batch():
            library.changes.forget(changed)
            library.changes.note_kept(library.changes.groups_file, change)


def add_all(context: ReportContext, basis: Basis, kept: KeptGroups, since_us: int | None = None) -> Iterator[None]:
    """Work out all components of a library into an empty file, some of them in each step.

    What changes meanwhile is noted by the library, and mended afterwards. `since_us` leaves out what was taken before.
    """
    looked, newest = str(context.library.closer_looks.done_until(basis.rules)), str(context.library.newest_seq())
    files = _all_files(context, basis, since_us)
    copies = context.library.measurements.distant_copies.pairs()
    maker = ComponentMaker(_for_groups(context), basis.there, basis.paths, lambda ids: kept.ids_elsewhere(ids, ()))
    number = 0
    for parts in _at_once(components(files, copies, clocks_of(context.settings).interval_s)):
        with kept.batch():
            for component in maker.made(files, parts):
                number += 1
                kept.add(number, component)
        yield
    kept.set_basis(
        {
            CONDITIONS: basis.conditions,
            ABSENT: basis.absent,
            LOOKED: looked,
            NEWEST_SEQ: newest,
            CHANGE: str(context.library.changes.groups_change + 1),
        }
    )


def add_stale(context: ReportContext, basis: Basis, kept: KeptGroups, stale: Stale, made: KeptGroups) -> None:
    """Work out anew what is stale in kept groups into a file, which may be their own."""

    def elsewhere(ids: Sequence[str]) -> set[str]:
        return kept.ids_elsewhere(ids, stale.components) | (set() if made is kept else made.ids_elsewhere(ids, ()))

    maker = ComponentMaker(_for_groups(context), basis.there, basis.paths, elsewhere)
    with made.batch():
        number = made.newest_component()
        made.remove(stale.components)
        for parts in _at_once(stale.parts):
            for component in maker.made(stale.files, parts):
                number += 1
                made.add(number, component)


def looked_at_since(kept: KeptGroups, library: Library, looked: int) -> list[int]:
    """Return the components that closer looks, done up to an arrival, may know more of, or less, than when they were
    kept.
    """
    before = int(kept.basis()[LOOKED])
    if before == looked:
        return []
    arrived = library.closer_looks.files_between(min(before, looked), max(before, looked))
    return sorted(kept.components_of(arrived) & set(kept.lacking_components()))


def is_of(known: Mapping[str, str], basis: Basis, library: Library) -> bool:
    """Return whether kept groups were made from a basis, and from all closer looks so far."""
    made_from = (known.get(CONDITIONS), known.get(ABSENT), known.get(LOOKED))
    return made_from == (basis.conditions, basis.absent, str(library.closer_looks.done_until(basis.rules)))


def _all_files(context: ReportContext, basis: Basis, since_us: int | None) -> TimelineFiles:
    """Return all files of the timeline, or those taken since a moment."""
    table, ids = context.library.shots.times, [f.id for f in basis.there]
    clocks, roots = clocks_of(context.settings), {f.id: f.path for f in basis.there}
    times = table.of_folders(ids)
    resolved = resolve_times(times.taken, clocks)
    if since_us is None:
        return TimelineFiles.of(times, resolved, table.names_in(ids), roots)
    times = times.at(resolved.taken_us >= since_us)
    return TimelineFiles.of(times, resolve_times(times.taken, clocks), table.names_of(times.files.tolist()), roots)


def _at_once(parts: Iterable[Integers]) -> Iterator[list[Integers]]:
    """Yield parts, so many at a time that they share work."""
    some: list[Integers] = []
    count = 0
    for part in parts:
        if some and count + len(part) > SHOTS_AT_ONCE:
            yield some
            some, count = [], 0
        some.append(part)
        count += len(part)
    if some:
        yield some


def _some_at_a_time(changed: Changed) -> Iterator[Changed]:
    """Yield changes, some thousands at a time."""
    for start in range(0, len(changed.files), CHANGES_AT_ONCE):
        yield Changed(files=changed.files[start : start + CHANGES_AT_ONCE])
    for start in range(0, len(changed.photos), CHANGES_AT_ONCE):
        yield Changed(photos=changed.photos[start : start + CHANGES_AT_ONCE])
    for start in range(0, len(changed.companions), CHANGES_AT_ONCE):
        yield Changed(companions=changed.companions[start : start + CHANGES_AT_ONCE])


def _for_groups(context: ReportContext) -> ReportContext:
    """Return a context in which nothing is kept but the ids of groups, by whoever can."""
    results = GroupIdResults(context) if context.results.keeps_results else ReadOnlyResults()
    return replace(context, results=results)

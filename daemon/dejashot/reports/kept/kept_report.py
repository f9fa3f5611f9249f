"""A report on all that is known whose photos and groups are read as they are needed: memory does not grow with them."""

import heapq
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dejashot.reports.formats.counts import ReportCounts
from dejashot.reports.kept.bodies import unpacked_lines
from dejashot.reports.kept.view import GroupSource, LibraryGroups, ShownGroup
from dejashot.reports.report import Damaged, Report
from dejashot.reports.saving import Saving

_DAMAGED = 3  # of the lines of a run


@dataclass(frozen=True, slots=True)
class KeptReport:
    """The groups of a library as a report: `frame` has all but photos, pairs and groups.

    `decided` are the files that the owner decided about, by their numbers. Reading raises GroupsFileError.
    """

    frame: Report
    view: LibraryGroups
    decided: Sequence[int]
    elapsed_s: Callable[[], float]

    @property
    def is_empty(self) -> bool:
        """Return whether there is no photo to report on."""
        return next(self.view.lines(), None) is None

    def counts(self) -> ReportCounts:
        """Return what the report counts."""
        totals = self.view.totals()
        pending = sum(
            component not in source.without for source in self.view.sources for component in source.lookups.pending()
        )
        return ReportCounts(
            new_photos=totals.shots,
            groups=totals.groups,
            series=totals.series,
            pending=pending,
            lost=sum(1 for _ in self.lost()) if totals.damaged else 0,
            ungrouped=totals.ungrouped,
            saving=Saving(totals.open_groups, totals.open_photos, totals.open_bytes, totals.pending),
        )

    def lost(self) -> Iterator[Damaged]:
        """Yield the damaged photos of which no sound one is at hand, in time order."""
        merged = heapq.merge(*(_damaged(source) for source in self.view.sources), key=lambda run: run[0])
        yield from (found for _, some in merged for found in some if found.sound is None)

    def most_to_free(self, count: int) -> list[ShownGroup]:
        """Return the groups that could free the most by what is to stay, at most so many."""
        found = [shown for source in self.view.sources for shown in self._most_of(source, count)]
        offered = [s for s in found if s.group.choice.reclaimable_bytes and s.group.choice.keepers]
        return sorted(offered, key=lambda s: (-s.group.choice.reclaimable_bytes, s.shots[0].taken.taken_us))[:count]

    def as_reports(self) -> Iterator[Report]:
        """Yield each group in time order as a report with its own shots and nothing else of photos."""
        return (self.report_of(shown) for shown in self.view.groups())

    def report_of(self, shown: ShownGroup) -> Report:
        """Return a group as a report with its own shots."""
        return replace(self.frame, shots=shown.shots, groups=[shown.group])

    def _most_of(self, source: GroupSource, count: int) -> Iterator[ShownGroup]:
        """Yield groups of a source among which are those that free the most: all that the owner decided about, too."""
        lookups = source.lookups
        decided = lookups.groups_with(self.decided)
        others = (
            group
            for group, component in lookups.most_to_free()
            if component not in source.without and group not in decided
        )
        ids = [group for group, component in decided.items() if component not in source.without]
        for row in lookups.groups([*ids, *islice(others, count)]):
            if not (row.series or row.pending):
                yield source.shown(row)


def _damaged(source: GroupSource) -> Iterator[tuple[int, list[Damaged]]]:
    """Yield the damaged photos of each run that has some, with when it begins."""
    for run in source.lookups.with_damage():
        if run.component not in source.without:
            lines = json.loads(f"[{unpacked_lines(run.lines)[_DAMAGED]}]")
            yield run.first_us, [Damaged(line["path"], line["detail"], line["sound"]) for line in lines]

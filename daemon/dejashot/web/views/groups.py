"""The groups as the page shows them: those kept, with the owner's decisions laid over them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.verdicts import Verdicts, keep_all, undecided, verdicts_in, with_decisions
from dejashot.library.kept.group_queries import GroupOrder, ListedGroup, Show, Totals
from dejashot.library.kept.values import GroupRow
from dejashot.library.library import Library
from dejashot.models.files import FileRef
from dejashot.models.groups import Group, KeeperSuggestion
from dejashot.models.shot import Shot
from dejashot.reports.kept.loading import GroupLoader
from dejashot.reports.kept.view import ShownGroup
from dejashot.reports.saving import suggestion_of
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.group import GroupView, shot_views
from dejashot.web.views.touched import TouchedGroups, verdicts_on, without_separated

_ROWS_AT_ONCE, _MOST_ROWS = 32, 4096


@dataclass(frozen=True, slots=True)
class GroupsView:
    """The groups of a library at one moment, to choose from.

    `touched` are those that are not as their rows say, `kept_totals` what the rows add up to. `root` is the folder that
    paths of shots are below, `interval_s` the longest gap between neighbours.
    """

    library: Library
    loader: GroupLoader
    decisions: OwnerDecisions
    touched: TouchedGroups
    kept_totals: Totals
    root: str
    interval_s: float

    def page(self, show: Show, order: GroupOrder, after: str, count: int) -> tuple[list[str], bool]:
        """Return the ids of the next groups behind one (from the start when there is none), and whether more follow.

        Where a group stands does not depend on decisions: none is passed over when groups before it are decided.
        """
        found = self._listed(show, order, self._place_of(after), count + 1)
        return [g.id for g in found[:count]], len(found) > count

    def before(self, show: Show, order: GroupOrder, name: str) -> str:
        """Return the id of the last group to be shown before a group, empty when there is none."""
        found = self._listed(show, order, self._place_of(name), 1, backwards=True)
        return found[0].id if found else ""

    def until(self, show: Show, order: GroupOrder, name: str, count: int) -> tuple[str, ...]:
        """Return the ids of the groups up to one and of it, shown or not: at most `count`; none where it is unknown."""
        place = self._place_of(name)
        if place is None:
            return ()
        before = self._listed(show, order, place, count - 1, backwards=True) if count > 1 else []
        return (*(g.id for g in before[::-1]), name)

    def next_open(self, order: GroupOrder, name: str) -> str:
        """Return the id of the next group that waits behind one, from the start at the end; empty when none does."""
        for after in (name, ""):
            found, _ = self.page(Show.OPEN, order, after, 1)
            if found and found[0] != name:
                return found[0]
        return ""

    def totals(self) -> Totals:
        """Return what waits, is decided and could go."""
        return self.kept_totals.with_more(self.touched.more)

    @property
    def photos(self) -> int:
        """Return how many shots are known."""
        return self.loader.queries.shots()

    def verdicts(self, contents: Sequence[bytes]) -> Verdicts:
        """Return the owner's verdicts on some contents, be it by what belongs to the same shot."""
        own = {c: self.decisions.verdicts[c] for c in contents if c in self.decisions.verdicts}
        others = self.shots_with([c for c in contents if c not in own])
        return {**verdicts_on(others.values(), self.decisions.verdicts), **own}

    def group_view(self, name: str) -> GroupView | None:
        """Return a group as it stands; None when there is none of this id, or the owner has taken it apart."""
        return next(iter(self.group_views([name])), None)

    def group_views(self, names: Sequence[str]) -> list[GroupView]:
        """Return the groups with some ids as they stand, in this order; those that are not there are left out."""
        rows = {row.id: row for row in self.loader.rows(names)}
        views = (self._view(rows[name]) for name in names if name in rows)
        return [view for view in views if view is not None]

    def groups_of(self, contents: Sequence[bytes]) -> dict[bytes, str]:
        """Return the ids of the groups, series last, that contents are in."""
        return {content: names[-1] for content, names in self.loader.groups_of(contents).items()}

    def shots_with(self, contents: Sequence[bytes]) -> dict[bytes, Shot]:
        """Return one shot of each content that is known; what belongs to a shot, such as a raw file, leads to that."""
        return self.loader.shots_with(contents)

    def there(self, contents: Sequence[bytes]) -> set[bytes]:
        """Return which contents are photos that can be shown."""
        return self.loader.there(contents)

    def contents_at(self, paths: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the contents of those of some files (absolute paths) that are known."""
        folders = [(folder.id, os.path.join(os.fsencode(folder.path), b"")) for folder in self.library.folders.all()]
        refs = ((path, FileRef(n, path[len(root) :])) for path in paths for n, root in folders if path.startswith(root))
        found = ((path, self.library.files.content_of(ref)) for path, ref in refs)
        return {path: content for path, content in found if content is not None}

    def _place_of(self, name: str) -> ListedGroup | None:
        return next(iter(self.loader.queries.named([name])), None) if name else None

    def _listed(
        self, show: Show, order: GroupOrder, behind: ListedGroup | None, count: int, *, backwards: bool = False
    ) -> list[ListedGroup]:
        """Return the next groups to be shown behind one, or before it, the nearest first."""
        rows = self._rows(show, order, behind, backwards=backwards)
        found = list(islice(rows, count))
        found += self.touched.next(show, order, behind, count, backwards=backwards)
        return sorted(found, key=lambda g: g.place(order), reverse=backwards)[:count]

    def _rows(
        self, show: Show, order: GroupOrder, behind: ListedGroup | None, *, backwards: bool
    ) -> Iterator[ListedGroup]:
        """Yield the groups that are shown by their rows, and are not touched."""
        count = _ROWS_AT_ONCE
        while rows := self.loader.queries.listed(show, order, behind, count, backwards=backwards):
            yield from (row for row in rows if row.id not in self.touched)
            if len(rows) < count:
                return
            behind, count = rows[-1], min(2 * count, _MOST_ROWS)

    def _view(self, row: GroupRow) -> GroupView | None:
        shown = self.loader.shown(row)
        shots, report_group = shown.shots, shown.group
        group = without_separated(shots, report_group.group, self.decisions)
        if group is None:
            return None
        verdicts = verdicts_on(shots, self.decisions.verdicts)
        suggestion, choice = self._choice(row, shown, group, verdicts)
        decided, waits = verdicts_in(shots, group, verdicts), undecided(shots, group, verdicts)
        now = replace(report_group, group=group, choice=choice, decided=decided, suggestion=suggestion)
        return GroupView(
            report_group=now,
            first=shots[group.members[0]],
            shot_views=tuple(shot_views(shots, now)),
            open=waits,
            frees_bytes=0 if waits and report_group.pending else choice.reclaimable_bytes,
        )

    def _choice(
        self, row: GroupRow, shown: ShownGroup, group: Group, verdicts: Verdicts
    ) -> tuple[KeeperSuggestion, KeeperSuggestion]:
        """Return what is suggested to who has not decided anything, and what is to stay by the owner's decisions."""
        shots, report_group = shown.shots, shown.group
        suggestion, whole = suggestion_of(report_group), group is report_group.group
        if report_group.pending:
            return keep_all(shots, group, {}), keep_all(shots, group, verdicts)
        if whole and row.id not in self.touched:
            return suggestion, report_group.choice
        if whole and not verdicts:
            return suggestion, suggestion
        compared = self.loader.whole_shots(shown, row.number)
        qualities = self.loader.qualities([s.content for s in shots])
        if not whole:
            suggestion = suggest_keepers(compared, group, qualities)
        return suggestion, with_decisions(compared, group, suggestion, qualities, verdicts)


def savings_by_source(groups_view: GroupsView) -> Mapping[tuple[str, str, str], int]:
    """Return what the groups could bring: bytes by what they are, month and camera."""
    queries, touched = groups_view.loader.queries, groups_view.touched
    found: dict[tuple[str, str, str], int] = {}
    for what, month, camera, count in queries.savings():
        found[what, month, camera] = found.get((what, month, camera), 0) + count
    numbers = [g.number for g in touched.listed]
    for what, month, camera, count in queries.savings(numbers) if numbers else ():
        found[what, month, camera] -= count
    for savings in touched.savings:
        for key, count in savings.items():
            found[key] = found.get(key, 0) + count
    return found

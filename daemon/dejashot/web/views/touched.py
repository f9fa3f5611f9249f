"""The groups that are not as they are kept: what the owner decided of them since, or where a file of them changed."""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.verdicts import Verdicts, undecided, verdicts_in
from dejashot.library.kept.group_queries import GroupOrder, ListedGroup, Show, Totals
from dejashot.library.kept.values import GroupRow
from dejashot.models.groups import Group, Kind
from dejashot.models.shot import Shot
from dejashot.reports.kept.loading import GroupLoader
from dejashot.reports.kept.view import ShownGroup
from dejashot.reports.saving import CHOSEN, saving_of, savings_of, surplus
from dejashot.web.views.decisions import OwnerDecisions

IsThere = Callable[[Shot], bool]  # whether a file still lies where it was read
Savings = Mapping[tuple[str, str, str], int]  # bytes by what they are, month and camera
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group as it stands: where it is listed, where it is shown, and what it adds to the totals.

    `kept` is what its row adds to them, `savings` what it could bring.
    """

    listed: ListedGroup
    shows: Collection[Show]
    totals: Totals
    kept: Totals
    savings: Savings


class TouchedGroups:
    """The groups that are to be shown otherwise than their rows say, by their ids; each is worked out once."""

    def __init__(self) -> None:
        self._now: dict[str, GroupNow] = {}
        self.more = Totals()  # than the rows say

    def __contains__(self, name: str) -> bool:
        return name in self._now

    @property
    def listed(self) -> list[ListedGroup]:
        """Return the groups."""
        return [now.listed for now in self._now.values()]

    @property
    def savings(self) -> Iterable[Savings]:
        """Return what each of the groups could bring."""
        return (now.savings for now in self._now.values())

    def drop(self, names: Iterable[str]) -> None:
        """Let some groups be shown as their rows say."""
        for name in names:
            now = self._now.pop(name, None)
            if now is not None:
                self.more = self.more.with_more(now.totals, -1).with_more(now.kept)

    def renew(self, names: Iterable[str], loader: GroupLoader, decisions: OwnerDecisions, is_there: IsThere) -> None:
        """Work out anew how some groups stand; those that are there no more are dropped. Raises GroupsFileError."""
        wanted = list(dict.fromkeys(names))
        self.drop(wanted)
        for start in range(0, len(wanted), _AT_ONCE):
            for row in sorted(loader.rows(wanted[start : start + _AT_ONCE]), key=lambda row: row.component):
                now = group_now(row, loader.shown(row), decisions, is_there)
                self._now[row.id] = now
                self.more = self.more.with_more(now.totals).with_more(now.kept, -1)

    def next(
        self, show: Show, order: GroupOrder, behind: ListedGroup | None, count: int, *, backwards: bool = False
    ) -> list[ListedGroup]:
        """Return the next of the groups to be shown behind one, or before it, the nearest first."""
        at = None if behind is None else behind.place(order)
        found = (now.listed for now in self._now.values() if show in now.shows)
        if backwards:
            before = (g for g in found if at is None or g.place(order) < at)
            return heapq.nlargest(count, before, key=lambda g: g.place(order))
        return heapq.nsmallest(
            count, (g for g in found if at is None or g.place(order) > at), key=lambda g: g.place(order)
        )


def group_now(row: GroupRow, shown: ShownGroup, decisions: OwnerDecisions, is_there: IsThere) -> GroupNow:
    """Return a group as it stands by the owner's decisions."""
    listed = ListedGroup(row.number, row.id, row.first_us, row.suggested_bytes, row.component)
    kept, shots = kept_totals(row), shown.shots
    group = without_separated(shots, shown.group.group, decisions)
    if group is None:
        return GroupNow(listed, (), Totals(), kept, {})
    if group.kind is Kind.SERIES:
        return GroupNow(listed, (Show.SERIES,), Totals(series=1), kept, {})
    verdicts = verdicts_on(shots, decisions.verdicts)
    now = replace(shown.group, group=group, decided=verdicts_in(shots, group, verdicts))
    waits = undecided(shots, group, verdicts)
    sure = waits and now.clear and not now.pending
    saving = saving_of(shots, [now] if waits else [])
    going = [(s, what) for s, what in surplus(shots, [now], verdicts) if what != CHOSEN or is_there(s)]
    chosen = [s for s, what in going if what == CHOSEN]
    totals = Totals(
        open=int(waits),
        sure=int(sure),
        open_photos=saving.photos,
        open_bytes=saving.bytes,
        sure_bytes=saving.bytes if sure else 0,
        decided=int(not waits),
        pending=int(waits and now.pending),
        chosen_photos=len(chosen),
        chosen_bytes=sum(s.whole_bytes for s in chosen),
    )
    shows = ((Show.OPEN, Show.SURE) if sure else (Show.OPEN,)) if waits else (Show.DECIDED,)
    return GroupNow(listed, shows, totals, kept, savings_of(going))


def kept_totals(row: GroupRow) -> Totals:
    """Return what a kept group adds to the totals of all of them."""
    sure = row.open and row.clear and not row.pending
    return Totals(
        open=int(row.open),
        sure=int(sure),
        open_photos=row.open_photos,
        open_bytes=row.open_bytes,
        sure_bytes=row.open_bytes if sure else 0,
        decided=int(not row.open and not row.series),
        series=int(row.series),
        pending=int(row.open and row.pending),
        chosen_photos=row.chosen_photos,
        chosen_bytes=row.chosen_bytes,
    )


def verdicts_on(shots: Iterable[Shot], verdicts: Verdicts) -> Verdicts:
    """Return the verdicts on some shots, those on other photos of a shot among them."""
    shots = list(shots)
    contents = {content for s in shots for content in (s.content, *(c.content for c in s.companions))}
    return unit_verdicts(shots, {content: verdicts[content] for content in contents if content in verdicts})


def without_separated(shots: Iterable[Shot], group: Group, decisions: OwnerDecisions) -> Group | None:
    """Return a group without the contents that were separated from all others in it; None where one is left."""
    own = list(shots)
    contents = dict.fromkeys(own[m].content for m in group.members)
    if decisions.separated_contents.isdisjoint(contents):
        return group
    left = set(contents)
    for content in contents:
        others = left - {content}
        if others and all(tuple(sorted((content, other))) in decisions.separated for other in others):
            left.discard(content)
    if len(left) == len(contents):
        return group
    members = tuple(m for m in group.members if own[m].content in left)
    pairs = tuple(p for p in group.pairs if p.a in members and p.b in members)
    return replace(group, members=members, pairs=pairs) if len(members) > 1 else None

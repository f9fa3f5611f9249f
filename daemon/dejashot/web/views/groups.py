"""The groups as the page shows them: a report, with the owner's decisions laid over it."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.verdicts import keep_all, undecided, verdicts_in, with_decisions
from dejashot.models.groups import Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.report import Report, ReportGroup
from dejashot.reports.saving import CHOSEN, saving_of, suggestion_of, surplus
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.group import GroupView, shot_views


class GroupOrder(StrEnum):
    """In which order groups are shown."""

    NEWEST = "newest"
    SAVING = "saving"


class Show(StrEnum):
    """Which groups are shown."""

    OPEN = "open"
    SURE = "sure"
    DECIDED = "decided"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Totals:
    """How many groups wait, are sure, were decided on or are series, and what could go by the suggestions.

    `pending` of those that wait are still to be looked at closely: they count nothing towards what could go.
    `chosen_photos` and `chosen_bytes` are of what the owner chose to go and still lies where it was read.
    """

    open: int
    sure: int
    open_photos: int
    open_bytes: int
    sure_bytes: int
    decided: int
    series: int
    pending: int = 0
    chosen_photos: int = 0
    chosen_bytes: int = 0


class GroupsView:
    """The groups of a report, to choose from.

    Decisions are passed in with each question, so that what is shown is never behind them. `is_there` tells whether a
    file still lies where it was read: what was just moved may still be in the groups.
    """

    def __init__(
        self,
        report: Report,
        qualities: Callable[[Sequence[bytes]], Mapping[bytes, Quality]] = lambda _: {},
        is_there: Callable[[Shot], bool] = lambda _: True,
    ) -> None:
        self.report, self.is_there = report, is_there
        self._qualities = qualities
        self._by_id = {g.id: g for g in report.groups}
        self._contents = {
            g.id: tuple(dict.fromkeys(report.shots[m].content for m in g.group.members)) for g in report.groups
        }

    @cached_property
    def united(self) -> Sequence[Shot]:
        """Return the shots of which a photo is a companion."""
        return [shot for shot in self.report.shots if any(c.content for c in shot.companions)]

    @cached_property
    def by_content(self) -> Mapping[bytes, Shot]:
        """Return one shot of each content; a photo that belongs to a shot, such as a raw file, leads to that shot."""
        shots = self.report.shots
        members = {c.content: shot for shot in reversed(shots) for c in shot.companions if c.content}
        return members | {shot.content: shot for shot in reversed(shots)}

    @cached_property
    def by_path(self) -> Mapping[str, bytes]:
        """Return the content of each file by its absolute path."""
        root, shots = self.report.head.root, self.report.shots
        companions = {os.path.join(root, c.path): c.content for shot in shots for c in shot.companions if c.content}
        return companions | {os.path.join(root, shot.path): shot.content for shot in shots}

    @cached_property
    def group_of(self) -> Mapping[bytes, str]:
        """Return the id of the group, series last, that a content is in."""
        ordered = sorted(self.report.groups, key=lambda g: g.group.kind is not Kind.SERIES)
        return {content: g.id for g in ordered for content in self._contents[g.id]}

    def page(
        self, show: Show, order: GroupOrder, decisions: OwnerDecisions, after: str, count: int
    ) -> tuple[list[str], bool]:
        """Return the ids of the next groups behind one (from the start when there is none), and whether more follow.

        Where a group stands does not depend on decisions: none is passed over when groups before it are decided.
        """
        ordered = self._ordered[order]
        start = next((n + 1 for n, g in enumerate(ordered) if g.id == after), 0) if after else 0
        found: list[str] = []
        for report_group in ordered[start:]:
            if self._shows(report_group, show, decisions):
                if len(found) == count:
                    return found, True
                found.append(report_group.id)
        return found, False

    def before(self, show: Show, order: GroupOrder, decisions: OwnerDecisions, name: str) -> str:
        """Return the id of the last group to be shown before a group, empty when there is none."""
        found = ""
        for report_group in self._ordered[order]:
            if report_group.id == name:
                break
            if self._shows(report_group, show, decisions):
                found = report_group.id
        return found

    def until(self, show: Show, order: GroupOrder, decisions: OwnerDecisions, name: str, count: int) -> tuple[str, ...]:
        """Return the ids of the groups up to one and of it, shown or not: at most `count`; none where it is unknown."""
        if name not in self._by_id:
            return ()
        found: deque[str] = deque(maxlen=count)
        for report_group in self._ordered[order]:
            if report_group.id == name or self._shows(report_group, show, decisions):
                found.append(report_group.id)
            if report_group.id == name:
                break
        return tuple(found)

    def next_open(self, order: GroupOrder, decisions: OwnerDecisions, name: str) -> str:
        """Return the id of the next group that waits behind one, from the start at the end; empty when none does."""
        for after in (name, ""):
            found, _ = self.page(Show.OPEN, order, decisions, after, 1)
            if found and found[0] != name:
                return found[0]
        return ""

    def remaining(self, decisions: OwnerDecisions) -> list[ReportGroup]:
        """Return the groups that the owner has not taken apart, without the shots that were separated from them."""
        return [
            replace(g, group=left)
            for g in self.report.groups
            if (left := self._without_separated(g, decisions)) is not None
        ]

    def totals(self, decisions: OwnerDecisions) -> Totals:
        """Count what waits; the work grows with the decisions, not with the groups."""
        every = self._undecided
        before: list[ReportGroup] = []
        touched: list[ReportGroup] = []
        begun: list[ReportGroup] = []
        done = 0
        contents = (*decisions.verdicts, *decisions.separated_contents)
        for name in {name for content in contents for name in self._groups_of.get(content, ())}:
            report_group = self._by_id[name]
            left = self._without_separated(report_group, decisions)
            if left is None:
                before.append(report_group)
                continue
            now = replace(report_group, group=left, decided=verdicts_in(self.report.shots, left, decisions.verdicts))
            touched.append(now)
            if left.kind is not Kind.SERIES:
                before.append(report_group)
                begun += [now] if now.open else []
                done += not now.open
        less, more = self._count(_plain(before)), self._count(begun)
        going = surplus(self.report.shots, touched, decisions.verdicts)
        chosen = [shot for shot, column in going if column == CHOSEN and self.is_there(shot)]
        return Totals(
            open=every.open - less.open + more.open,
            sure=every.sure - less.sure + more.sure,
            open_photos=every.open_photos - less.open_photos + more.open_photos,
            open_bytes=every.open_bytes - less.open_bytes + more.open_bytes,
            sure_bytes=every.sure_bytes - less.sure_bytes + more.sure_bytes,
            decided=done,
            series=every.series - less.series,
            pending=every.pending - less.pending + more.pending,
            chosen_photos=len(chosen),
            chosen_bytes=sum(shot.whole_bytes for shot in chosen),
        )

    def report_group(self, name: str) -> ReportGroup | None:
        """Return a group of the report, None when there is none of this id."""
        return self._by_id.get(name)

    def group_view(self, name: str, decisions: OwnerDecisions) -> GroupView | None:
        """Return a group as it stands; None when there is none of this id, or the owner has taken it apart."""
        report_group = self._by_id.get(name)
        group = None if report_group is None else self._without_separated(report_group, decisions)
        if report_group is None or group is None:
            return None
        shots, verdicts, suggestion = self.report.shots, decisions.verdicts, suggestion_of(report_group)
        choice = suggestion
        if report_group.pending:
            suggestion, choice = keep_all(shots, group, {}), keep_all(shots, group, verdicts)
        elif group is not report_group.group or any(c in verdicts for c in self._contents[name]):
            qualities = self._qualities(self._contents[name])
            if group is not report_group.group:
                suggestion = suggest_keepers(shots, group, qualities)
            choice = with_decisions(shots, group, suggestion, qualities, verdicts)
        decided = verdicts_in(shots, group, verdicts)
        waits = undecided(shots, group, verdicts)
        now = replace(report_group, group=group, choice=choice, decided=decided, suggestion=suggestion)
        return GroupView(
            report_group=now,
            shot_views=tuple(shot_views(shots, now)),
            open=waits,
            frees_bytes=0 if waits and report_group.pending else choice.reclaimable_bytes,
        )

    @cached_property
    def _ordered(self) -> Mapping[GroupOrder, Sequence[ReportGroup]]:
        by_saving = sorted(self.report.groups, key=lambda g: (-suggestion_of(g).reclaimable_bytes, g.group.members))
        return {GroupOrder.NEWEST: self.report.groups[::-1], GroupOrder.SAVING: by_saving}

    @cached_property
    def _undecided(self) -> Totals:
        return self._count(_plain(self.report.groups))

    @cached_property
    def _groups_of(self) -> Mapping[bytes, Sequence[str]]:
        found: dict[bytes, list[str]] = {}
        for name, contents in self._contents.items():
            for content in contents:
                found.setdefault(content, []).append(name)
        return found

    def _count(self, groups: Sequence[ReportGroup]) -> Totals:
        """Count groups, with what could go besides what is decided of them."""
        waiting = saving_of(self.report.shots, groups)
        sure = saving_of(self.report.shots, [g for g in groups if g.clear and not g.pending])
        return Totals(
            open=waiting.groups,
            sure=sure.groups,
            open_photos=waiting.photos,
            open_bytes=waiting.bytes,
            sure_bytes=sure.bytes,
            decided=0,
            series=len(groups) - waiting.groups,
            pending=waiting.pending,
        )

    def _shows(self, report_group: ReportGroup, show: Show, decisions: OwnerDecisions) -> bool:
        left = self._without_separated(report_group, decisions)
        if left is None:
            return False
        if show is Show.SERIES or left.kind is Kind.SERIES:
            return show is Show.SERIES and left.kind is Kind.SERIES
        waits = undecided(self.report.shots, left, decisions.verdicts)
        if show is Show.SURE:
            return waits and report_group.clear and not report_group.pending
        return waits == (show is Show.OPEN)

    def _without_separated(self, report_group: ReportGroup, decisions: OwnerDecisions) -> Group | None:
        """Return a group without the contents that were separated from all others in it since it was made."""
        contents = self._contents[report_group.id]
        if decisions.separated_contents.isdisjoint(contents):
            return report_group.group
        left = set(contents)
        for content in contents:
            others = left - {content}
            if others and all(tuple(sorted((content, other))) in decisions.separated for other in others):
                left.discard(content)
        if len(left) == len(contents):
            return report_group.group
        members = tuple(m for m in report_group.group.members if self.report.shots[m].content in left)
        pairs = tuple(p for p in report_group.group.pairs if p.a in members and p.b in members)
        return replace(report_group.group, members=members, pairs=pairs) if len(members) > 1 else None


def _plain(groups: Iterable[ReportGroup]) -> list[ReportGroup]:
    """Return groups as if nothing was decided of them."""
    return [replace(g, decided={}) if g.decided else g for g in groups]

"""The groups as the page shows them: a report, with the owner's decisions laid over it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.verdicts import Verdicts, undecided, with_decisions
from dejashot.models.capture import Certainty
from dejashot.models.decisions import SeparatedPairs, Verdict
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.report import Report, ReportGroup


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
class ShotView:
    """One content of a group: the file that is shown, how many files of the group hold it, and the pair that leads to it.

    `copies` are the paths of the other files. `word` is what the owner has said of it, `suggested` the word that accepting the suggestion would give it, heeding what was said
    of the others.
    """

    shot: Shot
    files: int
    link: Pair | None
    word: Verdict | None
    suggested: Verdict
    reasons: tuple[str, ...]
    copies: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the content in hex: what a picture is asked for by."""
        return self.shot.content.hex()

    @property
    def kept(self) -> bool:
        """Tell whether it stays as things stand: by the owner's word, else by the suggestion."""
        return (self.word or self.suggested) is not Verdict.REJECT

    @property
    def state(self) -> str:
        """Return how it stands: the owner's word, else `suggested` (to stay) or `other`."""
        return self.word.value if self.word else "suggested" if self.kept else "other"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as it is shown: its tiles in time order, and what choosing would free and does free."""

    chosen: ReportGroup
    tiles: tuple[ShotView, ...]
    open: bool
    frees_bytes: int

    @property
    def id(self) -> str:
        """Return the group's stable id."""
        return self.chosen.id

    @property
    def mark(self) -> str:
        """Return what the group shows, in short: accepting is accepting this and nothing else."""
        shown = b"".join(t.shot.content + (t.word or t.suggested).encode() for t in self.tiles)
        return hashlib.sha256(shown).hexdigest()[:16]

    @property
    def sure(self) -> bool:
        """Tell whether the suggestion is one to be accepted without much thought."""
        return self.open and self.chosen.choice.confidence is Certainty.HIGH


@dataclass(frozen=True, slots=True)
class Totals:
    """How many groups wait, how many of them are sure, what the suggestions would free, and how many shots were decided on."""

    open: int
    sure: int
    open_bytes: int
    sure_bytes: int
    decided: int
    series: int


@dataclass(frozen=True, slots=True)
class _Told:
    """What the owner told apart, and the contents that this concerns."""

    apart: SeparatedPairs
    contents: frozenset[bytes]

    @classmethod
    def of(cls, apart: SeparatedPairs) -> "_Told":
        return cls(apart, frozenset(content for pair in apart for content in pair))


class GroupsView:
    """A report to choose from; decisions are passed in with each question, so that what is shown is never behind them."""

    def __init__(
        self, report: Report, qualities: Callable[[Sequence[bytes]], Mapping[bytes, Quality]] = lambda _: {}
    ) -> None:
        self.report = report
        self._qualities = qualities
        self._by_id = {chosen.id: chosen for chosen in report.groups}
        self._contents = {
            c.id: tuple(dict.fromkeys(report.shots[m].content for m in c.group.members)) for c in report.groups
        }

    @cached_property
    def united(self) -> Sequence[Shot]:
        """Return the shots of which a photo is a companion."""
        return [shot for shot in self.report.shots if any(c.content for c in shot.companions)]

    @cached_property
    def by_content(self) -> Mapping[bytes, Shot]:
        """Return one shot of each content; a photo that belongs to a shot, such as a raw file, is known as that shot."""
        shots = self.report.shots
        halves = {c.content: shot for shot in reversed(shots) for c in shot.companions if c.content}
        return halves | {shot.content: shot for shot in reversed(shots)}

    @cached_property
    def group_of(self) -> Mapping[bytes, str]:
        """Return the id of the group, series last, that a content is in."""
        ordered = sorted(self.report.groups, key=lambda c: c.group.kind is not Kind.SERIES)
        return {content: c.id for c in ordered for content in self._contents[c.id]}

    def page(
        self, show: Show, order: GroupOrder, words: Verdicts, apart: SeparatedPairs, after: str, count: int
    ) -> tuple[list[str], bool]:
        """Return the ids of the next few groups to be shown behind a group (from the start when there is none), and whether more follow.

        Where a group stands does not depend on what was decided: nothing is passed over when groups before it are dealt with.
        """
        ordered, told = self._ordered[order], _Told.of(apart)
        start = next((n + 1 for n, c in enumerate(ordered) if c.id == after), 0) if after else 0
        found: list[str] = []
        for chosen in ordered[start:]:
            if self._shows(chosen, show, words, told):
                if len(found) == count:
                    return found, True
                found.append(chosen.id)
        return found, False

    def before(self, show: Show, order: GroupOrder, words: Verdicts, apart: SeparatedPairs, name: str) -> str:
        """Return the id of the last group to be shown before a group, empty when there is none."""
        found, told = "", _Told.of(apart)
        for chosen in self._ordered[order]:
            if chosen.id == name:
                break
            if self._shows(chosen, show, words, told):
                found = chosen.id
        return found

    @cached_property
    def _ordered(self) -> Mapping[GroupOrder, Sequence[ReportGroup]]:
        by_saving = sorted(self.report.groups, key=lambda c: (-self._suggestion(c).reclaimable_bytes, c.group.members))
        return {GroupOrder.NEWEST: self.report.groups[::-1], GroupOrder.SAVING: by_saving}

    def there(self, apart: SeparatedPairs) -> list[ReportGroup]:
        """Return the groups that the owner has not taken apart."""
        told = _Told.of(apart)
        return [replace(c, group=left) for c in self.report.groups if (left := self._left(c, told)) is not None]

    def totals(self, words: Verdicts, apart: SeparatedPairs) -> Totals:
        """Count what waits; the work grows with the decisions, not with the groups."""
        told, every = _Told.of(apart), self._undecided
        done: list[ReportGroup] = []
        parted: list[ReportGroup] = []
        for name in {name for content in (*words, *told.contents) for name in self._groups_of.get(content, ())}:
            chosen = self._by_id[name]
            left = self._left(chosen, told)
            if left is None:
                parted.append(chosen)
            elif chosen.group.kind is not Kind.SERIES and not undecided(self.report.shots, left, words):
                done.append(chosen)
        less = self._count([*done, *parted])
        return Totals(
            open=every.open - less.open,
            sure=every.sure - less.sure,
            open_bytes=every.open_bytes - less.open_bytes,
            sure_bytes=every.sure_bytes - less.sure_bytes,
            decided=len(done),
            series=every.series - less.series,
        )

    @cached_property
    def _undecided(self) -> Totals:
        return self._count(self.report.groups)

    @cached_property
    def _groups_of(self) -> Mapping[bytes, Sequence[str]]:
        found: dict[bytes, list[str]] = {}
        for name, contents in self._contents.items():
            for content in contents:
                found.setdefault(content, []).append(name)
        return found

    def _count(self, groups: Sequence[ReportGroup]) -> Totals:
        """Count groups of which nothing is decided."""
        waiting = [c for c in groups if c.group.kind is not Kind.SERIES]
        sure = [c for c in waiting if self._suggestion(c).confidence is Certainty.HIGH]
        return Totals(
            open=len(waiting),
            sure=len(sure),
            open_bytes=sum(self._suggestion(c).reclaimable_bytes for c in waiting),
            sure_bytes=sum(self._suggestion(c).reclaimable_bytes for c in sure),
            decided=0,
            series=len(groups) - len(waiting),
        )

    def card(self, name: str, words: Verdicts, apart: SeparatedPairs) -> GroupView | None:
        """Return a group as it stands; None when there is none of this id, or the owner has taken it apart."""
        chosen = self._by_id.get(name)
        group = None if chosen is None else self._left(chosen, _Told.of(apart))
        if chosen is None or group is None:
            return None
        shots, suggestion = self.report.shots, self._suggestion(chosen)
        if group is not chosen.group or any(c in words for c in self._contents[name]):
            qualities = self._qualities(self._contents[name])
            if group is not chosen.group:
                suggestion = suggest_keepers(shots, group, qualities)
            choice = with_decisions(shots, group, suggestion, qualities, words)
        else:
            choice = suggestion
        decided = {m: words[shots[m].content] for m in group.members if shots[m].content in words}
        now = replace(chosen, group=group, choice=choice, decided=decided, suggestion=suggestion)
        return GroupView(now, tuple(_tiles(shots, now)), undecided(shots, group, words), choice.reclaimable_bytes)

    def _shows(self, chosen: ReportGroup, show: Show, words: Verdicts, told: "_Told") -> bool:
        left = self._left(chosen, told)
        if left is None:
            return False
        if show is Show.SERIES or chosen.group.kind is Kind.SERIES:
            return show is Show.SERIES and chosen.group.kind is Kind.SERIES
        waits = undecided(self.report.shots, left, words)
        if show is Show.SURE:
            return waits and self._suggestion(chosen).confidence is Certainty.HIGH
        return waits == (show is Show.OPEN)

    @staticmethod
    def _suggestion(chosen: ReportGroup) -> KeeperSuggestion:
        return chosen.suggestion or chosen.choice

    def _left(self, chosen: ReportGroup, told: "_Told") -> Group | None:
        """Return a group without the contents that the owner told apart from all others in it since it was made."""
        contents = self._contents[chosen.id]
        if told.contents.isdisjoint(contents):
            return chosen.group
        left = set(contents)
        for content in contents:
            others = left - {content}
            if others and all(tuple(sorted((content, other))) in told.apart for other in others):
                left.discard(content)
        if len(left) == len(contents):
            return chosen.group
        members = tuple(m for m in chosen.group.members if self.report.shots[m].content in left)
        pairs = tuple(p for p in chosen.group.pairs if p.a in members and p.b in members)
        return replace(chosen.group, members=members, pairs=pairs) if len(members) > 1 else None


def _tiles(shots: Sequence[Shot], chosen: ReportGroup) -> Iterable[ShotView]:
    """Yield the contents of a group in time order, each with the pair between it and the one before."""
    choice = chosen.choice
    by_ends = {(p.a, p.b): p for p in chosen.group.pairs}
    files: dict[bytes, list[int]] = {}
    for m in chosen.group.members:
        files.setdefault(shots[m].content, []).append(m)
    before: int | None = None
    for members in files.values():
        first = members[0]
        kept = [m for m in members if m in choice.keepers]
        word = Verdict.REJECT if not kept else Verdict.KEEP if len(kept) == len(members) else Verdict.KEEP_ONE
        shown = next((m for m in members if m in choice.keepers), first)
        link = None if before is None else by_ends.get((min(before, first), max(before, first)))
        copies = tuple(shots[m].path for m in members if m != shown)
        yield ShotView(
            shots[shown], len(members), link, chosen.decided.get(first), word, choice.reasons.get(shown, ()), copies
        )
        before = members[-1]

"""One group as the page shows it, and its shots."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind, Pair
from dejashot.models.shot import Shot
from dejashot.reports.report import ReportGroup
from dejashot.reports.saving import suggestion_of
from dejashot.web.films import companion_film


@dataclass(frozen=True, slots=True)
class ShotView:
    """One content of a group: the file that is shown, how many files hold it, and the pair with the shot before.

    `copies` are the paths of the other files. `verdict` is the owner's, `suggested` what accepting the suggestion would
    make of it, given the owner's verdicts on the others. `pending` tells that nothing is suggested yet, `why_suggested`
    why it would be kept if nothing were decided.
    """

    shot: Shot
    files: int
    link: Pair | None
    verdict: Verdict | None
    suggested: Verdict
    reasons: tuple[str, ...]
    copies: tuple[str, ...] = ()
    pending: bool = False
    why_suggested: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the content in hex: what a picture is asked for by."""
        return self.shot.content.hex()

    @property
    def film(self) -> str:
        """Return what film belongs to it: `live` beside the photo, `motion` in its file, or none (empty)."""
        return "live" if companion_film(self.shot) else "motion" if self.shot.motion else ""

    @property
    def kept(self) -> bool:
        """Return whether it stays as things stand: by the owner's verdict, else by the suggestion."""
        return self.pending or (self.verdict or self.suggested) is not Verdict.REJECT

    @property
    def stays_anyway(self) -> bool:
        """Return whether it stays although it is rejected, as every shot of its group is."""
        return self.verdict is Verdict.REJECT and self.suggested is not Verdict.REJECT

    @property
    def state(self) -> str:
        """Return the owner's verdict, else `suggested` (to stay) or `other`."""
        if self.verdict:
            return self.verdict.value
        return "suggested" if self.kept and not self.pending else "other"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as it is shown: its shots in time order, whether it waits, and what choosing would free or does free.

    `first` is the shot that it begins with.
    """

    report_group: ReportGroup
    first: Shot
    shot_views: tuple[ShotView, ...]
    open: bool
    frees_bytes: int

    @property
    def id(self) -> str:
        """Return the group's stable id."""
        return self.report_group.id

    @property
    def pending(self) -> bool:
        """Return whether its photos are still to be looked at closely, so that nothing is suggested yet."""
        return self.report_group.pending

    @property
    def staying(self) -> tuple[ShotView, ...]:
        """Return the shots that stay although the owner rejected every shot; none in a series."""
        series = self.report_group.group.kind is Kind.SERIES
        return () if series else tuple(v for v in self.shot_views if v.stays_anyway)

    @property
    def first_undecided(self) -> ShotView:
        """Return the first shot without a verdict; the first of all where each has one."""
        return next((v for v in self.shot_views if v.verdict is None), self.shot_views[0])

    @property
    def mark(self) -> str:
        """Return a hash of what the group shows: accepting is accepting this and nothing else."""
        shown = b"".join(v.shot.content + f"{v.verdict} {v.suggested}".encode() for v in self.shot_views)
        shown += b"pending" if self.pending else b""
        return hashlib.sha256(shown).hexdigest()[:16]


def shot_views(shots: Sequence[Shot], report_group: ReportGroup) -> Iterable[ShotView]:
    """Yield the contents of a group in time order, each with the pair between it and the one before."""
    choice, reasons = report_group.choice, suggestion_of(report_group).reasons
    pairs = {(p.a, p.b): p for p in report_group.group.pairs}
    files: dict[bytes, list[int]] = {}
    for m in report_group.group.members:
        files.setdefault(shots[m].content, []).append(m)
    before: int | None = None
    for members in files.values():
        first = members[0]
        kept = [m for m in members if m in choice.keepers]
        verdict = report_group.decided.get(first)
        pending = report_group.pending and verdict is None
        shown = kept[0] if kept else first
        yield ShotView(
            shot=shots[shown],
            files=len(members),
            link=None if before is None else pairs.get((min(before, first), max(before, first))),
            verdict=verdict,
            suggested=_suggested(len(kept), len(members)),
            reasons=() if pending else choice.reasons.get(shown, ()),
            copies=tuple(shots[m].path for m in members if m != shown),
            pending=pending,
            why_suggested=next((reasons[m] for m in reversed(members) if m in reasons), ()),
        )
        before = members[-1]


def _suggested(kept: int, files: int) -> Verdict:
    if not kept:
        return Verdict.REJECT
    return Verdict.KEEP if kept == files else Verdict.KEEP_ONE

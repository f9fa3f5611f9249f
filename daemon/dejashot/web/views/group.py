"""One group as the page shows it, and its shots."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dejashot.models.decisions import Verdict
from dejashot.models.groups import Pair
from dejashot.models.shot import Shot
from dejashot.reports.report import ReportGroup


@dataclass(frozen=True, slots=True)
class ShotView:
    """One content of a group: the file that is shown, how many files hold it, and the pair with the shot before.

    `copies` are the paths of the other files. `verdict` is the owner's, `suggested` what accepting the suggestion would
    make of it, given the owner's verdicts on the others.
    """

    shot: Shot
    files: int
    link: Pair | None
    verdict: Verdict | None
    suggested: Verdict
    reasons: tuple[str, ...]
    copies: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the content in hex: what a picture is asked for by."""
        return self.shot.content.hex()

    @property
    def kept(self) -> bool:
        """Return whether it stays as things stand: by the owner's verdict, else by the suggestion."""
        return (self.verdict or self.suggested) is not Verdict.REJECT

    @property
    def state(self) -> str:
        """Return the owner's verdict, else `suggested` (to stay) or `other`."""
        return self.verdict.value if self.verdict else "suggested" if self.kept else "other"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as it is shown: its shots in time order, whether it waits, and what choosing would free or does free."""

    report_group: ReportGroup
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
    def mark(self) -> str:
        """Return a hash of what the group shows: accepting is accepting this and nothing else."""
        shown = b"".join(v.shot.content + (v.verdict or v.suggested).encode() for v in self.shot_views)
        return hashlib.sha256(shown).hexdigest()[:16]


def shot_views(shots: Sequence[Shot], report_group: ReportGroup) -> Iterable[ShotView]:
    """Yield the contents of a group in time order, each with the pair between it and the one before."""
    choice = report_group.choice
    pairs = {(p.a, p.b): p for p in report_group.group.pairs}
    files: dict[bytes, list[int]] = {}
    for m in report_group.group.members:
        files.setdefault(shots[m].content, []).append(m)
    before: int | None = None
    for members in files.values():
        first = members[0]
        kept = [m for m in members if m in choice.keepers]
        shown = kept[0] if kept else first
        yield ShotView(
            shot=shots[shown],
            files=len(members),
            link=None if before is None else pairs.get((min(before, first), max(before, first))),
            verdict=report_group.decided.get(first),
            suggested=_suggested(len(kept), len(members)),
            reasons=choice.reasons.get(shown, ()),
            copies=tuple(shots[m].path for m in members if m != shown),
        )
        before = members[-1]


def _suggested(kept: int, files: int) -> Verdict:
    if not kept:
        return Verdict.REJECT
    return Verdict.KEEP if kept == files else Verdict.KEEP_ONE

"""Which groups and which of their photos a digest shows first: it is short, and the rest is there to be opened."""

from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

from dejashot.language.texts import t
from dejashot.models.capture import Certainty
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind
from dejashot.reports.report import Report, ReportGroup

Member = TypeVar("Member", bound=Hashable)

MAX_BEST = 10
MAX_SHOWN = 4  # photos of a group
_WEIGHTS = {Certainty.HIGH: 1.0, Certainty.LOW: 0.25}  # of a byte, by how certain the suggestion


def best_and_rest(report: Report) -> tuple[list[ReportGroup], list[ReportGroup]]:
    """Return the groups to show at once, by saving and certainty, and all others, newest first; few are all shown."""
    newest = report.reducible[::-1]
    if len(newest) <= MAX_BEST:
        return newest, []
    offered = [g for g in newest if g.open and not g.pending and g.choice.reclaimable_bytes]
    best = sorted(offered, key=_weight, reverse=True)[:MAX_BEST]
    shown = {g.id for g in best}
    return best, [g for g in newest if g.id not in shown]


def shown_members(chosen: ReportGroup) -> Sequence[int]:
    """Return the members of a group to show, in time order."""
    if chosen.group.kind is Kind.SERIES or chosen.pending:
        return chosen.group.members[:MAX_SHOWN]
    return shown_first(chosen.group.members, chosen.choice.keepers)


def shown_first(members: Sequence[Member], keepers: Collection[Member]) -> list[Member]:
    """Return up to four members in their order: what is kept first, and at least one of what could go beside it."""
    if len(members) <= MAX_SHOWN:
        return list(members)
    kept = [m for m in members if m in keepers]
    others = [m for m in members if m not in keepers]
    first = kept[: MAX_SHOWN - 1] if others else kept[:MAX_SHOWN]
    wanted = {*first, *others[: MAX_SHOWN - len(first)]}
    return [m for m in members if m in wanted]


def mark_of(decided: Verdict | None, *, kept: bool, pending: bool) -> tuple[str, str]:
    """Return what a digest says of a photo, as `keep`, `go` or nothing and in words: the owner's word comes first."""
    if decided is not None:
        # Translators: what the owner chose for a photo
        return ("go", t("You rejected it")) if decided is Verdict.REJECT else ("keep", t("You keep it"))
    if pending:
        return "", ""
    # Translators: what is suggested for a photo: to keep it, or that it could be deleted
    return ("keep", t("Keep")) if kept else ("go", t("Could go"))


def _weight(chosen: ReportGroup) -> float:
    return chosen.choice.reclaimable_bytes * _WEIGHTS[chosen.choice.confidence]

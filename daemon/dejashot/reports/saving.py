"""What could go by the suggestions that wait for the owner: one count for digests, their messages and the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.models.shot import Shot
from dejashot.reports.report import Report, ReportGroup


@dataclass(frozen=True, slots=True)
class Saving:
    """How many groups wait to be chosen from, and how many photos and bytes could go by what is suggested of them.

    `pending` of the groups are still to be looked at closely: of those nothing is counted as what could go.
    """

    groups: int = 0
    photos: int = 0
    bytes: int = 0
    pending: int = 0


def suggestion_of(chosen: ReportGroup) -> KeeperSuggestion:
    """Return what would be suggested of a group to somebody who has not decided anything."""
    return chosen.suggestion or chosen.choice


def saving_in(report: Report) -> Saving:
    """Return what could go of the groups of a report that wait for the owner."""
    return saving_of(report.shots, [g for g in report.groups if g.open])


def saving_of(shots: Sequence[Shot], groups: Iterable[ReportGroup]) -> Saving:
    """Return what could go of groups that wait; series wait for nothing."""
    waiting = [g for g in groups if g.group.kind is not Kind.SERIES]
    settled = [g for g in waiting if not g.pending]
    return Saving(
        groups=len(waiting),
        photos=sum(removable_photos(shots, g.group, suggestion_of(g)) for g in settled),
        bytes=sum(suggestion_of(g).reclaimable_bytes for g in settled),
        pending=len(waiting) - len(settled),
    )


def removable_photos(shots: Sequence[Shot], group: Group, choice: KeeperSuggestion) -> int:
    """Return how many photos of a group could go; names of one file on the disk are one, and none where it stays."""
    kept = {node for keeper in choice.keepers for node in shots[keeper].nodes}
    return len({frozenset(shots[m].nodes) for m in group.members if not kept.issuperset(shots[m].nodes)})

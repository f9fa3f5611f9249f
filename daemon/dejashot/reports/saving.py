"""What could go by the suggestions that wait for the owner: one count for digests, their messages and the page."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.keepers.reducible import reducible_bytes
from dejashot.grouping.verdicts import last_ones, verdicts_in
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group, KeeperSuggestion, Kind
from dejashot.models.shot import Shot
from dejashot.reports.report import Report, ReportGroup

CHOSEN, SUGGESTED = "chosen", "suggested"


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
    """Return what could go of groups that wait, besides what the owner decided; series wait for nothing."""
    waiting = [g for g in groups if g.group.kind is not Kind.SERIES]
    settled = [(g.group, members_staying(g)) for g in waiting if not g.pending]
    return Saving(
        groups=len(waiting),
        photos=sum(removable_photos(shots, group, staying) for group, staying in settled),
        bytes=sum(reducible_bytes(shots, group, staying) for group, staying in settled),
        pending=len(waiting) - len(settled),
    )


def members_staying(chosen: ReportGroup) -> set[int]:
    """Return the members of a group that no suggestion would have go: those to keep, and those that were decided on.

    Beside what the owner keeps nothing else is to be kept. Where what was to be kept is rejected, or in the group no
    more, the first of the others stays.
    """
    members, decided = chosen.group.members, chosen.decided
    if chosen.pending:
        return set(members)
    if any(verdict is not Verdict.REJECT for verdict in decided.values()):
        return set(decided)
    keepers = [m for m in suggestion_of(chosen).keepers if m in members and m not in decided]
    return {*(keepers or [m for m in members if m not in decided][:1]), *decided}


def removable_photos(shots: Sequence[Shot], group: Group, keepers: Collection[int]) -> int:
    """Return how many photos of a group could go; names of one file on the disk are one, and none where it stays."""
    kept = {node for keeper in keepers for node in shots[keeper].nodes}
    return len({frozenset(shots[m].nodes) for m in group.members if not kept.issuperset(shots[m].nodes)})


def surplus(
    shots: Sequence[Shot], groups: Iterable[ReportGroup], verdicts: Mapping[bytes, Verdict]
) -> Iterator[tuple[Shot, str]]:
    """Yield each file that would go: `chosen` by the owner's verdict, or `suggested` while there is none.

    Hard links to one file count once, and not at all while one of them stays.
    """
    going: dict[tuple[int, int], tuple[Shot, str]] = {}
    staying: set[tuple[int, int]] = set()
    for report_group in groups:
        if report_group.group.kind is Kind.SERIES:
            continue
        members = report_group.group.members
        suggestion = suggestion_of(report_group)
        decided = verdicts_in(shots, report_group.group, verdicts)
        staying_members = members_staying(replace(report_group, decided=decided))
        last = last_ones(shots, report_group.group, suggestion, verdicts)
        originals = _originals(shots, [m for m in members if verdicts.get(shots[m].content) is Verdict.KEEP_ONE])
        for m in members:
            shot = shots[m]
            verdict = verdicts.get(shot.content)
            extra = verdict is Verdict.KEEP_ONE and originals[shot.content] != m
            if (verdict is Verdict.REJECT and m not in last) or extra:
                going[shot.node] = shot, CHOSEN
            elif m not in staying_members:
                going.setdefault(shot.node, (shot, SUGGESTED))
            else:
                staying.add(shot.node)
    yield from (item for node, item in going.items() if node not in staying)


def savings_of(going: Iterable[tuple[Shot, str]]) -> dict[tuple[str, str, str], int]:
    """Return the bytes of files that would go, by what they are, month and camera."""
    found: dict[tuple[str, str, str], int] = {}
    for shot, what in going:
        key = (what, shot.taken.iso[:7], shot.camera.name)
        found[key] = found.get(key, 0) + shot.whole_bytes
    return found


def _originals(shots: Sequence[Shot], members: Iterable[int]) -> dict[bytes, int]:
    """Return which of some equal files stays, by content."""
    found: dict[bytes, int] = {}
    for m in sorted(members, key=lambda m: originality(shots[m])):
        found.setdefault(shots[m].content, m)
    return found

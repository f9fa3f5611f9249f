"""What would go of some groups, file by file: what the owner chose, and what is only suggested."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.verdicts import last_ones, verdicts_in
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from dejashot.reports.report import ReportGroup
from dejashot.reports.saving import members_staying, suggestion_of

CHOSEN, SUGGESTED = "chosen", "suggested"


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


def _originals(shots: Sequence[Shot], members: Iterable[int]) -> dict[bytes, int]:
    """Return which of some equal files stays, by content."""
    found: dict[bytes, int] = {}
    for m in sorted(members, key=lambda m: originality(shots[m])):
        found.setdefault(shots[m].content, m)
    return found

"""Reports on made-up shots, and the groups that the page makes of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.identity import identities
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.clear_cases import CaseEvidence, is_clear_case
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.models.groups import Group, VerifiedPairs
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.report import Report, ReportGroup, ReportHead
from dejashot.web.views.groups import GroupsView
from shots import NO_PAGES, RULES, quality, shot, unit


def report_of(shots: list[Shot], looks: Mapping[bytes, Quality]) -> Report:
    groups = group_shots(shots, RULES, GroupLimits(60, 600, 2))
    names = identities(shots, groups, {})
    return Report(
        ReportHead(
            title="Your library", made_at=datetime(2026, 7, 1, tzinfo=UTC), interval_s=60, model="test", root="/photos"
        ),
        shots=shots,
        pairs=adjacent_pairs(RULES, shots, 60),
        groups=[_report_group(name, shots, g, looks) for name, g in zip(names, groups, strict=True)],
    )


def _report_group(name: str, shots: list[Shot], group: Group, looks: Mapping[bytes, Quality]) -> ReportGroup:
    """Return a group with what is suggested of it; all pairs were verified, and none of the shots is a page."""
    suggestion = suggest_keepers(shots, group, looks)
    verified = VerifiedPairs({(shots[p.a].key, shots[p.b].key): 1.0 for p in group.pairs})
    clear = is_clear_case(shots, group, suggestion, CaseEvidence(looks, verified, NO_PAGES))
    return ReportGroup(name, group, suggestion, clear=clear)


def groups_view_of(*sizes: int, extra: Sequence[Shot] = ()) -> GroupsView:
    """Return groups of bursts of some sizes, five minutes apart; the last shot of each is by far the sharpest."""
    shots = [
        shot(300 * n + k, unit(*[0] * n, 1), path=f"{n}-{k}.jpg", size_bytes=1000 * (n + 1))
        for n, size in enumerate(sizes)
        for k in range(size)
    ]
    shots = sorted([*shots, *extra], key=lambda s: s.key)
    looks = {s.content: quality(2.0**n) for n, s in enumerate(shots)}
    return GroupsView(report_of(shots, looks), lambda contents: {c: looks[c] for c in contents})

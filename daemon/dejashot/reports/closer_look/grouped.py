"""The shots of a report, compared and grouped, with all that closer looks at them found."""

from collections.abc import Sequence
from dataclasses import dataclass

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.groups import group_shots
from dejashot.grouping.keepers.clear_cases import CaseEvidence
from dejashot.grouping.pairs.distant_copies import with_distant_copies
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.grouping.soundness import without_misjudged
from dejashot.models.groups import Group, Pair
from dejashot.models.shot import Shot
from dejashot.reports.closer_look.member_quality import has_choice, qualities_of, with_found_damage
from dejashot.reports.closer_look.questions import Looking
from dejashot.reports.closer_look.verification import Verification, verify_pairs
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.parameters import closer_look_rules, limits_of, rules_of


@dataclass(frozen=True, slots=True)
class GroupedShots:
    """The timeline, the pairs of neighbours, the groups, and what is known of their photos.

    `unknown` are the contents of which closer looks do not know all that groups depend on, `pending` those of them that
    a closer look is still to come for.
    """

    shots: Sequence[Shot]
    pairs: Sequence[Pair]
    groups: Sequence[Group]
    evidence: CaseEvidence
    pending: frozenset[bytes]
    unknown: frozenset[bytes]

    def is_pending(self, group: Group) -> bool:
        """Return whether closer looks at photos of a group are still to come."""
        return any(self.shots[m].content in self.pending for m in group.members)


def grouped_shots(context: ReportContext, request: ReportRequest, collected: CollectedShots) -> Looking[GroupedShots]:
    """Group what a report is about, looking closely at photos where the results can be kept."""
    settings, separated = context.settings, context.journal.separated_pairs
    shots, rules, limits = collected.shots, rules_of(settings, context.model), limits_of(settings)
    verification = yield from verify_pairs(context, collected, rules, limits, known_only=request.known_only)
    verified = verification.pairs
    pairs = adjacent_pairs(rules, shots, limits.interval_s, verified, separated)
    groups = group_shots(shots, rules, limits, verified, separated)
    copies = context.library.measurements.distant_copies.found([shot.content for shot in shots])
    groups = with_distant_copies(shots, groups, copies, separated)
    if request.only_new:
        groups = [g for g in groups if any(shots[m].new or shots[m].has_new_companions for m in g.members)]
    qualities = yield from qualities_of(context, collected, groups, request)
    shots = [with_found_damage(s, qualities) for s in shots]
    groups = [refined for g in without_misjudged(shots, groups) for refined in refine_kind(shots, g, qualities)]
    evidence = CaseEvidence(qualities, verified, rules.page)
    if context.results.keeps_results:
        return GroupedShots(shots, pairs, groups, evidence, frozenset(), frozenset())  # the rest can't be read
    unknown = _unknown(shots, groups, evidence, verification)
    pending = _pending(context, shots, unknown)
    every = frozenset(shots[m].content for members in unknown for m in members)
    return GroupedShots(shots, pairs, groups, evidence, pending, every)


def _unknown(
    shots: Sequence[Shot], groups: Sequence[Group], evidence: CaseEvidence, verification: Verification
) -> list[Sequence[int]]:
    """Return the members of pairs that were not verified, and of groups that were not measured."""
    unmeasured = [
        group.members
        for group in groups
        if has_choice(shots, group) and any(shots[m].content not in evidence.qualities for m in group.members)
    ]
    return [*verification.missing, *unmeasured]


def _pending(context: ReportContext, shots: Sequence[Shot], unknown: Sequence[Sequence[int]]) -> frozenset[bytes]:
    """Return the contents of what is unknown that will be looked at."""
    if not unknown:
        return frozenset()
    looks = context.library.closer_looks
    rules = closer_look_rules(context.settings, context.row.fingerprint)
    contents = sorted({shots[m].content for members in unknown for m in members})
    arrived = looks.arrived_since(looks.done_until(rules), contents)
    waiting = (members for members in unknown if any(shots[m].content in arrived for m in members))
    return frozenset(shots[m].content for members in waiting for m in members)

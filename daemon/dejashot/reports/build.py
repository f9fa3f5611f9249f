"""From the library to a report: group the shots in question, measure the members of groups, suggest keepers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.groups import group_shots
from dejashot.grouping.identity import identities, inherited, member_key
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.clear_cases import CaseEvidence, is_clear_case
from dejashot.grouping.pairs.distant_copies import with_distant_copies
from dejashot.grouping.series.page_runs import members_elsewhere, without_takes_elsewhere
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.similarity import adjacent_pairs
from dejashot.grouping.verdicts import Verdicts, with_decisions
from dejashot.library.previews import read_preview
from dejashot.models.groups import Group, KeeperSuggestion
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.collect import ReportPaths, collect_shots, excluded
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.distant_copies import find_distant_copies
from dejashot.reports.geocoding import located_shots
from dejashot.reports.member_quality import qualities_of, with_found_damage
from dejashot.reports.parameters import limits_of, rules_of
from dejashot.reports.report import Report, ReportGroup, ReportHead, ReportPlaces
from dejashot.reports.verification import verified_pairs


def build_report(
    context: ReportContext, request: ReportRequest, made_at: datetime, elapsed_s: Callable[[], float]
) -> Report:
    """Make a report; `made_at` is aware local time, `elapsed_s` returns how long it all took.

    Raises PreemptedError if the context says to stop before all photos in question were read.
    """
    settings, separated = context.settings, context.journal.separated_pairs
    paths = ReportPaths(request.folders)
    find_distant_copies(context, known_only=request.known_only)
    collected = collect_shots(context, request, paths)
    shots, rules, limits = collected.shots, rules_of(settings, context.model), limits_of(settings)
    verified = verified_pairs(context, collected, rules, limits, known_only=request.known_only)
    pairs = adjacent_pairs(rules, shots, limits.interval_s, verified, separated)
    groups = group_shots(shots, rules, limits, verified, separated)
    groups = with_distant_copies(shots, groups, context.library.measurements.distant_copies.found(), separated)
    if request.only_new:
        groups = [g for g in groups if any(shots[m].new or shots[m].has_new_companions for m in g.members)]
    qualities = qualities_of(context, collected, groups, request)
    shots = [with_found_damage(s, qualities) for s in shots]
    groups = [refined for g in groups for refined in refine_kind(shots, g, qualities)]
    return Report(
        head=ReportHead(
            title=request.title,
            made_at=made_at,
            interval_s=limits.interval_s,
            model=context.model.label,
            root=str(paths.root),
            elapsed_s=elapsed_s(),
            covers_new=request.only_new,
        ),
        shots=shots,
        pairs=pairs,
        groups=_report_groups(context, request, shots, groups, CaseEvidence(qualities, verified, rules.page)),
        skipped=collected.skipped,
        health=request.health,
        exclusions=excluded(context, request.folders, paths),
        ungrouped=sum(not s.taken.certainty.reaches(limits.least_certainty) for s in shots),
        places=_places(context, request, shots),
        preview=read_preview,
    )


def _places(context: ReportContext, request: ReportRequest, shots: Sequence[Shot]) -> ReportPlaces:
    """Return the places of shots, where they are wanted in the report."""
    if not request.include_place:
        return ReportPlaces()
    settings = context.settings.places
    return ReportPlaces(included=True, named=settings.name, of_shots=located_shots(settings, shots))


def _report_groups(
    context: ReportContext,
    request: ReportRequest,
    shots: Sequence[Shot],
    groups: Sequence[Group],
    evidence: CaseEvidence,
) -> list[ReportGroup]:
    """Return each group with its id, what to keep of it, and what is new in it; new ids are kept by whoever can."""
    members = {shots[m].content: shots[m] for g in groups for m in g.members}
    verdicts = unit_verdicts(members.values(), context.journal.verdicts)
    chosen = list(_chosen(shots, groups, evidence.qualities, verdicts))
    unit_members = {c.content: shot.content for shot in members.values() for c in shot.companions if c.content}
    known_ids = inherited(context.library.group_ids.of_contents(sorted({*members, *unit_members})), unit_members)
    ids = identities(shots, [c.group for c in chosen], known_ids)
    made: list[ReportGroup] = []
    new_ids: dict[tuple[bytes, bool], str] = {}
    for c, group_id in zip(chosen, ids, strict=True):
        keys = {m: member_key(shots, c.group, m) for m in c.group.members}
        new_ids |= {key: group_id for key in keys.values() if known_ids.get(key) != group_id}
        # one shot seen before and one that is new are a new group
        before = sum(not shots[m].new and known_ids.get(key) == group_id for m, key in keys.items())
        made.append(
            ReportGroup(
                group_id,
                c.group,
                c.choice,
                new_photos=sum(shots[m].new for m in c.group.members),
                amends=request.only_new and before > 1,
                decided={m: verdicts[shots[m].content] for m in c.group.members if shots[m].content in verdicts},
                suggestion=c.suggestion,
                clear=is_clear_case(shots, c.group, c.suggestion, evidence),
            )
        )
    if new_ids:
        context.results.add_group_ids(new_ids)
    return made


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A group, what is suggested of it, and what stays by the owner's decisions."""

    group: Group
    suggestion: KeeperSuggestion
    choice: KeeperSuggestion


def _chosen(
    shots: Sequence[Shot], groups: Sequence[Group], qualities: Mapping[bytes, Quality], verdicts: Verdicts
) -> Iterator[_Chosen]:
    """Yield each group with what to keep of it; of a page with several takes, a series holds those that stay."""

    def choose(group: Group) -> _Chosen:
        suggestion = suggest_keepers(shots, group, qualities)
        return _Chosen(group, suggestion, with_decisions(shots, group, suggestion, qualities, verdicts))

    chosen = [choose(group) for group in groups]
    elsewhere = members_elsewhere(groups, [c.choice.keepers for c in chosen])
    for c in chosen:
        left = without_takes_elsewhere(c.group, elsewhere)
        if left is not None:
            yield c if left is c.group else choose(left)

"""From the library to a report: group the shots in question, measure the members of groups, suggest keepers."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dejashot.grouping.identity import identities, inherited, member_key
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.keepers.clear_cases import is_clear_case
from dejashot.grouping.series.page_runs import members_elsewhere, without_takes_elsewhere
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.verdicts import Verdicts, keep_all, verdicts_in, with_decisions
from dejashot.library.previews import read_preview
from dejashot.models.groups import Group, KeeperSuggestion
from dejashot.models.shot import Shot
from dejashot.reports.closer_look.distant_copies import find_distant_copies
from dejashot.reports.closer_look.grouped import GroupedShots, grouped_shots
from dejashot.reports.closer_look.questions import look_into
from dejashot.reports.collect import ReportPaths, collect_shots, excluded
from dejashot.reports.context import ReportContext, ReportRequest
from dejashot.reports.geocoding import located_shots
from dejashot.reports.parameters import limits_of
from dejashot.reports.report import Report, ReportGroup, ReportHead, ReportPlaces


def build_report(
    context: ReportContext, request: ReportRequest, made_at: datetime, elapsed_s: Callable[[], float]
) -> Report:
    """Make a report; `made_at` is aware local time, `elapsed_s` returns how long it all took.

    Raises PreemptedError if the context says to stop before all photos in question were read.
    """
    paths = ReportPaths(request.folders)
    look_into(find_distant_copies(context, known_only=request.known_only), context)
    collected = collect_shots(context, request, paths)
    grouped = look_into(grouped_shots(context, request, collected), context)
    limits = limits_of(context.settings)
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
        shots=grouped.shots,
        pairs=grouped.pairs,
        groups=report_groups(context, grouped, only_new=request.only_new),
        skipped=collected.skipped,
        health=request.health,
        exclusions=excluded(context, request.folders, paths),
        ungrouped=sum(not s.taken.certainty.reaches(limits.least_certainty) for s in grouped.shots),
        places=_places(context, request, grouped.shots),
        preview=read_preview,
    )


def _places(context: ReportContext, request: ReportRequest, shots: Sequence[Shot]) -> ReportPlaces:
    """Return the places of shots, where they are wanted in the report."""
    if not request.include_place:
        return ReportPlaces()
    settings = context.settings.places
    return ReportPlaces(included=True, named=settings.name, of_shots=located_shots(settings, shots))


def report_groups(
    context: ReportContext,
    grouped: GroupedShots,
    *,
    only_new: bool,
    is_elsewhere: Callable[[Sequence[str]], Collection[str]] = lambda _: (),
) -> list[ReportGroup]:
    """Return each group with its id, what to keep of it, and what is new in it; new ids are kept by whoever can.

    `is_elsewhere` returns which of some ids groups outside of these have: they stay theirs.
    """
    shots = grouped.shots
    members = {shots[m].content: shots[m] for g in grouped.groups for m in g.members}
    verdicts = unit_verdicts(members.values(), context.journal.verdicts)
    chosen = list(_chosen(grouped, verdicts))
    unit_members = {c.content: shot.content for shot in members.values() for c in shot.companions if c.content}
    known_ids = inherited(context.library.group_ids.of_contents(sorted({*members, *unit_members})), unit_members)
    elsewhere = frozenset(is_elsewhere(sorted(set(known_ids.values()))))
    ids = identities(shots, [c.group for c in chosen], known_ids, elsewhere)
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
                amends=only_new and before > 1,
                decided=verdicts_in(shots, c.group, verdicts),
                suggestion=c.suggestion,
                clear=not c.pending and is_clear_case(shots, c.group, c.suggestion, grouped.evidence),
                pending=c.pending,
            )
        )
    if new_ids:
        context.results.add_group_ids(new_ids)
    return made


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A group, what is suggested of it, what stays by the owner's decisions, and whether a closer look is to come."""

    group: Group
    suggestion: KeeperSuggestion
    choice: KeeperSuggestion
    pending: bool


def _chosen(grouped: GroupedShots, verdicts: Verdicts) -> Iterator[_Chosen]:
    """Yield each group with what to keep of it; of a page with several takes, a series holds those that stay.

    While a closer look is to come, all is to stay that the owner did not reject.
    """
    shots, qualities = grouped.shots, grouped.evidence.qualities

    def choose(group: Group) -> _Chosen:
        if grouped.is_pending(group):
            return _Chosen(group, keep_all(shots, group, {}), keep_all(shots, group, verdicts), pending=True)
        suggestion = suggest_keepers(shots, group, qualities)
        choice = with_decisions(shots, group, suggestion, qualities, verdicts)
        return _Chosen(group, suggestion, choice, pending=False)

    chosen = [choose(group) for group in grouped.groups]
    elsewhere = members_elsewhere(grouped.groups, [c.choice.keepers for c in chosen])
    for c in chosen:
        left = without_takes_elsewhere(c.group, elsewhere)
        if left is not None:
            yield c if left is c.group else choose(left)

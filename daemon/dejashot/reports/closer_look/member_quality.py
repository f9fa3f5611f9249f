"""The quality of the shots in groups, by a closer look at those not measured yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dejashot.library.previews import keep_preview, preview_file
from dejashot.models.groups import Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reading.job import ReadJob
from dejashot.reports.closer_look.preempt import PreemptibleJobs
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReportContext, ReportRequest


def qualities_of(
    context: ReportContext, collected: CollectedShots, groups: Sequence[Group], request: ReportRequest
) -> dict[bytes, Quality]:
    """Return the quality of all members of groups, by content, measuring those not measured yet.

    Previews are made where they are wanted. Raises PreemptedError.
    """
    shots = collected.shots
    members = {shots[m].content: m for g in groups for m in g.members}
    ranked = {shots[m].content for g in groups if has_choice(shots, g) for m in g.members}
    known = context.library.measurements.quality(list(members))
    if request.known_only:
        return known
    wanted = [
        ReadJob(collected.paths[m], content)
        for content, m in members.items()
        if (content in ranked and content not in known) or (request.previews and not preview_file(content).exists())
    ]
    jobs = PreemptibleJobs(wanted, context.should_stop)
    for job, result in context.pool.look(jobs):
        look = result.value_for(job.ticket)
        if look is not None:
            known[job.ticket] = look.quality
            context.results.add_quality(job.ticket, look.quality)
            keep_preview(job.ticket, look.preview)
    jobs.raise_if_preempted()
    return known


def with_found_damage(shot: Shot, qualities: Mapping[bytes, Quality]) -> Shot:
    """Return a shot with the damage that a closer look has found."""
    quality = qualities.get(shot.content)
    return shot if quality is None or quality.damage == shot.damage else replace(shot, damage=quality.damage)


def has_choice(shots: Sequence[Shot], group: Group) -> bool:
    """Return whether the members of a group differ in a way that a closer look may show."""
    return group.kind is not Kind.SERIES and len({shots[m].content for m in group.members}) > 1

"""The quality of the shots in groups, by a closer look at those not measured yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dejashot.library.previews import keep_preview, preview_file
from dejashot.models.groups import Group, Kind
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from dejashot.reports.closer_look.questions import Looking, Question
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReportContext, ReportRequest

LOOKED_AT_ONCE = 64  # photos: what was found of them is kept then


def qualities_of(
    context: ReportContext, collected: CollectedShots, groups: Sequence[Group], request: ReportRequest
) -> Looking[dict[bytes, Quality]]:
    """Find out the quality of all members of groups, by content, measuring those not measured yet.

    Previews are made where they are wanted.
    """
    shots = collected.shots
    members = {shots[m].content: m for g in groups for m in g.members}
    ranked = {shots[m].content for g in groups if has_choice(shots, g) for m in g.members}
    known = context.library.measurements.quality(list(members))
    if request.known_only:
        return known
    wanted = [
        (content, collected.paths[m])
        for content, m in members.items()
        if (content in ranked and content not in known) or (request.previews and not preview_file(content).exists())
    ]
    for start in range(0, len(wanted), LOOKED_AT_ONCE):
        end = start + LOOKED_AT_ONCE
        looks = yield Question("look", dict(wanted[start:end]), len(wanted[end:]))
        for content, look in looks.items():
            known[content] = look.quality
            context.results.add_quality(content, look.quality)
            keep_preview(content, look.preview)
    return known


def with_found_damage(shot: Shot, qualities: Mapping[bytes, Quality]) -> Shot:
    """Return a shot with the damage that a closer look has found."""
    quality = qualities.get(shot.content)
    return shot if quality is None or quality.damage == shot.damage else replace(shot, damage=quality.damage)


def has_choice(shots: Sequence[Shot], group: Group) -> bool:
    """Return whether the members of a group differ in a way that a closer look may show."""
    return group.kind is not Kind.SERIES and len({shots[m].content for m in group.members}) > 1

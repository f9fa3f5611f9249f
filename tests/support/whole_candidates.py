"""What a plan is made of, worked out from a report on the whole library: what kept groups must give as well."""

import os
from collections.abc import Mapping

from dejashot.actions.planning.candidates import Candidates
from dejashot.actions.planning.disk import Disk
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.verdicts import last_ones
from dejashot.models.decisions import Verdict
from dejashot.reports.context import ReportContext
from dejashot.reports.library_report import known_report
from dejashot.reports.saving import suggestion_of


def whole_candidates(context: ReportContext, verdicts: Mapping[bytes, Verdict]) -> Candidates:
    """Return the candidates of a plan; `shots`, `photos` and `metadata` are those of the whole library."""
    report, disk = known_report(context), Disk()
    shots = report.shots
    verdicts = unit_verdicts(shots, verdicts)

    def path(name: str) -> bytes:
        return os.path.join(os.fsencode(report.head.root), os.fsencode(name))

    groups = [
        g for g in report.groups if any(verdicts.get(shots[m].content) is Verdict.REJECT for m in g.group.members)
    ]
    decided = [s for s in shots if s.content in verdicts]
    contents = {*verdicts, *(shots[m].content for g in groups for m in g.group.members)}
    contents |= {c.content for s in decided for c in s.companions if c.content}
    files = {}
    for content, places in context.library.files.locations(sorted(contents)).items():
        for place in sorted(places, key=lambda p: len(os.fsencode(p.folder.path))):
            files.setdefault(place.full, disk.locate(place.folder, place.full, content, place.stamp.size_bytes))
    one = [s for s in decided if verdicts[s.content] is Verdict.KEEP_ONE]
    return Candidates(
        disk=disk,
        verdicts=verdicts,
        files=files,
        groups=[[path(shots[m].path) for m in g.group.members] for g in groups],
        last={path(shots[m].path) for g in groups for m in last_ones(shots, g.group, suggestion_of(g), verdicts)},
        shots={s.content: s for s in shots},
        unit_members={
            path(s.path): {
                path(c.path): c.content
                for c in s.companions
                if c.content and verdicts.get(c.content) in (None, Verdict.REJECT)
            }
            for s in decided
        },
        ranks={path(s.path): rank for rank, s in enumerate(sorted(one, key=originality))},
        photos={*(path(s.path) for s in shots), *(path(c.path) for s in shots for c in s.companions if c.content)},
        metadata=context.library.companions.link_metadata(context.library.folders.all()),
    )

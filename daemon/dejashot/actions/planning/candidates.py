"""The files that decisions are about, with all that a plan needs to know, from the library and the disk."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from dejashot.actions.planning.disk import Disk
from dejashot.actions.planning.resolution import LocatedFile
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.verdicts import last_ones
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Group
from dejashot.models.photo import LinkMetadata
from dejashot.models.shot import Shot
from dejashot.reports.context import ReportContext
from dejashot.reports.library_report import known_report
from dejashot.reports.report import Report


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the decisions in force are about; paths are absolute (bytes), contents are hashes.

    `groups` have a rejected member; `last` are the files that stay where all of a group are rejected. `unit_members`
    holds, by the path of the photo that stands for a shot, its other photos (contents by path), but for those that are
    kept by themselves. `ranks` orders equal files, `photos` are all photos known.
    """

    disk: Disk
    verdicts: Mapping[bytes, Verdict] = field(default_factory=dict)
    files: Mapping[bytes, LocatedFile] = field(default_factory=dict)
    groups: Sequence[Sequence[bytes]] = ()
    last: Set[bytes] = frozenset()
    shots: Mapping[bytes, Shot] = field(default_factory=dict)
    unit_members: Mapping[bytes, Mapping[bytes, bytes]] = field(default_factory=dict)
    ranks: Mapping[bytes, int] = field(default_factory=dict)
    photos: Set[bytes] = frozenset()
    metadata: Mapping[bytes, LinkMetadata] = field(default_factory=dict)


def candidates_of(context: ReportContext, verdicts: Mapping[bytes, Verdict]) -> Candidates:
    """Return the files that some verdicts (by content) are about, as the library and the disk know them now."""
    disk = Disk()
    if not verdicts:
        return Candidates(disk)
    report = known_report(context)
    verdicts = unit_verdicts(report.shots, verdicts)
    concerned = [g for g in report.groups if _has_rejected(report, g.group, verdicts)]
    groups = [g.group for g in concerned]
    last = {m for g in concerned for m in last_ones(report.shots, g.group, g.suggestion or g.choice, verdicts)}
    members = {report.shots[m].content for group in groups for m in group.members}
    companions = {c.content for s in report.shots if s.content in verdicts for c in s.companions if c.content}
    by_path = {_path(report, s.path): s for s in report.shots}
    return Candidates(
        disk=disk,
        verdicts=verdicts,
        files=_located(context, disk, {*verdicts, *members, *companions}),
        groups=[[_path(report, report.shots[m].path) for m in group.members] for group in groups],
        last={_path(report, report.shots[m].path) for m in last},
        shots={s.content: s for s in report.shots},
        unit_members={path: _members(report, s, verdicts) for path, s in by_path.items() if s.content in verdicts},
        ranks=_ranks(by_path, verdicts),
        photos=frozenset((*by_path, *_unit_paths(report))),
        metadata=context.library.companions.link_metadata(context.library.folders.all()),
    )


def _has_rejected(report: Report, group: Group, verdicts: Mapping[bytes, Verdict]) -> bool:
    return any(verdicts.get(report.shots[m].content) is Verdict.REJECT for m in group.members)


def _located(context: ReportContext, disk: Disk, contents: Iterable[bytes]) -> dict[bytes, LocatedFile]:
    """Return the files that hold some contents; where one watched folder lies in another, as files of the outer one."""
    files: dict[bytes, LocatedFile] = {}
    for content, places in context.library.files.locations(sorted(contents)).items():
        for place in sorted(places, key=lambda p: len(os.fsencode(p.folder.path))):
            if place.full not in files:
                files[place.full] = disk.locate(place.folder, place.full, content, place.stamp.size_bytes)
    return files


def _members(report: Report, shot: Shot, verdicts: Mapping[bytes, Verdict]) -> dict[bytes, bytes]:
    return {
        _path(report, c.path): c.content
        for c in shot.companions
        if c.content and verdicts.get(c.content) in (None, Verdict.REJECT)
    }


def _ranks(by_path: Mapping[bytes, Shot], verdicts: Mapping[bytes, Verdict]) -> dict[bytes, int]:
    """Return the order in which reports prefer equal files, where one of them is enough."""
    paths = [path for path, s in by_path.items() if verdicts.get(s.content) is Verdict.KEEP_ONE]
    return {path: rank for rank, path in enumerate(sorted(paths, key=lambda p: originality(by_path[p])))}


def _unit_paths(report: Report) -> Iterator[bytes]:
    yield from (_path(report, c.path) for s in report.shots for c in s.companions if c.content)


def _path(report: Report, path: str) -> bytes:
    return os.path.join(os.fsencode(report.head.root), os.fsencode(path))

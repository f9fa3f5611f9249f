"""The files that decisions are about, with all that a plan needs to know, from the library and the disk."""

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from dejashot.actions.planning.concerned_shots import ConcernedShots
from dejashot.actions.planning.disk import Disk
from dejashot.actions.planning.resolution import LocatedFile
from dejashot.grouping.keepers.copies import originality
from dejashot.grouping.shot_units import unit_verdicts
from dejashot.grouping.verdicts import last_ones
from dejashot.library.tables.folders import Folder
from dejashot.models.decisions import Verdict
from dejashot.models.files import FileRef
from dejashot.models.photo import LinkMetadata
from dejashot.models.shot import Shot
from dejashot.reports.companion_files import directories_of
from dejashot.reports.context import ReportContext
from dejashot.reports.kept.view import ShownGroup, ViewRequest, open_groups
from dejashot.reports.saving import suggestion_of


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the decisions in force are about; paths are absolute (bytes), contents are hashes.

    `groups` have a rejected member; `last` are the files that stay where all of a group are rejected. `unit_members`
    holds, by the path of the photo that stands for a shot, its other photos (contents by path), but for those that are
    kept by themselves. `ranks` orders equal files, `photos` are the photos known where
    files lie, `metadata` what links the files there to one shot.
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
    with open_groups(context, ViewRequest(for_plan=True)) as view:
        concerned = ConcernedShots(context.library, view)
        concerned.add_files_of(verdicts)
        verdicts = unit_verdicts(concerned.shots, verdicts)
        concerned.add_files_of(verdicts)
        decided = [shot for shot in concerned.shots if shot.content in verdicts]
        groups = [g for g in concerned.groups() if _has_rejected(g, verdicts)]
        members = {g.shots[m].content for g in groups for m in g.group.group.members}
        companions = {c.content for shot in decided for c in shot.companions if c.content}
        concerned.add_files_of({*members, *companions})
    root = os.fsencode(view.basis.paths.root)
    by_path = {_path(root, shot.path): shot for shot in decided}
    files = _located(context, disk, {*verdicts, *members, *companions})
    photos, metadata = _known_beside(context, view.basis.there, files)
    return Candidates(
        disk=disk,
        verdicts=verdicts,
        files=files,
        groups=[[_path(root, g.shots[m].path) for m in g.group.group.members] for g in groups],
        last={_path(root, g.shots[m].path) for g in groups for m in _last(g, verdicts)},
        shots={shot.content: shot for shot in concerned.shots},
        unit_members={path: _members(root, shot, verdicts) for path, shot in by_path.items()},
        ranks=_ranks(by_path, verdicts),
        photos=photos,
        metadata=metadata,
    )


def _has_rejected(shown: ShownGroup, verdicts: Mapping[bytes, Verdict]) -> bool:
    members = shown.group.group.members
    return any(verdicts.get(shown.shots[m].content) is Verdict.REJECT for m in members)


def _last(shown: ShownGroup, verdicts: Mapping[bytes, Verdict]) -> Sequence[int]:
    return last_ones(shown.shots, shown.group.group, suggestion_of(shown.group), verdicts)


def _located(context: ReportContext, disk: Disk, contents: Iterable[bytes]) -> dict[bytes, LocatedFile]:
    """Return the files that hold some contents; where one watched folder lies in another, as files of the outer one."""
    files: dict[bytes, LocatedFile] = {}
    for content, places in context.library.files.locations(sorted(contents)).items():
        for place in sorted(places, key=lambda p: len(os.fsencode(p.folder.path))):
            if place.full not in files:
                files[place.full] = disk.locate(place.folder, place.full, content, place.stamp.size_bytes)
    return files


def _known_beside(
    context: ReportContext, there: Sequence[Folder], files: Iterable[bytes]
) -> tuple[set[bytes], dict[bytes, LinkMetadata]]:
    """Return the photos known in the directories of some files, and what links photos and films there to one shot."""
    photos: set[bytes] = set()
    metadata: dict[bytes, LinkMetadata] = {}
    companions, present = context.library.companions, {folder.id for folder in there}
    live_ids: dict[bytes, LinkMetadata] = {}
    for root, directory in directories_of(context.library.folders.all(), files):
        for path, (_, link) in companions.in_directory(directory).items():
            if link.live_id or link.made_us is not None:
                metadata[FileRef(directory.folder, path).under(root)] = link
        for path, (_, live_id) in companions.photos_in(directory).items():
            full = FileRef(directory.folder, path).under(root)
            if directory.folder in present:
                photos.add(full)
            if live_id:
                live_ids[full] = LinkMetadata(live_id)
    return photos, metadata | live_ids


def _members(root: bytes, shot: Shot, verdicts: Mapping[bytes, Verdict]) -> dict[bytes, bytes]:
    return {
        _path(root, c.path): c.content
        for c in shot.companions
        if c.content and verdicts.get(c.content) in (None, Verdict.REJECT)
    }


def _ranks(by_path: Mapping[bytes, Shot], verdicts: Mapping[bytes, Verdict]) -> dict[bytes, int]:
    """Return the order in which reports prefer equal files, where one of them is enough."""
    paths = [path for path, s in by_path.items() if verdicts.get(s.content) is Verdict.KEEP_ONE]
    return {path: rank for rank, path in enumerate(sorted(paths, key=lambda p: originality(by_path[p])))}


def _path(root: bytes, path: str) -> bytes:
    return os.path.join(root, os.fsencode(path))

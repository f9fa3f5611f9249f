"""Libraries of made-up shots, the groups that the page shows of them, and the same groups as a report."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from dejashot.config.settings import Settings
from dejashot.library.kept.group_queries import GroupOrder, Show, Totals
from dejashot.library.kept.store import open_kept_groups
from dejashot.library.library import Library
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import Reading
from dejashot.models.shot import Shot
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportRequest, open_context
from dejashot.reports.kept.loading import GroupLoader
from dejashot.reports.report import Report
from dejashot.web.views.decisions import OwnerDecisions
from dejashot.web.views.group import GroupView
from dejashot.web.views.groups import GroupsView
from dejashot.web.views.kept_source import KeptSource
from dejashot.web.views.touched import IsThere, TouchedGroups
from shots import START_US, quality, shot, unit

SURELY = 20.0  # that two photos are the same shot, as the pair head says it


@dataclass(frozen=True)
class MadeGroups:
    """A library of made-up shots: the groups as a report has them, and as the page shows them by some decisions."""

    report: Report
    loader: GroupLoader
    library: Library

    def view(self, decisions: OwnerDecisions, is_there: IsThere = lambda _: True) -> GroupsView:
        """Return the groups by decisions of which the kept groups know nothing."""
        touched = TouchedGroups()
        contents = {*decisions.verdicts, *decisions.separated_contents}
        names = [name for found in self.loader.groups_of(sorted(contents)).values() for name in found]
        touched.renew(names, self.loader, decisions, is_there)
        totals = self.loader.queries.totals()
        return GroupsView(self.library, self.loader, decisions, touched, totals, self.report.head.root, 60)

    @property
    def group_of(self) -> Mapping[bytes, str]:
        """Return the group of each content."""
        return self.view(OwnerDecisions({})).groups_of([s.content for s in self.report.shots])

    def group_view(self, name: str, decisions: OwnerDecisions) -> GroupView | None:
        """Return a group by some decisions."""
        return self.view(decisions).group_view(name)

    def totals(self, decisions: OwnerDecisions) -> Totals:
        """Return the totals by some decisions."""
        return self.view(decisions).totals()

    def page(
        self, show: Show, order: GroupOrder, decisions: OwnerDecisions, after: str, count: int
    ) -> tuple[list[str], bool]:
        """Return a page of groups by some decisions."""
        return self.view(decisions).page(show, order, after, count)


def groups_view_of(*sizes: int, extra: Sequence[Shot] = (), unseen: int = 0) -> MadeGroups:
    """Return groups of bursts of some sizes, five minutes apart; the last shot of each is by far the sharpest.

    The first `unseen` shots were not looked at closely yet.
    """
    shots = [
        shot(300 * n + k, unit(*[0] * n, 1), path=f"{n}-{k}.jpg", size_bytes=1000 * (n + 1))
        for n, size in enumerate(sizes)
        for k in range(size)
    ]
    return made_groups(sorted([*shots, *extra], key=lambda s: s.taken.taken_us), unseen)


def made_groups(shots: Sequence[Shot], unseen: int = 0) -> MadeGroups:
    """Return the groups of some shots, of which each is sharper than the one before; a library is made once."""
    key = (*((s.path, s.content, s.taken, s.node, s.size_bytes, s.camera) for s in shots), unseen)
    if key not in _MADE:
        _MADE[key] = _made(shots, unseen)
    return _MADE[key]


_MADE: dict[Any, MadeGroups] = {}
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


def _made(shots: Sequence[Shot], unseen: int) -> MadeGroups:
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="made-groups-"))
    folder = Path(_FOLDERS[-1].name)
    fill(folder, shots, unseen)
    KeptSource(Settings(), folder).bring_up()
    library = Library.open_read_only(folder)
    kept = open_kept_groups(folder, library.changes, library.newest_seq(), owner=False)
    assert kept is not None
    with open_context(Settings(), folder) as context:
        folders = context.library.folders.all()
        request = ReportRequest("Your library", folders, known_only=True)
        report = build_report(context, request, datetime(2026, 7, 1, tzinfo=UTC), lambda: 0.0)
    return MadeGroups(report, GroupLoader(library, kept), library)


def fill(library: Path, shots: Sequence[Shot], unseen: int) -> None:
    """Make a library of shots, all looked at closely but the first ones."""
    store, model = Library.open(library), load_model(BUNDLED)
    page = np.array(model.pages.weights, dtype=np.float32)
    no_page = -0.5 * page / np.linalg.norm(page)
    (library / "photos").mkdir()
    store.folders.add(library / "photos", 1)
    row = store.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
    store.vectors.activate_model(row.id)
    with store.batch():
        for n, s in enumerate(shots):
            store.photos.add(FileRef(1, s.path.encode()), _reading(s, no_page), row.id, START_US)
            if n >= unseen:
                store.measurements.add_quality(s.content, quality(2.0**n))
        keys = [store.photos.key_of(s.content) for s in shots]
        near = [
            (a, b)
            for n, a in enumerate(keys)
            for b, other in zip(keys[n + 1 :], shots[n + 1 :], strict=True)
            if a is not None and b is not None and other.taken.taken_us - shots[n].taken.taken_us < 600e6
        ]
        store.measurements.add_matches(row.id, dict.fromkeys(near, SURELY))
    if not unseen:
        store.closer_looks.note_done(store.newest_seq(), 0, START_US)
    store.close()


def _reading(s: Shot, no_page: Any) -> Reading:
    vector = s.vector + no_page
    return Reading(
        content=s.content,
        stamp=FileStamp(s.size_bytes, s.mtime_ns, s.node[1], s.node[0]),
        format=s.format,
        width=s.width,
        height=s.height,
        taken=s.taken,
        place=s.place,
        camera=s.camera,
        vector=vector / np.linalg.norm(vector),
        signature=s.signature,
        contrast=s.contrast,
    )

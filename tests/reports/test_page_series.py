"""Pages through a library: a series with an id of its own, of each page the take that stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.library.library import Library
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.files import FileRef
from dejashot.models.groups import Kind
from dejashot.models.registration import Registration
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.model import BUNDLED, PageParameters, load_model
from dejashot.reports.build import build_report
from dejashot.reports.context import LibraryResults, ReportContext, ReportRequest
from dejashot.reports.report import Report
from shots import START_US, quality, reading, unit

ONE_PAGE = Registration(200, 0.9, 900, 0.97, 0.97, 0.8, 0.0)


class Desk:
    """A library of pages, and the reports on it."""

    def __init__(self, folder: Path) -> None:
        pages = PageParameters(weights=tuple((100 * unit(0, 1)).tolist()), bias=-10.0, least=0.5)
        model = load_model(BUNDLED).model_copy(update={"pages": pages})
        self.library = Library.open(folder)
        self.library.folders.add(folder, 1)
        self.library.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
        row = self.library.vectors.active_model()
        assert row is not None
        self._pool = ReaderPool(worker_options(Settings()), 1)
        results = LibraryResults(self.library, row.id)
        self._context = ReportContext(Settings(), self.library, row, self._pool, self.library.journal, results)

    def close(self) -> None:
        self._pool.close()
        self.library.close()

    def add(self, name: str, at_s: float, sharpness: float = 1.0) -> None:
        """Add a page; its sharpness is measured already."""
        seed = round(10 * at_s) + 1
        page = replace(reading(seed, at_s, inode=seed), vector=unit(1, 1))
        self.library.photos.add(FileRef(1, name.encode()), page, 1, START_US)
        self.library.measurements.add_quality(page.content, quality(sharpness))

    def register(self, first: str, second: str) -> None:
        """Say that two photos show one page."""
        key = {s.path: s.key for s in self.report().shots}
        self.library.measurements.add_registrations({(key[first], key[second]): ONE_PAGE})

    def report(self, after_seq: int = 0, *, only_new: bool = False) -> Report:
        request = ReportRequest("t", self.library.folders.all(), after_seq, only_new=only_new, known_only=True)
        return build_report(self._context, request, datetime.now(UTC), lambda: 0.0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def names(report: Report) -> list[tuple[str, list[str], list[str]]]:
    """Return what each group is, with its photos and those that stay."""
    shots = report.shots
    return [
        (g.group.series or str(g.group.kind), [shots[m].path for m in g.group.members], [shots[m].path for m in kept])
        for g in report.groups
        for kept in [g.choice.keepers]
    ]


def test_the_sharpest_take_of_a_page_stays_and_is_in_the_series(desk: Desk) -> None:
    for n, sharpness in enumerate((1.0, 1.0, 3.0, 1.0)):
        desk.add(f"{n}.jpg", 20 * n, sharpness)
    desk.register("1.jpg", "2.jpg")
    report = desk.report()
    whole = ["0.jpg", "2.jpg", "3.jpg"]
    assert names(report) == [("pages", whole, whole), ("similar", ["1.jpg", "2.jpg"], ["2.jpg"])]
    assert [g.group.kind for g in report.series] == [Kind.SERIES]
    assert [g.choice.reclaimable_bytes for g in report.groups] == [0, 1000]
    assert not any(g.clear for g in report.groups)


def test_the_take_that_the_owner_chose_is_in_the_series(desk: Desk) -> None:
    for n, sharpness in enumerate((1.0, 1.0, 3.0)):
        desk.add(f"{n}.jpg", 20 * n, sharpness)
    desk.register("1.jpg", "2.jpg")
    chosen = next(s.content for s in desk.report().shots if s.path == "1.jpg")
    desk.library.journal.decide([Decision(chosen, Verdict.KEEP, START_US)])
    assert [group[:2] for group in names(desk.report())] == [
        ("pages", ["0.jpg", "1.jpg"]),
        ("similar", ["1.jpg", "2.jpg"]),
    ]


def test_a_series_keeps_its_id_when_a_page_arrives_and_is_reported_again(desk: Desk) -> None:
    for n in range(3):
        desk.add(f"{n}.jpg", 20 * n)
    (before,) = desk.report().groups
    reported = desk.library.newest_seq()
    assert desk.report(reported, only_new=True).groups == []
    desk.add("3.jpg", 60)
    (after,) = desk.report(reported, only_new=True).groups
    assert (after.id, after.new_photos, after.amends) == (before.id, 1, True)
    assert len(after.group.members) == 4

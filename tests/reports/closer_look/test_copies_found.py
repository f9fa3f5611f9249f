"""Copies by a messenger, minutes to months later, through the library: each is offered with its original, once."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dejashot.config.locations import top_folders
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportRequest
from dejashot.reports.report import Report
from scenes import moved, save_photo, scene

NOON = datetime(2026, 7, 1, 12)
SEEDS = [8 * n + kind for n in range(3) for kind in (0, 3, 4, 5, 6)]


def send(picture: object, file: Path, at: datetime) -> None:
    """Save a picture as a messenger does."""
    file.parent.mkdir(exist_ok=True, parents=True)
    picture.resize((800, 600)).save(file, quality=65)  # type: ignore[attr-defined]
    os.utime(file, (at.replace(tzinfo=UTC).timestamp(),) * 2)


def report(pipeline: Pipeline, folder: Path, after_seq: int = 0) -> Report:
    bring_up_to_date(pipeline, top_folders([folder]), lambda _: None, lambda _: None)
    request = ReportRequest("t", pipeline.library.folders.all(), after_seq, only_new=after_seq > 0)
    return build_report(report_context(pipeline), request, datetime.now(UTC), lambda: 0.0)


def offered(made: Report) -> dict[str, str]:
    """Return by each photo that may go the one that stays."""
    name = [Path(s.path).stem for s in made.shots]
    return {
        name[m]: name[g.choice.keepers[0]] for g in made.groups for m in g.group.members if m not in g.choice.keepers
    }


def test_copies_are_offered_whenever_they_or_their_originals_come(pipeline: Pipeline, tmp_path: Path) -> None:
    folder, late = tmp_path / "p", SEEDS[-1]
    for n, seed in enumerate(SEEDS):
        if seed != late:
            save_photo(folder / f"{seed}.jpg", scene(seed), NOON + timedelta(hours=n))
    for n, seed in enumerate(SEEDS[:4]):  # another moment from the same place, sent without its own original
        send(moved(scene(seed), 0.02, 0.01), folder / f"IMG-20260801-WA1{n:03}.jpg", NOON + timedelta(days=31, hours=n))
    assert offered(report(pipeline, folder)) == {}
    before = pipeline.library.newest_seq()
    for n, seed in enumerate(SEEDS):
        send(scene(seed), folder / f"IMG-20270101-WA{seed:04}.jpg", NOON + timedelta(days=13 * n, minutes=150))
    copies = {f"IMG-20270101-WA{seed:04}": str(seed) for seed in SEEDS if seed != late}
    digest = report(pipeline, folder, before)
    assert offered(digest) == copies
    ids = {g.id for g in digest.groups}
    save_photo(folder / f"{late}.jpg", scene(late), NOON + timedelta(days=400))
    whole = report(pipeline, folder)
    assert offered(whole) == copies | {f"IMG-20270101-WA{late:04}": str(late)}
    assert ids < {g.id for g in whole.groups}
    assert pipeline.library.measurements.distant_copies.unsearched(pipeline.owned.row.id) == []

"""Photos are looked at closely while others are read: a report that follows has nothing left to find out."""

import gc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline, report_context
from dejashot.ingest.scan import ScanProgress, scan
from dejashot.reading.vision.pair_head import PairHead
from dejashot.reports.build import build_report
from dejashot.reports.closer_look.alongside import AlongsideLooks
from dejashot.reports.context import ReportRequest
from dejashot.reports.report import Report
from scenes import blurred, moved, save_photo, scene

SILENT = ScanProgress(lambda _: None, lambda _: None, lambda _: None)


def save_bursts(folder: Path) -> Path:
    """Save bursts of three, pairs that are near each other, and single shots: more than one batch of them."""
    folder.mkdir()
    for n, seed in enumerate((0, 3, 4, 5, 6, 8)):
        shots = [scene(seed), moved(scene(seed), 0.04, 0.0), blurred(scene(seed), 3.0), moved(scene(seed), 0.5, 0.1)]
        for k, picture in enumerate(shots[: 2 + n % 3]):
            save_photo(folder / f"IMG_{n}{k}.jpg", picture, datetime(2026, 7, 1, 12, n // 3, 7 * (n % 3) + 2 * k))
    return folder


def read_alongside(pipeline: Pipeline, folder: Path, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Bring a library up to date, looking closely meanwhile; return of how many photos something was asked."""
    asked: list[int] = []
    context = report_context(pipeline, should_stop, on_asked=asked.append)
    bring_up_to_date(
        pipeline,
        [folder],
        lambda _: None,
        lambda _: None,
        lambda rows: AlongsideLooks(context, lambda: rows, previews=True),
    )
    return sum(asked)


def loaded_pair_heads() -> int:
    """Return how many pair heads this process holds in memory."""
    return sum(isinstance(each, PairHead) for each in gc.get_objects())


def report(pipeline: Pipeline) -> tuple[Report, int]:
    """Return a report on everything, and of how many photos something was asked for it."""
    asked: list[int] = []
    context = report_context(pipeline, on_asked=asked.append)
    request = ReportRequest("", pipeline.library.folders.all(), previews=True)
    return build_report(context, request, datetime(2026, 8, 1).astimezone(), lambda: 0.0), sum(asked)


def answers_of(found: Report) -> object:
    """Return what a report says of pairs and groups."""
    names = [shot.path for shot in found.shots]
    groups = [
        (g.group.kind, [names[m] for m in g.group.members], [names[m] for m in g.choice.keepers], g.choice.reasons)
        for g in found.groups
    ]
    return [(names[p.a], names[p.b], p.similarity_percent) for p in found.pairs], groups


def test_a_report_after_it_has_nothing_left_to_find_out(tmp_path: Path, library: Path) -> None:
    folder = save_bursts(tmp_path / "photos")
    with open_pipeline(Settings(), library, workers=2) as pipeline:
        assert read_alongside(pipeline, folder) > 12
        found, asked = report(pipeline)
        assert pipeline.pool.lost == 0
    assert asked == 0
    with open_pipeline(Settings(), tmp_path / "plain", workers=1) as pipeline:
        bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
        plain, asked = report(pipeline)
    assert asked > 12
    assert answers_of(found) == answers_of(plain)
    assert len(found.groups) >= 4


def test_one_photo_after_another_is_looked_at_beside_those_before_it(tmp_path: Path, library: Path) -> None:
    folder = save_bursts(tmp_path / "all")
    landing = tmp_path / "photos"
    landing.mkdir()
    asked: list[int] = []
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        context = report_context(pipeline, on_asked=asked.append)
        looks = AlongsideLooks(context, pipeline.library.folders.all, previews=True)
        for file in sorted(folder.iterdir())[:6]:
            file.rename(landing / file.name)
            bring_up_to_date(pipeline, [landing], lambda _: None, lambda _: None, lambda _: looks)
        held = loaded_pair_heads()  # other tests may hold some
        looks.forget()
        assert loaded_pair_heads() == held - 1
        assert report(pipeline)[1] == 0
    assert sum(asked) >= 4


@pytest.mark.parametrize("after", [0, 5])
def test_told_to_stop_it_leaves_the_rest_to_the_report(tmp_path: Path, library: Path, after: int) -> None:
    folder, questions = save_bursts(tmp_path / "photos"), iter(range(10_000))
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        read_alongside(pipeline, folder, lambda: next(questions) >= after)
        found, asked = report(pipeline)
    assert asked > 0
    assert all(not g.pending for g in found.groups)
    scanned = scan(Settings(), [folder], tmp_path / "other", SILENT)
    assert [g.group.members for g in found.groups] == [g.group.members for g in scanned.groups]

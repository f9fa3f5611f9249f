"""Pair verification through the library: once where it matters, kept, and left out where a photo is gone."""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.grouping.pairs.candidates import uncertain_pairs
from dejashot.ingest import scan as scanning
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline, report_context
from dejashot.reading.vision.model import BUNDLED
from dejashot.reports.build import build_report
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import ReadOnlyResults, ReportRequest
from dejashot.reports.parameters import rules_of
from dejashot.reports.search import find_similar
from dejashot.reports.verification import match_pairs, scorer_of, unverified
from scenes import moved, save_photo, scene
from shots import LOOKING_RULES

QUIET = scanning.ScanProgress(lambda _: None, lambda _: None, lambda _: None)


def scan(folder: Path, library: Path) -> dict[tuple[str, str], float | None]:
    found = scanning.scan(Settings(), [folder], library, QUIET, previews=False, include_place=False)
    return {(found.shots[p.a].path, found.shots[p.b].path): p.similarity_percent for p in found.pairs}


def kept_matches(library: Path) -> dict[tuple[int, int], float]:
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        keys = [
            row.shot.key
            for row in pipeline.library.shots.in_folders(
                [f.id for f in pipeline.library.folders.all()], pipeline.owned.row.id
            )
        ]
        return pipeline.library.measurements.matches(pipeline.owned.row.id, keys)


def half_the_same(folder: Path) -> Path:
    """Save a minute in which every shot shares a part with the next: nothing that one vector can be sure of."""
    wide = scene(3, (2000, 750)), scene(9, (2000, 750))
    folder.mkdir()
    for n, left in enumerate((0, 350, 700, 1000)):
        for k, picture in enumerate(wide):
            save_photo(
                folder / f"IMG_{k}{n}.jpg",
                picture.crop((left, 0, left + 1000, 750)),
                datetime(2026, 7, 1, 12, k, 6 * n),
            )
    return folder


def test_uncertain_pairs_are_looked_at_once(tmp_path: Path, library: Path) -> None:
    folder = half_the_same(tmp_path / "photos")
    first = scan(folder, library)
    taken = kept_matches(library)
    assert taken
    assert all(0 <= m <= 1 for m in taken.values())
    for file in folder.iterdir():
        stamp = file.stat()
        file.write_bytes(b"\0" * stamp.st_size)  # nothing could be looked at again
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert scan(folder, library) == first
    assert kept_matches(library) == taken


def test_a_photo_that_is_gone_or_changed_leaves_its_pairs_open(tmp_path: Path, library: Path) -> None:
    files = [
        save_photo(tmp_path / f"IMG_{n}.jpg", moved(scene(3), 0.1 * n, 0), datetime(2026, 7, 1, 12, 0, 5 * n))
        for n in range(3)
    ]
    scan(tmp_path, library)
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        shots = [
            row.shot
            for row in sorted(pipeline.library.shots.in_folders([1], pipeline.owned.row.id), key=lambda row: row.path)
        ]
        collected = CollectedShots(shots, [bytes(f) for f in files], [])
        scorer = scorer_of(BUNDLED, pipeline.owned.model)
        every = [(0, 1), (0, 2), (1, 2)]
        (whole,) = match_pairs(pipeline.pool, collected, every, scorer)
        assert set(whole) == {(shots[a].key, shots[b].key) for a, b in every}
        assert unverified(shots, every, whole) == []
        files[0].unlink()
        save_photo(files[1], scene(5))
        (left,) = match_pairs(pipeline.pool, collected, every, scorer)
        assert left == {}
        assert unverified(shots, every, left) == every


def test_rules_come_from_the_description(library: Path) -> None:
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        verification = pipeline.owned.model.decision.second_look
        assert verification is not None
        rules = rules_of(Settings(), pipeline.owned.model)
        assert (rules.match, rules.match_least, rules.match_most) == (
            verification.weight,
            verification.least,
            verification.most,
        )
        plain = pipeline.owned.model.model_copy(
            update={"decision": pipeline.owned.model.decision.model_copy(update={"second_look": None})}
        )
        assert rules_of(Settings(), plain).match == 0
    assert uncertain_pairs(LOOKING_RULES, [], 60, 600) == []


def test_similar_knows_the_matches_of_verified_pairs(tmp_path: Path, library: Path) -> None:
    folder = half_the_same(tmp_path / "photos")
    shown = scan(folder, library)
    assert kept_matches(library)
    for (a, b), percent in shown.items():
        _, found = find_similar(Settings(), library, folder / a, None, 50)
        assert next(m.similarity_percent for m in found if m.path.name == b) == pytest.approx(percent, abs=0.2)


def test_who_can_not_keep_matches_verifies_no_pair(tmp_path: Path, library: Path) -> None:
    folder = half_the_same(tmp_path / "photos")
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
        context = report_context(pipeline)
        request = ReportRequest("t", pipeline.library.folders.all())
        read_only = replace(context, results=ReadOnlyResults())
        build_report(read_only, request, datetime.now().astimezone(), lambda: 0.0)
        keys = [row.shot.key for row in pipeline.library.shots.in_folders([1], pipeline.owned.row.id)]
        assert pipeline.library.measurements.matches(pipeline.owned.row.id, keys) == {}
        build_report(context, request, datetime.now().astimezone(), lambda: 0.0)
        assert pipeline.library.measurements.matches(pipeline.owned.row.id, keys)

"""Pair verification through the library: once where it matters, kept, and left out where a photo is gone."""

import os
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejashot.config.settings import ModelSettings, Settings
from dejashot.errors import ModelError
from dejashot.grouping.pairs.candidates import uncertain_pairs
from dejashot.ingest import scan as scanning
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline, report_context
from dejashot.models.files import content_hash
from dejashot.models.groups import Registrations, VerifiedPairs
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.vision.model import BUNDLED
from dejashot.reports.build import build_report
from dejashot.reports.closer_look.questions import look_into
from dejashot.reports.closer_look.verification import match_pairs, register_pairs, scorer_of, unverified
from dejashot.reports.collect import CollectedShots
from dejashot.reports.context import LibraryResults, ReadOnlyResults, ReportRequest
from dejashot.reports.parameters import rules_of
from dejashot.reports.search import find_similar
from networks import bundled_network, tiny_onnx, with_pair_head
from rendered_pages import Page, photographed, rendered
from scenes import moved, save_photo, scene
from shots import LOOKING_RULES, REGISTRATION_RULE, shot

SHIPPED = Settings()
QUIET = scanning.ScanProgress(lambda _: None, lambda _: None, lambda _: None)


def scan(folder: Path, library: Path, settings: Settings = SHIPPED) -> dict[tuple[str, str], float | None]:
    found = scanning.scan(settings, [folder], library, QUIET, previews=False, include_place=False)
    return {(found.shots[p.a].path, found.shots[p.b].path): p.similarity_percent for p in found.pairs}


def kept(library: Path, settings: Settings = SHIPPED) -> VerifiedPairs:
    """Return what a library keeps of pairs."""
    with open_pipeline(settings, library, workers=1) as pipeline:
        keys = [
            row.shot.key
            for row in pipeline.library.shots.in_folders(
                [f.id for f in pipeline.library.folders.all()], pipeline.owned.row.id
            )
        ]
        measurements = pipeline.library.measurements
        return VerifiedPairs(measurements.matches(pipeline.owned.row.id, keys), measurements.registrations(keys))


ALONE = {"pair_head": None, "pages": None}  # what a network may have besides


def without_pixels(folder: Path) -> None:
    """Make the files of a folder unreadable, behind unchanged stamps: nothing of them can be looked at again."""
    for file in folder.iterdir():
        stamp = file.stat()
        file.write_bytes(b"\0" * stamp.st_size)
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def using(file: Path) -> Settings:
    return Settings(model=ModelSettings(path=str(file)))


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
    taken = kept(library).matches
    assert taken
    assert all(abs(logit) < 50 for logit in taken.values())
    assert len(set(taken.values())) > 1
    without_pixels(folder)
    assert scan(folder, library) == first
    assert kept(library).matches == taken


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
        whole: dict[tuple[int, int], float] = {}
        look_into(match_pairs(collected, every, scorer, whole.update), report_context(pipeline))
        assert set(whole) == {(shots[a].key, shots[b].key) for a, b in every}
        assert unverified(shots, every, whole) == []
        files[0].unlink()
        save_photo(files[1], scene(5))
        left: dict[tuple[int, int], float] = {}
        look_into(match_pairs(collected, every, scorer, left.update), report_context(pipeline))
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
    assert kept(library).matches
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


def test_a_pair_head_says_what_the_match_is(tmp_path: Path, library: Path) -> None:
    folder, settings = half_the_same(tmp_path / "photos"), using(with_pair_head(tmp_path))
    first = scan(folder, library, settings)
    taken = kept(library, settings).matches
    assert any(match > 1 for match in taken.values())
    with open_pipeline(settings, library, workers=1) as pipeline:
        rows = pipeline.library.shots.in_folders([1], pipeline.owned.row.id)
        jobs = [ReadJob(os.fsencode(folder / os.fsdecode(row.path)), row.shot.key) for row in rows]
        maps = {
            job.ticket: result.value.astype(np.float64) for job, result in pipeline.pool.results(InTurn("map", jobs))
        }  # type: ignore[union-attr]
        vectors = {row.shot.key: row.shot.vector for row in rows}
    for (a, b), match in taken.items():
        likeness = (maps[a] * maps[b]).sum() / (np.linalg.norm(maps[a]) * np.linalg.norm(maps[b]))
        assert match == pytest.approx(10 * likeness + float(vectors[a] @ vectors[b]), abs=1e-3)  # type: ignore[operator]
    without_pixels(folder)
    assert scan(folder, library, settings) == first


def test_a_head_that_is_none_is_a_clear_error(tmp_path: Path, library: Path) -> None:
    folder, settings = half_the_same(tmp_path / "photos"), using(with_pair_head(tmp_path, tiny_onnx()))
    with pytest.raises(ModelError, match="the pair head"):
        scan(folder, library, settings)


def page(text: int, take: int) -> Image.Image:
    """Return a photo of a page; its template is that of all pages."""
    return photographed(rendered(Page("document", 1, text)), take)


def pages_network(folder: Path) -> Path:
    """Return a network that takes every picture for a page."""
    return bundled_network(folder, pages={"weights": [0.0] * 256, "bias": 5.0, "least": 0.5})


def save_pages(folder: Path) -> Path:
    """Save two takes of one page, and the next one of its template."""
    folder.mkdir()
    for n, picture in enumerate((page(1, 1), page(1, 2), page(2, 3))):
        save_photo(folder / f"IMG_{n}.jpg", picture, datetime(2026, 7, 1, 12, 0, 4 * n))
    return folder


def test_a_page_taken_again_is_the_same_shot_and_the_next_page_is_not(tmp_path: Path, library: Path) -> None:
    folder, settings = save_pages(tmp_path / "photos"), using(pages_network(tmp_path))
    shown = scan(folder, library, settings)
    assert shown["IMG_0.jpg", "IMG_1.jpg"] >= 95  # type: ignore[operator]
    assert shown["IMG_1.jpg", "IMG_2.jpg"] == 2
    registered = kept(library, settings).registrations
    assert len(registered) == 3
    without_pixels(folder)
    assert scan(folder, library, settings) == shown
    assert kept(library, settings).registrations == registered


def test_pages_that_can_not_be_registered_are_kept_apart(tmp_path: Path, library: Path) -> None:
    folder, settings = save_pages(tmp_path / "photos"), using(pages_network(tmp_path))
    with open_pipeline(settings, library, workers=1) as pipeline:
        bring_up_to_date(pipeline, [folder], lambda _: None, lambda _: None)
        context, request = report_context(pipeline), ReportRequest("t", pipeline.library.folders.all())

        def percents(**changes: bool) -> list[float | None]:
            report = build_report(context, replace(request, **changes), datetime.now().astimezone(), lambda: 0.0)
            return [p.similarity_percent for p in report.pairs]

        context.results = ReadOnlyResults()
        assert percents() == percents(known_only=True) == [2, 2]
        context.results = LibraryResults(pipeline.library, pipeline.owned.row.id)
        assert percents(known_only=True) == [2, 2]
        registered = percents()
        assert registered[0] >= 95  # type: ignore[operator]
        context.results = ReadOnlyResults()
        assert percents() == percents(known_only=True) == registered


def test_pictures_still_open_after_their_maps_are_registered(tmp_path: Path, library: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for n, picture in enumerate((scene(1), moved(scene(1), 0.2, 0.05), scene(7))):
        save_photo(folder / f"IMG_{n}.jpg", picture, datetime(2026, 7, 1, 12, 0, 9 * n))
    undecided = {"bias": 0.0, "cosine": 0.001, "near": 0.0, "second_look": None}
    plain = scan(
        folder, library, using(bundled_network(tmp_path, decision=undecided | {"registration": None}, **ALONE))
    )
    assert set(plain.values()) == {50}
    decision = undecided | {"registration": asdict(REGISTRATION_RULE)}
    settings = using(bundled_network(tmp_path, decision=decision, **ALONE))
    shown = scan(folder, library, settings)
    assert shown == {("IMG_0.jpg", "IMG_1.jpg"): 99, ("IMG_1.jpg", "IMG_2.jpg"): 1}
    without_pixels(folder)
    assert scan(folder, library, settings) == shown


def test_similar_knows_what_was_registered(tmp_path: Path, library: Path) -> None:
    folder, settings = save_pages(tmp_path / "photos"), using(pages_network(tmp_path))
    shown = scan(folder, library, settings)
    for (a, b), percent in shown.items():
        for asked, other in ((a, b), (b, a)):
            _, found = find_similar(settings, library, folder / asked, None, 50)
            assert next(m.similarity_percent for m in found if m.path.name == other) == pytest.approx(percent, abs=0.2)


def test_features_of_a_few_photos_are_held_at_once(tmp_path: Path, library: Path) -> None:
    places = range(14, 18)  # of the photos before them nothing is wanted
    files = {n: save_photo(tmp_path / f"IMG_{n}.jpg", page(1, n)) for n in places}
    contents = {n: content_hash(file.read_bytes()).digest() for n, file in files.items()}
    shots = [shot(n, path=f"IMG_{n}.jpg", content=contents.get(n, b"")) for n in range(18)]
    paths = [os.fsencode(tmp_path / f"IMG_{n}.jpg") for n in range(18)]
    pairs = [(14, 15), (15, 16), (16, 17)]
    with open_pipeline(SHIPPED, library, workers=1) as pipeline:
        found: list[Registrations] = []
        collected = CollectedShots(shots, paths, [])
        look_into(register_pairs(collected, pairs, found.append), report_context(pipeline))
    keys = [(shots[a].key, shots[b].key) for a, b in pairs]
    assert [list(some) for some in found] == [keys[:1], keys[1:]]
    assert all(one.inliers > 15 for some in found for one in some.values())


def test_where_nothing_is_uncertain_neither_runtime_is_loaded(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    save_photo(photos / "IMG_1.jpg", scene(1), datetime(2026, 7, 1, 12, 0, 0))
    save_photo(photos / "IMG_2.jpg", scene(4), datetime(2026, 7, 1, 12, 10))
    network = with_pair_head(tmp_path, pages={"weights": [0.0] * 256, "bias": 5.0, "least": 0.5})
    code = (
        "import sys; from pathlib import Path; from dejashot.config.settings import ModelSettings, Settings;"
        "from dejashot.ingest import scan; q = lambda _: None;"
        f"scan.scan(Settings(model=ModelSettings(path={str(network)!r})), [Path({str(photos)!r})],"
        f" Path({str(tmp_path / 'library')!r}), scan.ScanProgress(q, q, q));"
        "print('cv2' in sys.modules, 'onnxruntime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr

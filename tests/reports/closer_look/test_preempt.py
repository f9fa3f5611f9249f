"""Long work gives way to what is urgent, keeps what it has, and gets on however often it is interrupted."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.config.settings import Settings
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline, report_context
from dejashot.reading.job import ReadJob
from dejashot.reading.vision.model import BUNDLED
from dejashot.reports.closer_look.preempt import MIN_JOBS, PreemptedError, PreemptibleOrders
from dejashot.reports.closer_look.questions import look_into
from dejashot.reports.closer_look.verification import match_pairs, scorer_of, unverified
from dejashot.reports.collect import CollectedShots
from scenes import moved, save_photo, scene


@given(st.integers(0, 20), st.integers(0, 20))
def test_work_is_cut_short_only_where_some_is_left(count: int, questions: int) -> None:
    asked = iter(range(100))
    contents = [bytes([n]) for n in range(count)]
    orders = PreemptibleOrders("map", [ReadJob(b"", c) for c in contents], lambda: next(asked) >= questions)
    done = [order.job.ticket for order in iter(lambda: orders.take(()), None)]
    assert done == contents[: MIN_JOBS + questions]
    assert orders.preempted == (len(done) < count)
    assert orders.take(contents) is None


@given(st.lists(st.binary(min_size=1, max_size=1), unique=True), st.lists(st.binary(min_size=1, max_size=1)))
def test_a_reader_is_given_first_what_it_holds(contents: list[bytes], held: list[bytes]) -> None:
    orders = PreemptibleOrders("look", [ReadJob(b"", c) for c in contents], lambda: False)
    given = [order.job.ticket for order in iter(lambda: orders.take(held), None)]
    assert sorted(given) == sorted(contents)
    assert {*given[:MIN_JOBS]} == {*contents[:MIN_JOBS]}
    for some in (given[:MIN_JOBS], given[MIN_JOBS:]):
        count = len({*held} & {*some})
        assert {*some[:count]} == {*held} & {*some}


def test_pair_verification_gets_on_however_often_it_gives_way(tmp_path: Path, library: Path) -> None:
    files = [
        save_photo(tmp_path / f"IMG_{n}.jpg", moved(scene(3), 0.05 * n, 0), datetime(2026, 7, 1, 12, 0, 5 * n))
        for n in range(9)
    ]
    settings = Settings()
    with open_pipeline(settings, library, workers=1) as pipeline:
        bring_up_to_date(pipeline, [tmp_path], lambda _: None, lambda _: None)
        shots = [
            row.shot
            for row in sorted(pipeline.library.shots.in_folders([1], pipeline.owned.row.id), key=lambda row: row.path)
        ]
        collected = CollectedShots(shots, [os.fsencode(f) for f in files], [])
        scorer = scorer_of(BUNDLED, pipeline.owned.model)
        questions = sorted(((a, b) for b in range(9) for a in range(b)), key=lambda pair: pair[::-1])
        known: dict[tuple[int, int], float] = {}
        rounds = 0
        while missing := unverified(shots, questions, known):
            before = len(known)
            try:
                look_into(match_pairs(collected, missing, scorer, known.update), report_context(pipeline, lambda: True))
            except PreemptedError:
                rounds += 1
            assert len(known) > before
        readers = pipeline.pool.lost
        whole: dict[tuple[int, int], float] = {}
        look_into(match_pairs(collected, questions, scorer, whole.update), report_context(pipeline))
    assert rounds > 1
    assert readers == 0  # giving way costs no reader its life
    assert known == pytest.approx(whole)

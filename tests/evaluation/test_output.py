"""Evaluations and tunings as text and as JSON."""

import io
import json

from rich.console import Console

from dejashot.evaluation.measures import DecidedPair, MeasuredShare, measure_pairs
from dejashot.evaluation.operating_point import Performance
from dejashot.evaluation.output import MAX_WRONG, evaluation_body, print_evaluation, print_tuning
from dejashot.evaluation.results import Evaluation, NotCompared, NotComparedReason, Tuning, WrongDecision
from dejashot.models.groups import Pair

HOSTILE = "[red]x\x1b[31m\u202e.jpg"


def evaluation(*pairs: DecidedPair, wrong: int = 0) -> Evaluation:
    return Evaluation(
        title="Scan of a folder, held to truth.csv",
        model="m@0",
        interval_s=60.0,
        strictness="normal",
        threshold=0.75,
        measures=measure_pairs(pairs),
        wrong=[WrongDecision(HOSTILE, "b.jpg", Pair(0, 1, 4.0, 0.5, 50.0, False), True, "burst")] * wrong,
        not_compared=[
            NotCompared((HOSTILE,), NotComparedReason.UNKNOWN),
            NotCompared(("a.jpg", "b.jpg"), NotComparedReason.TOO_FAR, "3 min apart"),
        ],
        not_judged=1,
    )


def text_of(found: Evaluation | Tuning) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None, legacy_windows=False)
    print_evaluation(found, console) if isinstance(found, Evaluation) else print_tuning(found, console)
    return out.getvalue()


def test_an_evaluation_fits_80_columns() -> None:
    text = text_of(
        evaluation(
            DecidedPair(True, False, 50.0, "burst"),
            DecidedPair(True, True, 98.0),
            DecidedPair(False, False, 3.0),
            wrong=MAX_WRONG + 2,
        )
    )
    for expected in (
        "3 labelled pairs compared · 2 same, 1 different",
        "same shot from 75 % on (normal)",
        "50.0 % (1 of 2)",
        "no kind named",
        "labelled same, burst",
        "and 2 more",
        "3 min apart",
        "not in the folders",
        "[red]x\\u001b[31m\\u202e.jpg",
    ):
        assert expected in text, expected
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_figures_without_pairs_are_not_known() -> None:
    assert text_of(evaluation()).count("not known") == 8
    body = json.loads(json.dumps(evaluation_body(evaluation())))
    assert (body["schema"], body["recall"], body["f1"], body["reliability"]) == ("dejashot.eval/1", None, None, [])


def test_a_tuning_shows_what_would_change() -> None:
    before, after = (
        Performance(MeasuredShare(90, 100), MeasuredShare(95, 100)),
        Performance(MeasuredShare(88, 100), MeasuredShare(99, 100)),
    )

    def tuning(fitted: float, outlook: Performance) -> str:
        return text_of(Tuning(0.99, "normal", 0.75, fitted, before, outlook, outlook))

    assert "strictness = 0.812" in tuning(0.812, after)
    assert "81.2 % fitted" in tuning(0.812, after)
    assert "few decisions move little" in tuning(0.77, before)
    assert "few decisions move little" not in tuning(0.812, after)
    assert "Nothing to change" in tuning(0.75, before)
    assert max(map(len, tuning(0.812, after).splitlines())) <= 80
    assert "not compared" not in tuning(0.812, after)
    lost = text_of(Tuning(0.99, "normal", 0.75, 0.812, before, after, after, not_compared=7))
    assert "labelled, but not compared: 7 (`dejashot eval` says why)" in lost

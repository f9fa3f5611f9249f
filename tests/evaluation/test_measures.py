"""The measures of labelled pairs: worked by hand, held to their properties, and to the bench's own script."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.evaluation.measures import DecidedPair, MeasuredShare, measure_pairs

PERCENTS = st.none() | st.integers(10, 1000).map(lambda n: n / 10)
KINDS = st.sampled_from(["", "burst", "pan"])
PAIRS = st.lists(st.builds(DecidedPair, st.booleans(), st.booleans(), PERCENTS, KINDS), max_size=60)


def test_measures_worked_out_by_hand() -> None:
    pairs = [
        DecidedPair(True, True, 99.0, "burst"),
        DecidedPair(True, True, 80.0, "burst"),
        DecidedPair(True, False, 40.0, "pan"),
        DecidedPair(False, False, 20.0, "room"),
        DecidedPair(False, True, 90.0, "room"),
        DecidedPair(False, False, None, "look_alike"),
    ]
    m = measure_pairs(pairs)
    assert (m.recall, m.specificity, m.precision) == (MeasuredShare(2, 3), MeasuredShare(2, 3), MeasuredShare(2, 3))
    assert m.f1 == pytest.approx(2 / 3)
    assert m.macro_recall == pytest.approx((1 + 0) / 2)
    assert m.macro_specificity == pytest.approx((0.5 + 1) / 2)
    assert m.brier == pytest.approx((0.01**2 + 0.2**2 + 0.6**2 + 0.2**2 + 0.9**2) / 5)
    assert m.calibration_error == pytest.approx((abs(0.2) + abs(0.4 - 1) + abs(0.8 - 1) + abs(0.9 + 0.99 - 1)) / 5)
    assert [(b.low, b.high, b.actual) for b in m.bins] == [
        (20, 30, MeasuredShare(0, 1)),
        (40, 50, MeasuredShare(1, 1)),
        (80, 90, MeasuredShare(1, 1)),
        (90, 100, MeasuredShare(1, 2)),
    ]


def test_without_pairs_no_figure_is_known() -> None:
    m = measure_pairs([])
    assert (m.recall.value, m.specificity.value, m.precision.value, m.f1, m.brier, m.calibration_error, m.bins) == (
        None,
    ) * 6 + ((),)
    assert (m.macro_recall, m.macro_specificity) == (None, None)


@given(PAIRS)
def test_every_pair_counts_once_and_every_figure_is_a_share(pairs: list[DecidedPair]) -> None:
    m = measure_pairs(pairs)
    assert m.recall.of + m.specificity.of == len(pairs)
    assert sum(b.actual.of for b in m.bins) == sum(p.percent is not None for p in pairs)
    assert sum(s.of for s in m.same_kinds.values()) == m.recall.of
    assert sum(s.right for s in m.different_kinds.values()) == m.specificity.right
    shares = (
        m.recall.value,
        m.specificity.value,
        m.precision.value,
        m.f1,
        m.brier,
        m.calibration_error,
        m.macro_recall,
    )
    assert all(s is None or 0 <= s <= 1 for s in shares)
    if m.f1 and m.recall.value and m.precision.value:
        assert m.f1 == pytest.approx(2 * m.recall.value * m.precision.value / (m.recall.value + m.precision.value))
    assert all(b.low <= b.shown_percent <= b.high for b in m.bins)


@given(PAIRS, st.randoms())
def test_the_order_of_pairs_does_not_matter(pairs: list[DecidedPair], random: object) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = measure_pairs(pairs), measure_pairs(mixed)
    assert (first.recall, first.specificity, first.same_kinds) == (second.recall, second.specificity, second.same_kinds)
    assert first.brier == pytest.approx(second.brier)
    assert first.calibration_error == pytest.approx(second.calibration_error)


@pytest.mark.shared
@given(pairs=PAIRS)
def test_the_bench_script_finds_the_same(shared: Path, pairs: list[DecidedPair]) -> None:
    spec = importlib.util.spec_from_file_location("bench_evaluate", shared / "bench" / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    rows = [(f"{n}a", f"{n}b", p, f"{p.kind} pair" if p.same else "negative") for n, p in enumerate(pairs)]
    truth = {
        "order": [name for a, b, *_ in rows for name in (a, b)],
        "photos": {name: {"group": name} for a, b, *_ in rows for name in (a, b)},
        "pairs": [{"a": a, "b": b, "label": int(p.same), "kind": kind} for a, b, p, kind in rows],
    }
    report = {
        "pairs": [{"a": a, "b": b, "same_shot": p.decided_same, "similarity_percent": p.percent} for a, b, p, _ in rows]
    }
    if not pairs:
        return
    theirs = bench.evaluate(truth, report)
    ours = measure_pairs([DecidedPair(p.same, p.decided_same, p.percent, kind) for _, _, p, kind in rows])
    expected = {"recall": ours.recall.value, "precision": ours.precision.value, "macro_recall": ours.macro_recall}
    expected |= {"specificity": ours.macro_specificity}
    expected |= {"brier": ours.brier, "ece": ours.calibration_error} if "brier" in theirs else {}
    for name, value in expected.items():
        assert value is None or theirs[name] == pytest.approx(value), name

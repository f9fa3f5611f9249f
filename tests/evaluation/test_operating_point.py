"""The fitted operating point: safe for few decisions, right for many, and never a leap."""

from hypothesis import given
from hypothesis import strategies as st

from dejashot.evaluation.measures import DecidedPair
from dejashot.evaluation.operating_point import TuningTarget, cross_validate, decided_at, fit_threshold, performance_of

WISH = TuningTarget(0.99, 0.75, 0.4, 0.92)
FREE = TuningTarget(0.99, 0.75, 0.01, 0.99)
PERCENTS = st.none() | st.integers(10, 990).map(lambda n: n / 10) | st.just(100.0)
PAIRS = st.lists(st.builds(DecidedPair, st.booleans(), st.booleans(), PERCENTS), max_size=80)


def pairs(same: list[float], different: list[float]) -> list[DecidedPair]:
    return [DecidedPair(True, p >= 75, p) for p in same] + [DecidedPair(False, p >= 75, p) for p in different]


@given(PAIRS, st.floats(0.5, 0.999))
def test_it_stays_within_the_bounds(decided: list[DecidedPair], specificity: float) -> None:
    assert 0.4 <= fit_threshold(decided, TuningTarget(specificity, 0.75, 0.4, 0.92)) <= 0.92


@given(PAIRS, st.floats(0.5, 0.999), st.floats(0.5, 0.999))
def test_more_specificity_never_lowers_it(decided: list[DecidedPair], first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert fit_threshold(decided, TuningTarget(low, 0.75, 0.01, 0.99)) <= fit_threshold(
        decided, TuningTarget(high, 0.75, 0.01, 0.99)
    )


def test_decisions_that_agree_change_nothing() -> None:
    assert fit_threshold(pairs([80.0, 90.0, 99.0] * 50, [1.0, 20.0, 60.0] * 50), WISH) == 0.75


def test_equal_bytes_and_unknown_percents_are_left_out() -> None:
    assert fit_threshold([DecidedPair(True, True, 100.0), DecidedPair(False, False, None)] * 100, WISH) == 0.75
    assert fit_threshold(pairs([60.0] * 50, []), WISH) == 0.75


def test_few_decisions_move_nothing_and_many_go_all_the_way() -> None:
    assert [fit_threshold(pairs([85.0, 95.0] * n, [10.0, 80.0] * n), FREE) for n in (5, 500)] == [0.75, 0.8005]
    assert [fit_threshold(pairs([60.0, 95.0] * n, [10.0, 30.0] * n), FREE) for n in (5, 500)] == [0.75, 0.5995]


def test_a_step_that_gains_nothing_is_not_made() -> None:
    assert fit_threshold(pairs([80.0, 85.0, 99.0] * 50, [10.0] * 149 + [98.0]), WISH) == 0.75


def test_one_outlier_moves_nothing_among_many_decisions_or_few() -> None:
    assert fit_threshold(pairs([80.0] * 400, [10.0] * 399 + [98.0]), FREE) == 0.75
    assert fit_threshold(pairs([80.0] * 20, [10.0] * 19 + [98.0]), FREE) == 0.75


@given(PAIRS, st.floats(0.5, 0.999))
def test_no_decision_gets_worse_without_a_gain(decided: list[DecidedPair], specificity: float) -> None:
    before, after = (
        performance_of(decided_at(decided, t))
        for t in (0.75, fit_threshold(decided, TuningTarget(specificity, 0.75, 0.01, 0.99)))
    )
    if after.recall.right < before.recall.right:
        assert after.specificity.right > before.specificity.right
    if after.specificity.right < before.specificity.right:
        assert after.recall.right > before.recall.right


def test_the_next_different_pair_is_decided_with_the_wanted_specificity() -> None:
    spread = [n / 10 for n in range(10, 990)]
    found = fit_threshold(pairs(spread * 10, spread * 10), TuningTarget(0.9, 0.75, 0.01, 0.99))
    told_apart = performance_of(decided_at(pairs([], spread), found)).specificity.value
    assert told_apart is not None
    assert 0.895 <= told_apart <= 0.905


@given(PAIRS)
def test_a_threshold_decides_what_it_can(decided: list[DecidedPair]) -> None:
    for p in decided_at(decided, 0.6):
        assert p.decided_same == (p.percent is not None and p.percent >= 60)
    seen = cross_validate(decided, WISH)
    assert (seen.recall.of, seen.specificity.of) == (sum(p.same for p in decided), sum(not p.same for p in decided))
    assert cross_validate(decided[::-1], WISH) == seen

"""The percent between two shots: monotone, honest about what is not known, 100 only for equal bytes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.models import Camera, Certainty, Pair, Shot
from dejashot.sifting.similarity import Comparer, Rules, adjacent_pairs, percent, probability
from shots import RULES, at_cosine, shot


def compare(rules: Rules, shots: list[Shot], a: int, b: int) -> Pair:
    first, second = np.array([a]), np.array([b])
    (pair,) = Comparer(rules, shots).pairs(first, second)
    (chance,) = Comparer(rules, shots).chances(first, second)
    assert pair.similarity_percent in (None, 100.0) or pair.similarity_percent == percent(float(chance))
    return pair


COSINES, GAPS = st.floats(-1, 1), st.floats(0, 1e9)


@given(COSINES, COSINES, GAPS, GAPS, st.booleans())
def test_more_likeness_and_less_time_never_lower_the_percent(a: float, b: float, gap_a: float, gap_b: float, burst: bool) -> None:
    low, high = sorted((a, b))
    near, far = sorted((gap_a, gap_b))
    assert probability(RULES, low, near, same_burst=burst) <= probability(RULES, high, near, same_burst=burst)
    assert probability(RULES, low, far, same_burst=burst) <= probability(RULES, low, near, same_burst=burst)
    assert probability(RULES, low, near) <= probability(RULES, low, near, same_burst=True)
    assert 0 <= probability(RULES, a, float("nan")) <= 1


@given(st.floats(0, 1))
def test_the_percent_shown_stays_between_1_and_99(p: float) -> None:
    assert 1 <= percent(p) <= 99


def test_equal_bytes_are_100_percent_whatever_else() -> None:
    a = shot(0, at_cosine(1.0), content=b"x" * 32)
    b = replace(a, path="copy.jpg", vector=None)
    pair = compare(RULES, [a, b], 0, 1)
    assert (pair.similarity_percent, pair.same_shot) == (100.0, True)


def test_without_a_vector_nothing_is_claimed() -> None:
    pair = compare(RULES, [shot(0), replace(shot(1), vector=None)], 0, 1)
    assert (pair.cosine, pair.similarity_percent, pair.same_shot) == (None, None, False)


def test_a_gap_counts_only_when_both_times_are_known() -> None:
    vectors = at_cosine(1.0), at_cosine(0.5)
    sure = [shot(0, vectors[0]), shot(0.2, vectors[1])]
    unsure = [shot(0, vectors[0], certainty=Certainty.LOW), shot(0.2, vectors[1], certainty=Certainty.LOW)]
    assert compare(RULES, sure, 0, 1).same_shot
    assert not compare(RULES, unsure, 0, 1).same_shot


def test_two_cameras_at_the_same_moment_are_judged_by_vision_alone() -> None:
    first, other = shot(0, at_cosine(1.0)), shot(0.1, at_cosine(0.5))
    assert compare(RULES, [first, other], 0, 1).same_shot
    assert not compare(RULES, [first, replace(other, camera=Camera("Other", "O-2"))], 0, 1).same_shot


def test_equal_times_do_not_make_two_scenes_one() -> None:
    assert not compare(RULES, [shot(0, at_cosine(1.0)), shot(0, at_cosine(0.3), path="b.jpg")], 0, 1).same_shot


def test_empty_frames_do_not_match_by_being_empty() -> None:
    black = [shot(0, contrast=0.5), shot(20, contrast=0.5, path="b.jpg")]
    assert not compare(RULES, black, 0, 1).same_shot
    assert compare(RULES, [shot(0), shot(20, path="b.jpg")], 0, 1).same_shot


def test_a_cameras_burst_tag_is_evidence() -> None:
    def pair(a: str, b: str) -> float | None:
        return compare(RULES, [shot(0, at_cosine(1.0), burst_id=a), shot(9, at_cosine(0.65), burst_id=b)], 0, 1).similarity_percent

    assert pair("u1", "u1") > pair("u1", "u2") == pair("", "")  # type: ignore[operator]


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=40), st.floats(0.1, 300))
def test_every_two_neighbours_within_the_interval_make_a_pair_and_no_others(times: list[float], interval_s: float) -> None:
    shots = [shot(t, path=f"{n}.jpg") for n, t in enumerate(sorted(times))]
    pairs = adjacent_pairs(RULES, shots, interval_s)
    expected = [(n, n + 1) for n in range(len(shots) - 1) if shots[n + 1].taken.taken_us - shots[n].taken.taken_us <= interval_s * 1e6]
    assert [(p.a, p.b) for p in pairs] == expected
    assert all(p.gap_s <= interval_s for p in pairs)


@pytest.mark.parametrize(
    ("cosine", "gap_s", "same"), [(0.95, 30, True), (0.85, 10, True), (0.55, 0.3, True), (0.55, 10, False), (0.2, 1.0, False)]
)
def test_the_operating_point_lies_where_the_fit_put_it(cosine: float, gap_s: float, same: bool) -> None:
    assert compare(RULES, [shot(0, at_cosine(1.0)), shot(gap_s, at_cosine(cosine))], 0, 1).same_shot is same

"""Spans of numbers, as sets of numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dejashot.models.arrays import Integers
from dejashot.reports.spans import around, in_spans, without

SPANS = st.lists(
    st.builds(lambda low, length: (low, low + length), st.integers(-20, 20), st.integers(0, 8)), max_size=6
)


def spans_of(pairs: list[tuple[int, int]]) -> Integers:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def numbers(spans: Integers) -> set[int]:
    return {number for low, high in spans.tolist() for number in range(low, high + 1)}


@given(SPANS, SPANS)
def test_what_is_left_of_spans_are_their_other_numbers(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left = without(spans_of(spans), spans_of(others))
    assert numbers(left) == numbers(spans_of(spans)) - numbers(spans_of(others))
    assert (left[1:, 0] > left[:-1, 1] + 1).all()  # ascending, with a gap between two
    everything = np.arange(-40, 40)
    assert set(everything[in_spans(everything, left)].tolist()) == numbers(left)


@given(st.lists(st.integers(-20, 20), max_size=6), st.integers(0, 5))
def test_spans_about_numbers_hold_all_within_reach(middles: list[int], reach: int) -> None:
    found = numbers(around(np.array(middles, dtype=np.int64), reach))
    assert found == {n for n in range(-40, 40) if any(abs(n - middle) <= reach for middle in middles)}

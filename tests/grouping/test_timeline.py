"""Runs by gap, never by buckets."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.timeline import in_runs_with_new, natural, runs, time_order
from shots import shot

TIMES = st.lists(st.integers(0, 10**9), max_size=60).map(sorted)


@given(TIMES, st.floats(0.001, 200))
def test_runs_cut_exactly_where_the_gap_is_longer_than_the_interval(times: list[int], interval_s: float) -> None:
    found = runs(np.array(times, dtype=np.int64), interval_s)
    assert [n for start, end in found for n in range(start, end)] == list(range(len(times)))
    for start, end in found:
        assert all(
            b - a <= interval_s * 1e6 for a, b in zip(times[start : end - 1], times[start + 1 : end], strict=True)
        )
    for (_, end), (start, _) in itertools.pairwise(found):
        assert times[start] - times[end - 1] > interval_s * 1e6


def test_neighbours_on_both_sides_of_a_full_minute_are_one_run() -> None:
    assert runs(np.array([59_945_000, 60_328_000], dtype=np.int64), 3) == [(0, 2)]


@given(TIMES, st.data())
def test_only_runs_with_something_new_are_asked_for(times: list[int], data: st.DataObject) -> None:
    arrivals = [data.draw(st.integers(1, 20)) for _ in times]
    order = data.draw(st.permutations(range(len(times))))
    shuffled = np.array([times[n] for n in order], dtype=np.int64)
    found = in_runs_with_new(shuffled, np.array([arrivals[n] > 10 for n in order], dtype=np.bool_), 60)
    chosen = {n for n, wanted in zip(order, found.tolist(), strict=True) if wanted}
    for start, end in runs(np.array(times, dtype=np.int64), 60):
        assert {n in chosen for n in range(start, end)} == {any(arrival > 10 for arrival in arrivals[start:end])}


def test_equal_times_go_by_name_with_numbers_as_numbers() -> None:
    names = ["IMG_10.jpg", "IMG_9.jpg", "img_1.jpg", "a/IMG_2.jpg"]
    assert sorted(names, key=natural) == ["a/IMG_2.jpg", "img_1.jpg", "IMG_9.jpg", "IMG_10.jpg"]
    assert [s.path for s in sorted((shot(0, path=n) for n in names), key=time_order)] == sorted(names, key=natural)


@given(st.lists(st.text(max_size=8), max_size=12))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    ordered = sorted(names, key=natural)
    assert sorted(ordered) == sorted(names)
    assert all(natural(a) <= natural(b) for a, b in itertools.pairwise(ordered))

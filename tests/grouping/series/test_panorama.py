"""Panorama sweeps, and frames that only wander."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.grouping.series.frame_shift import frame_shifts
from dejashot.grouping.series.panorama import SWEEP
from dejashot.models.capture import Certainty
from series_shots import BURST, DUPLICATE, SIMILAR, frames, groups, name, names, swept
from shots import unit


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(-8, 8), st.floats(-8, 8))
def test_the_shift_between_two_frames_is_found(seed: int, right: float, down: float) -> None:
    a, b = frames(seed, [(0, 0), (right, down)])
    (shift,) = frame_shifts(a[None], b[None])
    assert (shift.right, shift.down) == (pytest.approx(right, abs=0.75), pytest.approx(down, abs=0.75))
    assert shift.correlation > 0.8
    assert shift.correlation >= shift.unmoved - 1e-9


def test_a_frame_that_shows_nothing_has_no_shift_to_find() -> None:
    flat = np.full((16, 16), 90, dtype=np.uint8)
    (shift,) = frame_shifts(flat[None], flat[None])
    assert (shift.correlation, shift.unmoved) == (pytest.approx(0), pytest.approx(0))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(3.3, 8), st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]), st.integers(3, 6)
)
def test_frames_that_move_on_in_one_direction_are_a_sweep(
    seed: int, step: float, way: tuple[int, int], count: int
) -> None:
    assert name(swept(seed, [(n * step * way[0], n * step * way[1]) for n in range(count)])) == SWEEP


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9)), min_size=2, max_size=8))
def test_retakes_that_wander_are_no_sweep(seed: int, places: list[tuple[float, float]]) -> None:
    assert name(swept(seed, places)) in (BURST, DUPLICATE)


@pytest.mark.parametrize(
    ("places", "gap_s", "changes", "expected"),
    [
        ([0, 4, 8], 2.0, {}, SWEEP),
        ([0, 4, 8], 9.0, {}, SWEEP),
        ([0, 4], 2.0, {}, BURST),  # reframed once
        ([0, 4, 0, 4], 2.0, {}, BURST),  # back and forth
        ([0, 1.5, 3], 2.0, {}, BURST),  # a tired arm
        ([0, 4, 8], 0.1, {}, BURST),  # a burst that follows a subject
        ([0, 4, 8], 0.6, {"burst_id": "u"}, BURST),
        ([0, 4, 8], 30.0, {}, SIMILAR),
        ([0, 2.2, 9.5], 2.0, {}, BURST),  # one step, then another framing
        ([0, 4, 8], 2.0, {"certainty": Certainty.LOW}, SIMILAR),
    ],
)
def test_sweeps(places: list[float], gap_s: float, changes: dict[str, Any], expected: str) -> None:
    assert name(swept(7, [(p, 0) for p in places], gap_s, **changes)) == expected


def test_a_sweep_says_where_it_goes() -> None:
    (found,) = groups(swept(3, [(0, 0), (-4, 0), (-8, 0)]))
    assert found.because == "3 frames in a row, each further to the left by about 25 %"


def test_frames_of_a_sweep_are_kept_although_the_whole_is_no_group() -> None:
    shots = swept(5, [(5 * n, 0) for n in range(5)])
    for n, far in enumerate(shots):
        far.vector = unit(1) if n < 2 else unit(*[0] * n, 1)
    assert names(shots) == [(SWEEP, (0, 1))]

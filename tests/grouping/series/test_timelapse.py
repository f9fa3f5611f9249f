"""Time-lapses, and shots that a hand released."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.grouping.series.timelapse import TIME_LAPSE
from series_shots import BURST, SIMILAR, hand_pressed, name, timed
from shots import RULES


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ([5.0 * n for n in range(12)], TIME_LAPSE),
        ([1.003 * n + 0.25 for n in range(12)], TIME_LAPSE),
        ([float(int(7.4 * n)) for n in range(15)], TIME_LAPSE),  # whole seconds: gaps of 7 and 8
        ([float(int(2.5 * n)) for n in range(24)], TIME_LAPSE),
        ([float(int(2.5 * n)) for n in range(12)], SIMILAR),  # too few to tell from a hand
        ([float(n) for n in range(12)], BURST),  # one a second in whole seconds: a hand can do that
        ([0.05 * n for n in range(30)], BURST),
        ([float(int(0.1 * n)) for n in range(30)], BURST),
        (hand_pressed(1.0, 14), BURST),
        ([float(int(t)) for t in hand_pressed(1.0, 24)], BURST),
        ([float(int(t)) for t in hand_pressed(3.0, 24)], SIMILAR),
        (hand_pressed(6.0, 14), SIMILAR),
    ],
)
def test_time_lapse(times_s: list[float], expected: str) -> None:
    assert name(timed(times_s)) == expected


def test_the_tail_of_a_time_lapse_belongs_to_it() -> None:
    shots = timed([30.0 * n for n in range(25)])
    found = group_shots(shots, RULES, GroupLimits(60.0, 600.0, 2.0))
    assert [len(g.members) for g in found] == [21, 4]
    assert {g.series for g in found} == {TIME_LAPSE}


@given(st.integers(0, 1000), st.sampled_from((1.0, 2.0, 3.0, 5.0)), st.booleans())
def test_what_a_hand_pressed_is_no_time_lapse(seed: int, period_s: float, whole: bool) -> None:
    times_s = np.maximum.accumulate(hand_pressed(period_s, 10, seed))
    times_s[5] += 0.6 * period_s  # someone looked at the picture
    times_s = np.maximum.accumulate(np.floor(times_s) if whole else times_s)
    assert name(timed(times_s.tolist())) in (BURST, SIMILAR)

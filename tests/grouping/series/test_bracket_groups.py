"""Exposure brackets in a timeline, and what only looks like one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.identity import identities
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.series.brackets import BRACKET
from dejashot.grouping.series.exposure import exposure_ev
from dejashot.grouping.series.timelapse import TIME_LAPSE
from dejashot.grouping.timeline import time_order
from dejashot.models.capture import Certainty
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from series_shots import BURST, DUPLICATE, SIMILAR, exposed, exposed_in_turn, groups, name, names
from shots import shot, unit


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        (exposed_in_turn(0, -2, 2), BRACKET),
        (exposed_in_turn(-0.7, 0, 0.7), BRACKET),
        (exposed_in_turn(0, -1, 1, -2, 2), BRACKET),
        (
            [exposed(at_s, ev, 60 + at_s) for at_s, ev in ((0, 9), (13, 10), (37, 11))],
            BRACKET,
        ),  # 5, 10 and 20 seconds of exposure
        (
            [
                shot(0.5 * n, exposure_s=0.01, iso=i, level=60 + 30 * n, path=f"{i}.jpg")
                for n, i in enumerate((100, 200, 400))
            ],
            BRACKET,
        ),
        (
            [shot(0.5 * n, exposure_s=0.01, aperture=a, level=160 - 30 * n) for n, a in enumerate((4.0, 5.6, 8.0))],
            BRACKET,
        ),
        (exposed_in_turn(0, 0.33, 0.66, 1.0), BURST),  # metering drifts
        (exposed_in_turn(0, 1, 2, level=100), BURST),  # metering follows a scene that grows darker
        ([exposed(0.5 * n, ev, 100 - 20 * n) for n, ev in enumerate((0, 1, 2))], BURST),  # and does not quite reach it
        (exposed_in_turn(0, -2), BURST),  # one deliberate correction
        (exposed_in_turn(0, -0.7, 2), BURST),  # uneven: corrections by hand
        (exposed_in_turn(0, -2, 2, gap_s=20), SIMILAR),
        (
            [shot(0.5 * n, level=60 + 30 * n, path=f"{n}.jpg") for n in range(3)],
            BURST,
        ),  # nothing written about the exposure
    ],
)
def test_brackets_by_exposure(shots: list[Shot], expected: str) -> None:
    assert name(shots) == expected


def test_exposure_is_counted_from_time_aperture_and_sensitivity() -> None:
    assert exposure_ev(exposed(0, 0).camera) == pytest.approx(6 + np.log2(100))
    assert exposure_ev(shot(0, exposure_s=1 / 100, aperture=8.0, iso=400).camera) == pytest.approx(4 + np.log2(100))
    assert exposure_ev(shot(0, exposure_s=1 / 100).camera) == pytest.approx(np.log2(100))
    assert exposure_ev(shot(0, aperture=8.0, iso=400).camera) is None


def test_doubtful_times_and_two_cameras_make_no_bracket() -> None:
    evs = (0.0, -2.0, 2.0)
    assert name([exposed(0.5 * n, ev, certainty=Certainty.LOW) for n, ev in enumerate(evs)]) == SIMILAR
    assert name([exposed(0.5 * n, ev, model=f"T-{n}") for n, ev in enumerate(evs)]) == BURST


def test_doubtful_times_beside_trusted_ones_are_left_out() -> None:
    others = [shot(n / 2, unit(0, 1 + n), path=f"{n}.jpg") for n in range(4)]
    doubtful = [shot(2 + n, path=f"d{n}.jpg", certainty=Certainty.LOW) for n in range(2)]
    assert names([*others, *doubtful])[-1] == (SIMILAR, (4, 5))


def test_a_late_copy_does_not_turn_time_back() -> None:
    bracket = [exposed(n / 2, ev) for n, ev in enumerate((0, -2, 2))]
    late = exposed(40, 0, content=bracket[0].content)
    assert names([*bracket, late]) == [(BRACKET, (0, 1, 2)), (DUPLICATE, (0, 3))]


def test_takes_beside_a_bracket_are_a_group_of_their_own() -> None:
    assert names(
        [exposed(0, 0), exposed(6, 0.0, 100), *(exposed(30 + n / 2, ev) for n, ev in enumerate((0, -2, 2)))]
    ) == [
        (SIMILAR, (0, 1)),
        (BRACKET, (2, 3, 4)),
    ]
    assert names([exposed(0, 0), *(exposed(30 + n / 2, ev) for n, ev in enumerate((0, -2, 2)))]) == [
        (BRACKET, (1, 2, 3))
    ]


def test_shots_of_a_bracket_are_kept_although_one_of_it_looks_different() -> None:
    shots = [exposed(0, 0), exposed(0.5, -4), exposed(1, 4)]
    shots[1].vector = unit(0, 1)
    assert names(shots) == [(BRACKET, (0, 2))]


def test_two_brackets_of_one_scene_are_two() -> None:
    found = groups(exposed_in_turn(0, -2, 2, 0, -1, 1))
    assert [(g.series, g.members) for g in found] == [(BRACKET, (0, 1, 2)), (BRACKET, (3, 4, 5))]
    assert [g.because for g in found] == ["3 exposures about 2.0 EV apart", "3 exposures about 1.0 EV apart"]


def test_files_of_a_bracket_stored_twice_are_duplicates_beside_it() -> None:
    shots = exposed_in_turn(0, -2, 2)
    twice = sorted(
        [*shots, *(replace(s, path=f"copy/{s.path}", node=(2, n)) for n, s in enumerate(shots))], key=time_order
    )
    found = groups(twice)
    (bracket,) = [g for g in found if g.series]
    copies = [g for g in found if g.kind is Kind.DUPLICATE]
    assert (len(found), bracket.series, bracket.because) == (4, BRACKET, "3 exposures about 2.0 EV apart")
    assert [twice[m] for m in bracket.members] == shots
    kept = [suggest_keepers(twice, g, {}) for g in copies]
    assert [k for c in kept for k in c.keepers] == list(bracket.members)
    assert sum(c.reclaimable_bytes for c in kept) == 3 * shots[0].size_bytes
    assert len(set(identities(twice, found, {}))) == len(found)


@pytest.mark.parametrize("folder", ["small", "Archive"])
@pytest.mark.parametrize("gap_s", [0.3, 0.5, 1.0])
def test_reduced_exports_do_not_break_a_bracket(gap_s: float, folder: str) -> None:
    shots = exposed_in_turn(0, -2, 2, gap_s=gap_s)
    exports = [
        replace(
            s,
            path=f"{folder}/{s.path}",
            node=(2, n),
            content=bytes([n + 1]) * 32,
            width=2000,
            height=1500,
            size_bytes=1_000_000,
        )
        for n, s in enumerate(shots)
    ]
    both = sorted([*shots, *exports], key=time_order)
    found = groups(both)
    assert sorted(g.series or str(g.kind) for g in found) == [DUPLICATE] * 3 + [BRACKET]
    (bracket,) = [g for g in found if g.series]
    assert [both[m] for m in bracket.members] == shots
    assert {k for g in found for k in suggest_keepers(both, g, {}).keepers} == set(bracket.members)


def test_exports_that_cannot_be_told_from_takes_stay_with_a_bracket() -> None:
    shots = exposed_in_turn(0, -2, 2, gap_s=1.0)
    exports = [replace(s, path=f"{s.path}.jpg", node=(2, n), content=bytes([n + 1]) * 32) for n, s in enumerate(shots)]
    (found,) = groups(sorted([*shots, *exports], key=time_order))
    assert (found.series, len(found.members)) == (BRACKET, 6)
    assert found.because == "3 exposures about 2.0 EV apart, some of them more than once"


@given(st.permutations(range(-2, 3)), st.integers(3, 5), st.sampled_from((2 / 3, 1.0, 1.5)), st.floats(0.1, 3.5))
def test_even_steps_in_any_order_are_a_bracket(order: list[int], count: int, step_ev: float, gap_s: float) -> None:
    steps = [n for n in order if n < count - 2]
    assert name([exposed(gap_s * n, step_ev * k) for n, k in enumerate(steps)]) == BRACKET


@given(st.lists(st.floats(-0.28, 0.28), min_size=2, max_size=12), st.floats(0.05, 1.9))
def test_drifting_exposure_is_never_a_bracket(drifts: list[float], gap_s: float) -> None:
    assert name([exposed(gap_s * n, float(ev)) for n, ev in enumerate(np.cumsum(drifts))]) in (BURST, TIME_LAPSE)

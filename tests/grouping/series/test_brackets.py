"""Brackets by the shutter speeds, apertures and sensitivities that cameras write, and what only looks like one."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.series.brackets import brackets
from dejashot.grouping.series.exposure import HALVES, THIRDS, aperture_stop, iso_stop, speed_stop
from dejashot.models.shot import Shot
from shots import shot


def lit(ev: float, share: float = 1.0) -> int:
    """Return the level of a picture that lets in so many stops more than one of level 250."""
    return round(min(255.0, 250 * 2 ** (share * ev / 2.2)))


def shots(*exposures: tuple[float, float, int], share: float = 1.0, **changes: Any) -> list[Shot]:
    """Return shots half a second apart with exposure times (s), f-numbers and ISO, their light following by a share."""
    light = [math.log2(s) + math.log2(i / 100) - 2 * math.log2(f) for s, f, i in exposures]
    return [
        shot(0.5 * n, exposure_s=s, aperture=f, iso=i, level=lit(ev - max(light), share), path=f"{n}.jpg", **changes)
        for n, ((s, f, i), ev) in enumerate(zip(exposures, light, strict=True))
    ]


def by_speed(*speeds: str, **changes: Any) -> list[Shot]:
    seconds = [1 / float(s[2:]) if s.startswith("1/") else float(s) for s in speeds]
    return shots(*((s, 2.8, 100) for s in seconds), **changes)


def steps(chain: list[Shot]) -> list[tuple[int, float]]:
    return [(len(chosen), round(step_ev, 1)) for chosen, step_ev in brackets(chain)]


@pytest.mark.parametrize(
    ("speeds", "step_ev"),
    [
        (("1/60", "1/80", "1/50"), 0.3),
        (("1/80", "1/60", "1/50"), 0.3),
        (("1/50", "1/60", "1/80"), 0.3),
        (("1/60", "1/50", "1/80", "1/40", "1/100"), 0.3),
        (("1/60", "1/90", "1/45"), 0.5),
        (("1/15", "1/20", "1/10"), 0.5),
        (("1/60", "1/100", "1/40"), 0.7),
        (("1/13", "1/20", "1/8"), 0.7),
        (("0.6", "0.4", "1"), 0.7),
        (("1/60", "1/125", "1/30"), 1.0),
        (("1/60", "1/160", "1/25"), 1.3),
        (("1/60", "1/200", "1/20"), 1.7),
        (("1/60", "1/250", "1/15", "1/1000", "1/4"), 2.0),
        (("1/60", "1/500", "1/8"), 3.0),
        (("1/4000", "1/2500", "1/1600", "1/1000", "1/640", "1/400", "1/250", "1/160", "1/100"), 0.7),
        (("1/64", "1/101.59", "1/40.32"), 0.7),  # written to the digit
    ],
)
@pytest.mark.parametrize("bias_ev", [None, 0.0])
def test_steps_of_shutter_speeds_as_cameras_name_them(
    speeds: tuple[str, ...], step_ev: float, bias_ev: float | None
) -> None:
    assert steps(by_speed(*speeds, bias_ev=bias_ev)) == [(len(speeds), step_ev)]


@pytest.mark.parametrize(
    ("exposures", "step_ev"),
    [
        ([(1 / 60, 4.0, 100), (1 / 60, 4.0, 64), (1 / 60, 4.0, 160)], 0.7),
        ([(1 / 60, 4.0, 400), (1 / 60, 4.0, 320), (1 / 60, 4.0, 500)], 0.3),
        ([(1 / 60, 4.0, 100), (1 / 60, 5.0, 100), (1 / 60, 3.2, 100)], 0.7),
        ([(1 / 60, 6.3, 100), (1 / 60, 7.1, 100), (1 / 60, 5.6, 100)], 0.3),
        ([(1 / 60, 4.0, 100), (1 / 80, 4.5, 100), (1 / 50, 3.5, 100)], 0.7),  # a programme moves both
        ([(1 / 60, 1.78, 47), (1 / 100, 1.78, 47), (1 / 40, 1.78, 47)], 0.7),  # a phone's own numbers, that stay
    ],
)
def test_steps_of_sensitivity_and_aperture(exposures: list[tuple[float, float, int]], step_ev: float) -> None:
    assert steps(shots(*exposures)) == [(3, step_ev)]


@pytest.mark.parametrize(
    "biases",
    [
        (0.0, -0.3, 0.3),
        (2.0, 1.7, 2.3),
        (0.0, -1 / 3, 1 / 3),
        (-0.5, 0.0, 0.5),
        (0.0, 0.3, -0.3, 0.7, -0.7),
        (1.0, 0.0, -1.0),
    ],
)
def test_steps_of_the_bias_as_it_is_written(biases: tuple[float, ...]) -> None:
    assert [n for n, _ in steps([shot(0.5 * n, bias_ev=b) for n, b in enumerate(biases)])] == [len(biases)]


@pytest.mark.parametrize(
    "chain",
    [
        by_speed("1/60", "1/63", "1/58"),
        by_speed("1/60", "1/63", "1/58", bias_ev=0.0),
        by_speed("1/60", "1/80", "1/50", share=0.0),  # metering that follows a scene
        by_speed("1/60", "1/100", "1/40", share=0.0),
        by_speed("1/60", "1/80", "1/50", share=0.3),
        by_speed("1/80", "1/60", "1/50", "1/40"),  # a scene grows darker, third by third
        by_speed("1/80", "1/60", "1/50", "1/40", "1/30", "1/25", "1/20", "1/15", "1/13", "1/10"),
        by_speed("1/60", "1/80", "1/60", "1/50", "1/60", share=0.2),
        by_speed("1/80", "1/80", "1/60", "1/50"),  # it begins and ends there
        by_speed("1/80", "1/60", "1/50", "1/50"),
        by_speed("1/60", "1/50", "1/30"),
        by_speed("1/60", "1/60", "1/40"),
    ],
)
def test_wandering_exposure_is_no_bracket(chain: list[Shot]) -> None:
    assert steps(chain) == []


def test_small_brackets_one_after_another_are_several() -> None:
    assert steps(by_speed("1/80", "1/60", "1/50", "1/80", "1/60", "1/50")) == [(3, 0.3), (3, 0.3)]
    assert steps(by_speed("1/60", "1/80", "1/50", "1/60", "1/80", "1/50")) == [(3, 0.3), (3, 0.3)]


@pytest.mark.parametrize("parts", [THIRDS, HALVES])
def test_a_scale_rises_and_each_name_is_near_its_stop(parts: int) -> None:
    for stop_of, numbers in (
        (speed_stop, [1 / 8000, 1 / 1000, 1 / 125, 1 / 30, 1 / 15, 1 / 8, 1 / 4, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0]),
        (aperture_stop, [1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0, 22.0]),
        (iso_stop, [50, 100, 200, 400, 800, 1600, 3200, 6400]),
    ):
        stops = [stop_of(number, parts) for number in numbers]
        assert all(stop is not None and stop == int(stop) for stop in stops)
        assert {abs(b - a) for a, b in itertools.pairwise(s for s in stops if s is not None)} <= {1.0, 2.0, 3.0}


@given(st.floats(2**-15, 60.0), st.sampled_from((THIRDS, HALVES)))
def test_a_named_stop_is_never_far_from_its_number(seconds: float, parts: int) -> None:
    stop = speed_stop(seconds, parts)
    assert stop is None or abs(stop + math.log2(seconds)) < 0.27

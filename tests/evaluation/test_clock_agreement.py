"""Two clocks compared: what was planted is found, and chance finds nothing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.evaluation.clock_agreement import clock_difference
from dejashot.models.capture import Certainty
from shots import START_US

DAY_S = 86_400


def seen(
    rng: random.Random, scenes: int, offset_s: float, noise_s: float = 8.0, days: float = 20
) -> list[tuple[int, int]]:
    """Return times of photos of one scene by two cameras, of which the second is behind by an offset."""
    pairs = []
    for _ in range(scenes):
        at_s = rng.uniform(0, days * DAY_S)
        for _ in range(rng.randint(1, 3)):
            a, b = at_s + rng.gauss(0, noise_s), at_s + rng.gauss(0, noise_s) - offset_s
            pairs.append((START_US + round(a * 1e6), START_US + round(b * 1e6)))
    return pairs


def strangers(rng: random.Random, count: int, days: float = 40) -> list[tuple[int, int]]:
    return [tuple(START_US + round(rng.uniform(0, days * DAY_S) * 1e6) for _ in range(2)) for _ in range(count)]  # type: ignore[misc]


def planted(seed: int, scenes: int, offset_s: float, outliers: int) -> list[tuple[int, int]]:
    rng = random.Random(seed)
    pairs = seen(rng, scenes, offset_s) + strangers(rng, min(outliers, scenes))
    rng.shuffle(pairs)
    return pairs


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 25), st.floats(-9000 * DAY_S, 9000 * DAY_S), st.integers(0, 8))
def test_what_is_found_is_what_was_planted(seed: int, scenes: int, offset_s: float, outliers: int) -> None:
    found = clock_difference(planted(seed, scenes, offset_s, outliers))
    if found is None:
        return  # a few scenes may look like chance: how few, the next test says
    assert abs(found.offset_s - offset_s) < 40  # five scenes, each taken within some ten seconds
    assert found.agree >= 3
    assert found.agree <= found.scenes
    assert found.spread_s < 40


@pytest.mark.parametrize(("scenes", "least"), [(5, 0.97), (10, 0.99), (25, 1.0)])
def test_a_planted_offset_is_found_among_outliers(scenes: int, least: float) -> None:
    seeds = range(300)
    found = [clock_difference(planted(seed, scenes, 3600.0 * (seed % 7 - 3), seed % 9)) for seed in seeds]
    assert sum(f is not None for f in found) / len(seeds) >= least


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_no_offset_comes_of_pairs_by_chance(seed: int, count: int) -> None:
    assert clock_difference(strangers(random.Random(seed), count)) is None


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(3, 40))
def test_many_photos_in_one_afternoon_are_no_agreement(seed: int, count: int) -> None:
    rng = random.Random(seed)
    pairs = [tuple(START_US + round(rng.uniform(0, 3 * 3600) * 1e6) for _ in range(2)) for _ in range(count)]
    found = clock_difference(pairs)  # type: ignore[arg-type]
    assert found is None or found.confidence is Certainty.LOW


def test_one_scene_in_many_photos_is_one_scene() -> None:
    rng = random.Random(1)
    many = [(START_US + n * 2_000_000, START_US + n * 2_000_000 - 3_600_000_000) for n in range(40)]
    assert clock_difference(many) is None
    assert clock_difference(seen(rng, 2, 3600)) is None
    assert clock_difference([]) is None


def test_two_offsets_with_as_much_for_each_are_none() -> None:
    rng = random.Random(2)
    assert clock_difference(seen(rng, 6, 0) + seen(rng, 6, 7 * 3600)) is None


def test_the_confidence_grows_with_the_scenes_that_agree() -> None:
    rng = random.Random(3)
    few, more, many = (clock_difference(seen(rng, n, 3600)) for n in (3, 5, 12))
    assert few is not None
    assert more is not None
    assert many is not None
    assert [d.confidence for d in (few, more, many)] == [Certainty.LOW, Certainty.MEDIUM, Certainty.HIGH]
    assert many.matters
    same = clock_difference(seen(rng, 12, 4))
    assert same is not None
    assert not same.matters

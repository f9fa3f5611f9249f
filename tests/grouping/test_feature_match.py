"""The match of two maps: symmetric, 1 for equal pictures, whatever the parts share and wherever they lie."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dejashot.grouping.feature_match import feature_cells, match_features

Map = npt.NDArray[np.float32]
MAPS = arrays(np.float32, (8, 5, 5), elements=st.floats(-8, 8, width=16))
SEEDS = st.integers(0, 2**32 - 1)


def textured(seed: int, channels: int = 32, side: int = 8) -> Map:
    return np.random.default_rng(seed).normal(size=(channels, side, side)).astype(np.float32)


@given(MAPS, MAPS)
def test_the_match_is_symmetric_and_between_0_and_1(a: Map, b: Map) -> None:
    there, back = match_features(feature_cells(a), feature_cells(b)), match_features(feature_cells(b), feature_cells(a))
    assert abs(there - back) < 1e-5
    assert 0 <= there <= 1


@given(SEEDS)
def test_a_picture_matches_itself_and_not_another(seed: int) -> None:
    one, other = textured(seed), textured(seed ^ 1)
    assert match_features(feature_cells(one), feature_cells(one)) > 0.999
    assert match_features(feature_cells(one), feature_cells(other)) < 0.8


@given(SEEDS, st.integers(0, 7), st.integers(0, 7), st.floats(0.2, 4), st.floats(-3, 3))
def test_neither_place_nor_light_matters(seed: int, dx: int, dy: int, gain: float, offset: float) -> None:
    one = textured(seed)
    moved = np.roll(one, (dy, dx), (1, 2)) * np.float32(gain) + np.float32(offset)
    assert match_features(feature_cells(one), feature_cells(moved)) > 0.99


def test_the_share_that_comes_back_decides() -> None:
    one, other = textured(1), textured(2)
    matches = []
    for columns in (8, 6, 4, 2, 0):
        mixed = np.concatenate([one[:, :, :columns], other[:, :, columns:]], axis=2)
        matches.append(match_features(feature_cells(one), feature_cells(mixed)))
    assert matches == sorted(matches, reverse=True)
    assert matches[0] - matches[-1] > 0.4


def test_a_picture_without_parts_matches_nothing() -> None:
    flat = np.ones((32, 8, 8), np.float32)
    assert match_features(feature_cells(flat), feature_cells(textured(1))) < 0.1
    assert match_features(feature_cells(flat), feature_cells(flat)) < 0.1

"""Sums over parts of a picture are those of its pixels, in one pass as part by part."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dejashot.reading.vision.blocks import evenly_cut
from dejashot.reading.vision.gradients import planes_of

Levels = npt.NDArray[np.float64]
SIDES = st.integers(50, 130)


def smoothed(grey: Levels) -> Levels:
    """Return levels after weights of 1, 2, 1 either way, whole numbers as a reader has them, one pixel less around."""
    rows = grey[:-2] + 2 * grey[1:-1] + grey[2:]
    return np.floor((rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16 + 0.5)


def sobel(smooth: Levels) -> tuple[Levels, Levels]:
    rows, columns = (part[:-2] + 2 * part[1:-1] + part[2:] for part in (smooth, smooth.T))
    return rows[:, 2:] - rows[:, :-2], (columns[:, 2:] - columns[:, :-2]).T


def expected_sharpness(luma: Levels, measured: npt.NDArray[np.bool_], grain: float) -> float:
    """Return the sharpness of a part by its definition, all of it shown."""
    smooth = smoothed(luma)
    across, down = (each[measured] for each in sobel(smooth))
    spread = (smooth[1:-1, 1:-1][measured].var() + 25) * measured.sum()
    energies = ((each**2).sum() - grain * measured.sum() for each in (across, down))
    return float(np.sqrt(sum(max(0.0, energy) for energy in energies) / spread))


@settings(deadline=None, max_examples=40)
@given(SIDES, SIDES, st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0.0, 400.0]))
def test_every_tile_has_the_sharpness_of_its_own_pixels(
    height: int, width: int, seed: int, masked: bool, grain: float
) -> None:
    rng = np.random.default_rng(seed)
    luma = rng.integers(0, 256, (height, width), dtype=np.uint8)
    inner = luma.shape[0] - 2, luma.shape[1] - 2
    measured = rng.random(inner) < 0.7 if masked else np.ones(inner, np.bool_)
    none = np.zeros(inner, np.bool_)
    planes = planes_of(luma).within(*((measured, none) if masked else (None, None)))
    tiles = planes.grid().merged(4, 4).sharpness(grain)
    for (row, rows), (column, columns) in (
        (r, c) for r in enumerate(evenly_cut(inner[0], 4)) for c in enumerate(evenly_cut(inner[1], 4))
    ):
        clear = (
            slice(max(1, rows.start), min(inner[0] - 1, rows.stop)),
            slice(max(1, columns.start), min(inner[1] - 1, columns.stop)),
        )  # the outermost pixels depend on how a picture is continued
        around = tuple(slice(part.start - 1, part.stop + 3) for part in clear)
        expected = expected_sharpness(luma[around].astype(np.float64), measured[clear], grain)
        assert float(planes.box(*clear).sharpness(grain)) == pytest.approx(expected, rel=1e-3, abs=1e-3)
        assert tiles[row, column] == pytest.approx(float(planes.box(rows, columns).sharpness(grain)), rel=1e-4)


def test_what_is_missing_counts_as_area_and_little_of_a_part_is_not_judged() -> None:
    luma = np.random.default_rng(3).integers(0, 256, (66, 66), dtype=np.uint8)
    shown, nothing = np.zeros((64, 64), np.bool_), np.zeros((64, 64), np.bool_)
    shown[:32], shown[32:34] = True, True
    alone = planes_of(luma).within(shown, nothing).grid().merged(1, 1).sharpness(0.0)
    lacking = planes_of(luma).within(shown, ~shown).grid().merged(1, 1).sharpness(0.0)
    assert lacking[0, 0] == pytest.approx(alone[0, 0] * np.sqrt(34 / 64), rel=1e-4)
    assert planes_of(luma).within(shown, nothing).grid().merged(4, 4).sharpness(0.0)[3].tolist() == [0.0] * 4

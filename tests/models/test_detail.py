"""The fine detail of a picture as it is kept."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dejashot.models.detail import MAX_CELLS, Detail

PIXELS = "0123456789abcdef" * 2


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_cells_come_back_as_they_were(cells: Any) -> None:
    kept = Detail.of(asdict(Detail.made(PIXELS, cells)))
    found = kept.cells()
    assert found is not None
    assert (found == cells).all()
    assert kept.pixels == PIXELS


def test_a_picture_too_rich_in_detail_keeps_the_hash_of_its_pixels_alone() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (128, 96), dtype=np.uint8)
    kept = Detail.of(asdict(Detail.made(PIXELS, noise)))
    assert (kept.cells(), kept.pixels) == (None, PIXELS)


@pytest.mark.parametrize(
    "changes",
    [
        {"pixels": "x"},
        {"columns": 0},
        {"columns": 7},
        {"packed": "?"},
        {"packed": "AAAA"},
        {"packed": Detail.made(PIXELS, np.zeros((2, MAX_CELLS), dtype=np.uint8)).packed},  # it grows beyond all bounds
        {"more": 1},
    ],
)
def test_what_is_no_detail_is_refused(changes: dict[str, Any]) -> None:
    good = asdict(Detail.made(PIXELS, np.zeros((10, 10), dtype=np.uint8)))
    assert Detail.of(good).columns == 10
    with pytest.raises(ValueError, match="not the"):
        Detail.of(good | changes)

"""What the promises share: how long to go on, and a few small photos to multiply."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scenes import moved, save_photo, scene


@pytest.fixture
def times() -> Callable[[int, int], int]:
    """Return how often to try: the first number in every run, the second in a long one."""
    return lambda usual, long: long if os.environ.get("DEJASHOT_LONG") else usual


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of ten small photos without times, each two of them takes of one shot."""
    folder = tmp_path_factory.mktemp("samples")
    for n in range(10):
        save_photo(folder / f"{n}.jpg", moved(scene(n // 2, (240, 180)), 0.05 * (n % 2), 0))
    return folder

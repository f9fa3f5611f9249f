"""A library to fill, for the tests of its tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dejashot.library.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Give the test a library of its own, with one folder (1) and one model (1)."""
    opened = Library.open(tmp_path)
    opened.folders.add(Path("/photos"), 1)
    opened.vectors.add_model("f" * 16, "{}")
    yield opened
    opened.close()

"""The benches are run by hand: here they are only loaded, so that none is left behind by a change of names."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHES = sorted((Path(__file__).parent / "bench").glob("*.py"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda bench: bench.stem)
def test_a_bench_finds_everything_that_it_imports(bench: Path) -> None:
    load = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='bench')"
    done = subprocess.run([sys.executable, "-c", load, bench], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

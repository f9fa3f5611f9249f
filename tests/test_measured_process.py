"""What a command takes is counted over all its processes, and none of them outlives it."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measured_process import MIB, RunError, measure, reason_in

# a child of the child writes its number, holds 64 MiB, and works for 0.3 s of processor time
WORKER = """
import os, sys, time
held = bytearray(64 << 20)
open(sys.argv[1], "w").write(str(os.getpid()))
while time.process_time() < 0.3: pass
time.sleep(float(sys.argv[2]))
"""
PARENT = "import subprocess, sys; subprocess.{how}([sys.executable, '-c', *sys.argv[1:]]); print('done')"


def test_processes_below_a_command_are_counted_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT.format(how="run"), WORKER, str(tmp_path / "pid"), "0"]
    measured = measure(command, os.environ, tmp_path, 60)
    assert measured.output == "done\n"
    assert measured.cpu_s >= 0.3
    assert measured.wall_s >= 0.3
    assert measured.peak_bytes >= 64 * MIB


def test_after_the_timeout_a_command_and_all_below_it_are_ended(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not finished after 1 s"):
        measure(
            [sys.executable, "-c", PARENT.format(how="run"), WORKER, str(tmp_path / "pid"), "60"],
            os.environ,
            tmp_path,
            1,
        )
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(tmp_path / "pid") in (process.info["cmdline"] or [])
    ]
    assert left == []


def test_another_status_is_an_error_with_its_reason_unless_it_is_allowed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('found'); raise SystemExit('Error: 3 of 4')"]
    with pytest.raises(RunError, match="status 1: Error: 3 of 4"):
        measure(command, os.environ, tmp_path, 60)
    assert measure(command, os.environ, tmp_path, 60, (0, 1)).output == "found\n"
    with pytest.raises(RunError, match="missing: No such file"):
        measure([str(tmp_path / "missing")], os.environ, tmp_path, 60)


@given(
    st.lists(st.sampled_from(["", "  at line 3", "Traceback (most recent call last):", "warning: old"])), st.booleans()
)
def test_the_reason_is_the_line_that_names_the_error(noise: list[str], last: bool) -> None:
    error = "package.errors.SomeError: no such file"
    lines = [*noise, error] if last else [error, *noise]
    assert reason_in("\n".join(lines)) == error

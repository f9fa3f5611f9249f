"""State files: what is published is read back, and what can't be read is nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from dejashot.files.state_file import StateFile, process_runs


def test_what_is_published_is_read_until_it_is_withdrawn(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.json")
    assert state.read() == {}
    state.publish({"pid": 7, "name": "ä"})
    assert StateFile(tmp_path / "state.json").read() == {"pid": 7, "name": "ä"}
    os.utime(state.file, (0, 0))
    state.touch()
    assert state.file.stat().st_mtime > 0
    state.withdraw()
    state.withdraw()
    state.touch()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_file_that_can_not_be_read_is_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "state.json").write_bytes(data)
    assert StateFile(tmp_path / "state.json").read() == {}


def test_a_state_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        StateFile(tmp_path / "none" / "state.json").publish({})


def test_whether_a_process_runs() -> None:
    assert process_runs(os.getpid())
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert not process_runs(process.pid)
    assert not process_runs(10**30)
    assert not process_runs("7")  # type: ignore[arg-type]

"""Child processes of the package: what they reply, and every way in which a reply can be missing."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dejashot.files.child_process import ChildProcess, ChildReplyError, ask_child

PROGRAMS = {
    "echo": "import json, sys; json.dump({'asked': json.load(sys.stdin)}, sys.stdout)",
    "hang": "import signal, sys; sys.stdin.read(); signal.pause()",
    "fail": "import sys; print('[]'); sys.exit(3)",
    "deaf": "import os; os.close(0); print('[]')",
    "babble": "print('no JSON')",
}
LIMIT_S = 60.0


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let children find some modules by name."""
    for name, program in PROGRAMS.items():
        (tmp_path / f"child_{name}.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(filter(None, sys.path))}")
    yield


def test_a_request_and_a_reply_of_any_size() -> None:
    assert ask_child("child_echo", [1, "ä"], LIMIT_S) == {"asked": [1, "ä"]}
    large = ["x" * 1000] * 500
    assert ask_child("child_echo", large, LIMIT_S) == {"asked": large}


@pytest.mark.parametrize(
    ("name", "why"), [("fail", "status 3"), ("babble", "not JSON"), ("missing", "status 1"), ("hang", "too long")]
)
def test_without_a_reply_there_is_a_reason(name: str, why: str) -> None:
    with pytest.raises(ChildReplyError, match=why):
        ask_child(f"child_{name}", None, 1.0 if name == "hang" else LIMIT_S)


@pytest.mark.parametrize(("name", "why"), [("babble", "not JSON"), ("missing", "not JSON"), ("hang", "too long")])
def test_a_process_without_a_reply_is_ended(name: str, why: str) -> None:
    process = ChildProcess(f"child_{name}", None)
    with pytest.raises(ChildReplyError, match=why):
        process.reply(0.1 if name == "hang" else LIMIT_S)
    assert not process.running


def test_a_reply_counts_although_the_process_failed_afterwards() -> None:
    assert ChildProcess("child_fail", None).reply(LIMIT_S) == []


def test_a_process_that_is_looked_at_later() -> None:
    process = ChildProcess("child_echo", "later")
    deadline_s = time.monotonic() + LIMIT_S
    while process.running:
        assert time.monotonic() < deadline_s
    assert process.reply() == {"asked": "later"}


def test_a_process_that_never_reads_its_request_may_reply() -> None:
    assert ask_child("child_deaf", json.dumps([0] * 50_000), LIMIT_S) == []


def test_a_closed_process_has_ended() -> None:
    process = ChildProcess("child_hang", None)
    assert process.running
    process.close()
    assert not process.running

"""The progress bar of a scan: what it says in each phase, in 80 columns, to who watches."""

import io
import re
import sys
from pathlib import Path

import pytest

from dejashot.cli.progress import scan_progress
from dejashot.ingest.tasks import IngestOutcome, IngestResult, Task
from dejashot.models.files import FileRef, FileStamp

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
READ = IngestOutcome(Task(FileRef(1, b"1.jpg"), Path("/photos"), FileStamp(1, 1, 1, 1)), IngestResult.ADDED)


class Terminal(io.StringIO):
    """Standard error that somebody watches."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


def last_line(
    monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], stream: io.StringIO
) -> tuple[str, list[str]]:
    """Return the last line that is shown of a scan of some steps, and all lines."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    with scan_progress() as progress:
        for step, count in steps:
            if step in ("start", "ask"):
                {"start": progress.on_start, "ask": progress.on_asked}[step](count)
            for _ in range(count if step in ("read", "answer") else 0):
                progress.on_outcome(READ) if step == "read" else progress.on_answered()
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", CONTROL.sub("", stream.getvalue())) if line.strip()]
    return (lines[-1] if lines else ""), lines


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], r"Looking for photos ━+"),
        ([("start", 120)], r"Reading photos ━+ 0 of 120"),
        ([("start", 120), ("read", 16), ("ask", 30)], r"Reading photos [━╺╸]+ 16 of 120, \d+/s 0:00:0\d left"),
        ([("start", 98_765), ("read", 1)], r"Reading photos [━╺╸]+ 1 of 98765, \d+/s \d+:\d\d:\d\d left"),
        ([("start", 2), ("read", 2), ("ask", 9), ("answer", 3)], r"Comparing photos [━╺╸]+ 0:00:0\d left"),
        ([("start", 0)], r"Comparing photos ━+"),
        ([("start", 0), ("ask", 9), ("answer", 9), ("ask", -1)], r"Comparing photos [━╺╸]+ 0:00:00 left"),
    ],
)
def test_each_phase_is_named_in_one_line(
    steps: list[tuple[str, int]], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last, lines = last_line(monkeypatch, steps, Terminal())
    assert re.fullmatch(words, last)
    assert max(map(len, lines)) <= 80


def test_who_does_not_watch_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert last_line(monkeypatch, [("start", 3), ("read", 3)], io.StringIO()) == ("", [])

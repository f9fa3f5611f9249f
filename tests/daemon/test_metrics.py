"""The metrics file: Prometheus's text format by a strict parser, readable by all, written rarely and atomically."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.daemon.metrics import MetricsFile, exposition
from dejashot.library.daemon_status import DaemonStatus

PULSE = DaemonStatus(
    pid=1,
    started_at="2026-07-01T10:00:00+02:00",
    folders=[{"path": "/p", "state": "watching", "trouble": "", "photos": 1204}],
    backlog=3,
    retrying=1,
    next_digest=None,
    trouble="",
    updated_at="2026-07-01T08:00:10+00:00",
    reader={"photos_read": 7, "restarts": 2},
    counts={"skipped": 4, "missing": 5, "digests": 6, "last_digest_s": 1782892800, "reclaimable_bytes": 734003200},
    problem_count=9,
)
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")


def parsed(text: str) -> dict[str, float]:
    """Return the samples of an exposition; fail on anything that the format does not allow."""
    assert text.endswith("\n")
    samples: dict[str, float] = {}
    family, kind, seen = "", "", set()
    for line in text[:-1].split("\n"):
        if help_line := re.fullmatch(rf"# HELP ({NAME}) [^\\]+", line):
            family, kind = help_line[1], ""
            assert family not in seen
            seen.add(family)
        elif type_line := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", line):
            assert type_line[1] == family
            kind = type_line[2]
            assert (kind == "counter") == family.endswith("_total")
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert sample[1] == family
            assert kind
            key = sample[1] + (f"{{{sample[2]}}}" if sample[2] else "")
            assert key not in samples
            samples[key] = float(sample[3])
    return samples


def test_every_figure_is_there_under_its_name() -> None:
    found = parsed(exposition(PULSE, up=True))
    assert found['dejashot_photos{folder="/p"}'] == 1204
    assert found['dejashot_folder_state{folder="/p",state="watching"}'] == 1
    assert found['dejashot_folder_state{folder="/p",state="paused"}'] == 0
    figures = {
        "up": 1,
        "backlog": 3,
        "retrying": 1,
        "skipped": 4,
        "missing": 5,
        "digests_total": 6,
        "last_digest_timestamp_seconds": 1782892800,
        "reclaimable_bytes": 734003200,
        "photos_read_total": 7,
        "reader_restarts_total": 2,
        "problems_total": 9,
        "process_start_time_seconds": 1782892800,
    }
    assert {name: found[f"dejashot_{name}"] for name in figures} == figures


@given(st.lists(st.text(max_size=20), max_size=3, unique=True))
def test_any_folder_name_is_a_label(names: list[str]) -> None:
    folders = [{"path": name, "state": "something else", "trouble": "", "photos": 1} for name in names]
    parsed(exposition(replace(PULSE, folders=folders), up=True))


def test_it_is_written_rarely_readable_by_all_and_says_when_the_daemon_ended(tmp_path: Path) -> None:
    now = [0.0]
    file = tmp_path / "dejashot.prom"
    metrics = MetricsFile(file, lambda: now[0])
    before = os.umask(0o077)
    try:
        metrics.write(PULSE)
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o644
    for step in range(1, 31):
        now[0] = float(step)
        metrics.write(replace(PULSE, backlog=step))
        assert parsed(file.read_text())["dejashot_backlog"] == (3 if step < 15 else step // 15 * 15)
    metrics.end()
    assert parsed(file.read_text())["dejashot_up"] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["dejashot.prom"]


def test_a_file_that_can_not_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    metrics = MetricsFile(tmp_path / "none" / "dejashot.prom", lambda: now[0])
    for _ in range(3):
        metrics.write(PULSE)
        now[0] += 20
    assert [record.getMessage() for record in caplog.records] == [
        "the metrics file can't be written: No such file or directory"
    ]
    MetricsFile(None).write(PULSE)

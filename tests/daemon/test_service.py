"""The small parts of the service: systemd's socket, logs, checks, status without a library."""

import logging
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dejashot.config.settings import Settings, settings_from
from dejashot.daemon.sdnotify import sd_notify
from dejashot.diagnostics.config_check import check_settings
from dejashot.diagnostics.interrupted import format_local_time
from dejashot.diagnostics.status import library_status
from dejashot.errors import ConfigError, FolderError, ModelError
from dejashot.logs import start_logging

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("abstract", [True, False])
def test_systemd_hears_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    address = f"\0dejashot-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(address)
        link.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        sd_notify(READY="1", STATUS="Watching")
        assert link.recv(100) == b"READY=1\nSTATUS=Watching"
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    sd_notify(READY="1")


def test_logs_carry_journald_priorities_and_no_control_characters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")  # the journal of some other stream
    start_logging(verbose=False)
    logging.getLogger("dejashot.test").warning("a\x1b[31m name\nand more")
    logging.getLogger("dejashot.test").debug("/a/path.jpg")
    said = capsys.readouterr().err
    logging.basicConfig(force=True)
    assert said.split("WARNING ")[1] == "a\\u001b[31m name\nand more\n"


def test_a_good_configuration_is_confirmed_line_by_line(tmp_path: Path) -> None:
    settings = settings_from({"folders": [str(tmp_path)], "digest": {"schedule": "weekly"}}, "test")
    lines = list(check_settings(settings, NOW))
    assert lines[0].endswith(str(tmp_path))
    assert any("dejashot-lite0@" in line for line in lines)
    assert lines[-1].count("Mon ") == 3


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"folders": ["/nonexistent/photos"]}, FolderError),
        ({"model": {"path": "/nonexistent/net.onnx"}}, ModelError),
        ({"digest": {"schedule": "0 8 31 2 *"}}, ConfigError),
    ],
)
def test_what_does_not_work_here_is_an_error_with_a_way_out(data: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        list(check_settings(settings_from(data, "test"), NOW))
    assert caught.value.hint  # type: ignore[attr-defined]


def test_status_before_anything_is_known(tmp_path: Path) -> None:
    body = library_status(tmp_path / "none")
    assert (body["photos"], body["folders"], body["backlog"], body["last_digest"], body["next_digest"]) == (
        0,
        [],
        0,
        None,
        None,
    )
    assert not (tmp_path / "none").exists()
    assert Settings().folders == ()


def test_times_are_said_in_words() -> None:
    assert format_local_time("2026-11-22T20:00:00+01:00") == "Sun 22 Nov 2026, 20:00"
    assert format_local_time(None) == "never"

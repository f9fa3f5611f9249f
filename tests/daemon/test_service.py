"""The small parts of the service: systemd's socket, logs, checks, status without a library."""

import logging
import os
import socket
from pathlib import Path

import pytest

from dejashot.config.settings import Settings
from dejashot.daemon.sdnotify import sd_notify
from dejashot.diagnostics.interrupted import format_local_time
from dejashot.diagnostics.status import library_status
from dejashot.logs import start_logging


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

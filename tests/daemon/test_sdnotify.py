"""What systemd hears: life signs only while work moves, the status line when it changes, more time while starting."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dejashot.config.settings import settings_from
from dejashot.daemon.daemon import Daemon
from dejashot.daemon.heartbeat import Heartbeat
from dejashot.daemon.sdnotify import SystemdNotifier, watchdog_s
from dejashot.ingest.pipeline import open_pipeline
from dejashot.library.daemon_status import running_daemon


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def said() -> list[dict[str, str]]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


def herald(
    clock: Clock, said: list[dict[str, str]], heart: Heartbeat, dead_after_s: float | None = 120.0
) -> SystemdNotifier:
    return SystemdNotifier(heart, dead_after_s, clock, lambda **state: said.append(state))


def test_a_third_of_the_watchdogs_time_passes_between_life_signs(clock: Clock, said: list[dict[str, str]]) -> None:
    one = herald(clock, said, Heartbeat(clock))
    one.ready("Watching")
    for _ in range(24):
        clock.now_s += 5
        assert one.keep_alive() is False
    assert said == [{"READY": "1", "STATUS": "Watching"}] + [{"WATCHDOG": "1"}] * 3


def test_no_life_sign_while_one_step_goes_on_too_long_and_again_when_it_ends(
    clock: Clock, said: list[dict[str, str]]
) -> None:
    heart = Heartbeat(clock)
    one = herald(clock, said, heart)
    heart.beat()
    stuck = []
    for _ in range(40):
        clock.now_s += 5
        stuck.append(one.keep_alive())
    assert stuck.count(True) == 1
    assert 0 < len(said) <= 3
    heart.beat()
    assert one.keep_alive() is False
    assert said[-1] == {"WATCHDOG": "1"}
    heart.idle()
    clock.now_s += 3600
    assert one.keep_alive() is False


def test_where_no_watchdog_waits_a_standstill_is_still_noticed(clock: Clock, said: list[dict[str, str]]) -> None:
    heart = Heartbeat(clock)
    one = herald(clock, said, heart, dead_after_s=None)
    heart.beat()
    clock.now_s += 61
    assert one.keep_alive() is True
    assert one.keep_alive() is False
    assert said == []


def test_the_status_line_is_sent_when_it_changed_and_not_too_often(clock: Clock, said: list[dict[str, str]]) -> None:
    one = herald(clock, said, Heartbeat(clock))
    one.ready("1 photo")
    for count in range(2, 40):
        clock.now_s += 1
        one.status(f"{count} photos")
    assert said[1:] == [{"STATUS": "11 photos"}, {"STATUS": "21 photos"}, {"STATUS": "31 photos"}]
    clock.now_s += 60
    one.status("31 photos")
    assert len(said) == 4


def test_more_time_is_asked_for_while_the_first_walk_moves(clock: Clock, said: list[dict[str, str]]) -> None:
    heart = Heartbeat(clock)
    one = herald(clock, said, heart)
    for _ in range(600):
        clock.now_s += 0.1
        heart.beat()
        one.starting("Looking through the folders")
    asked = [state for state in said if "EXTEND_TIMEOUT_USEC" in state]
    assert len(asked) in (6, 7)
    assert int(asked[0]["EXTEND_TIMEOUT_USEC"]) == 90_000_000
    clock.now_s += 91
    one.starting("Looking through the folders")
    assert [state for state in said if "EXTEND_TIMEOUT_USEC" in state] == asked


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "42"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "many", "WATCHDOG_PID": "42"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_ours_or_nobodys(environment: dict[str, str], seconds: float | None) -> None:
    assert watchdog_s(environment, 42) == seconds


@pytest.fixture
def ears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[bytes]]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.bind(str(tmp_path / "notify"))
        link.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def heard() -> list[bytes]:
            messages = []
            while True:
                try:
                    messages.append(link.recv(1000))
                except BlockingIOError:
                    return messages

        yield heard


@pytest.mark.alone
def test_a_daemon_whose_work_is_stuck_falls_silent_and_speaks_again_when_it_moves(
    library: Path,
    busy_minute: Path,
    ears: Callable[[], list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1500000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    stuck, go_on = threading.Event(), threading.Event()
    heartbeat = Heartbeat()

    def on_progress() -> None:
        heartbeat.beat()
        if stuck.is_set():
            go_on.wait(60)

    settings = settings_from({"watch": {"reconcile_s": 5.0}}, "test")
    with open_pipeline(settings, library, 1, on_progress=on_progress) as pipeline:
        folder = pipeline.library.folders.add(busy_minute, busy_minute.stat().st_dev)
        daemon = Daemon(pipeline, [folder], heartbeat, check_every_s=0.05)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        try:
            before = listen(ears, lambda heard: heard.count(b"WATCHDOG=1") >= 2)
            assert any(message.startswith(b"READY=1") for message in before)
            listen(
                ears, lambda _: all_are_read(library)
            )  # a reader that starts may take longer than the watchdog waits
            caplog.clear()
            stuck.set()
            (busy_minute / "new").mkdir()  # a new folder has to be walked
            listen(ears, lambda _: any(record.levelname == "ERROR" for record in caplog.records))
            assert b"WATCHDOG=1" not in listen(ears, lambda _: False, rounds=20)
            go_on.set()
            stuck.clear()
            assert b"WATCHDOG=1" in listen(ears, lambda heard: b"WATCHDOG=1" in heard)
        finally:
            go_on.set()
            daemon.stop()
            thread.join(30)
    assert not thread.is_alive()
    assert sum("work has not moved" in record.getMessage() for record in caplog.records) == 1


def all_are_read(library: Path) -> bool:
    status = running_daemon(library)
    return status is not None and not status.backlog and status.reader["photos_read"] == 5


def listen(ears: Callable[[], list[bytes]], enough: Callable[[list[bytes]], bool], rounds: int = 300) -> list[bytes]:
    """Listen until enough was heard, for `rounds` tenths of a second at most."""
    heard: list[bytes] = []
    for _ in range(rounds):
        heard += ears()
        if enough(heard):
            break
        signal.sigtimedwait([], 0.1)
    return heard

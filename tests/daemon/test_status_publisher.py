"""The status: published when something changed, at most once a second."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clocks import FakeClock
from dejashot.config.settings import NotifySettings
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.status_publisher import (
    MAX_PUBLISH_REST_S,
    PUBLISH_EVERY_S,
    PUBLISH_REST,
    LoopSnapshot,
    StatusOutput,
    StatusPublisher,
)
from dejashot.digests.notifications import NotificationQueue


class Source:
    """A loop that has a file more to do at each look, each of which takes a while."""

    def __init__(self, look: Callable[[], None] = lambda: None) -> None:
        self.looks = 0
        self._look = look

    def snapshot(self) -> LoopSnapshot:
        self._look()
        self.looks += 1
        return LoopSnapshot([], self.looks, 0, "", ["2026-07-01T20:00:00+02:00"], {}, {})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def state(clock: FakeClock) -> LoopState:
    return LoopState(clock, threading.Event())


@pytest.fixture
def output(tmp_path: Path) -> StatusOutput:
    return StatusOutput(tmp_path, NotificationQueue(tmp_path, NotifySettings()))


def test_changes_are_published_at_most_once_a_second(output: StatusOutput, state: LoopState, clock: FakeClock) -> None:
    publisher = StatusPublisher(Source(), output, state, clock)
    assert publisher.due_in_s() == 0.0
    publisher.run()
    assert output.latest is not None
    assert (output.latest.backlog, output.latest.next_digest) == (1, "2026-07-01T20:00:00+02:00")
    assert publisher.due_in_s() is None
    state.note_change()
    clock.pass_s(PUBLISH_EVERY_S / 4)
    publisher.run()
    assert (output.latest.backlog, publisher.due_in_s()) == (1, PUBLISH_EVERY_S * 3 / 4)
    clock.pass_s(PUBLISH_EVERY_S * 3 / 4)
    publisher.run()
    assert output.latest.backlog == 2
    assert json.loads((output.library / "daemon.json").read_text())["backlog"] == 2


@pytest.mark.parametrize(("took_s", "rest_s"), [(0.25, 0.25 * PUBLISH_REST), (5.0, MAX_PUBLISH_REST_S)])
def test_what_takes_long_to_publish_is_published_less_often(
    output: StatusOutput, state: LoopState, clock: FakeClock, took_s: float, rest_s: float
) -> None:
    publisher = StatusPublisher(Source(lambda: clock.pass_s(took_s)), output, state, clock)
    publisher.run()
    state.note_change()
    assert publisher.due_in_s() == rest_s


def test_nothing_is_published_while_nothing_changes(output: StatusOutput, state: LoopState, clock: FakeClock) -> None:
    source = Source()
    publisher = StatusPublisher(source, output, state, clock)
    for _ in range(5):
        publisher.run()
        clock.pass_s(60.0)
    assert source.looks == 1

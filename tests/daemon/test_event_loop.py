"""The event loop: events first, then the jobs in their order, whatever goes wrong in one of them."""

from queue import SimpleQueue

import pytest

from dejashot.daemon.event_loop import EventLoop
from dejashot.daemon.events import LoopEvent, RescanRequest, Stop, Tick
from dejashot.daemon.heartbeat import Heartbeat
from dejashot.errors import DejashotError, LibraryBusyError, LibraryDamagedError, StorageError
from dejashot.reports.closer_look.preempt import PreemptedError


class Steps:
    """What happened, in order: jobs and the handler of events write it down."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def initialize(self) -> None:
        self.steps.append("initialize")

    def handle(self, event: LoopEvent) -> None:
        self.steps.append(type(event).__name__)

    def recover(self, error: DejashotError) -> None:
        self.steps.append(f"recover from {error.title}")

    def shutdown(self) -> None:
        self.steps.append("shutdown")


class Recorder:
    """A job that is due when a test says so, and fails when it says so."""

    def __init__(self, name: str, steps: Steps, due_s: float | None = None) -> None:
        self.name, self.steps, self.due_s = name, steps, due_s
        self.fails: BaseException | None = None

    def due_in_s(self) -> float | None:
        return self.due_s

    def run(self) -> None:
        self.steps.steps.append(self.name)
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def events() -> SimpleQueue[LoopEvent]:
    return SimpleQueue()


@pytest.fixture
def jobs(steps: Steps) -> list[Recorder]:
    return [Recorder("first", steps), Recorder("second", steps)]


@pytest.fixture
def status(steps: Steps) -> Recorder:
    return Recorder("status", steps)


@pytest.fixture
def loop(steps: Steps, events: SimpleQueue[LoopEvent], jobs: list[Recorder], status: Recorder) -> EventLoop:
    return EventLoop(events, jobs, status, steps, Heartbeat())


def test_all_events_are_taken_in_before_the_jobs_run_in_their_order(
    loop: EventLoop, steps: Steps, events: SimpleQueue[LoopEvent]
) -> None:
    events.put(Tick())
    events.put(RescanRequest(1))
    loop.loop()
    assert steps.steps == ["Tick", "RescanRequest", "first", "second", "status"]


def test_it_waits_no_longer_than_the_first_job_that_is_due(
    loop: EventLoop, steps: Steps, jobs: list[Recorder], status: Recorder
) -> None:
    jobs[0].due_s, jobs[1].due_s, status.due_s = 3600.0, -1.0, 60.0
    loop.loop()  # with nothing to take in it would otherwise wait for an hour
    assert steps.steps == ["first", "second", "status"]


def test_a_stop_ends_the_loop_without_more_work_and_the_status_is_published(
    loop: EventLoop, steps: Steps, events: SimpleQueue[LoopEvent]
) -> None:
    events.put(Stop())
    loop.run()
    assert steps.steps == ["initialize", "status", "shutdown"]
    assert loop.failure is None


def test_an_error_ends_the_turn_and_the_loop_goes_on(
    loop: EventLoop, steps: Steps, events: SimpleQueue[LoopEvent], jobs: list[Recorder]
) -> None:
    jobs[0].fails = StorageError("the disk is full", "Make room")
    events.put(Tick())
    loop.loop()
    assert steps.steps == ["Tick", "first", "recover from the disk is full"]
    jobs[0].fails = None
    events.put(Stop())
    loop.run()
    assert loop.failure is None


@pytest.mark.parametrize("error", [LibraryDamagedError("a", "b"), LibraryBusyError("a", "b"), ValueError("a")])
def test_what_no_turn_can_mend_ends_the_loop_and_is_kept(
    loop: EventLoop, steps: Steps, events: SimpleQueue[LoopEvent], jobs: list[Recorder], error: BaseException
) -> None:
    jobs[1].fails = error
    events.put(Tick())
    loop.run()
    assert loop.failure is error
    assert steps.steps == ["initialize", "Tick", "first", "second", "shutdown"]


def test_a_digest_that_gives_way_to_the_end_is_no_failure(
    loop: EventLoop, events: SimpleQueue[LoopEvent], jobs: list[Recorder]
) -> None:
    jobs[0].fails = PreemptedError()
    events.put(Tick())
    loop.run()
    assert loop.failure is None


def test_the_heart_beats_at_each_event(steps: Steps, events: SimpleQueue[LoopEvent], status: Recorder) -> None:
    clock_s = [0.0]
    heartbeat = Heartbeat(lambda: clock_s[0])
    loop = EventLoop(events, [], status, steps, heartbeat)
    events.put(Tick())
    loop.loop()
    clock_s[0] = 7.0
    assert heartbeat.busy_s() == 7.0
    events.put(Tick())
    loop.loop()
    assert heartbeat.busy_s() == 0.0

"""When a digest is made: after its slot, when the folders are quiet, and less and less often where it fails."""

import logging
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from clocks import FakeClock
from dejashot.config.settings import DigestSettings, Settings
from dejashot.daemon.events import Tick
from dejashot.daemon.jobs.digest_trigger import FIRST_RETRY_S, MAX_RETRY_S, MIN_PREEMPT_S, DigestTrigger
from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.jobs.workload import Workload
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.reports.closer_look.preempt import PreemptedError
from scenes import moved, save_photo, scene

NOON = datetime(2026, 6, 30, 12)
STARTED = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SLOT = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)
QUIET_S, WAIT_S = 60.0, 1800.0


@pytest.fixture
def pipeline(library: Path) -> Iterator[Pipeline]:
    settings = Settings(digest=DigestSettings(schedule="0 20 * * *", quiet_s=QUIET_S, wait_s=WAIT_S))
    with open_pipeline(settings, library, workers=2) as opened:
        yield opened


class Digests:
    """A trigger over a real library, with the clocks and queues that it looks at."""

    def __init__(
        self, pipeline: Pipeline, watched: WatchedFolder, queue: IngestQueue, state: LoopState, clock: FakeClock
    ) -> None:
        self.folder = pipeline.owned.folder / "digests"
        self.made: list[DigestRun] = []
        self.now = STARTED
        self.passes_s = 0.0  # at each look at the clock
        self._clock = clock
        self.events: SimpleQueue[Tick] = SimpleQueue()
        folders = {watched.id: watched}
        sidecars = SidecarQueue(pipeline, folders, queue, state)
        embeddings = EmbeddingQueue(pipeline, queue, state)
        workload = Workload(self.events, folders, pipeline.library, queue, sidecars, embeddings)
        runner = DigestRunner(pipeline, UTC, self.folder, STARTED)
        self.trigger = DigestTrigger(runner, workload, state, self.made.append, self._tick, lambda: self.now)

    def _tick(self) -> float:
        self._clock.pass_s(self.passes_s)
        return self._clock()

    def come(self, moment: datetime) -> None:
        """Let a moment come, and the trigger notice."""
        self.now = moment
        self.trigger.tick()


@pytest.fixture
def digests(
    pipeline: Pipeline, watched: WatchedFolder, queue: IngestQueue, state: LoopState, clock: FakeClock
) -> Digests:
    bring_up_to_date(pipeline, [watched.path], lambda _: None, lambda _: None)
    return Digests(pipeline, watched, queue, state, clock)


def test_it_is_made_after_its_slot_once_the_folders_are_quiet(
    digests: Digests, state: LoopState, clock: FakeClock
) -> None:
    digests.come(SLOT - timedelta(seconds=1))
    assert digests.trigger.due_in_s() is None
    digests.come(SLOT)
    state.note_arrival()
    assert digests.trigger.due_in_s() == QUIET_S
    clock.pass_s(QUIET_S - 1)
    digests.trigger.run()
    assert digests.made == []
    clock.pass_s(1)
    digests.trigger.run()
    assert [(run.state, run.photos) for run in digests.made] == [("done", 5)]
    assert (digests.trigger.slot, digests.trigger.due_in_s(), state.idle_s()) == (None, None, 0.0)


def test_folders_that_are_never_quiet_keep_it_waiting_no_longer_than_it_waits(
    digests: Digests, watched: WatchedFolder, state: LoopState, clock: FakeClock
) -> None:
    digests.come(SLOT)
    watched.request_walk(0.0)  # there is always something to do
    clock.pass_s(WAIT_S - 1)
    digests.trigger.run()
    assert digests.made == []
    clock.pass_s(1)
    state.note_arrival()
    digests.trigger.run()
    assert len(digests.made) == 1


def test_nothing_new_is_no_digest_to_speak_of(digests: Digests, clock: FakeClock) -> None:
    for day in (0, 1):
        digests.come(SLOT + timedelta(days=day))
        clock.pass_s(QUIET_S)
        digests.trigger.run()
        assert digests.trigger.slot is None
    assert len(digests.made) == 1


def test_one_that_can_not_be_written_is_tried_again_less_and_less_often(
    digests: Digests, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(digests.folder, ignore_errors=True)
    digests.folder.write_text("no folder")
    digests.come(SLOT)
    clock.pass_s(QUIET_S)
    waits = []
    with caplog.at_level(logging.ERROR):
        for _ in range(8):
            digests.trigger.run()
            waits.append(digests.trigger.due_in_s())
            clock.pass_s(waits[-1] or 0.0)
    assert waits == [FIRST_RETRY_S * 2**n for n in range(6)] + [MAX_RETRY_S, MAX_RETRY_S]
    assert digests.trigger.problem.startswith("the digest can't be written")
    assert len(caplog.records) == 1
    digests.folder.unlink()
    digests.trigger.run()
    assert (len(digests.made), digests.trigger.problem) == (1, "")


def test_it_gives_way_to_what_lands_and_is_gone_on_with(
    pipeline: Pipeline, watched: WatchedFolder, digests: Digests, clock: FakeClock, stopping: threading.Event
) -> None:
    for n in range(8):  # more to look at than is looked at in any case
        save_photo(watched.path / f"IMG_2{n:03d}.jpg", moved(scene(5), 0.01 * n, 0), NOON + timedelta(seconds=2 * n))
    bring_up_to_date(pipeline, [watched.path], lambda _: None, lambda _: None)
    digests.come(SLOT)
    clock.pass_s(QUIET_S)
    digests.events.put(Tick())
    digests.passes_s = MIN_PREEMPT_S  # each look at the clock is later: time passes while the digest is made
    digests.trigger.run()
    assert (digests.made, digests.trigger.slot) == ([], SLOT)
    stopping.set()
    with pytest.raises(PreemptedError):
        digests.trigger.run()
    stopping.clear()
    digests.events.get()
    digests.trigger.run()
    assert [run.photos for run in digests.made] == [13]


def test_an_error_elsewhere_puts_it_off(digests: Digests, clock: FakeClock) -> None:
    digests.come(SLOT)
    clock.pass_s(QUIET_S)
    digests.trigger.postpone(10.0)
    assert digests.trigger.due_in_s() == 10.0
    digests.trigger.run()
    assert digests.made == []
    clock.pass_s(10.0)
    digests.trigger.run()
    assert len(digests.made) == 1

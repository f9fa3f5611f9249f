"""Groups are kept once files are quiet; the work gives way, goes on, and comes back after a problem."""

import threading
from datetime import UTC, datetime
from queue import SimpleQueue

import pytest

from clocks import FakeClock
from dejashot.daemon.events import LoopEvent, Tick
from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.group_updates import CHECK_EVERY_S, GroupUpdates
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import QUIET_S, WORK_RETRY_S, LoopState
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.jobs.workload import Workload
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline
from dejashot.models.capture import microseconds
from dejashot.models.decisions import Decision, Verdict

NOW_US = microseconds(datetime(2026, 7, 1, tzinfo=UTC))


@pytest.fixture
def events() -> SimpleQueue[LoopEvent]:
    return SimpleQueue()


@pytest.fixture
def updates(
    pipeline: Pipeline,
    folders: dict[int, WatchedFolder],
    queue: IngestQueue,
    state: LoopState,
    clock: FakeClock,
    events: SimpleQueue[LoopEvent],
) -> GroupUpdates:
    """Give the test the job over a folder whose photos have been read."""
    bring_up_to_date(pipeline, [folders[1].path], lambda _: None, lambda _: None)
    sidecars, embeddings = SidecarQueue(pipeline, folders, queue, state), EmbeddingQueue(pipeline, queue, state)
    workload = Workload(events, folders, pipeline.library, queue, sidecars, embeddings)
    return GroupUpdates(pipeline, workload, state, clock)


def test_groups_are_kept_when_files_are_quiet_and_a_decision_is_known_after_a_while(
    updates: GroupUpdates, pipeline: Pipeline, clock: FakeClock
) -> None:
    library = pipeline.library
    assert updates.due_in_s() == QUIET_S
    updates.run()
    assert not library.changes.groups_file
    clock.pass_s(QUIET_S)
    updates.run()
    assert library.changes.groups_file
    assert not library.changes.any()
    assert 0 < (updates.due_in_s() or 0) <= CHECK_EVERY_S
    change = library.changes.groups_change
    content = library.shots.in_folders([1], pipeline.owned.row.id)[0].shot.content
    library.journal.decide([Decision(content, Verdict.KEEP, NOW_US)])
    clock.pass_s(CHECK_EVERY_S)
    updates.run()
    assert library.changes.groups_change > change
    assert not library.changes.any()
    updates.close()


def test_work_that_gave_way_to_a_file_is_done_afterwards(
    updates: GroupUpdates, pipeline: Pipeline, clock: FakeClock, events: SimpleQueue[LoopEvent]
) -> None:
    clock.pass_s(QUIET_S)
    events.put(Tick())
    updates.run()
    assert not pipeline.library.changes.groups_file
    events.get()
    clock.pass_s(QUIET_S)
    updates.run()
    assert pipeline.library.changes.groups_file
    updates.close()


def test_a_problem_is_said_once_and_what_it_kept_from_is_done_later(
    updates: GroupUpdates,
    pipeline: Pipeline,
    clock: FakeClock,
    stopping: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = pipeline.library.folder / "decisions.jsonl"
    journal.unlink(missing_ok=True)
    journal.mkdir()
    for _ in range(2):
        clock.pass_s(max(QUIET_S, WORK_RETRY_S))
        updates.run()
    assert [r.message for r in caplog.records if "can't be kept" in r.message] == [caplog.records[-1].message]
    journal.rmdir()
    clock.pass_s(WORK_RETRY_S)
    updates.run()
    assert pipeline.library.changes.groups_file
    assert not stopping.is_set()
    updates.close()

"""Idle readers are ended, the index leaves memory with them, and reaches the disk without that too."""

from clocks import FakeClock
from dejashot.config.settings import Settings
from dejashot.daemon.jobs.idle_readers import SAVE_EVERY_S, IdleReaders
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline

IDLE_S = Settings().reading.idle_stop_s


def test_readers_end_and_the_index_leaves_memory_after_they_were_idle_for_long_enough(
    pipeline: Pipeline, watched: WatchedFolder, state: LoopState, clock: FakeClock
) -> None:
    idle = IdleReaders(pipeline, state, clock)
    assert idle.due_in_s() is None
    bring_up_to_date(pipeline, [watched.path], lambda _: None, lambda _: None)
    state.note_work()
    assert (pipeline.pool.running, idle.due_in_s()) == (2, IDLE_S)
    assert len(pipeline.owned.index)
    clock.pass_s(IDLE_S - 1)
    idle.run()
    assert (pipeline.pool.running, pipeline.owned.index.held > 0) == (2, True)
    clock.pass_s(1)
    idle.run()
    assert (pipeline.pool.running, idle.due_in_s(), pipeline.owned.index.held) == (0, None, 0)


def test_the_index_is_written_now_and_then(
    pipeline: Pipeline, watched: WatchedFolder, state: LoopState, clock: FakeClock
) -> None:
    idle = IdleReaders(pipeline, state, clock)
    bring_up_to_date(pipeline, [watched.path], lambda _: None, lambda _: None)
    shot = pipeline.library.shots.in_folders([1], pipeline.owned.row.id)[0].shot
    pipeline.owned.index.move(shot.key, shot.key, pipeline.library.vectors.get(shot.content, pipeline.owned.row.id))
    assert pipeline.owned.index.changed
    for passed_s in (SAVE_EVERY_S - 1, 1.0):
        clock.pass_s(passed_s)
        state.note_work()  # readers go on working
        idle.run()
        assert pipeline.owned.index.changed is (passed_s > 1)

"""Photos without a vector of the model in use are read again while no new one waits."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clocks import FakeClock
from dejashot.config.settings import ModelSettings, Settings
from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.files.names import NameRules
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import Pipeline, open_pipeline
from dejashot.ingest.reconcile import Reconciled
from dejashot.watch.folder_watch import FolderWatch
from networks import bundled_network
from watches import Reports

NOTHING = Reconciled([], {}, "")


@pytest.fixture
def other_model(tmp_path: Path) -> Settings:
    """Return settings with a model that differs in its preprocessing only."""
    return Settings(model=ModelSettings(path=str(bundled_network(tmp_path, input={"resample": "bicubic"}))))


@pytest.fixture
def changed(library: Path, busy_minute: Path, other_model: Settings) -> Iterator[Pipeline]:
    """Give the test a library of five photos whose model was changed."""
    with open_pipeline(Settings(), library, workers=2) as pipeline:
        bring_up_to_date(pipeline, [busy_minute], lambda _: None, lambda _: None)
    with open_pipeline(other_model, library, workers=2) as pipeline:
        yield pipeline


def test_all_are_read_again_before_the_new_model_answers(changed: Pipeline, clock: FakeClock) -> None:
    (row,) = changed.library.folders.all()
    folder = WatchedFolder(row, NameRules(), FolderWatch(row.path, Reports()), clock)
    state = LoopState(clock, threading.Event())
    queue = IngestQueue(changed, {row.id: folder}, state, clock)
    embeddings = EmbeddingQueue(changed, queue, state)
    embeddings.walked(folder, NOTHING)
    assert (len(embeddings), embeddings.due_in_s()) == (5, 0.0)
    state.note_problem("the disk is full")
    assert embeddings.due_in_s() is None
    state.note_problem("")
    before = changed.library.vectors.active_model()
    assert before is not None
    assert before.id != changed.owned.row.id
    while embeddings.due_in_s() is not None:
        embeddings.run()
    after = changed.library.vectors.active_model()
    assert after is not None
    assert (after.id, len(changed.owned.index)) == (changed.owned.row.id, 5)


def test_where_none_is_missing_the_model_answers_after_the_first_walk(
    pipeline: Pipeline, watched: WatchedFolder, queue: IngestQueue, state: LoopState
) -> None:
    embeddings = EmbeddingQueue(pipeline, queue, state)
    embeddings.walked(watched, NOTHING)
    active = pipeline.library.vectors.active_model()
    assert active is not None
    assert (active.id, embeddings.due_in_s()) == (pipeline.owned.row.id, None)

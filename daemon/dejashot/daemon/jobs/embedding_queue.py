"""The photos that wait to be read again, as they have no vector of the model in use."""

from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.catch_up import missing_embeddings
from dejashot.ingest.fair_queue import affordable, cost_of
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.reconcile import Reconciled
from dejashot.ingest.tasks import BATCH_COST_PER_READER, MAX_BATCH, Task


class EmbeddingQueue:
    """Read a few photos again while no new one waits; old vectors stay until all have one.

    Its length is the photos that wait.
    """

    def __init__(self, pipeline: Pipeline, photos: IngestQueue, state: LoopState) -> None:
        """Prepare; new `photos` come first."""
        self._pipeline = pipeline
        self._photos = photos
        self._state = state
        self._tasks: list[Task] = []

    def __len__(self) -> int:
        return len(self._tasks)

    def walked(self, _folder: WatchedFolder, _found: Reconciled) -> None:
        """Queue all photos that are to be read again; where there are none, the model in use answers."""
        self._tasks = missing_embeddings(self._pipeline.owned)
        if not self._tasks:
            self._pipeline.owned.activate_model()

    def due_in_s(self) -> float | None:
        """Return 0 when photos can be read again now, None when none waits, others come first or something is wrong."""
        return 0.0 if self._tasks and not len(self._photos) and not self._state.problem else None

    def run(self) -> None:
        """Read a batch again."""
        if not self._tasks or len(self._photos):
            return
        budget = BATCH_COST_PER_READER * self._pipeline.pool.size
        count = affordable([cost_of(t.file.path) for t in self._tasks[:MAX_BATCH]], MAX_BATCH, budget)
        batch, self._tasks = self._tasks[:count], self._tasks[count:]
        self._photos.ingest([t for t in batch if not self._photos.is_failing(t.file)])
        if not self._tasks and not self._state.is_stopping:
            self._pipeline.owned.activate_model()

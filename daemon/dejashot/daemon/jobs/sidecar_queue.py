"""The films and sidecars that wait to be read for what they say of photos."""

from collections.abc import Mapping

from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.reconcile import Reconciled
from dejashot.models.files import FileRef

MAX_SIDECARS_PER_RUN = 32


class SidecarQueue:
    """Read a few sidecars while no photo arrives, and apply them once all are read.

    Its length is the files that wait.
    """

    def __init__(
        self, pipeline: Pipeline, folders: Mapping[int, WatchedFolder], photos: IngestQueue, state: LoopState
    ) -> None:
        """Prepare; `photos` come first."""
        self._pipeline = pipeline
        self._folders = folders
        self._photos = photos
        self._state = state
        self._files: list[FileRef] = []

    def __len__(self) -> int:
        return len(self._files)

    def walked(self, _folder: WatchedFolder, _found: Reconciled) -> None:
        """Queue all sidecars that were not read yet, in the folders that are there."""
        available = [number for number, folder in self._folders.items() if folder.available]
        self._files = self._pipeline.library.companions.pending(available)

    def due_in_s(self) -> float | None:
        """Return 0 when sidecars can be read now, None when none waits, photos come first or something is wrong."""
        return 0.0 if self._files and not len(self._photos) and not self._state.problem else None

    def run(self) -> None:
        """Read a few sidecars; apply what they say when none is left."""
        if len(self._photos):
            return
        if self._files:
            batch, self._files = self._files[:MAX_SIDECARS_PER_RUN], self._files[MAX_SIDECARS_PER_RUN:]
            self._pipeline.sidecars.read(file for file in batch if not self._state.is_stopping)
            self._state.note_work()
        if not self._files:
            self._pipeline.sidecars.apply()

"""Photos that landed are looked at closely while nothing else is to do, so that suggestions are ready."""

import time
from collections.abc import Callable

from dejashot.daemon.jobs.loop_state import LoopState, QuietWork
from dejashot.daemon.jobs.workload import Workload
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.reports.closer_look.arrivals import look_closely
from dejashot.reports.parameters import closer_look_rules


def folders_within_reach(library: Library) -> list[Folder]:
    """Return the folders that are there, watched or scanned once."""
    return [folder for folder in library.folders.all() if folder.path.is_dir()]


class CloserLookQueue:
    """Look closely at what arrived, when no photo waits to be read; its length is the photos that wait.

    It gives way to whatever event comes, and goes on afterwards where it was. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        workload: Workload,
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pipeline = pipeline
        self._workload = workload
        self._state = state
        self._rules = closer_look_rules(pipeline.settings, pipeline.owned.row.fingerprint)
        self._looked: tuple[int, int] | None = None  # the newest change, and the last arrival looked at, at the end
        self._quiet = QuietWork(state, clock, "photos can't be looked at closely")

    def __len__(self) -> int:
        """Return how many photos wait; raise LibraryError."""
        if self._is_done():
            return 0
        looks = self._pipeline.library.closer_looks
        return looks.waiting(looks.done_until(self._rules))

    def due_in_s(self) -> float | None:
        """Return the seconds until photos may be looked at, None when none waits or others come first."""
        if self._is_done():
            self._quiet.rest()
            return None
        if self._state.problem or self._is_busy():
            return None
        return self._quiet.due_in_s()

    def run(self) -> None:
        """Look at the next photos, until something else is to do."""
        if self.due_in_s() != 0.0:
            return
        library = self._pipeline.library
        newest = library.newest_seq()
        more = self._quiet.do(self._look)
        if more is None:
            return
        if not more:
            self._looked = newest, library.closer_looks.newest()
            self._quiet.rest()
        self._state.note_work()

    def _look(self) -> bool:
        library = self._pipeline.library
        return look_closely(report_context(self._pipeline, self._should_stop), folders_within_reach(library))

    def _is_done(self) -> bool:
        library, looks = self._pipeline.library, self._pipeline.library.closer_looks
        done = looks.newest()
        return self._looked == (library.newest_seq(), done) and looks.end_of_next(done, 1) is None

    def _is_busy(self) -> bool:
        """Return whether something comes first: what was read is published, and no photo waits to be read.

        Nor does one wait to be read again, or a sidecar, which may move photos, or the first walk, which finds what
        landed before the start.
        """
        queues = self._workload
        waiting = queues.queue.has_stable or len(queues.embeddings) or len(queues.sidecars)
        unwalked = any(folder.waits_for_first_walk for folder in queues.folders.values())
        return self._state.changed or bool(waiting) or unwalked

    def _should_stop(self) -> bool:
        return self._state.is_stopping or self._workload.has_arrivals()

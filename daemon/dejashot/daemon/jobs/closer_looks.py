"""Photos that landed are looked at closely while nothing else is to do, so that suggestions are ready."""

import logging
import time
from collections.abc import Callable

from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.workload import Workload
from dejashot.errors import DejashotError, JournalError, StorageError
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.logs import error_location, event
from dejashot.reports.closer_look.arrivals import look_closely
from dejashot.reports.closer_look.preempt import PreemptedError
from dejashot.reports.parameters import closer_look_rules

log = logging.getLogger(__name__)

QUIET_S = 1.0  # since a file last arrived
MAX_WAIT_S = 30.0  # for quiet, where files keep arriving
LOOK_AGAIN_S = 60.0
REST_FACTOR = 4.0  # where files keep arriving, a look is followed by a rest of so many times its length


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
        self._clock = clock
        self._rules = closer_look_rules(pipeline.settings, pipeline.owned.row.fingerprint)
        self._looked: tuple[int, int] | None = None  # the newest change, and the last arrival looked at, at the end
        self._since_s: float | None = None  # when something began to wait
        self._not_before_s = self._rested_s = clock()
        self._problem = ""

    def __len__(self) -> int:
        """Return how many photos wait; raise LibraryError."""
        if self._is_done():
            return 0
        looks = self._pipeline.library.closer_looks
        return looks.waiting(looks.done_until(self._rules))

    def due_in_s(self) -> float | None:
        """Return the seconds until photos may be looked at, None when none waits or others come first."""
        if self._is_done():
            self._since_s = None
            return None
        if self._state.problem or self._is_busy():
            return None
        now_s = self._clock()
        self._since_s = now_s if self._since_s is None else self._since_s
        waited_s = max(self._since_s + MAX_WAIT_S, self._rested_s) - now_s
        return max(0.0, min(QUIET_S - self._state.quiet_s(), waited_s), self._not_before_s - now_s)

    def run(self) -> None:
        """Look at the next photos, until something else is to do."""
        if self.due_in_s() != 0.0:
            return
        began_s, library = self._clock(), self._pipeline.library
        newest = library.newest_seq()
        try:
            more = look_closely(report_context(self._pipeline, self._should_stop), folders_within_reach(library))
        except PreemptedError:
            more = True
        except (JournalError, StorageError, OSError) as error:
            self._retry_later(str(error))
            return
        except DejashotError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are ingested all the same
            self._retry_later(error_location(error))
            return
        if not more:
            self._looked, self._since_s = (newest, library.closer_looks.newest()), None
        self._problem = ""
        self._rested_s = self._clock() + REST_FACTOR * (self._clock() - began_s)
        self._state.note_work()

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

    def _retry_later(self, problem: str) -> None:
        """Come back to it after a while; what is wrong is logged once."""
        if problem != self._problem:
            log.warning("photos can't be looked at closely: %s. This is tried again", problem, extra=event("trouble"))
        self._problem = problem
        self._not_before_s = self._clock() + LOOK_AGAIN_S

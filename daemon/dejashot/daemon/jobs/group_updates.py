"""The kept groups are brought up to the library once files are quiet, so that whoever reads them finds them ready."""

import time
from collections.abc import Callable
from functools import lru_cache, partial

from dejashot.daemon.jobs.loop_state import LoopState, QuietWork
from dejashot.daemon.jobs.workload import Workload
from dejashot.daemon.memory import trim_memory
from dejashot.errors import LibraryError
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.reports.kept.keeper import GroupKeeper
from dejashot.reports.parameters import closer_look_rules

CHECK_EVERY_S = 30.0  # for decisions, folders that went or came, and settings


class GroupUpdates:
    """Keep the groups, giving way to whatever event comes; `clock` gives monotonic seconds."""

    def __init__(
        self,
        pipeline: Pipeline,
        workload: Workload,
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pipeline, self._workload, self._state, self._clock = pipeline, workload, state, clock
        self._rules_of = lru_cache(maxsize=2)(partial(closer_look_rules, pipeline.settings))
        self._keeper = GroupKeeper(pipeline.library, pipeline.on_progress)
        self._looked: int | None = None  # the last closer look that the groups know of
        self._checked_s = clock()
        self._quiet = QuietWork(state, clock, "the groups can't be kept", (LibraryError,))

    def due_in_s(self) -> float | None:
        """Return the seconds until groups may be worked out, None when others come first."""
        if self._state.problem or self._is_busy():
            return None
        if self._something_waits():
            return self._quiet.due_in_s()
        self._quiet.rest()
        return max(0.0, self._checked_s + CHECK_EVERY_S - self._clock(), self._quiet.retry_in_s())

    def run(self) -> None:
        """Bring the groups up to the library, until something else is to do."""
        if self.due_in_s() != 0.0:
            return
        self._checked_s = self._clock()
        looked, waited = self._looked_until(), self._something_waits()
        more = self._quiet.do(self._keep)
        if more is not None:
            self._looked = None if more else looked
        if waited:
            trim_memory()

    def _keep(self) -> bool:
        self._keeper.keep(report_context(self._pipeline, self._should_stop))
        return False

    def close(self) -> None:
        """Close the kept groups."""
        self._keeper.close()

    def _something_waits(self) -> bool:
        """Return whether something changed that groups are known to depend on."""
        library = self._pipeline.library
        return library.changes.any() or self._looked_until() != self._looked

    def _looked_until(self) -> int:
        row = self._pipeline.library.vectors.active_model() or self._pipeline.owned.row
        return self._pipeline.library.closer_looks.done_until(self._rules_of(row.fingerprint))

    def _is_busy(self) -> bool:
        """Return whether something comes first: photos that wait to be read, or the first walk."""
        queues = self._workload
        unwalked = any(folder.waits_for_first_walk for folder in queues.folders.values())
        return bool(queues.queue.has_stable) or unwalked

    def _should_stop(self) -> bool:
        return self._state.is_stopping or self._workload.has_arrivals()

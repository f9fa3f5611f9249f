"""The kept groups are brought up to the library once files are quiet, so that whoever reads them finds them ready."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache, partial

from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.workload import Workload
from dejashot.daemon.memory import trim_memory
from dejashot.errors import DejashotError, JournalError, LibraryDamagedError, StorageError
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.logs import error_location, event
from dejashot.reports.closer_look.preempt import PreemptedError
from dejashot.reports.kept.keeper import GroupKeeper
from dejashot.reports.parameters import closer_look_rules

log = logging.getLogger(__name__)

QUIET_S = 1.0  # since a file last arrived
MAX_WAIT_S = 30.0  # for quiet, where files keep arriving
CHECK_EVERY_S = 30.0  # for decisions, folders that went or came, and settings
UPDATE_RETRY_S = 60.0
REST_FACTOR = 4.0  # where files keep arriving, work is followed by a rest of so many times its length


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
        self._since_s: float | None = None  # when something began to wait
        self._not_before_s = self._rested_s = self._checked_s = clock()
        self._problem = ""

    def due_in_s(self) -> float | None:
        """Return the seconds until groups may be worked out, None when others come first."""
        if self._state.problem or self._is_busy():
            return None
        now_s = self._clock()
        if not self._may_wait_for():
            self._since_s = None
            return max(0.0, self._checked_s + CHECK_EVERY_S - now_s, self._not_before_s - now_s)
        self._since_s = now_s if self._since_s is None else self._since_s
        waited_s = max(self._since_s + MAX_WAIT_S, self._rested_s) - now_s
        return max(0.0, min(QUIET_S - self._state.quiet_s(), waited_s), self._not_before_s - now_s)

    def run(self) -> None:
        """Bring the groups up to the library, until something else is to do."""
        if self.due_in_s() != 0.0:
            return
        began_s = self._checked_s = self._clock()
        looked, had_work = self._looked_until(), self._may_wait_for()
        try:
            self._keeper.keep(report_context(self._pipeline, self._should_stop))
        except PreemptedError:
            looked = -1
        except LibraryDamagedError:
            raise
        except (JournalError, StorageError, OSError) as error:
            self._retry_later(str(error))
            return
        except DejashotError as error:
            self._retry_later(error.title)
            return
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are ingested all the same
            self._retry_later(error_location(error))
            return
        self._problem = ""
        self._looked = None if looked < 0 else looked
        if had_work:
            trim_memory()
            self._rested_s = self._clock() + REST_FACTOR * (self._clock() - began_s)

    def close(self) -> None:
        """Close the kept groups."""
        self._keeper.close()

    def _may_wait_for(self) -> bool:
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

    def _retry_later(self, problem: str) -> None:
        """Come back to it after a while; what is wrong is logged once."""
        if problem != self._problem:
            log.warning("the groups can't be kept: %s. This is tried again", problem, extra=event("trouble"))
        self._problem = problem
        self._not_before_s = self._clock() + UPDATE_RETRY_S

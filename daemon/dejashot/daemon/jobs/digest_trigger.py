"""When a digest is made: after its slot, once the folders are quiet or have kept it waiting for long enough."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.workload import Workload
from dejashot.digests.runner import DigestRunner
from dejashot.errors import DejashotError, JournalError, StorageError
from dejashot.language.texts import noted
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.logs import error_location, event
from dejashot.reports.closer_look.preempt import PreemptedError

log = logging.getLogger(__name__)

FIRST_RETRY_S = 10.0
MAX_RETRY_S = 600.0
MIN_PREEMPT_S = 0.3  # of work on a digest between two photos that land


def utc_now() -> datetime:
    """Return the moment by the wall clock, in UTC."""
    return datetime.now(UTC)


class DigestTrigger:
    """Make the digest that is due; one that can't be made is tried again, less and less often."""

    def __init__(
        self,
        runner: DigestRunner,
        workload: Workload,
        state: LoopState,
        on_made: Callable[[DigestRun], None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Prepare.

        `on_made` takes each digest with something in it, `clock` gives monotonic seconds, `now` the moment in UTC.
        """
        self.slot: datetime | None = None  # of the digest that waits to be made
        self.problem = ""
        self._runner = runner
        self._workload = workload
        self._state = state
        self._on_made = on_made
        self._clock, self._now = clock, now
        self._slot_since_s = self._not_before_s = clock()
        self._retry_s = FIRST_RETRY_S

    def tick(self) -> None:
        """See whether the slot of a digest has come."""
        if self.slot is None:
            self.slot, self._slot_since_s = self._runner.due(self._now()), self._clock()

    def postpone(self, delay_s: float) -> None:
        """Make no digest for so long."""
        self._not_before_s = self._clock() + delay_s

    def due_in_s(self) -> float | None:
        """Return the seconds until a digest may be made, None when none is due."""
        if self.slot is None:
            return None
        settings, now_s = self._runner.settings, self._clock()
        quiet_s = settings.quiet_s - self._state.quiet_s()
        waited_s = self._slot_since_s + settings.wait_s - now_s if self._workload.queue.retrying_recent else 0.0
        return max(1.0, quiet_s, waited_s, self._not_before_s - now_s)

    def run(self) -> None:
        """Make the digest that is due, unless photos arrive; raise PreemptedError when the daemon is stopping."""
        if self.slot is None or self._clock() < self._not_before_s or not self._may_begin():
            return
        try:
            made = self._make(self.slot)
        except PreemptedError:
            if self._state.is_stopping:
                raise
            return  # what landed meanwhile comes first; then the digest is gone on with
        except JournalError as error:
            self._retry_later(error.title, error.hint)
        except (StorageError, OSError) as error:
            why = error.title if isinstance(error, StorageError) else error.strerror or str(error)
            hint = "Check the free space and the permissions of digest.folder"
            self._retry_later(noted("the digest can't be written: {why}").format(why=why), hint)
        except DejashotError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are ingested all the same
            hint = "Please report this; no photo is lost by it"
            self._retry_later(noted("the digest can't be made: {why}").format(why=error_location(error)), hint)
        else:
            self._finish(made)

    def _may_begin(self) -> bool:
        """Return whether the folders are quiet, or have kept the digest waiting for as long as it waits."""
        settings, workload = self._runner.settings, self._workload
        # waited since the slot was noticed, not since it came: after a night asleep the phone is still to sync
        if self._clock() - self._slot_since_s >= settings.wait_s:
            return True
        busy = workload.backlog() or workload.queue.retrying_recent
        return not busy and self._state.quiet_s() >= settings.quiet_s

    def _make(self, slot: datetime) -> DigestRun:
        began_s = self._clock()
        folders = [folder.row for folder in self._workload.folders.values()]
        return self._runner.make(slot, folders, self._workload.health(), lambda: self._is_preempted(began_s))

    def _is_preempted(self, since_s: float) -> bool:
        """Return whether a digest in the making should give way: to the end, or to photos that land."""
        landed = self._workload.has_arrivals()
        return self._state.is_stopping or (landed and self._clock() - since_s >= MIN_PREEMPT_S)

    def _finish(self, made: DigestRun) -> None:
        self.problem, self._retry_s = "", FIRST_RETRY_S
        if made.state == "done":
            self._state.note_work()
            self._on_made(made)
        self.slot = None
        self._state.note_change()

    def _retry_later(self, problem: str, hint: str) -> None:
        """Say why there is no digest, and come back to it, less and less often."""
        if problem != self.problem:
            log.error("%s. %s. The digest is tried again", problem, hint, extra=event("trouble"))
        self.problem = problem
        self._state.note_change()
        self.postpone(self._retry_s)
        self._retry_s = min(2 * self._retry_s, MAX_RETRY_S)

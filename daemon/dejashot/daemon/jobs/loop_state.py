"""What the jobs of the event loop share: when work was done, what is wrong, whether the daemon is stopping.

And how work is done that can wait: when, how it gives way, and what happens when it fails.
"""

import logging
import threading
from collections.abc import Callable

from dejashot.errors import DejashotError, JournalError, LibraryBusyError, LibraryDamagedError, StorageError
from dejashot.logs import error_location, event
from dejashot.reports.closer_look.preempt import PreemptedError

log = logging.getLogger(__name__)

QUIET_S = 1.0  # since a file last arrived
MAX_WAIT_S = 30.0  # for quiet, where files keep arriving
WORK_RETRY_S = 60.0
REST_FACTOR = 4.0  # where files keep arriving, work is followed by a rest of so many times its length
_RETRIED = (JournalError, StorageError, OSError)


class LoopState:
    """Remember when files last arrived, when readers last worked, what is wrong, and whether there is news to publish.

    `clock` gives monotonic seconds. Only `stopping` may be set from another thread.
    """

    def __init__(self, clock: Callable[[], float], stopping: threading.Event) -> None:
        self.changed = True
        self.problem = ""
        self._clock = clock
        self._stopping = stopping
        self._arrived_s = self._worked_s = clock()

    @property
    def is_stopping(self) -> bool:
        """Return whether the daemon was asked to stop."""
        return self._stopping.is_set()

    def note_change(self) -> None:
        """Note that what is published of the daemon is no longer true."""
        self.changed = True

    def note_published(self) -> None:
        """Note that what is published is true."""
        self.changed = False

    def note_problem(self, title: str) -> None:
        """Note what keeps the work from going on, empty when nothing does."""
        self.problem, self.changed = title, True

    def note_arrival(self) -> None:
        """Note that a file arrived or changed."""
        self._arrived_s, self.changed = self._clock(), True

    def note_work(self) -> None:
        """Note that readers worked."""
        self._worked_s, self.changed = self._clock(), True

    def quiet_s(self) -> float:
        """Return the seconds since a file last arrived."""
        return self._clock() - self._arrived_s

    def idle_s(self) -> float:
        """Return the seconds since readers last worked."""
        return self._clock() - self._worked_s


class QuietWork:
    """Do work once files are quiet, or have kept it waiting for long, and again after a while where it fails.

    `failed` begins the sentence that is logged then, once for each problem; `retried` are further errors that do not
    end a turn of the loop. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        state: LoopState,
        clock: Callable[[], float],
        failed: str,
        retried: tuple[type[DejashotError], ...] = (),
    ) -> None:
        self._state, self._clock, self._failed = state, clock, failed
        self._retried: tuple[type[Exception], ...] = (*_RETRIED, *retried)
        self._since_s: float | None = None  # when something began to wait
        self._not_before_s = self._rested_s = clock()
        self._problem = ""

    def rest(self) -> None:
        """Note that nothing waits."""
        self._since_s = None

    def due_in_s(self) -> float:
        """Return the seconds until what waits may be done."""
        now_s = self._clock()
        self._since_s = now_s if self._since_s is None else self._since_s
        waited_s = max(self._since_s + MAX_WAIT_S, self._rested_s) - now_s
        return max(0.0, min(QUIET_S - self._state.quiet_s(), waited_s), self.retry_in_s())

    def retry_in_s(self) -> float:
        """Return the seconds until work that failed may be tried again."""
        return max(0.0, self._not_before_s - self._clock())

    def do(self, work: Callable[[], bool]) -> bool | None:
        """Do work, which returns whether more waits, as it does when it gives way; return that, None where it failed.

        Raises LibraryError.
        """
        began_s = self._clock()
        try:
            more = work()
        except PreemptedError:
            more = True
        except (LibraryDamagedError, LibraryBusyError):
            raise
        except self._retried as error:
            self._retry_later(str(error))
            return None
        except DejashotError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are ingested all the same
            self._retry_later(error_location(error))
            return None
        self._problem = ""
        self._rested_s = self._clock() + REST_FACTOR * (self._clock() - began_s)
        return more

    def _retry_later(self, problem: str) -> None:
        """Come back to it after a while; what is wrong is logged once."""
        if problem != self._problem:
            log.warning("%s: %s. This is tried again", self._failed, problem, extra=event("trouble"))
        self._problem = problem
        self._not_before_s = self._clock() + WORK_RETRY_S

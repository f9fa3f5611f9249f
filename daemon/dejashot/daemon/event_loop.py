"""The event loop: it waits for events and for what is due, in the one thread that may write to the library."""

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from dejashot.daemon.events import LoopEvent, Stop
from dejashot.daemon.heartbeat import Heartbeat
from dejashot.daemon.jobs.job import LoopJob
from dejashot.errors import DejashotError, LibraryBusyError, LibraryDamagedError
from dejashot.reports.closer_look.preempt import PreemptedError

log = logging.getLogger(__name__)


class EventHandler(Protocol):
    """Whoever knows which job an event or an error concerns."""

    def initialize(self) -> None:
        """Prepare the jobs, before the first turn."""

    def handle(self, event: LoopEvent) -> None:
        """Give an event to the job that it concerns."""

    def recover(self, error: DejashotError) -> None:
        """Have the jobs come back to what an error interrupted."""

    def shutdown(self) -> None:
        """End what the jobs have started."""


class EventLoop:
    """Take in events, run the jobs that are due in their order, then the last one, `status`, until a Stop event comes.

    An error ends a turn, and the jobs come back to their work; only a library that is damaged, or another's, ends the
    loop.
    """

    def __init__(
        self,
        events: SimpleQueue[LoopEvent],
        jobs: Sequence[LoopJob],
        status: LoopJob,
        handler: EventHandler,
        heartbeat: Heartbeat,
    ) -> None:
        self.failure: BaseException | None = None
        self._events = events
        self._jobs = jobs
        self._status = status
        self._handler = handler
        self._heartbeat = heartbeat
        self._stopping = False

    def run(self) -> None:
        """Loop until stopped; whatever ends the loop otherwise is kept in `failure`."""
        try:
            self.initialize()
            while not self._stopping:
                self.loop()
        except PreemptedError:
            log.info("the digest in the making is made again at the next start")
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which ends the process with it
            self.failure = error
        finally:
            self.shutdown()

    def initialize(self) -> None:
        """Prepare the jobs."""
        self._handler.initialize()

    def loop(self) -> None:
        """Do one turn: wait for the first event or until something is due, and work."""
        try:
            self._heartbeat.idle()
            self._receive(self._timeout_s())
            for job in () if self._stopping else self._jobs:
                job.run()
            self._status.run()
        except (LibraryDamagedError, LibraryBusyError):
            raise  # whoever started this must open the library anew, or it is another's
        except DejashotError as error:
            self._handler.recover(error)

    def shutdown(self) -> None:
        """End what the jobs have started."""
        self._handler.shutdown()

    def _timeout_s(self) -> float | None:
        """Return for how long to wait at most; None until the next event."""
        waits = [job.due_in_s() for job in (*self._jobs, self._status)]
        due = [wait_s for wait_s in waits if wait_s is not None]
        return max(0.0, min(due)) if due else None

    def _receive(self, timeout_s: float | None) -> None:
        """Take in all events there are, waiting for the first."""
        try:
            event = self._events.get(timeout=timeout_s)
            while True:
                self._heartbeat.beat()
                if isinstance(event, Stop):
                    self._stopping = True
                else:
                    self._handler.handle(event)
                event = self._events.get_nowait()
        except Empty:
            self._heartbeat.beat()

"""What the event loop does about an error: it logs it now and then, and comes back to the work."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.errors import DejashotError
from dejashot.logs import event

log = logging.getLogger(__name__)

ERROR_DELAY_S = 10.0
LOG_AGAIN_S = 600.0


class Postponable(Protocol):
    """A job that can wait."""

    def postpone(self, delay_s: float) -> None:
        """Do nothing for so long."""


class Recovery:
    """Put the work off for a while and walk all folders: what was not stored is found again by that."""

    def __init__(
        self,
        folders: Mapping[int, WatchedFolder],
        queue: IngestQueue,
        digests: Postponable,
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `clock` gives monotonic seconds."""
        self._folders = folders
        self._queue = queue
        self._digests = digests
        self._state = state
        self._clock = clock
        self._logged_s: dict[str, float] = {}

    def recover(self, error: DejashotError) -> None:
        """Come back to what an error interrupted."""
        if self._clock() - self._logged_s.get(error.title, -math.inf) >= LOG_AGAIN_S:
            self._logged_s[error.title] = self._clock()
            log.error("%s. %s", error.title, error.hint, extra=event("trouble"))
        self._queue.retry_interrupted()
        self._state.note_problem(error.title)
        self._digests.postpone(ERROR_DELAY_S)
        for folder in self._folders.values():
            folder.walk_after_error(ERROR_DELAY_S)

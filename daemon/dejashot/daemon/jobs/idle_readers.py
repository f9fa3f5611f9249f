"""Readers that have nothing to do are ended, the index leaves memory with them, and is written now and then."""

import time
from collections.abc import Callable

from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.memory import trim_memory
from dejashot.ingest.pipeline import Pipeline

SAVE_EVERY_S = 60.0


class IdleReaders:
    """End idle readers, write the index, let go of it and return memory to the system.

    `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
        on_idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; `on_idle` is called when readers were ended."""
        self._pool = pipeline.pool
        self._owned = pipeline.owned
        self._idle_stop_s = pipeline.settings.reading.idle_stop_s
        self._state = state
        self._clock, self._on_idle = clock, on_idle
        self._saved_s = clock()

    def due_in_s(self) -> float | None:
        """Return the seconds until readers are to be ended, None when none runs."""
        return max(0.0, self._idle_stop_s - self._state.idle_s()) if self._pool.running else None

    def run(self) -> None:
        """End readers that have been idle for long enough, and let go of the index; else write it once a minute."""
        if self._pool.running and self._state.idle_s() >= self._idle_stop_s:
            self._pool.close()
            self._on_idle()
            self._owned.let_go_of_index()
            trim_memory()
        elif self._clock() - self._saved_s >= SAVE_EVERY_S:
            self._owned.save_index()
            trim_memory()
            self._saved_s = self._clock()

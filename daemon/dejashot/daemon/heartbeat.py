"""Is work going on: the event loop beats at each step it finishes and is idle while it waits; the main thread looks."""

import time
from collections.abc import Callable


class Heartbeat:
    """Hold since when one step of work has been going on; one thread beats, another reads (a float swap is atomic)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s: float | None = None

    def beat(self) -> None:
        """Note that a step is done and the next begins."""
        self._since_s = self._clock()

    def idle(self) -> None:
        """Note that there is nothing to do: waiting for an event is no standstill."""
        self._since_s = None

    def busy_s(self) -> float:
        """Return for how many seconds the step in hand has been going on, 0 when idle."""
        since_s = self._since_s
        return 0.0 if since_s is None else self._clock() - since_s

"""A watched folder as the event loop sees it: how it is followed, and when it is walked next."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dejashot.daemon.events import LOSS_DELAY_S, RESCAN_DELAY_S
from dejashot.files.names import NameRules
from dejashot.library.tables.folders import Folder
from dejashot.watch.folder_watch import FolderWatch, WatchState

COMPANION_INTERVAL_S = 60.0  # between two walks for the sake of films and sidecars
UNAVAILABLE_DELAY_S = 10.0


class WatchedFolder:
    """One folder: its row in the library, its rules and watch, and its next walk. `clock` gives monotonic seconds."""

    def __init__(self, row: Folder, rules: NameRules, watch: FolderWatch, clock: Callable[[], float]) -> None:
        self.row = row
        self.rules = rules
        self.watch = watch
        self.unavailable = ""  # why it can't be walked
        self.unseen = ""  # what the last walk could not look into
        self._more = 0  # new files that the last walk left to the next
        self._clock = clock
        self._due_s: float | None = None
        self._ended_s, self._took_s = -math.inf, 0.0

    @property
    def id(self) -> int:
        """Return its id in the library."""
        return self.row.id

    @property
    def path(self) -> Path:
        """Return where it is."""
        return self.row.path

    @property
    def polled(self) -> bool:
        """Return whether changes are found by walking it: another machine's clock may set the times of its files."""
        return self.watch.state is WatchState.POLLED

    @property
    def available(self) -> bool:
        """Return whether the last walk could look into it."""
        return not self.unavailable

    @property
    def state(self) -> WatchState:
        """Return how it is followed; one that can't be walked is paused, whatever its watch says."""
        return self.watch.state if self.available else WatchState.PAUSED

    @property
    def more(self) -> int:
        """Return how many new files the last walk left to the next; none while that can't be made."""
        return 0 if self.state is WatchState.PAUSED else self._more

    @property
    def problem(self) -> str:
        """Return what is wrong with it, empty when nothing is."""
        return self.unavailable or "; ".join(filter(None, (self.watch.problem, self.unseen)))

    @property
    def waits_for_walk(self) -> bool:
        """Return whether a walk was asked for that can be made."""
        return self._due_s is not None and self.available

    @property
    def waits_for_first_walk(self) -> bool:
        """Return whether a walk was asked for that can be made, and none was made yet."""
        return self.waits_for_walk and self._ended_s == -math.inf

    def request_walk(self, delay_s: float, min_interval_s: float = 0.0) -> None:
        """Ask for a walk after a delay, and so long after the last one; walking takes half of the time at most."""
        due_s = max(self._clock() + delay_s, self._ended_s + max(min_interval_s, self._took_s))
        self._due_s = due_s if self._due_s is None else min(due_s, self._due_s)

    def walk_for_companion(self) -> None:
        """Ask for a walk because something that is no photo changed, which may belong to one."""
        self.request_walk(RESCAN_DELAY_S, COMPANION_INTERVAL_S)

    def walk_for_more(self) -> None:
        """Ask for a walk if the last one left new files to it, and none was asked for."""
        if self.more and self._due_s is None:
            self.request_walk(0.0)

    def walk_for_loss(self) -> None:
        """Ask for a walk because a photo seems to be gone."""
        self.request_walk(LOSS_DELAY_S)

    def walk_after_error(self, delay_s: float) -> None:
        """Ask for a walk after a delay at most, and not at once: what was not stored is found again by it."""
        now_s = self._clock()
        latest_s = now_s + delay_s
        due_s = latest_s if self._due_s is None else self._due_s
        self._due_s = min(latest_s, max(due_s, now_s + RESCAN_DELAY_S))

    def due_in_s(self) -> float | None:
        """Return the seconds until its next walk, None when none was asked for."""
        return None if self._due_s is None else max(0.0, self._due_s - self._clock())

    def take_walk(self) -> bool:
        """Return whether a walk is due; it is no longer asked for then."""
        if self._due_s is None or self._due_s > self._clock():
            return False
        self._due_s = None
        return True

    @contextmanager
    def timed_walk(self) -> Iterator[None]:
        """Note when a walk ended and how long it took."""
        began_s = self._clock()
        try:
            yield
        finally:
            self._ended_s = self._clock()
            self._took_s = self._ended_s - began_s

    def mark_unavailable(self, why: str) -> None:
        """Note why it can't be walked, and ask for another walk."""
        self.unavailable = why
        if self._due_s is None:
            self._due_s = self._clock() + UNAVAILABLE_DELAY_S

    def mark_walked(self, unseen: str, more: int = 0) -> None:
        """Note that it was walked, what could not be looked into, and how many new files are left to the next walk."""
        self.unavailable, self.unseen, self._more = "", unseen, more

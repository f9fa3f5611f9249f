"""The folders that are walked: at the start, when only a walk can tell what changed, and every now and then."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from dejashot.daemon.jobs.job import WalkListener
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.memory import trim_memory
from dejashot.errors import FolderError
from dejashot.ingest.reconcile import Reconciler
from dejashot.watch.folder_watch import WatchState

log = logging.getLogger(__name__)

MAX_NEW = 20_000  # files of a folder that wait to be read; what else is new is found again once they are read


class FolderRescans:
    """Walk the folders that are due, and tell the listeners what each walk found."""

    def __init__(
        self,
        folders: Mapping[int, WatchedFolder],
        reconciler: Reconciler,
        listeners: Sequence[WalkListener],
        state: LoopState,
        on_progress: Callable[[], None],
        max_new: int = MAX_NEW,
    ) -> None:
        """Prepare; `on_progress` is called after each walk, which finds at most `max_new` new files."""
        self.reconciled = threading.Event()  # set once all folders that are there were walked
        self._folders = folders
        self._reconciler = reconciler
        self._listeners = listeners
        self._state = state
        self._on_progress = on_progress
        self._max_new = max_new

    def due_in_s(self) -> float | None:
        """Return the seconds until the next walk, None when none was asked for."""
        waits = [s for s in (folder.due_in_s() for folder in self._folders.values()) if s is not None]
        return min(waits, default=None)

    def run(self) -> None:
        """Walk the folders that are due."""
        for folder in self._folders.values():
            if folder.take_walk():
                self._walk(folder)
                trim_memory()
                self._on_progress()
        if not any(folder.waits_for_walk for folder in self._folders.values()):
            self.reconciled.set()

    def _walk(self, folder: WatchedFolder) -> None:
        if folder.watch.state is WatchState.PAUSED:
            return
        self._state.note_change()
        try:
            with folder.timed_walk():
                found = self._reconciler.reconcile(folder.row, max_new=self._max_new)
        except FolderError as error:
            if folder.available:
                log.warning("a folder can't be walked, or is not what it was; it is paused and nothing is forgotten")
            folder.mark_unavailable(f"{error.title}. {error.hint}")
            return
        folder.mark_walked(found.problem, found.more)
        folder.watch.walked(found.entered)
        self._state.note_problem("")
        for listener in self._listeners:
            listener.walked(folder, found)

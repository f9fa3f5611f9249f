"""The files that wait to be ingested: until they have stopped changing, or until they are tried again."""

import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence

from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.first_bytes import FileContent, file_content_of, first_bytes_at
from dejashot.files.names import BESIDE, PICTURES, NameKind
from dejashot.files.packages import package_of
from dejashot.ingest.file_presence import is_below
from dejashot.ingest.orders import CloserLookOrders
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.reconcile import Reconciled
from dejashot.ingest.retries import Retries
from dejashot.ingest.stability import StabilityTracker
from dejashot.ingest.tasks import BATCH_COST_PER_READER, MAX_BATCH, IngestResult, Task
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef, FileStamp

RECENT_S = 900.0  # what failed so shortly before the last stop may have been half written
_NOT_AT_START = {Reason.READER_CRASHED, Reason.TIMED_OUT}


class IngestQueue:
    """Ingest files once they are stable, and failed ones again later.

    A job of the event loop; its length is the unstable files.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        folders: Mapping[int, WatchedFolder],
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
        looks: CloserLookOrders | None = None,
    ) -> None:
        """Prepare; `folders` are those watched, by id, and `clock` gives monotonic seconds.

        `looks` looks closely at what was read, by the readers that hold the pictures.
        """
        self._pipeline = pipeline
        self._library = pipeline.library
        self._watch = pipeline.settings.watch
        self._folders = folders
        self._state = state
        self._stability = StabilityTracker(self._watch.quiet_s, clock)
        self._retries = Retries(clock)
        self._looks = looks

    def __len__(self) -> int:
        return len(self._stability)

    @property
    def retrying(self) -> int:
        """Return how many failed files wait to be tried again."""
        return len(self._retries)

    @property
    def retrying_recent(self) -> bool:
        """Return whether a file that failed a short while ago waits to be tried again."""
        return self._retries.has_recent

    @property
    def has_stable(self) -> bool:
        """Return whether a file may be ingested now."""
        due_s = self._stability.due_in_s()
        return due_s is not None and due_s <= 0

    def due_in_s(self) -> float | None:
        """Return the seconds until a file may be stable or is tried again, None when none waits."""
        waits = [s for s in (self._stability.due_in_s(), self._retries.due_in_s()) if s is not None]
        return min(waits, default=None)

    def run(self) -> None:
        """Ingest a batch of stable files, then a batch of failed ones that are due."""
        self.ingest(self._take_stable())
        self.ingest([Task(f, self._folders[f.folder].path, stamp) for f, stamp in self._retries.take_due(MAX_BATCH)])
        for folder in self._folders.values() if not len(self) else ():
            folder.walk_for_more()

    def ingest(self, tasks: Sequence[Task]) -> None:
        """Ingest files; what fails is tried again a few times before it is left until it changes."""
        if not tasks:
            return
        for outcome in self._pipeline.ingestor.ingest((t for t in tasks if not self._state.is_stopping), self._looks):
            self._pipeline.on_progress()
            file = outcome.task.file
            if outcome.result is IngestResult.CHANGING:
                self._stability.postpone(file, outcome.task.stamp, self._watch.quiet_s)
            elif outcome.retry:
                self._retries.failed(file, outcome.task.stamp)
            else:
                self._retries.forget(file)
        self._state.note_work()

    def is_failing(self, file: FileRef) -> bool:
        """Return whether a file failed and may be tried again."""
        return file in self._retries

    def retry_recent_failures(self) -> None:
        """Queue what failed shortly before the last stop: it may have been half written."""
        since_us = now_us() - int(RECENT_S * 1e6)
        for file, known in self._library.files.skipped_since(list(self._folders), since_us):
            reason = Reason(known.reason)
            if not reason.final and reason not in _NOT_AT_START and self._folders[file.folder].rules.reaches(file.path):
                self._retries.failed(file, known.stamp)

    def retry_interrupted(self) -> None:
        """Try the files again later whose ingest was interrupted by an error."""
        self._retries.retry_interrupted()

    def walked(self, folder: WatchedFolder, found: Reconciled) -> None:
        """Track what a walk found to be new or changed."""
        for arrived in found.arrived:
            file = FileRef(folder.id, arrived.path)
            if not self._retries.is_waiting(file):
                self._track(file, arrived.stamp, arrived.ctime_ns)

    def file_changed(self, folder: int, path: bytes) -> None:
        """Look at a path (absolute, bytes) that something happened to; whether a loss is one, a walk decides."""
        source = self._folders[folder]
        below = os.path.relpath(path, os.fsencode(source.path))
        kind, file = source.rules.judge(below), FileRef(folder, below)
        if kind not in (NameKind.ASK, *BESIDE, *PICTURES) or not source.rules.reaches(below):
            return
        if kind in BESIDE:
            source.walk_for_companion()
            return
        try:
            status = os.lstat(path)
        except OSError:
            self._stability.forget(file)
            self._retries.forget(file)
            if self._library.files.get(file) is not None:
                source.walk_for_loss()
            return
        if not stat.S_ISREG(status.st_mode):
            source.walk_for_companion()  # a link, say: the walk counts it
            return
        known = self._library.files.get(file)
        if known is None or known.state == "missing" or known.stamp != FileStamp.of(status):
            self._retries.forget(file)
            self._track(file, FileStamp.of(status), status.st_ctime_ns)

    def _track(self, file: FileRef, stamp: FileStamp, ctime_ns: int) -> None:
        if self._folders[file.folder].polled:
            self._stability.track(file, stamp, 0.0, self._watch.poll_quiet_s)
        else:
            self._stability.track(file, stamp, (time.time_ns() - ctime_ns) / 1e9)
        self._state.note_arrival()

    def _take_stable(self) -> list[Task]:
        """Take out a batch of files that have stopped changing and are still as they were."""
        tasks: list[Task] = []
        budget = BATCH_COST_PER_READER * self._pipeline.pool.size
        for file, stamp in self._stability.take_stable(MAX_BATCH, budget):
            task = Task(file, self._folders[file.folder].path, stamp)
            try:
                status = os.lstat(task.path)
            except OSError:
                continue  # a walk finds out whether the file is gone, or its disk
            if not is_below(task.root, task.path) or package_of(task.path):
                continue  # a link was put in the place of a folder, or another program's package is being made there
            if FileStamp.of(status) != stamp:
                self._track(file, FileStamp.of(status), status.st_ctime_ns)
            elif self._folders[file.folder].rules.judge(file.path) is NameKind.UNSUPPORTED:
                self._library.files.skip(file, stamp, UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT), now_us())
            elif self._is_picture(task):
                tasks.append(task)
        return tasks

    def _is_picture(self, task: Task) -> bool:
        """Return whether a stable file is a picture by its name or, where that does not say, by its first bytes.

        A file that is none is counted by a walk.
        """
        source = self._folders[task.file.folder]
        if source.rules.judge(task.file.path) is not NameKind.ASK:
            return True
        content = file_content_of(first_bytes_at(task.path) or b"", os.fsdecode(os.path.basename(task.path)))
        counts = (
            content is FileContent.UNKNOWN or self._library.files.get(task.file) is not None
        )  # or was a picture before
        if (
            content is not FileContent.PICTURE
            and counts
            and content is not self._library.folders.first_bytes_of(task.file)
        ):
            source.walk_for_companion()
        return content is FileContent.PICTURE

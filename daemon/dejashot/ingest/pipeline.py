"""The way of a photo: from a settled file to a stored, searchable photo. One pipeline owns the library at a time."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from filelock import Timeout

from dejashot.config.locations import own_below, own_folders
from dejashot.config.settings import Settings
from dejashot.errors import LibraryBusyError, LibraryDamagedError, Reason, StorageError, UnreadablePhotoError
from dejashot.files.names import NameRules
from dejashot.files.nofollow import fingerprint
from dejashot.files.packages import package_of
from dejashot.ingest.reconcile import is_lost, reconcile
from dejashot.ingest.sidecars import apply_sidecar_times, read_sidecars
from dejashot.library.backup import Restored, open_sound
from dejashot.library.index import INDEX_FOLDER, TimeIndex, open_index
from dejashot.library.library import Library
from dejashot.library.lock import OwnLock, take_lock
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.vectors import ModelRow
from dejashot.models.capture import Certainty, TimeSource, now_us
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.groups import Matches
from dejashot.models.photo import READING_METHOD, Reading, Wanted
from dejashot.reading.exchange import KnownContent
from dejashot.reading.options import worker_options
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reading.vision.model import EmbeddingModel, load_model, model_file
from dejashot.reports.build import ReportContext, clocks_of
from dejashot.watch.walk import Changes

log = logging.getLogger(__name__)

BATCH, BATCH_COST = (
    16,
    30,
)  # files, and what they may cost for each reader: two HEICs, so that what lands meanwhile need not wait long
MAX_READER_CRASHES = 2  # times a content may end its reader; then it is left alone, under whatever name it comes
COPIES_CHECKED = 8  # of a content that lies in thousands of places, not each place is looked at
_WEAK = (TimeSource.SIDECAR, TimeSource.NAME, TimeSource.MTIME)  # sources of times that a sidecar may know better
_ANOTHERS = "it was said to hold the bytes of another photo"


class IngestResult(Enum):
    """What became of one file."""

    ADDED = auto()
    KNOWN = auto()
    MOVED = auto()
    SKIPPED = auto()
    GONE = auto()
    CHANGING = auto()


@dataclass(frozen=True, slots=True)
class Task:
    """One file to ingest: its place, the folder it lies in, its stamp when it was chosen."""

    file: FileRef
    root: Path
    stamp: FileStamp

    @property
    def path(self) -> bytes:
        """Return the absolute path (bytes)."""
        return self.file.under(self.root)


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of one file; `again` tells whether one that could not be read may be readable later, its bytes unchanged."""

    task: Task
    result: IngestResult
    again: bool = False


class Ingestor:
    """Ingest files into the library it owns. Not thread-safe: one owner thread."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        library: Library,
        lock: OwnLock,
        workers: int,
        restored: Restored | None = None,
    ) -> None:
        self.settings = settings
        self._lock, self._lockless = lock, False
        self.restored = restored
        self.library = library
        self.network: EmbeddingModel = load_model(model_file(settings.model.path))
        self.row: ModelRow = library.vectors.add_model(
            self.network.fingerprint, self.network.model_dump_json(by_alias=True)
        )
        self._own = own_folders(settings)
        self.pool = ReaderPool(worker_options(settings), workers)
        self.pool.allowed, self.pool.struck = self._allowed, self._strike
        self.beat: Callable[[], None] = lambda: None
        self.folder = folder
        self._unsettled = {f.id for f in library.folders.all()}  # where what was heard may bear on what has come since
        self._index: TimeIndex | None = None
        self._leave_packages()

    @property
    def index(self) -> TimeIndex:
        """Return the index of the network in use, loaded when first asked for."""
        if self._index is None:
            self._index = open_index(self.folder / INDEX_FOLDER, self.library, self.row, self.network)
        return self._index

    def check_owned(self) -> None:
        """Make sure that the library, and the lock that makes it ours, are still what they were; make the lock's file anew where it is gone.

        Raises LibraryReplacedError, or LibraryBusyError when another process has the library too by now.
        """
        self.library.check_place()
        try:
            if self._lock.renew():
                log.warning("the lock of the library was removed; it is made again")
            self._lockless = False
        except Timeout:
            raise LibraryBusyError(
                "the lock was removed, and another Dejashot took the library", "Let one of them run"
            ) from None
        except (StorageError, OSError) as error:
            if not self._lockless:
                log.warning("the lock of the library can't be made again: %s", error)
            self._lockless = True

    @property
    def budget(self) -> int:
        """Return what a batch may cost, in times of a JPEG."""
        return BATCH_COST * self.pool.size

    def desk(self, stopping: Callable[[], bool] = lambda: False) -> ReportContext:
        """Return what making a report needs, with everything that is looked at kept."""
        library = self.library
        keep = (library.measurements.add_quality, self.remember_matches, library.group_ids.remember)
        library.sync_decisions()
        return ReportContext(self.settings, library, self.row, self.pool, library.journal, *keep, stopping)

    def remember_matches(self, matches: Matches) -> None:
        """Keep what second looks with the network in use said."""
        self.library.measurements.add_matches(self.row.id, matches)

    def save_index(self) -> None:
        """Write what changed in the index; a disk that can't take it costs only the time to rebuild."""
        if self._index is not None and self._index.changed:
            try:
                self._index.save()
            except OSError as error:
                log.warning("the index could not be written (%s); it will be rebuilt from the library", error.strerror)

    def close(self) -> None:
        """End the workers, write the index, close the library."""
        self.pool.close()
        with suppress(LibraryDamagedError):  # a damaged library has no say in what the index should hold
            self.save_index()
        self.library.close()

    def rules_of(self, folder: Path) -> NameRules:
        """Return the rules for names in a watched folder, which leave out what is ours below it."""
        return NameRules(self.settings.watch.ignore, self.settings.watch.hidden, own_below(self._own, folder))

    def _leave_packages(self) -> None:
        """Let go of what is known in folders that are, or lie in, another program's package: they are no longer walked."""
        for folder in self.library.folders.all():
            if package_of(os.fsencode(folder.path)):
                self.library.files.mark_missing(folder.id, self.library.files.in_folder(folder.id), now_us())

    def reconcile(self, folder: Folder) -> Changes:
        """Walk a folder, note what went missing, and return what arrived (see `survey`); raises FolderError."""
        now = next((f for f in self.library.folders.all() if f.id == folder.id), folder)
        changes = reconcile(self.library, now, self.rules_of(now.path), now_us(), self.beat)
        if self.library.companions.pending([folder.id]) or self.library.companions.late(folder.id):
            self._unsettled.add(folder.id)
        return changes

    def ingest(self, tasks: Iterable[Task]) -> Iterator[IngestOutcome]:
        """Read files and store them; each outcome is yielded after it is safely on the disk."""
        waiting: list[tuple[Task, Reading | KnownContent | UnreadablePhotoError]] = []
        jobs = (Job(task.path, task) for task in tasks)
        for job, answer in self.pool.read(jobs, self._wanted):
            waiting.append((job.ticket, self._verified(job.ticket, answer)))
            if len(waiting) >= BATCH:
                yield from self._store(waiting)
                waiting = []
        yield from self._store(waiting)

    def _verified(
        self, task: Task, answer: Reading | KnownContent | UnreadablePhotoError
    ) -> Reading | KnownContent | UnreadablePhotoError:
        """Return an answer that names bytes which are known already only where the file holds them: a reader may have been taken over."""
        if isinstance(answer, UnreadablePhotoError) or self.library.photos.key_of(answer.content) is None:
            return answer
        if task.stamp.size_bytes > self.settings.reading.max_file_mib * 1024 * 1024:
            return UnreadablePhotoError(Reason.READER_CRASHED, _ANOTHERS)  # nothing that large is read
        try:
            content, status = fingerprint(task.path)
        except (OSError, ValueError):
            return UnreadablePhotoError(Reason.VANISHED)
        if content == answer.content:
            return answer
        if FileStamp.of(status) != task.stamp:
            return UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
        self._strike(content, Reason.READER_CRASHED)
        return UnreadablePhotoError(Reason.READER_CRASHED, _ANOTHERS, content=content)

    def _wanted(self, content: bytes) -> Wanted:
        """Tell how much of a content is to be read."""
        if not self.library.vectors.has(content, self.row.id):
            return Wanted.ALL
        return Wanted.FACTS if self._outdated(content) else Wanted.NOTHING

    def _outdated(self, content: bytes) -> bool:
        """Tell whether a content was read by an older method."""
        method = self.library.photos.method_of(content)
        return method is not None and method < READING_METHOD

    def _allowed(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for a content that has ended its reader too often."""
        crashes = self.library.photos.reader_crashes(content)
        if crashes is not None and crashes.count >= MAX_READER_CRASHES:
            raise UnreadablePhotoError(crashes.reason, f"{crashes.count} times; it is not tried again", content=content)

    def _strike(self, content: bytes, reason: Reason) -> None:
        self.library.photos.add_reader_crash(content, reason)

    def _store(
        self, answers: Sequence[tuple[Task, Reading | KnownContent | UnreadablePhotoError]]
    ) -> list[IngestOutcome]:
        """Store a batch in one transaction, then bring the index up to it."""
        readings: list[tuple[int, int, Reading]] = []  # with the index key before and after
        outcomes: list[IngestOutcome] = []
        if not answers:
            return outcomes
        with self.library.batch():
            for task, answer in answers:
                if isinstance(answer, UnreadablePhotoError):
                    outcomes.append(self._note_failure(task, answer))
                    continue
                self._note_moves(answer.content, task)
                if isinstance(answer, KnownContent):
                    new = self.library.files.attach(task.file, answer.stamp, answer.content, now_us())
                    if (known := self.library.photos.time_of(answer.content)) is not None and known.source in _WEAK:
                        self._unsettled.add(task.file.folder)
                    outcomes.append(IngestOutcome(task, IngestResult.KNOWN if new else IngestResult.MOVED))
                else:
                    if answer.taken.source in _WEAK:
                        self._unsettled.add(task.file.folder)
                    outdated = self._outdated(answer.content)
                    key = self.library.photos.add(task.file, answer, self.row.id, now_us())
                    readings.append((key, self._corrected(answer, key) if outdated else key, answer))
                    outcomes.append(IngestOutcome(task, IngestResult.ADDED))
        for before, after, reading in readings:
            if before == after and reading.vector is not None:
                self.index.add(after, reading.vector)
            elif before != after:
                vector = (
                    self.library.vectors.get(reading.content, self.row.id) if reading.vector is None else reading.vector
                )
                if vector is not None:
                    self.index.move(before, after, vector)
        return outcomes

    def _corrected(self, reading: Reading, key: int) -> int:
        """Give a photo that an older method read the time that is read now; return its index key.

        What a sidecar tells stays where the photo itself has only a guess.
        """
        known = self.library.photos.time_of(reading.content)
        guess = reading.taken.source in _WEAK and reading.taken.certainty is Certainty.LOW
        if known in (None, reading.taken) or (known is not None and known.source is TimeSource.SIDECAR and guess):
            return key
        return self.library.photos.set_time(reading.content, reading.taken)[1]

    def _note_failure(self, task: Task, error: UnreadablePhotoError) -> IngestOutcome:
        if error.reason is Reason.VANISHED:
            return IngestOutcome(task, IngestResult.GONE)  # a walk will tell whether the file is gone, or its disk
        if error.reason is Reason.CHANGED_WHILE_READING:
            return IngestOutcome(task, IngestResult.CHANGING)
        self.library.files.skip(task.file, task.stamp, error, now_us())
        crashes = self.library.photos.reader_crashes(error.content) if error.content else None
        return IngestOutcome(
            task,
            IngestResult.SKIPPED,
            again=not error.reason.final and (crashes is None or crashes.count < MAX_READER_CRASHES),
        )

    def _note_moves(self, content: bytes, task: Task) -> None:
        """Mark copies of a content that are no longer where they were, so that the new place counts as their move."""
        others = [
            (copy, device) for copy, device in self.library.files.copies(content, COPIES_CHECKED) if copy != task.file
        ]
        folders = {f.id: f for f in self.library.folders.all()} if others else {}
        for copy, device in others:
            if is_lost(folders[copy.folder], copy.path, device):
                self.library.files.mark_missing(copy.folder, [copy.path], now_us())

    def hear(self, files: Iterable[FileRef]) -> None:
        """Ask files beside photos what they say, and keep it."""
        roots = {f.id: f.path for f in self.library.folders.all()}
        read_sidecars(self.library, self.pool, ((file, file.under(roots[file.folder])) for file in files))

    def settle_hearsay(self) -> None:
        """Draw the conclusions from what was heard in the folders in which something has come that it may bear on."""
        for folder in self.library.folders.all() if self._unsettled else ():
            if folder.id in self._unsettled:
                apply_sidecar_times(self.library, self.index, self.row.id, folder, clocks_of(self.settings), self.beat)
        self._unsettled.clear()

    def stale(self) -> list[Task]:
        """Return the photos within reach that are to be read again, newest first: without a vector of the network in use, or read by an older method."""
        tasks: list[Task] = []
        for file, root in self.library.photos.to_read_again(self.row.id):
            with suppress(OSError):
                tasks.append(Task(file, root, FileStamp.of(os.lstat(file.under(root)))))
        return tasks

    def settle_network(self) -> None:
        """Answer from the network in use from now on; called once every photo within reach has its vector."""
        active = self.library.vectors.active_model()
        if active is None or active.id != self.row.id:
            self.library.vectors.activate_model(self.row.id)


@contextmanager
def open_ingestor(settings: Settings, folder: Path, workers: int) -> Iterator[Ingestor]:
    """Own the library in a folder; raise LibraryBusyError when another process does."""
    lock = take_lock(folder)
    try:
        library, restored = open_sound(folder, now_us())
        try:
            pipeline = Ingestor(settings, folder, library, lock, workers, restored)
        except BaseException:
            library.close()
            raise
        try:
            yield pipeline
        finally:
            pipeline.close()
    finally:
        lock.release()

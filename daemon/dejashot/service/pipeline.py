"""The way of a photo: from a settled file to a stored, searchable photo. One pipeline owns the library at a time."""

import logging
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from filelock import Timeout

from dejashot.config import ReadingSettings, Settings
from dejashot.errors import FolderError, LibraryBusyError, LibraryDamagedError, LibraryError, Reason, StorageError, UnreadablePhotoError
from dejashot.intake.lanes import cost_of, fair_order
from dejashot.intake.names import NameRules
from dejashot.intake.opening import fingerprint
from dejashot.intake.packages import package_of
from dejashot.intake.reconcile import Changes, check_folder
from dejashot.library.backup import Restored, open_sound
from dejashot.library.index import TimeIndex
from dejashot.library.lock import OwnLock
from dejashot.library.reader import Folder, LibraryReader, NetworkRow
from dejashot.library.store import Store
from dejashot.models import READING_METHOD, Certainty, FileRef, FileStamp, Matches, Reading, TimeSource, Wanted
from dejashot.paths import close_to_others, default_config_file, default_library_folder, make_folder, preview_folder, refuse_others, shown
from dejashot.reading.exchange import Known
from dejashot.reading.network import Network, load_network, model_file
from dejashot.reading.pool import Job, ReaderPool
from dejashot.reading.wire import WorkerOptions
from dejashot.service.hearing import hear, settle
from dejashot.service.reports import Desk, clocks_of
from dejashot.service.survey import is_lost, survey

log = logging.getLogger(__name__)

BATCH, BATCH_COST = 16, 30  # files, and what they may cost for each reader: two HEICs, so that what lands meanwhile need not wait long
STRIKES = 2  # times a content may end its reader; then it is left alone, under whatever name it comes
COPIES_CHECKED = 8  # of a content that lies in thousands of places, not each place is looked at
_WEAK = (TimeSource.SIDECAR, TimeSource.NAME, TimeSource.MTIME)  # sources of times that a sidecar may know better
_ANOTHERS = "it was said to hold the bytes of another photo"
INDEX_FOLDER = "index"
LOCK_NAME = "lock"
LOCK_PATIENCE_S = 1.0  # `status` holds the lock for a moment to see whether anyone has it


class Result(Enum):
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
class Outcome:
    """What became of one file; `again` tells whether one that could not be read may be readable later, its bytes unchanged."""

    task: Task
    result: Result
    again: bool = False


def library_folder(settings: Settings) -> Path:
    """Return the folder of the library; a link to it that the owner or the system made leads there, another's is left to be refused."""
    configured = settings.library.folder
    folder = Path(configured).expanduser().absolute() if configured else default_library_folder()
    with suppress(OSError):
        status = folder.lstat()
        if stat.S_ISLNK(status.st_mode) and status.st_uid in (0, os.geteuid()):
            return Path(os.path.realpath(folder))
    return folder


def digest_folder(settings: Settings) -> Path:
    """Return the folder that digests are written to."""
    configured = settings.digest.folder
    return Path(configured).expanduser().absolute() if configured else library_folder(settings) / "digests"


def own_folders(settings: Settings) -> dict[str, Path]:
    """Return the folders that Dejashot itself writes in, resolved, by what they are for."""
    folders = {"library.folder": library_folder(settings), "digest.folder": digest_folder(settings)}
    folders |= {"the previews": preview_folder(), "the configuration": default_config_file().parent}
    return {name: Path(os.path.realpath(folder)) for name, folder in folders.items()}


def own_below(own: Mapping[str, Path], folder: Path) -> tuple[bytes, ...]:
    """Return those of our folders that lie below a folder, as paths below it (bytes)."""
    place = Path(os.path.realpath(folder))
    return tuple({os.fsencode(o.relative_to(place)) for o in own.values() if o != place and o.is_relative_to(place)})


def all_readers(settings: Settings) -> int:
    """Return how many readers work while someone waits: the configured number, else one a core."""
    return settings.reading.workers or os.cpu_count() or 1


def worker_options(settings: Settings) -> WorkerOptions:
    """Return what the reading workers need to know."""
    reading: ReadingSettings = settings.reading
    return WorkerOptions(
        model=str(model_file(settings.model.path)),
        threads=reading.threads,
        max_megapixels=reading.max_megapixels,
        max_file_mib=reading.max_file_mib,
        memory_mib=reading.memory_mib,
        nice=reading.nice,
        home_timezone=settings.capture.home_timezone,
        timeout_s=reading.timeout_s,
    )


def now_us() -> int:
    """Return the wall clock in microseconds since 1970."""
    return time.time_ns() // 1000


class Pipeline:
    """Ingest files into the library it owns. Not thread-safe: one owner thread."""

    def __init__(
        self, settings: Settings, folder: Path, store: Store, lock: OwnLock, workers: int, restored: Restored | None = None
    ) -> None:
        self.settings = settings
        self._lock, self._lockless = lock, False
        self.restored = restored
        self.store = store
        self.network: Network = load_network(model_file(settings.model.path))
        self.row: NetworkRow = store.add_network(self.network.fingerprint, self.network.model_dump_json(by_alias=True))
        self._own = own_folders(settings)
        self.pool = ReaderPool(worker_options(settings), workers)
        self.pool.allowed, self.pool.struck = self._allowed, self._strike
        self.beat: Callable[[], None] = lambda: None
        self.folder = folder
        self._unsettled = {f.id for f in store.folders()}  # where what was heard may bear on what has come since
        self._index: TimeIndex | None = None
        self._leave_packages()

    @property
    def index(self) -> TimeIndex:
        """Return the index of the network in use, loaded when first asked for."""
        if self._index is None:
            self._index = open_index(self.folder / INDEX_FOLDER, self.store, self.row, self.network)
        return self._index

    def check_owned(self) -> None:
        """Make sure that the library, and the lock that makes it ours, are still what they were; make the lock's file anew where it is gone.

        Raises LibraryReplacedError, or LibraryBusyError when another process has the library too by now.
        """
        self.store.check_place()
        try:
            if self._lock.renew():
                log.warning("the lock of the library was removed; it is made again")
            self._lockless = False
        except Timeout:
            raise LibraryBusyError("the lock was removed, and another Dejashot took the library", "Let one of them run") from None
        except (StorageError, OSError) as error:
            if not self._lockless:
                log.warning("the lock of the library can't be made again: %s", error)
            self._lockless = True

    @property
    def budget(self) -> int:
        """Return what a batch may cost, in times of a JPEG."""
        return BATCH_COST * self.pool.size

    def desk(self, stopping: Callable[[], bool] = lambda: False) -> Desk:
        """Return what making a report needs, with everything that is looked at kept."""
        store = self.store
        keep = (store.add_quality, self.remember_matches, store.remember_identities)
        store.note_decisions()
        return Desk(self.settings, store, self.row, self.pool, store.book, *keep, stopping)

    def remember_matches(self, matches: Matches) -> None:
        """Keep what second looks with the network in use said."""
        self.store.add_matches(self.row.id, matches)

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
        self.store.close()

    def rules_of(self, folder: Path) -> NameRules:
        """Return the rules for names in a watched folder, which leave out what is ours below it."""
        return NameRules(self.settings.watch.ignore, self.settings.watch.hidden, own_below(self._own, folder))

    def _leave_packages(self) -> None:
        """Let go of what is known in folders that are, or lie in, another program's package: they are no longer walked."""
        for folder in self.store.folders():
            if package_of(os.fsencode(folder.path)):
                self.store.mark_missing(folder.id, self.store.files(folder.id), now_us())

    def reconcile(self, folder: Folder) -> Changes:
        """Walk a folder, note what went missing, and return what arrived (see `survey`); raises FolderError."""
        now = next((f for f in self.store.folders() if f.id == folder.id), folder)
        changes = survey(self.store, now, self.rules_of(now.path), now_us(), self.beat)
        if self.store.unheard([folder.id]) or self.store.late(folder.id):
            self._unsettled.add(folder.id)
        return changes

    def ingest(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Read files and store them; each outcome is yielded after it is safely on the disk."""
        waiting: list[tuple[Task, Reading | Known | UnreadablePhotoError]] = []
        jobs = (Job(task.path, task) for task in tasks)
        for job, answer in self.pool.read(jobs, self._wanted):
            waiting.append((job.ticket, self._verified(job.ticket, answer)))
            if len(waiting) >= BATCH:
                yield from self._store(waiting)
                waiting = []
        yield from self._store(waiting)

    def _verified(self, task: Task, answer: Reading | Known | UnreadablePhotoError) -> Reading | Known | UnreadablePhotoError:
        """Return an answer that names bytes which are known already only where the file holds them: a reader may have been taken over."""
        if isinstance(answer, UnreadablePhotoError) or self.store.key_of(answer.content) is None:
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
        if not self.store.knows(content, self.row.id):
            return Wanted.ALL
        return Wanted.FACTS if self._outdated(content) else Wanted.NOTHING

    def _outdated(self, content: bytes) -> bool:
        """Tell whether a content was read by an older method."""
        method = self.store.method_of(content)
        return method is not None and method < READING_METHOD

    def _allowed(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for a content that has ended its reader too often."""
        struck = self.store.strikes(content)
        if struck is not None and struck[1] >= STRIKES:
            raise UnreadablePhotoError(struck[0], f"{struck[1]} times; it is not tried again", content=content)

    def _strike(self, content: bytes, reason: Reason) -> None:
        self.store.add_strike(content, reason)

    def _store(self, answers: Sequence[tuple[Task, Reading | Known | UnreadablePhotoError]]) -> list[Outcome]:
        """Store a batch in one transaction, then bring the index up to it."""
        readings: list[tuple[int, int, Reading]] = []  # with the index key before and after
        outcomes: list[Outcome] = []
        if not answers:
            return outcomes
        with self.store.batch():
            for task, answer in answers:
                if isinstance(answer, UnreadablePhotoError):
                    outcomes.append(self._note_failure(task, answer))
                    continue
                self._note_moves(answer.content, task)
                if isinstance(answer, Known):
                    new = self.store.attach(task.file, answer.stamp, answer.content, now_us())
                    if (known := self.store.time_of(answer.content)) is not None and known.source in _WEAK:
                        self._unsettled.add(task.file.folder)
                    outcomes.append(Outcome(task, Result.KNOWN if new else Result.MOVED))
                else:
                    if answer.taken.source in _WEAK:
                        self._unsettled.add(task.file.folder)
                    outdated = self._outdated(answer.content)
                    key = self.store.add(task.file, answer, self.row.id, now_us())
                    readings.append((key, self._corrected(answer, key) if outdated else key, answer))
                    outcomes.append(Outcome(task, Result.ADDED))
        for before, after, reading in readings:
            if before == after and reading.vector is not None:
                self.index.add(after, reading.vector)
            elif before != after:
                vector = self.store.vector_of(reading.content, self.row.id) if reading.vector is None else reading.vector
                if vector is not None:
                    self.index.move(before, after, vector)
        return outcomes

    def _corrected(self, reading: Reading, key: int) -> int:
        """Give a photo that an older method read the time that is read now; return its index key.

        What a sidecar tells stays where the photo itself has only a guess.
        """
        known = self.store.time_of(reading.content)
        guess = reading.taken.source in _WEAK and reading.taken.certainty is Certainty.LOW
        if known in (None, reading.taken) or (known is not None and known.source is TimeSource.SIDECAR and guess):
            return key
        return self.store.retime(reading.content, reading.taken)[1]

    def _note_failure(self, task: Task, error: UnreadablePhotoError) -> Outcome:
        if error.reason is Reason.VANISHED:
            return Outcome(task, Result.GONE)  # a walk will tell whether the file is gone, or its disk
        if error.reason is Reason.CHANGED_WHILE_READING:
            return Outcome(task, Result.CHANGING)
        self.store.skip(task.file, task.stamp, error, now_us())
        struck = self.store.strikes(error.content) if error.content else None
        return Outcome(task, Result.SKIPPED, again=not error.reason.final and (struck is None or struck[1] < STRIKES))

    def _note_moves(self, content: bytes, task: Task) -> None:
        """Mark copies of a content that are no longer where they were, so that the new place counts as their move."""
        others = [(copy, device) for copy, device in self.store.copies(content, COPIES_CHECKED) if copy != task.file]
        folders = {f.id: f for f in self.store.folders()} if others else {}
        for copy, device in others:
            if is_lost(folders[copy.folder], copy.path, device):
                self.store.mark_missing(copy.folder, [copy.path], now_us())

    def hear(self, files: Iterable[FileRef]) -> None:
        """Ask files beside photos what they say, and keep it."""
        roots = {f.id: f.path for f in self.store.folders()}
        hear(self.store, self.pool, ((file, file.under(roots[file.folder])) for file in files))

    def settle_hearsay(self) -> None:
        """Draw the conclusions from what was heard in the folders in which something has come that it may bear on."""
        for folder in self.store.folders() if self._unsettled else ():
            if folder.id in self._unsettled:
                settle(self.store, self.index, self.row.id, folder, clocks_of(self.settings), self.beat)
        self._unsettled.clear()

    def stale(self) -> list[Task]:
        """Return the photos within reach that are to be read again, newest first: without a vector of the network in use, or read by an older method."""
        tasks: list[Task] = []
        for file, root in self.store.to_read_again(self.row.id):
            with suppress(OSError):
                tasks.append(Task(file, root, FileStamp.of(os.lstat(file.under(root)))))
        return tasks

    def settle_network(self) -> None:
        """Answer from the network in use from now on; called once every photo within reach has its vector."""
        active = self.store.active_network()
        if active is None or active.id != self.row.id:
            self.store.activate_network(self.row.id)


def open_index(folder: Path, reader: LibraryReader, row: NetworkRow, network: Network) -> TimeIndex:
    """Open the index of one network over a library."""
    return TimeIndex(folder, reader, row.id, row.fingerprint, network.output.dimensions)


def note_whereabouts(folder: Path, files: Iterable[bytes]) -> None:
    """Have the library know which files (absolute paths) are gone or back, where no daemon owns it that would see for itself.

    Raises LibraryError.
    """
    try:
        lock = lock_of(folder)
        lock.acquire(patience_s=0)
    except Timeout:
        return
    try:
        with closing(Store.open(folder)) as store, store.batch():
            roots = {os.fsencode(f.path): f.id for f in store.folders()}
            for path in files:
                for root in (r for r in roots if path.startswith(r + b"/")):
                    store.note_whereabouts(FileRef(roots[root], os.path.relpath(path, root)), _stamp_of(path), now_us())
    finally:
        lock.release()


def _stamp_of(path: bytes) -> FileStamp | None:
    try:
        return FileStamp.of(os.lstat(path))
    except OSError:
        return None


def lock_of(folder: Path) -> OwnLock:
    """Return the lock that the owner of the library in a folder holds."""
    return OwnLock(folder / LOCK_NAME, LOCK_PATIENCE_S, guarded=folder)


@contextmanager
def open_pipeline(settings: Settings, folder: Path, workers: int) -> Iterator[Pipeline]:
    """Own the library in a folder; raise LibraryBusyError when another process does."""
    lock = _locked(folder)
    try:
        store, restored = open_sound(folder, now_us())
        try:
            pipeline = Pipeline(settings, folder, store, lock, workers, restored)
        except BaseException:
            store.close()
            raise
        try:
            yield pipeline
        finally:
            pipeline.close()
    finally:
        lock.release()


def _locked(folder: Path) -> OwnLock:
    """Return the lock of a library, held; raise LibraryBusyError when another process holds it, StorageError or LibraryError when nobody can."""
    lock = lock_of(folder)
    try:
        close_to_others(make_folder(folder))
        refuse_others(folder)
        lock.acquire()
    except Timeout:
        raise LibraryBusyError(
            "another Dejashot is using the library", "Wait for it, or stop it; `dejashot status` shows the running daemon"
        ) from None
    except OSError as error:
        raise LibraryError(f"can't use {shown(folder)}: {error.strerror}", "Check who owns it") from error
    return lock


def bring_up_to_date(
    pipeline: Pipeline, folders: Sequence[Path], begun: Callable[[int], None], done: Callable[[Outcome], None]
) -> list[tuple[Folder, str]]:
    """Ingest all that is new in some folders, in one go; return each with what could not be looked into.

    `begun` hears how many files there are to read, `done` each outcome.

    A file that changes while it is read is tried once more at the end. Raises FolderError.
    """
    rows: list[tuple[Folder, str]] = []
    tasks: list[Task] = []
    for path in folders:
        folder = pipeline.store.add_folder(path, check_folder(path).st_dev)
        changes = pipeline.reconcile(folder)
        rows.append((folder, changes.trouble))
        tasks += [Task(FileRef(folder.id, f.path), path, f.stamp) for f in changes.arrived]
    queued = {t.file for t in tasks}
    ids = {row.id for row, _ in rows}
    stale = [t for t in pipeline.stale() if t.file not in queued]
    tasks += [t for t in stale if t.file.folder in ids]
    tasks = [tasks[n] for n in fair_order([cost_of(t.file.path) for t in tasks])]
    begun(len(tasks))
    again: list[Task] = []
    for outcome in pipeline.ingest(tasks):
        if outcome.result is Result.CHANGING:
            again.append(outcome.task)
        else:
            done(outcome)
    for outcome in pipeline.ingest(again):
        if outcome.result is Result.CHANGING:
            error = UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
            pipeline.store.skip(outcome.task.file, outcome.task.stamp, error, now_us())
        done(outcome)
    pipeline.hear(pipeline.store.unheard(sorted(ids)))
    pipeline.settle_hearsay()
    if all(t.file.folder in ids for t in stale):
        pipeline.settle_network()
    pipeline.save_index()
    return rows


def top_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders resolved, each once, and none that lies inside another; raise FolderError for a home of nobody."""
    try:
        resolved = sorted({Path(os.path.realpath(f.expanduser())) for f in folders})
    except RuntimeError as error:
        raise FolderError(str(error), "Write the folder out in full") from error
    return [f for f in resolved if not any(f != other and f.is_relative_to(other) for other in resolved)]

"""From a stable file to a stored, searchable photo."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.nofollow import fingerprint
from dejashot.ingest.crash_policy import CrashPolicy
from dejashot.ingest.file_presence import is_lost
from dejashot.ingest.orders import CloserLookOrders, IngestOrders
from dejashot.ingest.owned_library import OwnedLibrary
from dejashot.ingest.tasks import MAX_BATCH, IngestOutcome, IngestResult, Task
from dejashot.models.capture import Certainty, TimeSource, now_us
from dejashot.models.files import FileStamp
from dejashot.models.photo import READING_METHOD, Reading, Wanted
from dejashot.reading.job import READ
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.exchange import KnownContent

MAX_COPIES_CHECKED = 8  # of a content that lies in thousands of places, not each place is looked at
_WEAK = (TimeSource.SIDECAR, TimeSource.NAME, TimeSource.MTIME)  # sources of times that a sidecar may know better
_OTHER_BYTES = "it was said to hold the bytes of another photo"

_Answer = Reading | KnownContent | UnreadablePhotoError


@dataclass(frozen=True, slots=True)
class _Stored:
    """A reading that was stored, with its index key before and after its capture time was corrected."""

    reading: Reading
    before: int
    after: int


class Ingestor:
    """Read files and store them in a library. Not thread-safe: one owner thread."""

    def __init__(
        self, owned: OwnedLibrary, pool: ReaderPool, max_bytes: float, on_weak_time: Callable[[int], None]
    ) -> None:
        """Prepare.

        `max_bytes` is the largest file read, `on_weak_time` takes folders in which a sidecar may know a time better.
        """
        self._owned = owned
        self._library = owned.library
        self._pool = pool
        self._policy = CrashPolicy(owned.library)
        self._max_bytes = max_bytes
        self._on_weak_time = on_weak_time

    def ingest(self, tasks: Iterable[Task], looks: CloserLookOrders | None = None) -> Iterator[IngestOutcome]:
        """Read files and store them; each outcome is yielded after it is safely on the disk.

        `looks` looks closely at what was stored while others are read.
        """
        waiting: list[tuple[Task, _Answer]] = []
        orders = IngestOrders(tasks, looks)
        with closing(self._pool.run(orders, self._wanted)) as answers:
            for order, answer in answers:
                if order.op != READ:
                    orders.answered(order, answer)
                    continue
                waiting.append((order.job.ticket, self._verified(order.job.ticket, orders.read(answer))))
                if len(waiting) >= MAX_BATCH or orders.all_read:
                    yield from self._store_batch(waiting)
                    orders.stored([value for _, value in waiting if isinstance(value, Reading)])
                    waiting = []

    def _wanted(self, content: bytes) -> Wanted:
        """Return how much of a content is to be read."""
        if not self._library.vectors.has(content, self._owned.row.id):
            return Wanted.ALL
        return Wanted.FACTS if self._is_outdated(content) else Wanted.NOTHING

    def _is_outdated(self, content: bytes) -> bool:
        """Return whether a content was read by an older method."""
        method = self._library.photos.method_of(content)
        return method is not None and method < READING_METHOD

    def _verified(self, task: Task, answer: _Answer) -> _Answer:
        """Return an answer.

        One that names known bytes only where the file holds them, as a reader may have been taken over.
        """
        if isinstance(answer, UnreadablePhotoError) or self._library.photos.key_of(answer.content) is None:
            return answer
        if task.stamp.size_bytes > self._max_bytes:
            return UnreadablePhotoError(Reason.READER_CRASHED, _OTHER_BYTES)  # nothing that large is read
        try:
            content, status = fingerprint(task.path)
        except (OSError, ValueError):
            return UnreadablePhotoError(Reason.VANISHED)
        if content == answer.content:
            return answer
        if FileStamp.of(status) != task.stamp:
            return UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
        self._policy.add_crash(content, Reason.READER_CRASHED)
        return UnreadablePhotoError(Reason.READER_CRASHED, _OTHER_BYTES, content=content)

    def _store_batch(self, answers: Sequence[tuple[Task, _Answer]]) -> list[IngestOutcome]:
        """Store a batch in one transaction, then bring the index up to it."""
        stored: list[_Stored] = []
        outcomes: list[IngestOutcome] = []
        if not answers:
            return outcomes
        with self._library.batch():
            for task, answer in answers:
                if isinstance(answer, UnreadablePhotoError):
                    outcomes.append(self._note_failure(task, answer))
                    continue
                self._note_moves(answer.content, task)
                if isinstance(answer, KnownContent):
                    outcomes.append(self._attach(task, answer))
                else:
                    stored.append(self._add(task, answer))
                    outcomes.append(IngestOutcome(task, IngestResult.ADDED))
        for one in stored:
            self._update_index(one)
        return outcomes

    def _attach(self, task: Task, known: KnownContent) -> IngestOutcome:
        """Store that a file holds a photo that is known already."""
        new = self._library.files.attach(task.file, known.stamp, known.content, now_us())
        taken = self._library.photos.time_of(known.content)
        if taken is not None and taken.source in _WEAK:
            self._on_weak_time(task.file.folder)
        return IngestOutcome(task, IngestResult.KNOWN if new else IngestResult.MOVED)

    def _add(self, task: Task, reading: Reading) -> _Stored:
        """Store a photo; one that an older method had read gets the capture time that is read now."""
        if reading.taken.source in _WEAK:
            self._on_weak_time(task.file.folder)
        outdated = self._is_outdated(reading.content)
        key = self._library.photos.add(task.file, reading, self._owned.row.id, now_us())
        return _Stored(reading, key, self._corrected(reading, key) if outdated else key)

    def _update_index(self, stored: _Stored) -> None:
        before, after, vector = stored.before, stored.after, stored.reading.vector
        if before == after and vector is not None:
            self._owned.index.add(after, vector)
        elif before != after:
            if vector is None:
                vector = self._library.vectors.get(stored.reading.content, self._owned.row.id)
            if vector is not None:
                self._owned.index.move(before, after, vector)

    def _corrected(self, reading: Reading, key: int) -> int:
        """Give a photo the capture time that is read now, and return its index key.

        What a sidecar says stays where the photo itself has only a guess.
        """
        known = self._library.photos.time_of(reading.content)
        guess = reading.taken.source in _WEAK and reading.taken.certainty is Certainty.LOW
        if known in (None, reading.taken) or (known is not None and known.source is TimeSource.SIDECAR and guess):
            return key
        return self._library.photos.set_time(reading.content, reading.taken)[1]

    def _note_failure(self, task: Task, error: UnreadablePhotoError) -> IngestOutcome:
        if error.reason is Reason.VANISHED:
            return IngestOutcome(task, IngestResult.GONE)  # a walk finds out whether the file is gone, or its disk
        if error.reason is Reason.CHANGED_WHILE_READING:
            return IngestOutcome(task, IngestResult.CHANGING)
        self._library.files.skip(task.file, task.stamp, error, now_us())
        retry = not error.reason.final and self._policy.may_retry(error.content)
        return IngestOutcome(task, IngestResult.SKIPPED, retry=retry)

    def _note_moves(self, content: bytes, task: Task) -> None:
        """Mark copies of a content that are no longer where they were, so that the new place counts as their move."""
        copies = self._library.files.copies(content, MAX_COPIES_CHECKED)
        others = [(copy, device) for copy, device in copies if copy != task.file]
        folders = {f.id: f for f in self._library.folders.all()} if others else {}
        for copy, device in others:
            if is_lost(folders[copy.folder], copy.path, device):
                self._library.files.mark_missing(copy.folder, [copy.path], now_us())

"""The main process's side of reading: a pool of worker processes, killed when they hang, replaced when they die."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from dejashot.errors import ModelError, Reason, UnreadablePhotoError
from dejashot.models import FileStamp, Hearsay, PictureMapArray, Reading, Wanted
from dejashot.reading.burst_names import named_burst
from dejashot.reading.confine import Part, missing_words, reader_environment
from dejashot.reading.handing import hand_over
from dejashot.reading.opener import Opener
from dejashot.reading.wire import (
    MESSAGE_LIMIT_BYTES,
    Frame,
    Look,
    WorkerOptions,
    frame_to_wire,
    hearsay_from_wire,
    look_from_wire,
    map_from_wire,
    pack,
    picture_from_wire,
    reading_from_wire,
    text_of,
    unpack,
)

S = TypeVar("S")
T = TypeVar("T")

START_TIMEOUT_S = 60.0
PHOTOS_PER_WORKER = 1000
BEAT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Known:
    """The bytes turned out to be known already: their hash and stamp."""

    content: bytes
    stamp: FileStamp


@dataclass(frozen=True, eq=False)
class Job(Generic[T]):
    """One photo to read: its absolute path (bytes), whatever the caller wants back with the answer, and what to render of it."""

    path: bytes
    ticket: T
    frame: Frame | None = None


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    link: Connection
    ready: bool = False
    op: str = ""
    job: Any = None
    deadline_s: float = 0.0
    served: int = 0
    content: bytes = b""  # of the job in hand, once it is known
    refused: UnreadablePhotoError | None = None


class ReaderPool:
    """Read photos in worker processes.

    `size` workers are started when there is work. What they read is opened here, by `opener`. A photo that hangs costs its worker and is answered with `timed_out`; one that
    crashes its worker is tried once more in a fresh one, then answered with `reader_crashed`. Not thread-safe: one owner.
    """

    def __init__(self, options: WorkerOptions, size: int, opener: Opener | None = None) -> None:
        self._options = options
        self._size = size
        self._timeout_s = options.timeout_s
        self._workers: list[_Worker] = []
        self.allowed: Callable[[bytes], None] = lambda _: None  # asked by content; raises UnreadablePhotoError for what is to be left alone
        self.struck: Callable[[bytes, Reason], None] = lambda _content, _reason: None  # told of a content that ended its worker
        self.missing: frozenset[Part] | None = None  # the parts of the seal that readers do without, None before one has started
        self.unsealed: Callable[[str], None] = lambda _: None  # told once, in words, when parts of the seal are missing
        self._opener = opener or Opener(options.timeout_s)
        self.beat: Callable[[], None] = lambda: None  # called again and again while photos are awaited, each bounded by its time limit
        self.photos_read = 0
        self.lost = 0

    @property
    def size(self) -> int:
        """Return how many workers there are at most."""
        return self._size

    @property
    def running(self) -> int:
        """Return the number of worker processes alive."""
        return len(self._workers)

    def read(
        self, jobs: Iterable[Job[T]], wanted: Callable[[bytes], Wanted]
    ) -> Iterator[tuple[Job[T], Reading | Known | UnreadablePhotoError]]:
        """Read photos and yield each with its outcome, in the order they finish.

        `wanted` is asked with the content hash; when it says that nothing is, the outcome is Known and nothing is decoded. Raises ModelError.
        """
        for job, answer in self._run("read", jobs, wanted):
            yield job, answer if isinstance(answer, UnreadablePhotoError) else _understood(answer, _reading_or_known)

    def look(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], tuple[bytes, Look] | UnreadablePhotoError]]:
        """Take a closer look at photos and yield each with the hash of its bytes and the look, or why not."""
        return self._seen("look", jobs, look_from_wire)

    def map(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], tuple[bytes, PictureMapArray] | UnreadablePhotoError]]:
        """Have photos mapped by the network and yield each with the hash of its bytes and the map, or why not."""
        return self._seen("map", jobs, map_from_wire)

    def render(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], tuple[bytes, bytes] | UnreadablePhotoError]]:
        """Have photos rendered as their frames say and yield each with the hash of its bytes and the JPEG, or why not."""
        return self._seen("render", jobs, picture_from_wire)

    def hear(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], Hearsay | UnreadablePhotoError]]:
        """Ask films and sidecars what they say of photos and yield each with that, or why not."""
        for job, answer in self._run("hear", jobs, lambda _: Wanted.ALL):
            yield job, answer if isinstance(answer, UnreadablePhotoError) else _understood(answer, lambda a: hearsay_from_wire(a["said"]))

    def _seen(
        self, op: str, jobs: Iterable[Job[T]], parsed: Callable[[dict[str, Any]], S]
    ) -> Iterator[tuple[Job[T], tuple[bytes, S] | UnreadablePhotoError]]:
        """Yield photos, each with the hash of its bytes and what was seen in it, or why not."""
        for job, answer in self._run(op, jobs, lambda _: Wanted.ALL):
            if isinstance(answer, UnreadablePhotoError):
                yield job, answer
            else:
                yield job, _understood(answer, lambda a: (bytes.fromhex(a["content"]), parsed(a["seen"])))

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            self._end(worker)
        self._workers.clear()
        self._opener.close()

    def _run(
        self, op: str, jobs: Iterable[Job[T]], wanted: Callable[[bytes], Wanted]
    ) -> Iterator[tuple[Job[T], dict[str, Any] | UnreadablePhotoError]]:
        """Deal the jobs out to the workers and yield the answers."""
        source = iter(jobs)
        again: deque[Job[T]] = deque()
        crashed: set[Job[T]] = set()
        finished = False
        try:
            while True:
                while not finished and not again and self._room():
                    job = next(source, None)
                    if job is None:
                        finished = True
                    elif (refused := self._deal(op, job)) is not None:
                        yield job, refused
                while again and self._room():
                    job = again.popleft()
                    if (refused := self._deal(op, job)) is not None:
                        yield job, refused
                if not any(w.job for w in self._workers):
                    if finished and not again:
                        return
                    continue
                for worker in self._waiting():
                    job, answer = worker.job, self._answer(worker, wanted)
                    if answer is None:
                        continue
                    if isinstance(answer, UnreadablePhotoError) and answer.reason is Reason.READER_CRASHED and job not in crashed:
                        crashed.add(job)
                        again.append(job)
                        continue
                    yield job, answer
        finally:
            for worker in [w for w in self._workers if w.job]:
                self._drop(worker)

    def _room(self) -> bool:
        """Tell whether a job can be dealt: an idle worker, or one more that may be started."""
        return len(self._workers) < self._size or any(w.job is None for w in self._workers)

    def _deal(self, op: str, job: Job[Any]) -> UnreadablePhotoError | None:
        """Give a job to an idle worker, starting one when all are busy; return why its file could not be opened, if it could not."""
        began_s = time.monotonic()
        self.beat()
        try:
            handle = self._opener.open(job.path, self.beat, BEAT_EVERY_S)
        except UnreadablePhotoError as error:
            self.photos_read += op == "read"
            return error
        finally:  # those at work meanwhile are not to be late for that
            for busy in [w for w in self._workers if w.job]:
                busy.deadline_s += time.monotonic() - began_s
        try:
            self._hand(self._idle(), op, job, handle)
        finally:
            os.close(handle)
        return None

    def _idle(self) -> _Worker:
        """Return an idle worker, a new one when there is none; those that have served their time are ended."""
        for worker in [w for w in self._workers if w.job is None]:
            if worker.served >= PHOTOS_PER_WORKER or worker.process.poll() is not None:
                self._drop(worker)
        return next((w for w in self._workers if w.job is None), None) or self._start()

    def _hand(self, worker: _Worker, op: str, job: Job[Any], handle: int) -> None:
        """Give a worker a job with its open file: of the path it learns the name, and what burst it tells of."""
        worker.op, worker.job, worker.content, worker.refused = op, job, b"", None
        worker.deadline_s = time.monotonic() + (self._timeout_s if worker.ready else START_TIMEOUT_S)
        try:
            more = {"frame": frame_to_wire(job.frame)} if job.frame else {}
            name = text_of(job.path.rpartition(b"/")[2])
            worker.link.send_bytes(pack({"op": op, "name": name, "burst": asdict(named_burst(job.path))} | more))
            hand_over(worker.link, handle)
        except OSError:
            worker.deadline_s = 0.0

    def _waiting(self) -> list[_Worker]:
        """Return the busy workers that have something to say, or whose time is up."""
        busy = [w for w in self._workers if w.job]
        patience_s = min(BEAT_EVERY_S, max(0.0, min(w.deadline_s for w in busy) - time.monotonic()))
        self.beat()
        speaking = wait([w.link for w in busy], patience_s)
        now_s = time.monotonic()
        return [w for w in busy if w.link in speaking or w.deadline_s <= now_s]

    def _answer(self, worker: _Worker, wanted: Callable[[bytes], Wanted]) -> dict[str, Any] | UnreadablePhotoError | None:
        """Take one message from a worker; None when it was not the last word on its job."""
        try:
            if not worker.link.poll():
                started = worker.ready
                self._drop(worker)
                self.lost += 1
                if not started:
                    raise ModelError("the reader did not start in time", "Check the load of the machine, and reading.memory_mib")
                if not worker.content:  # its bytes have not come yet: the disk or the network is slow, not the photo
                    return UnreadablePhotoError(Reason.IO_ERROR, f"nothing came for {self._timeout_s:g} s")
                return self._strike(worker, Reason.TIMED_OUT, f"{self._timeout_s:g} s")
            message = unpack(worker.link.recv_bytes(MESSAGE_LIMIT_BYTES))
            if message["op"] == "hashed":
                worker.content = bytes.fromhex(message["content"])
                worker.link.send_bytes(pack({"op": "go", "wanted": self._wants(worker, wanted)}))
                return None
        except (EOFError, OSError, ValueError) as error:
            code, started = self._drop(worker), worker.ready
            self.lost += 1
            if not started:
                raise ModelError(
                    f"the reader ended while starting ({code})", "Run `dejashot config check`, and see reading.memory_mib"
                ) from error
            if code == -signal.SIGKILL:  # not by us: the system was short of memory, whatever the photo
                return UnreadablePhotoError(Reason.OUT_OF_MEMORY, "the system ended the reader")
            return self._strike(worker, Reason.READER_CRASHED, f"exit {code}")
        if message["op"] == "ready":
            worker.ready = True
            self._note_seal(frozenset(Part(name) for name in message["missing"]))
            worker.deadline_s = time.monotonic() + self._timeout_s
            return None
        if message["op"] == "fatal":
            self._drop(worker)
            raise ModelError(str(message["title"]), str(message["hint"]))
        worker.job = None
        worker.served += 1
        if worker.refused is not None:
            return worker.refused
        self.photos_read += worker.op == "read"
        if message["op"] == "failed":
            return UnreadablePhotoError(Reason(message["reason"]), str(message["detail"]))
        return message

    def _note_seal(self, missing: frozenset[Part]) -> None:
        """Keep which parts of the seal a worker does without, and say so the first time."""
        if missing and not self.missing:
            self.unsealed(missing_words(missing))
        self.missing = missing | (self.missing or frozenset())

    def _strike(self, worker: _Worker, reason: Reason, detail: str) -> UnreadablePhotoError:
        """Return the answer for a photo that ended its worker, having told whom it concerns."""
        if worker.content:
            self.struck(worker.content, reason)
        return UnreadablePhotoError(reason, detail, content=worker.content)

    def _wants(self, worker: _Worker, wanted: Callable[[bytes], Wanted]) -> Wanted:
        """Ask how much of the content in hand is to be read."""
        try:
            self.allowed(worker.content)
            return wanted(worker.content)
        except UnreadablePhotoError as refused:
            worker.refused = refused
            return Wanted.NOTHING

    def _start(self) -> _Worker:
        """Start a worker process: spawned, never forked, in a session without a terminal, with nothing but its end of a socket pair."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "dejashot.reading.worker", str(theirs.fileno()), self._options.encode()],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=reader_environment(os.environ),
            )
        worker = _Worker(process, Connection(ours.detach()))
        self._workers.append(worker)
        return worker

    def _drop(self, worker: _Worker) -> int:
        """Take a worker out and end it; return its exit code."""
        self._workers.remove(worker)
        return self._end(worker)

    @staticmethod
    def _end(worker: _Worker) -> int:
        """Close a worker's connection, kill it, and wait for it."""
        worker.job = None
        worker.link.close()
        worker.process.kill()
        return worker.process.wait()


def _reading_or_known(answer: dict[str, Any]) -> Reading | Known:
    """Return what reading a photo gave; raise ValueError, KeyError or TypeError when it does not hold together."""
    if answer["op"] == "known":
        return Known(bytes.fromhex(answer["content"]), FileStamp(**answer["stamp"]))
    return reading_from_wire(answer["reading"])


def _understood(answer: dict[str, Any], parsed: Callable[[dict[str, Any]], S]) -> S | UnreadablePhotoError:
    """Return what a worker answered, or that the photo is damaged: what makes no sense was not made of a sound one."""
    try:
        return parsed(answer)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        return UnreadablePhotoError(Reason.CORRUPT, f"what was read of it makes no sense ({type(error).__name__})")

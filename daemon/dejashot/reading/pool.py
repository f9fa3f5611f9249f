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
from functools import cached_property
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

from dejashot.errors import ModelError, Reason, UnreadablePhotoError
from dejashot.files.nofollow import fingerprint
from dejashot.models.arrays import PictureMapArray
from dejashot.models.photo import Reading, SidecarMetadata, Wanted
from dejashot.reading.metadata.burst_names import named_burst
from dejashot.reading.opener import Opener
from dejashot.reading.protocol.codec import frame_to_wire, pack, text_of
from dejashot.reading.protocol.exchange import NEVER_HASHED, Exchange, KnownContent, ReaderAnswer
from dejashot.reading.protocol.fd_passing import send_file
from dejashot.reading.protocol.inbox import Inbox
from dejashot.reading.protocol.messages import WIRE_VERSION, Fatal, Hashed, Ready
from dejashot.reading.protocol.payloads import Bounds, Frame, Look, WorkerOptions
from dejashot.reading.sandbox.confine import reader_environment
from dejashot.reading.sandbox.parts import SandboxPart, describe_missing
from dejashot.reading.vision.model import EmbeddingModel, load_model

T = TypeVar("T")

START_TIMEOUT_S = 60.0
PHOTOS_PER_WORKER = 1000
BEAT_EVERY_S = 10.0
END_PATIENCE_S = 1.0  # for a process that hung up to be gone


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
    inbox: Inbox
    talk: Exchange
    op: str = ""
    job: Any = None
    deadline_s: float = 0.0
    served: int = 0
    refused: UnreadablePhotoError | None = None


class ReaderPool:
    """Read photos in worker processes, of which nothing is believed that does not hold together.

    `size` workers are started when there is work. A photo that hangs costs its worker and is answered with `timed_out`; one that
    crashes its worker, or has it say what makes no sense, is tried once more in a fresh one, then answered with `reader_crashed`.
    Not thread-safe: one owner.
    """

    def __init__(self, options: WorkerOptions, size: int, opener: Opener | None = None) -> None:
        self._options = options
        self._size = size
        self._timeout_s = options.timeout_s
        self._workers: list[_Worker] = []
        self.allowed: Callable[[bytes], None] = lambda _: (
            None
        )  # asked by content; raises UnreadablePhotoError for what is to be left alone
        self.struck: Callable[[bytes, Reason], None] = lambda _content, _reason: (
            None
        )  # told of a content that ended its worker
        self.missing: frozenset[SandboxPart] | None = (
            None  # the parts of the seal that readers do without, None before one has started
        )
        self.unsealed: Callable[[str], None] = lambda _: None  # told once, in words, when parts of the seal are missing
        self._opener = opener or Opener(options.timeout_s)
        self.beat: Callable[[], None] = lambda: (
            None
        )  # called again and again while photos are awaited, each bounded by its time limit
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
    ) -> Iterator[tuple[Job[T], Reading | KnownContent | UnreadablePhotoError]]:
        """Read photos and yield each with its outcome, in the order they finish.

        `wanted` is asked with the content hash; when it says that nothing is, the outcome is Known and nothing is decoded. Raises ModelError.
        """
        return self._run("read", jobs, wanted)

    def look(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], tuple[bytes, Look] | UnreadablePhotoError]]:
        """Take a closer look at photos and yield each with the hash of its bytes and the look, or why not."""
        return self._run("look", jobs)

    def map(
        self, jobs: Iterable[Job[T]]
    ) -> Iterator[tuple[Job[T], tuple[bytes, PictureMapArray] | UnreadablePhotoError]]:
        """Have photos mapped by the network and yield each with the hash of its bytes and the map, or why not."""
        return self._run("map", jobs)

    def render(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], tuple[bytes, bytes] | UnreadablePhotoError]]:
        """Have photos rendered as their frames say and yield each with the hash of its bytes and the JPEG, or why not."""
        return self._run("render", jobs)

    def hear(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[Job[T], SidecarMetadata | UnreadablePhotoError]]:
        """Ask films and sidecars what they say of photos and yield each with that, or why not."""
        return self._run("sidecar", jobs)

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            self._end(worker)
        self._workers.clear()
        self._opener.close()

    def _run(
        self, op: str, jobs: Iterable[Job[T]], wanted: Callable[[bytes], Wanted] = lambda _: Wanted.ALL
    ) -> Iterator[tuple[Job[T], Any]]:
        """Deal the jobs out to the workers and yield each with its outcome, of the kind that goes with what was asked."""
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
                    if (
                        isinstance(answer, UnreadablePhotoError)
                        and answer.reason is Reason.READER_CRASHED
                        and job not in crashed
                    ):
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
            if worker.served >= PHOTOS_PER_WORKER or worker.link.poll():  # gone, or it speaks unasked
                self._drop(worker)
        return next((w for w in self._workers if w.job is None), None) or self._start()

    def _hand(self, worker: _Worker, op: str, job: Job[Any], handle: int) -> None:
        """Give a worker a job with its open file: of the path it learns the name, and what burst it tells of."""
        worker.op, worker.job, worker.refused = op, job, None
        worker.talk.begin(op)
        worker.deadline_s = time.monotonic() + (self._timeout_s if worker.talk.ready else START_TIMEOUT_S)
        try:
            more = {"frame": frame_to_wire(job.frame)} if job.frame else {}
            name = text_of(job.path.rpartition(b"/")[2])
            worker.link.send_bytes(pack({"op": op, "name": name, "burst": asdict(named_burst(job.path))} | more))
            send_file(worker.link, handle)
        except OSError:
            worker.deadline_s = 0.0

    def _waiting(self) -> list[_Worker]:
        """Return the busy workers that have something to say, or whose time is up."""
        busy = [w for w in self._workers if w.job]
        timeout_s = min(BEAT_EVERY_S, max(0.0, min(w.deadline_s for w in busy) - time.monotonic()))
        self.beat()
        speaking = wait([w.link for w in busy], timeout_s)
        now_s = time.monotonic()
        return [w for w in busy if w.link in speaking or w.deadline_s <= now_s]

    def _answer(self, worker: _Worker, wanted: Callable[[bytes], Wanted]) -> Any:
        """Take one message from a worker; None when it was not the last word on its job."""
        try:
            data = worker.inbox.take(worker.talk.max_bytes)
            said = None if data is None else worker.talk.receive(data)
        except ValueError:
            return self._ended(worker, "it said what makes no sense")
        except (EOFError, OSError):
            return self._ended(worker)
        if said is None:
            return None if time.monotonic() < worker.deadline_s else self._overdue(worker)
        if isinstance(said, ReaderAnswer):
            return self._done(worker, said)
        if isinstance(said, Fatal):
            self._drop(worker)
            raise ModelError(said.title, said.hint)
        if isinstance(said, Ready):
            self._refuse_another(worker, said)
            self._note_seal(said.missing)
            worker.deadline_s = time.monotonic() + self._timeout_s
        if isinstance(said, Hashed):
            return self._grant(worker, self._wants(worker, wanted))
        return None

    def _done(self, worker: _Worker, answer: ReaderAnswer) -> Any:
        """Return the last word on a worker's job."""
        worker.job = None
        worker.served += 1
        if worker.refused is not None:
            return worker.refused
        self.photos_read += worker.op == "read"
        if worker.op in ("look", "map", "render") and not isinstance(answer.value, UnreadablePhotoError):
            return answer.content, answer.value
        return answer.value

    def _note_seal(self, missing: frozenset[SandboxPart]) -> None:
        """Keep which parts of the seal a worker does without, and say so the first time."""
        if missing and not self.missing:
            self.unsealed(describe_missing(missing))
        self.missing = missing | (self.missing or frozenset())

    def _refuse_another(self, worker: _Worker, said: Ready) -> None:
        """Raise ModelError for a reader that is of another version, or has another network: what it says would be misunderstood."""
        if said.version != WIRE_VERSION or said.model != self._network.fingerprint:
            self._drop(worker)
            raise ModelError("Dejashot, or its network, was exchanged while it runs", "Start it again")

    def _overdue(self, worker: _Worker) -> UnreadablePhotoError:
        """End a worker whose time is up; raise ModelError when it never started."""
        op, job = worker.op, worker.job
        self._drop(worker)
        self.lost += 1
        if not worker.talk.ready:
            raise ModelError(
                "the reader did not start in time", "Check the load of the machine, and reading.memory_mib"
            )
        if (
            not worker.talk.content and not worker.inbox.started
        ):  # its bytes have not come yet: the disk is slow, or the network
            return UnreadablePhotoError(Reason.IO_ERROR, f"nothing came for {self._timeout_s:g} s")
        return self._strike(op, job, Reason.TIMED_OUT, f"{self._timeout_s:g} s")

    def _ended(self, worker: _Worker, why: str = "") -> UnreadablePhotoError:
        """Take out a worker that hung up, or whose words, as `why` says, are not believed; raise ModelError when it never started."""
        op, job = worker.op, worker.job
        if not why:
            try:
                worker.process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                why = "it hung up, and went on"
        code = self._drop(worker)
        self.lost += 1
        if not worker.talk.ready:
            raise ModelError(
                f"the reader ended while starting ({code})", "Run `dejashot config check`, and see reading.memory_mib"
            )
        if not why and code == -signal.SIGKILL:  # not by us: the system was short of memory, whatever the photo
            return UnreadablePhotoError(Reason.OUT_OF_MEMORY, "the system ended the reader")
        if not why and not worker.talk.content:
            return UnreadablePhotoError(Reason.READER_CRASHED, f"exit {code}")
        return self._strike(op, job, Reason.READER_CRASHED, why or f"exit {code}")

    def _strike(self, op: str, job: Job[Any], reason: Reason, detail: str) -> UnreadablePhotoError:
        """Return the answer for a photo that ended its worker, having told whom it concerns; films and sidecars are not remembered.

        Which bytes these are the file itself says: a reader that has been taken over may name those of another photo.
        """
        content = b"" if op in NEVER_HASHED else self._content_at(job.path)
        if content:
            self.struck(content, reason)
        return UnreadablePhotoError(reason, detail, content=content)

    def _content_at(self, path: bytes) -> bytes:
        """Return the hash of a file's bytes; nothing for one that is gone, no file, or larger than any that is read."""
        try:
            return b"" if os.lstat(path).st_size > self._bounds.max_bytes else fingerprint(path)[0]
        except (OSError, ValueError):
            return b""

    def _wants(self, worker: _Worker, wanted: Callable[[bytes], Wanted]) -> Wanted:
        """Ask how much of the content in hand is to be read."""
        try:
            self.allowed(worker.talk.content)
            return wanted(worker.talk.content)
        except UnreadablePhotoError as refused:
            worker.refused = refused
            return Wanted.NOTHING

    def _grant(self, worker: _Worker, wanted: Wanted) -> UnreadablePhotoError | None:
        """Tell a worker how much of the bytes in hand is wanted."""
        worker.talk.grant(wanted)
        worker.deadline_s = time.monotonic() + self._timeout_s  # it had to wait for whoever takes the answers
        try:
            worker.link.send_bytes(pack({"op": "go", "wanted": wanted}))
        except OSError:
            return self._ended(worker)
        return None

    def _start(self) -> _Worker:
        """Start a worker process: spawned, never forked, in a session without a terminal, with nothing but its end of a socket pair."""
        talk = Exchange(self._bounds)
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
        link = Connection(ours.detach())
        worker = _Worker(process, link, Inbox(link.fileno()), talk)
        self._workers.append(worker)
        return worker

    @cached_property
    def _network(self) -> EmbeddingModel:
        """Return the description of the network that readers use; raise ModelError when it can't be."""
        return load_model(Path(self._options.model))

    @cached_property
    def _bounds(self) -> Bounds:
        """Return what bounds the answers of readers; raise ModelError."""
        return Bounds.of(self._network.output, self._options)

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

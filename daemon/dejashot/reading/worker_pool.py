"""Reader processes: given jobs, killed when they hang, replaced when they die, and never trusted."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator
from functools import cached_property
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dejashot.errors import ModelError, Reason, UnreadablePhotoError
from dejashot.language.texts import noted
from dejashot.models.features import LocalFeatures
from dejashot.models.photo import Reading, Wanted
from dejashot.reading.job import READ, AnyContent, ContentPolicy, Order, OrderSource, ReadJob, is_crash
from dejashot.reading.network import Network
from dejashot.reading.opener import Opener
from dejashot.reading.protocol.exchange import NEVER_HASHED, ReaderAnswer
from dejashot.reading.protocol.messages import Fatal, Hashed, Ready
from dejashot.reading.protocol.payloads import WIRE_VERSION, Bounds, Look, WorkerOptions
from dejashot.reading.sandbox.parts import SandboxPart, describe_missing
from dejashot.reading.vision.model import load_model
from dejashot.reading.worker_process import WorkerProcess, hash_of_file

Ticket = TypeVar("Ticket")

PHOTOS_PER_WORKER = 1000
PROGRESS_EVERY_S = 10.0
_FROM_A_PICTURE = (Reading, Look, np.ndarray, LocalFeatures)


class WorkerPool:
    """Have files read in worker processes, of which nothing is believed that does not hold together.

    A file that hangs its worker is answered with `timed_out`; one that crashes it, or makes it send nonsense, is tried
    once more in a fresh worker, then answered with `reader_crashed`. Not thread-safe.
    """

    def __init__(
        self,
        options: WorkerOptions,
        size: int,
        policy: ContentPolicy | None = None,
        *,
        on_progress: Callable[[], None] = lambda: None,
        on_unsealed: Callable[[str], None] = lambda _: None,
        opener: Opener | None = None,
    ) -> None:
        """Prepare a pool of `size` workers at most, which are started when there is work.

        `on_progress` is called again and again while files are awaited, `on_unsealed` once, with a sentence, when parts
        of the sandbox are missing.
        """
        self.size = size
        self.missing: frozenset[SandboxPart] | None = None  # of the sandbox; None before a worker has started
        self.photos_read, self.lost = 0, 0
        self._options = options
        self._policy, self._opener = policy or AnyContent(), opener or Opener(options.timeout_s)
        self._on_progress, self._on_unsealed = on_progress, on_unsealed
        self._workers: list[WorkerProcess] = []

    @property
    def running(self) -> int:
        """Return the number of worker processes alive."""
        return len(self._workers)

    def warm_up(self) -> None:
        """Start one more worker, unless there are as many as may be, for a job that will come. Raises ModelError."""
        if len(self._workers) < self.size:
            self._workers.append(WorkerProcess.start(self._options, self.network, self.bounds))

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()
        self._opener.close()

    def run(
        self, source: OrderSource[Ticket], wanted: Callable[[bytes], Wanted] = lambda _: Wanted.ALL
    ) -> Generator[tuple[Order[Ticket], ReaderAnswer], None, None]:
        """Give the orders of a source to the workers and yield each with its answer. Raises ModelError.

        A source that has none for now is asked again, as long as others are answered. `wanted` says, by the hash of the
        content, how much is read of a photo.
        """
        again, crashed = deque[Order[Ticket]](), set[Order[Ticket]]()
        try:
            while True:
                while self._has_room() and (order := self._next(again, source)) is not None:
                    if (refused := self._assign(order)) is not None:
                        yield order, ReaderAnswer(refused)
                if not any(w.order for w in self._workers):
                    return
                for worker in self._ready_workers():
                    done, answer = worker.order, self._receive(worker, wanted)
                    if done is None or answer is None:
                        continue
                    if is_crash(answer) and done not in crashed:
                        crashed.add(done)
                        again.append(done)
                    else:
                        yield done, answer
        finally:
            for worker in [w for w in self._workers if w.order]:
                self._remove(worker)

    def _next(self, again: deque[Order[Ticket]], source: OrderSource[Ticket]) -> Order[Ticket] | None:
        """Return an order for the next idle worker: one that is tried again, else one that suits its pictures."""
        if again:
            return again.popleft()
        idle = next((w for w in self._workers if w.order is None), None)
        return source.take(idle.recent if idle else ())

    def _has_room(self) -> bool:
        """Return whether a job can be assigned: to an idle worker, or to one more that may be started."""
        return len(self._workers) < self.size or any(w.order is None for w in self._workers)

    def _assign(self, order: Order[Any]) -> UnreadablePhotoError | None:
        """Give an order to the first idle worker, starting one when all are busy.

        Return why its file could not be opened, if it could not.
        """
        began_s = time.monotonic()
        self._on_progress()
        try:
            handle = self._opener.open(order.job.path, self._on_progress, PROGRESS_EVERY_S)
        except UnreadablePhotoError as error:
            self.photos_read += order.op == READ
            return error
        finally:  # the time of the busy workers does not run while the file is opened
            for busy in [w for w in self._workers if w.order]:
                busy.deadline_s += time.monotonic() - began_s
        try:
            self._idle_worker(order).assign(order, handle, self._options.timeout_s)
        finally:
            os.close(handle)
        return None

    def _idle_worker(self, order: Order[Any]) -> WorkerProcess:
        """Return an idle worker, a new one when there is none; those that have served their time are ended."""
        for worker in [w for w in self._workers if w.order is None]:
            spoke = worker.exchange.ready and worker.link.poll()  # it is gone, or it speaks unasked
            if worker.served >= PHOTOS_PER_WORKER or spoke:
                self._remove(worker)
        idle = next((w for w in self._workers if w.order is None), None)
        if idle is None:
            idle = self.start_worker(order.op, order.job)
            self._workers.append(idle)
        return idle

    def start_worker(self, _op: str, _job: ReadJob[Any]) -> WorkerProcess:
        """Return a new worker for a job."""
        return WorkerProcess.start(self._options, self.network, self.bounds)

    def _ready_workers(self) -> list[WorkerProcess]:
        """Return the busy workers that have sent something, or whose time is up."""
        busy = [w for w in self._workers if w.order]
        timeout_s = min(PROGRESS_EVERY_S, max(0.0, min(w.deadline_s for w in busy) - time.monotonic()))
        self._on_progress()
        readable = wait([w.link for w in busy], timeout_s)
        now_s = time.monotonic()
        return [w for w in busy if w.link in readable or w.deadline_s <= now_s]

    def _receive(self, worker: WorkerProcess, wanted: Callable[[bytes], Wanted]) -> ReaderAnswer | None:
        """Take one message from a worker; return the answer to its job, None when it was another message."""
        try:
            data = worker.inbox.take(worker.exchange.max_bytes)
            message = None if data is None else worker.exchange.receive(data)
        except ValueError:
            return self._ended(worker, "it said what makes no sense")
        except (EOFError, OSError):
            return self._ended(worker)
        if message is None:
            return None if time.monotonic() < worker.deadline_s else self._overdue(worker)
        if isinstance(message, ReaderAnswer):
            return self._finish(worker, message)
        if isinstance(message, Fatal):
            self._remove(worker)
            raise ModelError(message.title, message.hint)
        if isinstance(message, Ready):
            self._note_start(worker, message)
        if isinstance(message, Hashed):
            return self._grant(worker, wanted)
        return None

    def _grant(self, worker: WorkerProcess, wanted: Callable[[bytes], Wanted]) -> ReaderAnswer | None:
        """Tell a worker how much of the bytes in hand is wanted; return the answer to its job if it is gone."""
        try:
            self._policy.check(worker.exchange.content)
            reads = worker.order is not None and worker.order.op == READ
            chosen = wanted(worker.exchange.content) if reads else Wanted.ALL
        except UnreadablePhotoError as refused:
            worker.refused, chosen = refused, Wanted.NOTHING
        try:
            worker.grant(chosen, self._options.timeout_s)
        except OSError:
            return self._ended(worker)
        return None

    def _finish(self, worker: WorkerProcess, answer: ReaderAnswer) -> ReaderAnswer:
        """Return the final answer to a worker's order."""
        order, worker.order = worker.order, None
        worker.served += 1
        if worker.refused is not None:
            return ReaderAnswer(worker.refused)
        self.photos_read += order is not None and order.op == READ
        if isinstance(answer.value, _FROM_A_PICTURE) and answer.content not in worker.recent:
            worker.recent.append(answer.content)
        return answer

    def _note_start(self, worker: WorkerProcess, message: Ready) -> None:
        """Take in that a worker is ready and which parts of the sandbox it does without.

        Raises ModelError for one of another version, or with another model: what it sends would be misunderstood.
        """
        if message.version != WIRE_VERSION or message.model != self.network.fingerprint:
            self._remove(worker)
            raise ModelError(noted("Dejashot, or its network, was exchanged while it runs"), noted("Start it again"))
        self._note_missing(message.missing)
        worker.deadline_s = time.monotonic() + self._options.timeout_s

    def _note_missing(self, missing: frozenset[SandboxPart]) -> None:
        """Take in which parts of the sandbox a reader does without; the first that lacks any is spoken of."""
        if missing and not self.missing:
            self._on_unsealed(describe_missing(missing))
        self.missing = missing | (self.missing or frozenset())

    def _overdue(self, worker: WorkerProcess) -> ReaderAnswer:
        """End a worker whose time is up; raise ModelError when it never started."""
        order, timeout_s = worker.order, self._options.timeout_s
        self._remove(worker)
        self.lost += 1
        if not worker.exchange.ready:
            hint = "Check the load of the machine, and reading.memory_mib"
            raise ModelError(noted("the reader did not start in time"), hint)
        if (
            not worker.exchange.content and not worker.inbox.started
        ):  # the bytes have not come: the disk or the LAN is slow
            return ReaderAnswer(UnreadablePhotoError(Reason.IO_ERROR, f"nothing came for {timeout_s:g} s"))
        return self._crashed(order, Reason.TIMED_OUT, f"{timeout_s:g} s")

    def _ended(self, worker: WorkerProcess, why: str = "") -> ReaderAnswer:
        """Remove a worker that hung up, or whose messages, as `why` says, are not believed.

        Raise ModelError when it never started.
        """
        order = worker.order
        if not why and not worker.exits():
            why = "it hung up, and went on"
        code = self._remove(worker)
        self.lost += 1
        if not worker.exchange.ready:
            raise ModelError(
                noted("the reader ended while starting ({code})").format(code=code),
                noted("Run `dejashot config check`, and see reading.memory_mib"),
            )
        if not why and code == -signal.SIGKILL:  # not by us: the system was short of memory, whatever the photo
            return ReaderAnswer(UnreadablePhotoError(Reason.OUT_OF_MEMORY, "the system ended the reader"))
        if not why and not worker.exchange.content:
            return ReaderAnswer(UnreadablePhotoError(Reason.READER_CRASHED, f"exit {code}"))
        return self._crashed(order, Reason.READER_CRASHED, why or f"exit {code}")

    def _crashed(self, order: Order[Any] | None, reason: Reason, detail: str) -> ReaderAnswer:
        """Return the answer for a file that ended its worker, and have that remembered; films and sidecars are not.

        Which bytes these are the file itself says: a worker that was taken over may name those of another photo.
        """
        content = (
            b"" if order is None or order.op in NEVER_HASHED else hash_of_file(order.job.path, self.bounds.max_bytes)
        )
        if content:
            self._policy.add_crash(content, reason)
        return ReaderAnswer(UnreadablePhotoError(reason, detail, content=content))

    def _remove(self, worker: WorkerProcess) -> int:
        """Take a worker out of the pool and end it; return its exit code."""
        self._workers.remove(worker)
        return worker.end()

    @cached_property
    def network(self) -> Network:
        """Return the network that the workers use; raise ModelError."""
        return load_model(Path(self._options.model)).network

    @cached_property
    def bounds(self) -> Bounds:
        """Return what bounds the answers of workers; raise ModelError."""
        return Bounds.of(self.network.output, self._options)

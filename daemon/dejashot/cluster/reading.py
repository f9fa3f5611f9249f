"""Orders on their way through a cluster: hashed here, read there, checked here; what can't be read there is left."""

import asyncio
import queue
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic

from dejashot.cluster.belief import checked_answer, words_of
from dejashot.cluster.cluster import Cluster, Event
from dejashot.cluster.home_files import HomeFile
from dejashot.cluster.members import AHEAD, ClusterMember, MemberState
from dejashot.cluster.messages import ReadRequest, Reply, ReplyState
from dejashot.cluster.shares import path_on_worker
from dejashot.errors import UnreadablePhotoError
from dejashot.models.photo import Wanted
from dejashot.reading.job import READ, ContentPolicy, Order, OrderSource, Ticket
from dejashot.reading.protocol.exchange import KnownContent, ReaderAnswer
from dejashot.reading.sandbox.parts import SandboxPart
from dejashot.reading.worker_process import START_TIMEOUT_S

OPERATIONS = frozenset({READ, "look", "map", "features"})  # films are of any size, and people wait for renderings
HOME_BATCH = 16  # orders that are left, before they are given to the readers of this machine
MAX_LOST = 2  # workers that may be lost with a photo
_TICK_S = 0.5


@dataclass(eq=False, slots=True)
class Job(Generic[Ticket]):
    """An order, the worker that has it, what home knows of its file, and what stands for the answer.

    `attempt` tells what comes in late from what is awaited, `lost` counts workers that were lost with it. `share` is
    the path that the worker reads, `share_failed` says that none is to be tried again.
    """

    order: Order[Ticket]
    member: ClusterMember
    deadline_s: float = 0.0
    file: HomeFile | None = None
    wanted: Wanted = Wanted.ALL
    awaited: Any = None
    attempt: int = 0
    lost: int = 0
    share: bytes = b""
    share_failed: bool = False


class ClusterReading(Generic[Ticket]):
    """One run of orders. What is left for the readers of this machine is in `left`."""

    def __init__(
        self, cluster: Cluster, source: OrderSource[Ticket], policy: ContentPolicy, wanted: Callable[[bytes], Wanted]
    ) -> None:
        self.left: list[Order[Ticket]] = []
        self.missing: frozenset[SandboxPart] = frozenset()
        self._cluster, self._source, self._policy, self._wanted = cluster, source, policy, wanted
        self._jobs: set[Job[Ticket]] = set()
        self._again: deque[Job[Ticket]] = deque()

    def answers(self) -> Iterator[tuple[Order[Ticket], ReaderAnswer]]:
        """Yield each order with its answer until enough is left, nothing is to be done, or the cluster is given up."""
        while True:
            for member in self._cluster.refresh():
                self._lose(member)
            if self._cluster.is_up:
                self._give_out()
            if not self._cluster.is_up:
                self._leave_all()
            if len(self.left) >= HOME_BATCH or not (self._jobs or self._again):
                return
            try:
                event = self._cluster.events.get(timeout=_TICK_S)
            except queue.Empty:
                self._leave_out_overdue()
                continue
            done = self._take(event)
            if done is not None:
                yield done

    def close(self) -> None:
        """Await nothing any more."""
        for job in list(self._jobs):
            self._end(job)
        self._again.clear()

    def _give_out(self) -> None:
        """Give orders to workers as long as one has room; with no worker, hold one order until there is one."""
        members = self._cluster.members
        while len(self.left) < HOME_BATCH and (member := members.idlest()) is not None:
            job = self._next(member)
            if job is None:
                return
            self._prepare(job, member)
        if not (self._jobs or self._again or members.any_in(MemberState.READY)):
            order = self._source.take(())
            if order is not None:
                self._again.append(Job(order, ClusterMember("", 0)))

    def _next(self, member: ClusterMember) -> Job[Ticket] | None:
        """Return the next job for a worker; what is not for workers is left."""
        while len(self.left) < HOME_BATCH:
            job = self._again.popleft() if self._again else None
            if job is None:
                order = self._source.take(member.recent)
                if order is None:
                    return None
                job = Job(order, member)
            if job.order.op in OPERATIONS:
                return job
            self.left.append(job.order)
        return None

    def _prepare(self, job: Job[Ticket], member: ClusterMember) -> None:
        """Have the file of a job hashed; its bytes are sent where the worker has no path to it."""
        path = job.order.job.path
        may_share = member.has_share and not job.share_failed
        job.member, job.share = member, path_on_worker(path, self._cluster.job.paths) if may_share else b""
        job.deadline_s = self._deadline_s()
        job.attempt += 1
        member.given += 1
        self._jobs.add(job)
        self._cluster.files.ask(path, self._taker(job), whole=not job.share)

    def _deadline_s(self) -> float:
        """Return the monotonic time by which a worker has answered: it reads what it got before, each twice at most."""
        return monotonic() + START_TIMEOUT_S + 2 * self._cluster.job.options.timeout_s * (1 + AHEAD)

    def _taker(self, job: Job[Ticket]) -> Callable[[object], None]:
        """Return what takes in what comes of the present attempt at a job."""
        events, attempt = self._cluster.events, job.attempt
        return lambda what: events.put(Event(job, attempt, what))

    def _take(self, event: Event) -> tuple[Order[Ticket], ReaderAnswer] | None:
        """Take in what came; return the order that was answered by it, if one was."""
        job, what = event.about, event.what
        if isinstance(job, ClusterMember):
            self._cluster.heard(job, what)
            return None
        if job not in self._jobs or job.attempt != event.attempt:
            if isinstance(what, HomeFile):
                self._cluster.files.release(what)
            return None
        answer = self._replied(job, what) if job.awaited is not None else self._hashed(job, what)
        return None if answer is None else (job.order, answer)

    def _hashed(self, job: Job[Ticket], what: object) -> ReaderAnswer | None:
        """Give a job whose file was hashed to its worker; return the answer where none is needed from there."""
        if not isinstance(what, HomeFile):
            self._leave(job)
            return None
        job.file = what
        try:
            self._policy.check(what.content)
            job.wanted = self._wanted(what.content) if job.order.op == READ else Wanted.ALL
        except UnreadablePhotoError as refused:
            self._end(job)
            return ReaderAnswer(refused)
        if job.wanted is Wanted.NOTHING:
            self._end(job)
            return ReaderAnswer(KnownContent(what.content, what.stamp), what.content)
        if not self._cluster.members.has(job.member):
            self._give_again(job)
            return None
        asked, order = self._cluster.job, job.order
        request = ReadRequest(
            order.op, order.job.path, job.share, what.content, what.stamp, job.wanted, asked.options, asked.network
        )
        job.deadline_s = self._deadline_s()
        job.awaited = self._cluster.link.read(job.member.address, request.encode(), what.data, self._taker(job))
        return None

    def _replied(self, job: Job[Ticket], what: object) -> ReaderAnswer | None:
        """Return the answer in a reply; where there is none, others or this machine are to find it."""
        try:
            reply = Reply.decode(what)
            if reply.state is ReplyState.READ and job.file is not None:
                return self._believed(job, job.file, reply)
        except ValueError:
            self._distrust(job, what)
            return None
        if reply.state is ReplyState.OTHER_FILE and job.share:
            self._cluster.note_other_file(job.member, job.share)
            job.share_failed = True
            self._give_again(job)
        elif reply.state is ReplyState.BROKEN:
            self._cluster.leave_out(job.member, words_of(reply))
            self._give_again(job)
        else:
            self._leave(job)
        return None

    def _believed(self, job: Job[Ticket], file: HomeFile, reply: Reply) -> ReaderAnswer:
        """Return the answer in a reply; raise ValueError where it does not hold together."""
        asked = self._cluster.job
        answer, missing = checked_answer(reply, job.order.op, job.wanted, file, asked.bounds, asked.network)
        self.missing |= missing
        job.member.misses = 0 if job.share else job.member.misses
        job.member.recent.append(file.content)
        self._end(job)
        return answer

    def _distrust(self, job: Job[Ticket], what: object) -> None:
        """Take in what is no answer: the worker or the scheduler went away, or the worker does not work."""
        self._cluster.check_scheduler()
        if not self._cluster.is_up or isinstance(what, OSError | CancelledError | asyncio.CancelledError):
            self._lose_job(job)
        else:
            name = "what makes no sense" if isinstance(what, bytes) else type(what).__name__
            self._cluster.leave_out(job.member, f"it answers {name}")
            self._leave(job)

    def _lose(self, member: ClusterMember) -> None:
        """Give what a worker had to others."""
        for job in [job for job in self._jobs if job.member is member]:
            self._lose_job(job)

    def _lose_job(self, job: Job[Ticket]) -> None:
        """Give a job to another worker, or leave it after it was lost with several."""
        job.lost += 1
        if job.lost >= MAX_LOST:
            self._leave(job)
        else:
            self._give_again(job)

    def _leave_out_overdue(self) -> None:
        """Leave out the workers that have not answered in time, and give what they had to others.

        A file that could not be hashed in time is left: the disk hangs.
        """
        overdue = [job for job in self._jobs if job.deadline_s <= monotonic()]
        for member in {job.member for job in overdue if job.awaited is not None}:
            self._cluster.leave_out(member, "it does not answer")
            self._lose(member)
        for job in self._jobs.intersection(overdue):
            self._leave(job)

    def _leave_all(self) -> None:
        """Leave all that is under way."""
        for job in list(self._jobs):
            self._leave(job)
        self.left += [job.order for job in self._again]
        self._again.clear()

    def _leave(self, job: Job[Ticket]) -> None:
        """Leave a job to the readers of this machine."""
        self._end(job)
        self.left.append(job.order)

    def _give_again(self, job: Job[Ticket]) -> None:
        """Have a job done again, before any other."""
        self._end(job)
        self._again.append(job)

    def _end(self, job: Job[Ticket]) -> None:
        """Take a job from its worker."""
        self._stop_waiting(job)
        self._jobs.discard(job)
        job.member.given -= 1

    def _stop_waiting(self, job: Job[Ticket]) -> None:
        """Await nothing of a job any more, and hold nothing for it."""
        if job.awaited is not None:
            self._cluster.link.drop(job.awaited)
        if job.file is not None:
            self._cluster.files.release(job.file)
        job.awaited = job.file = None

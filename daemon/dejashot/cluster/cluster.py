"""A cluster as this machine uses it: its workers come, are asked what they are, are left out, and go away."""

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from dejashot.cluster.access import SchedulerAccess
from dejashot.cluster.belief import checked_answer, words_of
from dejashot.cluster.home_files import HomeFiles
from dejashot.cluster.members import ClusterMember, Members, MemberState, mismatch
from dejashot.cluster.messages import Greeting, ReadRequest, Reply, ReplyState
from dejashot.cluster.trial import Trial
from dejashot.models.photo import Wanted
from dejashot.paths import shown
from dejashot.reading.job import READ
from dejashot.reading.protocol.payloads import Bounds, WorkerOptions
from dejashot.reading.worker_process import START_TIMEOUT_S

if TYPE_CHECKING:
    from dejashot.cluster.dask_link import DaskLink

MEMBERS_EVERY_S = 1.0
_SCHEDULER_GONE = "The cluster's scheduler went away: the other photos are read here."


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """What a cluster is to do: how readers work there, with which network, and where photos lie on a worker.

    `trial` is the picture that each worker reads first.
    """

    options: WorkerOptions
    network: str
    bounds: Bounds
    paths: Mapping[str, str]
    trial: Trial


@dataclass(frozen=True, slots=True)
class Event:
    """Something that came in from a thread: what it is about, which attempt at that, and what came."""

    about: Any
    attempt: int
    what: object


class Cluster:
    """The workers of a Dask cluster, those that fit. Owner thread only; what comes in waits in `events`."""

    def __init__(self, link: "DaskLink", job: ClusterJob, wait_s: float, on_notice: Callable[[str], None]) -> None:
        """Prepare.

        Without any worker for `wait_s` the cluster is given up. `on_notice` takes sentences for people.
        """
        self.link, self.job = link, job
        self.members, self.files = Members(), HomeFiles(job.bounds.max_bytes)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.is_up = True
        self._on_notice, self._wait_s = on_notice, wait_s
        self._said: set[str] = set()
        self._refreshed_s, self._hopeful_s = float("-inf"), monotonic()

    def refresh(self) -> list[ClusterMember]:
        """Look which workers there are, greet new ones, and return those that went away, or do not answer."""
        if not self.is_up or monotonic() - self._refreshed_s < MEMBERS_EVERY_S:
            return []
        self._refreshed_s = monotonic()
        self.check_scheduler()
        if not self.is_up:
            return []
        try:
            came, gone = self.members.update(self.link.workers())
        except OSError:
            self.give_up(_SCHEDULER_GONE)
            return []
        for member in came:
            self._greet(member)
        for member in gone:
            self._say(f"Worker {member.address} went away: what it had is read elsewhere.")
        for member in self.members.overdue(self._refreshed_s):
            self.leave_out(member, "it does not answer")
        self._give_up_without_hope()
        return gone

    def check_scheduler(self) -> None:
        """Give the cluster up if its scheduler went away."""
        if not self.link.is_up:
            self.give_up(_SCHEDULER_GONE)

    def heard(self, member: ClusterMember, answer: object) -> None:
        """Take in what a worker says it is, or what it read of the trial picture."""
        if member.state is not MemberState.ASKED:
            return
        why = self._judge_trial(answer) if member.is_fit else self._judge_greeting(answer)
        if why:
            self.leave_out(member, why)
        elif member.is_fit:
            member.state = MemberState.READY
            self._say("The cluster's workers read photos too.")
        else:
            member.is_fit = True
            self._try(member)

    def _judge_greeting(self, answer: object) -> str:
        """Return why a worker that says this must not read photos, empty where it may."""
        try:
            return mismatch(Greeting.decode(answer), Greeting.of_here(self.job.network))
        except ValueError:
            absent = isinstance(answer, ImportError | RuntimeError)  # what Dask makes of a module that is not there
            return "there, or beside the scheduler, this Dejashot is not installed" if absent else "it does not answer"

    def _judge_trial(self, answer: object) -> str:
        """Return why a worker that reads the trial picture so must not read photos, empty where it may."""
        job = self.job
        try:
            reply = Reply.decode(answer)
            if reply.state is ReplyState.BROKEN:
                return words_of(reply)
            found, _ = checked_answer(reply, READ, Wanted.ALL, job.trial.file, job.bounds, job.network)
        except ValueError:
            return "it can't read a picture made for it"
        return "" if job.trial.agrees(found.value) else "its processor computes other vectors"

    def leave_out(self, member: ClusterMember, why: str) -> None:
        """Give a worker no photos any more, and say why, once for each machine."""
        member.state = MemberState.LEFT_OUT
        if (member.machine + why) not in self._said:
            self._said.add(member.machine + why)
            self._on_notice(f"Worker {member.address} is left out: {why}.")
        self._give_up_without_hope()

    def note_other_file(self, member: ClusterMember, path: bytes) -> None:
        """Take in that the share of a worker does not show the file that this machine has; it is said once."""
        member.misses += 1
        if (member.machine + "share") not in self._said:
            self._said.add(member.machine + "share")
            self._on_notice(
                f"Worker {member.address} sees another file, or none, at {shown(path)}: it is sent what it can't see."
            )

    def give_up(self, sentence: str) -> None:
        """Use the cluster no more, and say why."""
        if self.is_up:
            self.is_up = False
            self._on_notice(sentence)

    def close(self) -> None:
        """Leave the cluster."""
        self.is_up = False
        self.files.close()
        self.link.close()

    def _greet(self, member: ClusterMember) -> None:
        member.asked_until_s = monotonic() + START_TIMEOUT_S
        take = self._taker(member)
        member.greeting = self.link.greet(member.address, self.job.options.model, self.job.network, take)

    def _try(self, member: ClusterMember) -> None:
        """Have a worker read the trial picture."""
        job, file = self.job, self.job.trial.file
        request = ReadRequest(
            READ, b"/trial.png", b"", file.content, file.stamp, Wanted.ALL, job.options, job.network
        ).encode()
        member.asked_until_s = monotonic() + START_TIMEOUT_S + job.options.timeout_s
        member.greeting = self.link.read(member.address, request, file.data, self._taker(member))

    def _taker(self, member: ClusterMember) -> Callable[[object], None]:
        """Return what takes in what a worker answers."""
        return lambda answer: self.events.put(Event(member, 0, answer))

    def _give_up_without_hope(self) -> None:
        """Give the cluster up if all workers are left out, or if there has been none for a while."""
        if self.members.any_in(MemberState.READY) or self.members.any_in(MemberState.ASKED):
            self._hopeful_s = monotonic()
        elif self.members.any_in(MemberState.LEFT_OUT) or monotonic() - self._hopeful_s >= self._wait_s:
            self.give_up("The cluster has no worker that can be used: photos are read here.")

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._on_notice(sentence)


def link_to(access: SchedulerAccess, wait_s: float, on_notice: Callable[[str], None]) -> "DaskLink | None":
    """Return the link to a scheduler; None where none answers, which is said."""
    from dejashot.cluster.dask_link import DaskLink  # noqa: PLC0415 - an extra, and slow to import

    try:
        return DaskLink(access, wait_s)
    except (OSError, ValueError) as error:
        why = shown(" ".join(str(error).split()))
        on_notice(f"No scheduler of a cluster answers at {access.address}: all photos are read here ({why}).")
        return None

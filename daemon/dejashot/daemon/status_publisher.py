"""What the daemon says of itself: for `dejashot status`, for the main thread, and for the monitoring system."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from dejashot.daemon.jobs.closer_looks import CloserLookQueue
from dejashot.daemon.jobs.digest_trigger import DigestTrigger
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.workload import Workload
from dejashot.daemon.metrics import MetricsFile
from dejashot.diagnostics.status import UPCOMING_DIGESTS, upcoming
from dejashot.digests.notifications import NotificationQueue
from dejashot.digests.schedule import Schedule
from dejashot.errors import LibraryError
from dejashot.library.daemon_status import DaemonStatus, publish_status
from dejashot.library.library import Library
from dejashot.logs import Problems
from dejashot.reading.pool import ReaderPool
from dejashot.reports.report import Health

PUBLISH_EVERY_S = 1.0
PUBLISH_REST = 20.0  # times as long as publishing took: to count a million files takes a while
MAX_PUBLISH_REST_S = 10.0  # whatever it took: on a busy machine the status stays fresh


@dataclass(frozen=True, slots=True)
class LoopSnapshot:
    """How the event loop does, as JSON-able values."""

    folders: list[dict[str, Any]]
    backlog: int
    retrying: int
    problem: str
    next_digests: list[str]
    reader: dict[str, Any]
    counts: dict[str, int]
    reembedding: int = 0


class SnapshotSource(Protocol):
    """Whoever knows how the event loop does."""

    def snapshot(self) -> LoopSnapshot:
        """Return how it does now."""


class LoopSnapshots:
    """Look at the jobs of the event loop; what the library can't say now stays as it was."""

    def __init__(
        self,
        workload: Workload,
        looks: CloserLookQueue,
        trigger: DigestTrigger,
        schedule: Schedule,
        pool: ReaderPool,
        state: LoopState,
    ) -> None:
        self._workload = workload
        self._looks = looks
        self._trigger = trigger
        self._schedule = schedule
        self._pool = pool
        self._state = state
        self._health: list[Health] = []
        self._counts: dict[str, int] = {}

    def snapshot(self) -> LoopSnapshot:
        """Return how the event loop does now."""
        with suppress(LibraryError):  # what was known last is better than nothing
            self._health = self._workload.health()
            self._counts = counts_of(self._workload.library, list(self._workload.folders))
            self._counts["closer_looks"] = len(self._looks)
        slot = self._trigger.slot
        due = [slot.astimezone().isoformat(timespec="seconds")] if slot else []
        return LoopSnapshot(
            folders=[
                {"path": h.folder, "state": h.state, "how": f.watch.how, "trouble": h.problem, "photos": h.files}
                for h, f in zip(self._health, self._workload.folders.values(), strict=False)
            ],
            backlog=self._workload.backlog(),
            retrying=self._workload.queue.retrying,
            problem=self._state.problem or self._trigger.problem,
            next_digests=(due + upcoming(self._schedule, datetime.now(UTC)))[:UPCOMING_DIGESTS],
            reader=reader_state(self._pool),
            counts=self._counts,
            reembedding=len(self._workload.embeddings),
        )


@dataclass
class StatusOutput:
    """Where the status goes: a file beside the library, the metrics file, and `latest`, for the main thread to read."""

    library: Path
    notifications: NotificationQueue
    metrics: MetricsFile = field(default_factory=lambda: MetricsFile(None))
    problems: Problems = field(default_factory=Problems)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    latest: DaemonStatus | None = None

    def publish(self, snapshot: LoopSnapshot) -> None:
        """Publish how the event loop does."""
        next_digests = snapshot.next_digests
        self.latest = DaemonStatus(
            pid=os.getpid(),
            started_at=self.started.astimezone().isoformat(timespec="seconds"),
            folders=snapshot.folders,
            backlog=snapshot.backlog,
            retrying=snapshot.retrying,
            next_digest=next_digests[0] if next_digests else None,
            trouble=snapshot.problem,
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
            next_digests=next_digests,
            reader=snapshot.reader,
            counts=snapshot.counts,
            problems=self.problems.newest(),
            problem_count=self.problems.count,
            notices_waiting=self.notifications.waiting.digests,
            reembedding=snapshot.reembedding,
        )
        publish_status(self.library, self.latest)
        self.metrics.write(self.latest)


class StatusPublisher:
    """Publish the status when something changed, at most once a second, less often where that takes long.

    The last job of the event loop.
    """

    def __init__(
        self,
        source: SnapshotSource,
        output: StatusOutput,
        state: LoopState,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `clock` gives monotonic seconds."""
        self._source = source
        self._output = output
        self._state = state
        self._clock = clock
        self._not_before_s = clock()

    def due_in_s(self) -> float | None:
        """Return the seconds until there is something to publish, None when nothing changed."""
        if not self._state.changed:
            return None
        return max(0.0, self._not_before_s - self._clock())

    def run(self) -> None:
        """Publish what changed, if it is time."""
        began_s = self._clock()
        if self._state.changed and began_s >= self._not_before_s:
            self._output.publish(self._source.snapshot())
            ended_s = self._clock()
            rest_s = min(PUBLISH_REST * (ended_s - began_s), MAX_PUBLISH_REST_S)
            self._not_before_s = ended_s + max(PUBLISH_EVERY_S, rest_s)
            self._state.note_published()


def counts_of(library: Library, folders: list[int]) -> dict[str, int]:
    """Return what the library counts over some folders: skipped, missing, digests, last_digest_s, reclaimable_bytes."""
    counts = library.files.counts(folders)
    done = library.digest_runs.in_states("done")
    return {
        "skipped": counts.get("skipped", 0),
        "missing": counts.get("missing", 0),
        "digests": len(done),
        "last_digest_s": done[0].made_us // 1_000_000 if done else 0,
        "reclaimable_bytes": done[0].reclaimable_bytes if done else 0,
    }


def reader_state(pool: ReaderPool) -> dict[str, Any]:
    """Return how the readers do: processes, photos read, processes lost, and what of their sandbox is missing."""
    return {
        "state": "running" if pool.running else "asleep",
        "processes": pool.running,
        "photos_read": pool.photos_read,
        "restarts": pool.lost,
        "seal_missing": None if pool.missing is None else sorted(pool.missing),
    }

"""How the ingest thread lets others know: its heartbeat, the pulse for `status`, the metrics file, the desktop."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dejashot.daemon.heartbeat import Heartbeat
from dejashot.daemon.metrics import MetricsFile
from dejashot.digests.notifications import NotificationQueue
from dejashot.library.daemon_status import DaemonStatus, publish_status
from dejashot.library.library import Library
from dejashot.logs import Problems
from dejashot.reading.pool import ReaderPool


@dataclass
class StatusPublisher:
    """Everything that the ingest thread tells others through; `pulse` is what it published last, for the main thread to read."""

    library: Path
    notices: NotificationQueue
    metrics: MetricsFile = field(default_factory=lambda: MetricsFile(None))
    problems: Problems = field(default_factory=Problems)
    heart: Heartbeat = field(default_factory=Heartbeat)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    pulse: DaemonStatus | None = None

    def publish(self, *, next_digests: list[str], **state: Any) -> None:
        """Publish what the ingest thread says of itself for `status`, the main thread and the monitoring system."""
        self.pulse = DaemonStatus(
            pid=os.getpid(),
            started_at=self.since.astimezone().isoformat(timespec="seconds"),
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
            next_digest=next_digests[0] if next_digests else None,
            next_digests=next_digests,
            problems=self.problems.newest(),
            problem_count=self.problems.count,
            notices_waiting=self.notices.waiting.digests,
            **state,
        )
        publish_status(self.library, self.pulse)
        self.metrics.write(self.pulse)


def counts_of(library: Library, folders: Iterable[int]) -> dict[str, int]:
    """Return what the library counts over some folders: skipped, missing, digests, last_digest_s, reclaimable_bytes."""
    counts = library.files.counts(list(folders))
    done = library.digest_runs.in_states("done")
    return {
        "skipped": counts.get("skipped", 0),
        "missing": counts.get("missing", 0),
        "digests": len(done),
        "last_digest_s": done[0].made_us // 1_000_000 if done else 0,
        "reclaimable_bytes": done[0].reclaimable_bytes if done else 0,
    }


def reader_state(pool: ReaderPool) -> dict[str, Any]:
    """Return how the readers do: processes, photos read and processes lost since the daemon started, what of their seal is missing."""
    return {
        "state": "running" if pool.running else "asleep",
        "processes": pool.running,
        "photos_read": pool.photos_read,
        "restarts": pool.lost,
        "seal_missing": None if pool.missing is None else sorted(pool.missing),
    }

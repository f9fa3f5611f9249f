"""How the ingest thread lets others know: its heartbeat, the pulse for `status`, the metrics file, the desktop."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dejashot.library.reader import LibraryReader
from dejashot.reading.pool import ReaderPool
from dejashot.service.heartbeat import Heart
from dejashot.service.logs import Problems
from dejashot.service.metrics import MetricsFile
from dejashot.service.notices import Notices
from dejashot.service.status import Pulse, publish


@dataclass
class Telling:
    """Everything that the ingest thread tells others through; `pulse` is what it published last, for the main thread to read."""

    library: Path
    notices: Notices
    metrics: MetricsFile = field(default_factory=lambda: MetricsFile(None))
    problems: Problems = field(default_factory=Problems)
    heart: Heart = field(default_factory=Heart)
    pulse: Pulse | None = None

    def publish(self, pulse: Pulse) -> None:
        """Publish a pulse for `status`, the main thread and the monitoring system."""
        publish(self.library, pulse)
        self.metrics.write(pulse)
        self.pulse = pulse


def counts_of(reader: LibraryReader, folders: Iterable[int]) -> dict[str, int]:
    """Return what the library counts over some folders: skipped, missing, digests, last_digest_s, reclaimable_bytes."""
    counts = reader.counts(list(folders))
    done = reader.digest_runs("done")
    return {
        "skipped": counts.get("skipped", 0),
        "missing": counts.get("missing", 0),
        "digests": len(done),
        "last_digest_s": done[0].made_us // 1_000_000 if done else 0,
        "reclaimable_bytes": done[0].reclaimable_bytes if done else 0,
    }


def reader_state(pool: ReaderPool) -> dict[str, Any]:
    """Return how the readers do: processes, photos read and processes lost since the daemon started."""
    return {
        "state": "running" if pool.running else "asleep",
        "processes": pool.running,
        "photos_read": pool.photos_read,
        "restarts": pool.lost,
    }

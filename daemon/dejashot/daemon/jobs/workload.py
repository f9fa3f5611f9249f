"""What waits for the event loop, and how the folders are followed: what digests and the published status depend on."""

from collections.abc import Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.library.library import Library
from dejashot.paths import shown
from dejashot.reports.report import Health


@dataclass(frozen=True, slots=True)
class Workload:
    """The queues and folders of the event loop, looked at together."""

    events: SimpleQueue[Any]
    folders: Mapping[int, WatchedFolder]
    library: Library
    queue: IngestQueue
    sidecars: SidecarQueue
    embeddings: EmbeddingQueue

    def backlog(self) -> int:
        """Return how many files and folders wait for work."""
        walks = sum(folder.waits_for_walk + folder.more for folder in self.folders.values())
        return len(self.queue) + walks + len(self.embeddings) + len(self.sidecars)

    def has_arrivals(self) -> bool:
        """Return whether files have just landed: events wait to be taken in, or a file may be ingested now."""
        return not self.events.empty() or self.queue.has_stable

    def health(self) -> list[Health]:
        """Return how each folder is followed; raise LibraryError."""
        return [
            Health(
                shown(folder.path), folder.state, folder.problem, self.library.files.counts([number]).get("present", 0)
            )
            for number, folder in self.folders.items()
        ]

"""All jobs of the event loop, in their order, and which of them each event concerns."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

from dejashot.daemon.events import FileEvent, LoopEvent, RescanRequest, Tick
from dejashot.daemon.jobs.closer_looks import CloserLookQueue, folders_within_reach
from dejashot.daemon.jobs.digest_trigger import DigestTrigger
from dejashot.daemon.jobs.embedding_queue import EmbeddingQueue
from dejashot.daemon.jobs.folder_rescans import FolderRescans
from dejashot.daemon.jobs.group_updates import GroupUpdates
from dejashot.daemon.jobs.idle_readers import IdleReaders
from dejashot.daemon.jobs.ingest_queue import IngestQueue
from dejashot.daemon.jobs.job import LoopJob
from dejashot.daemon.jobs.loop_state import LoopState
from dejashot.daemon.jobs.ownership_check import OwnershipCheck
from dejashot.daemon.jobs.recovery import Recovery
from dejashot.daemon.jobs.sidecar_queue import SidecarQueue
from dejashot.daemon.jobs.watched_folder import WatchedFolder
from dejashot.daemon.jobs.workload import Workload
from dejashot.daemon.maintenance import Maintenance
from dejashot.daemon.memory import trim_memory
from dejashot.daemon.status_publisher import LoopSnapshots, StatusOutput, StatusPublisher
from dejashot.digests.runner import DigestRunner
from dejashot.errors import DejashotError
from dejashot.ingest.pipeline import Pipeline, report_context
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.reports.closer_look.alongside import AlongsideLooks


@dataclass(frozen=True)
class EventRouter:
    """Give events and errors to the jobs that they concern."""

    folders: Mapping[int, WatchedFolder]
    queue: IngestQueue
    trigger: DigestTrigger
    recovery: Recovery
    runner: DigestRunner
    output: StatusOutput
    groups: GroupUpdates
    state: LoopState

    def initialize(self) -> None:
        """Queue what may be readable by now."""
        self.queue.retry_recent_failures()

    def handle(self, event: LoopEvent) -> None:
        """Give an event to the job that it concerns."""
        match event:
            case FileEvent(folder, path):
                self.queue.file_changed(folder, path)
            case RescanRequest(folder, delay_s, min_interval_s):
                self.folders[folder].request_walk(delay_s, min_interval_s)
            case Tick():
                self.trigger.tick()
                self.output.notifications.notify(datetime.now(self.runner.schedule.zone))
                self.state.note_change()

    def recover(self, error: DejashotError) -> None:
        """Come back to what an error interrupted."""
        self.recovery.recover(error)

    def shutdown(self) -> None:
        """End the process that delivers a digest, and close the kept groups."""
        self.runner.deliveries.close()
        self.groups.close()


@dataclass(frozen=True)
class LoopJobs:
    """The jobs in their order, the one that publishes the status, and what gives events to them."""

    jobs: Sequence[LoopJob]
    status: StatusPublisher
    router: EventRouter
    rescans: FolderRescans


def wire_jobs(
    pipeline: Pipeline,
    runner: DigestRunner,
    folders: Mapping[int, WatchedFolder],
    output: StatusOutput,
    events: SimpleQueue[LoopEvent],
    stopping: threading.Event,
) -> LoopJobs:
    """Make the jobs and connect them."""
    state = LoopState(time.monotonic, stopping)
    context = report_context(pipeline, lambda: state.is_stopping or not events.empty())
    alongside = AlongsideLooks(context, lambda: folders_within_reach(pipeline.library), previews=True)
    queue = IngestQueue(pipeline, folders, state, looks=alongside)
    sidecars = SidecarQueue(pipeline, folders, queue, state)
    embeddings = EmbeddingQueue(pipeline, queue, state)
    rescans = FolderRescans(folders, pipeline.reconciler, (sidecars, embeddings, queue), state, pipeline.on_progress)
    workload = Workload(events, folders, pipeline.library, queue, sidecars, embeddings)
    maintenance = Maintenance(pipeline, workload.backlog)

    def on_made(made: DigestRun) -> None:
        maintenance.note_digest()
        output.notifications.add(made)
        output.notifications.notify(datetime.now(runner.schedule.zone))
        trim_memory()

    trigger = DigestTrigger(runner, workload, state, on_made)
    looks = CloserLookQueue(pipeline, workload, state)
    groups = GroupUpdates(pipeline, workload, state)
    recovery = Recovery(folders, queue, trigger, state)
    jobs: list[LoopJob] = [
        OwnershipCheck(pipeline.owned),
        rescans,
        queue,
        sidecars,
        embeddings,
        trigger,
        runner.deliveries,
        looks,
        groups,
        IdleReaders(pipeline, state, on_idle=alongside.forget),
        maintenance,
    ]
    snapshots = LoopSnapshots(workload, looks, trigger, runner.schedule, pipeline.pool, state)
    status = StatusPublisher(snapshots, output, state)
    return LoopJobs(
        jobs, status, EventRouter(folders, queue, trigger, recovery, runner, output, groups, state), rescans
    )

"""Bring the library up to date with some folders in one go."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.ingest.fair_queue import cost_of, fair_order
from dejashot.ingest.pipeline import Ingestor, IngestOutcome, IngestResult, Task
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef
from dejashot.watch.walk import check_folder


def bring_up_to_date(
    pipeline: Ingestor, folders: Sequence[Path], begun: Callable[[int], None], done: Callable[[IngestOutcome], None]
) -> list[tuple[Folder, str]]:
    """Ingest all that is new in some folders, in one go; return each with what could not be looked into.

    `begun` hears how many files there are to read, `done` each outcome.

    A file that changes while it is read is tried once more at the end. Raises FolderError.
    """
    rows: list[tuple[Folder, str]] = []
    tasks: list[Task] = []
    for path in folders:
        folder = pipeline.library.folders.add(path, check_folder(path).st_dev)
        changes = pipeline.reconcile(folder)
        rows.append((folder, changes.trouble))
        tasks += [Task(FileRef(folder.id, f.path), path, f.stamp) for f in changes.arrived]
    queued = {t.file for t in tasks}
    ids = {row.id for row, _ in rows}
    stale = [t for t in pipeline.stale() if t.file not in queued]
    tasks += [t for t in stale if t.file.folder in ids]
    tasks = [tasks[n] for n in fair_order([cost_of(t.file.path) for t in tasks])]
    begun(len(tasks))
    again: list[Task] = []
    for outcome in pipeline.ingest(tasks):
        if outcome.result is IngestResult.CHANGING:
            again.append(outcome.task)
        else:
            done(outcome)
    for outcome in pipeline.ingest(again):
        if outcome.result is IngestResult.CHANGING:
            error = UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
            pipeline.library.files.skip(outcome.task.file, outcome.task.stamp, error, now_us())
        done(outcome)
    pipeline.hear(pipeline.library.companions.pending(sorted(ids)))
    pipeline.settle_hearsay()
    if all(t.file.folder in ids for t in stale):
        pipeline.settle_network()
    pipeline.save_index()
    return rows

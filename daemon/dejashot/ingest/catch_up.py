"""Bring the library up to date: with all that is new in some folders, and with what is to be read again."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.ingest.fair_queue import cost_of, fair_order
from dejashot.ingest.orders import CloserLookOrders
from dejashot.ingest.owned_library import OwnedLibrary
from dejashot.ingest.pipeline import Pipeline
from dejashot.ingest.tasks import IngestOutcome, IngestResult, Task
from dejashot.library.tables.folders import Folder
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef, FileStamp
from dejashot.watch.walk import check_folder


def bring_up_to_date(
    pipeline: Pipeline,
    folders: Sequence[Path],
    on_start: Callable[[int], None],
    on_outcome: Callable[[IngestOutcome], None],
    looks_at: Callable[[Sequence[Folder]], CloserLookOrders | None] = lambda _: None,
) -> list[tuple[Folder, str]]:
    """Ingest all that is new in some folders; return each with what could not be looked into. Raises FolderError.

    `on_start` takes the number of files to read, `on_outcome` each outcome. `looks_at` returns what looks closely at
    photos of folders while others are read. A file that changes while it is read is tried once more at the end.
    """
    rows: list[tuple[Folder, str]] = []
    tasks: list[Task] = []
    for path in folders:
        folder = pipeline.library.folders.add(path, check_folder(path).st_dev)
        found = pipeline.reconciler.reconcile(folder, pipeline.pool.warm_up)
        rows.append((folder, found.problem))
        tasks += [Task(FileRef(folder.id, f.path), path, f.stamp) for f in found.arrived]
    queued = {t.file for t in tasks}
    ids = {row.id for row, _ in rows}
    missing = [t for t in missing_embeddings(pipeline.owned) if t.file not in queued]
    tasks += [t for t in missing if t.file.folder in ids]
    tasks = [tasks[n] for n in fair_order([cost_of(t.file.path) for t in tasks])]
    on_start(len(tasks))
    _ingest_twice(pipeline, tasks, on_outcome, looks_at([row for row, _ in rows]))
    pipeline.sidecars.read(pipeline.library.companions.pending(sorted(ids)))
    pipeline.sidecars.apply()
    if all(t.file.folder in ids for t in missing):
        pipeline.owned.activate_model()
    pipeline.owned.save_index()
    return rows


def missing_embeddings(owned: OwnedLibrary) -> list[Task]:
    """Return the photos within reach that are to be read again, newest first.

    They have no vector of the model in use, or an older method read them.
    """
    tasks: list[Task] = []
    for file, root in owned.library.photos.to_read_again(owned.row.id):
        with suppress(OSError):
            tasks.append(Task(file, root, FileStamp.of(os.lstat(file.under(root)))))
    return tasks


def _ingest_twice(
    pipeline: Pipeline,
    tasks: Sequence[Task],
    on_outcome: Callable[[IngestOutcome], None],
    looks: CloserLookOrders | None,
) -> None:
    """Ingest files, and once more at the end those that changed while they were read."""
    again: list[Task] = []
    for outcome in pipeline.ingestor.ingest(tasks, looks):
        if outcome.result is IngestResult.CHANGING:
            again.append(outcome.task)
        else:
            on_outcome(outcome)
    for outcome in pipeline.ingestor.ingest(again):
        if outcome.result is IngestResult.CHANGING:
            error = UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
            pipeline.library.files.skip(outcome.task.file, outcome.task.stamp, error, now_us())
        on_outcome(outcome)

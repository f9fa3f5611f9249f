"""Photos that are read again: those without a vector of the model in use, and those that an older method read."""

import os
from contextlib import suppress

from dejashot.ingest.owned_library import OwnedLibrary
from dejashot.ingest.tasks import Task
from dejashot.models.files import FileStamp


def missing_embeddings(owned: OwnedLibrary) -> list[Task]:
    """Return the photos within reach that are to be read again, newest first."""
    tasks: list[Task] = []
    for file, root in owned.library.photos.to_read_again(owned.row.id):
        with suppress(OSError):
            tasks.append(Task(file, root, FileStamp.of(os.lstat(file.under(root)))))
    return tasks

"""Files to ingest, and what became of them."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from dejashot.models.files import FileRef, FileStamp

MAX_BATCH = 16  # files stored in one transaction
BATCH_COST_PER_READER = 30  # times of a JPEG: two HEICs, so that what lands meanwhile need not wait long


class IngestResult(Enum):
    """What became of one file."""

    ADDED = auto()
    KNOWN = auto()
    MOVED = auto()
    SKIPPED = auto()
    GONE = auto()
    CHANGING = auto()


@dataclass(frozen=True, slots=True)
class Task:
    """One file to ingest: its place, the folder it lies in, its stamp when it was chosen."""

    file: FileRef
    root: Path
    stamp: FileStamp

    @property
    def path(self) -> bytes:
        """Return the absolute path (bytes)."""
        return self.file.under(self.root)


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of one file.

    `retry` says that a file that could not be read may be readable later, its bytes unchanged.
    """

    task: Task
    result: IngestResult
    retry: bool = False

"""The digests that were made, read again: what the library says of each, and what stands in the JSON beside it."""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from dejashot.library.library import Library
from dejashot.library.tables.digest_runs import DigestRun
from dejashot.models.decisions import Verdict
from dejashot.models.groups import Kind

MAX_FILE_BYTES = 64_000_000


class StoredPhoto(BaseModel):
    """A photo of a digest by its path, with its content in hex and when it was taken."""

    path: str
    content: str = Field(pattern="^[0-9a-f]{64}$")
    taken_at: datetime
    whole_bytes: int
    damage: str | None = None


class StoredGroup(BaseModel):
    """A group as it stood in a digest; photos, keepers and decisions are named by their paths."""

    id: str = Field(pattern="^[0-9a-z]{1,64}$")
    kind: Kind
    photos: list[str] = Field(min_length=1)
    keepers: list[str]
    reasons: dict[str, list[str]] = {}
    reclaimable_bytes: int
    decisions: dict[str, Verdict] = {}
    pending: bool = False


class StoredDamage(BaseModel):
    """A damaged photo of a digest, what is damaged, and the path of a sound one, if any."""

    path: str
    detail: str
    sound: str | None


class StoredDigest(BaseModel):
    """What a digest says of its photos and groups, in time order."""

    photos: list[StoredPhoto]
    groups: list[StoredGroup]
    damaged: list[StoredDamage] = []


class StoredDigests:
    """Reads the digests of a library, which others write and remove; `folder` is where they are written now."""

    def __init__(self, library: Path, folder: Path) -> None:
        self._library, self._folder = library, folder

    def runs(self) -> list[DigestRun]:
        """Return the digests that were made, newest slot first; raise LibraryError."""
        with closing(Library.open_read_only(self._library)) as library:
            return sorted(library.digest_runs.in_states("done"), key=lambda run: run.slot_us, reverse=True)

    def run(self, slot_us: int) -> DigestRun | None:
        """Return the digest of a slot, None when none was made; raise LibraryError."""
        return next((run for run in self.runs() if run.slot_us == slot_us), None)

    def digest(self, run: DigestRun) -> StoredDigest | None:
        """Return what a digest says, None where its file is gone, too large or no digest."""
        name = Path(os.fsdecode(run.file)).with_suffix(".json") if run.file else None
        for file in () if name is None else (name, self._folder / name.name):
            try:
                if file.stat().st_size <= MAX_FILE_BYTES:
                    return StoredDigest.model_validate_json(file.read_bytes())
            except (OSError, ValidationError):
                continue
        return None

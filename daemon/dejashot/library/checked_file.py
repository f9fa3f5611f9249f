"""Which state of the library's file was found sound: while nothing writes it, it is not checked again for a day."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from dejashot.files.state_file import StateFile

CHECKED_NAME = "checked.json"
_TRUSTED_S = 86_400  # a disk may change what nobody writes
_SETTLED_S = 2  # a file may be written twice within one step of the clock that dates it


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The state of a file, and when (seconds since 1970) its pages and values were found sound."""

    size_bytes: int
    inode: int
    mtime_ns: int
    ctime_ns: int
    checked_s: float

    @classmethod
    def of(cls, file: Path, now_s: float) -> Self | None:
        """Return the state of a file, None where it has a log that is not in it yet, or was written a moment ago."""
        status = file.stat()
        log = file.with_name(f"{file.name}-wal")
        if (log.exists() and log.stat().st_size) or now_s - status.st_ctime < _SETTLED_S:
            return None
        return cls(status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, now_s)

    def is_known(self, folder: Path) -> bool:
        """Return whether this state was found sound within a day."""
        known = StateFile(folder / CHECKED_NAME).read()
        before_s = known.pop("checked_s", None)
        state = asdict(self)
        checked_s = state.pop("checked_s")
        return isinstance(before_s, float) and 0 <= checked_s - before_s < _TRUSTED_S and known == state

    def note(self, folder: Path) -> None:
        """Keep that this state is sound; where it can't be kept, the next start checks it anew."""
        with suppress(OSError):
            StateFile(folder / CHECKED_NAME).publish(asdict(self))

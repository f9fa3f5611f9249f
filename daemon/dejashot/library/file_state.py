"""The state of files in the library, after something else than the daemon moved them."""

import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from dejashot.library.library import Library
from dejashot.library.lock import LockTimeoutError, lock_of
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef, FileStamp


def sync_file_state(folder: Path, files: Iterable[bytes]) -> None:
    """Record which files (absolute paths, bytes) are gone or back; a daemon that owns the library sees for itself.

    Raises LibraryError.
    """
    try:
        lock = lock_of(folder)
        lock.acquire(timeout_s=0)
    except LockTimeoutError:
        return
    try:
        with closing(Library.open(folder)) as library, library.batch():
            roots = {os.fsencode(f.path): f.id for f in library.folders.all()}
            for path in files:
                for root in (r for r in roots if path.startswith(r + b"/")):
                    library.files.sync_state(
                        FileRef(roots[root], os.path.relpath(path, root)), _stamp_of(path), now_us()
                    )
    finally:
        lock.release()


def _stamp_of(path: bytes) -> FileStamp | None:
    try:
        return FileStamp.of(os.lstat(path))
    except OSError:
        return None

"""The library of the one process that may write it: its lock, database, index and model."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import LibraryBusyError, LibraryDamagedError, StorageError
from dejashot.library.backup import Restored, open_sound
from dejashot.library.index import INDEX_FOLDER, TimeIndex, open_index
from dejashot.library.library import Library
from dejashot.library.lock import LockTimeoutError, OwnLock, take_lock
from dejashot.library.tables.vectors import ModelRow
from dejashot.models.capture import now_us
from dejashot.reading.vision.model import EmbeddingModel, load_model, model_file

log = logging.getLogger(__name__)


class OwnedLibrary:
    """A library that this process owns. Not thread-safe: one owner thread."""

    def __init__(
        self, folder: Path, lock: OwnLock, library: Library, restored: Restored | None, model_path: Path
    ) -> None:
        """Take over an open library whose lock is held; `restored` says what took the place of a damaged one."""
        self.folder = folder
        self.library = library
        self.restored = restored
        self.model: EmbeddingModel = load_model(model_path)
        self.row: ModelRow = library.vectors.add_model(
            self.model.fingerprint, self.model.model_dump_json(by_alias=True)
        )
        self._lock, self._lock_lost = lock, False
        self._index: TimeIndex | None = None

    @property
    def index(self) -> TimeIndex:
        """Return the index of the model in use, loaded when first asked for."""
        if self._index is None:
            self._index = open_index(self.folder / INDEX_FOLDER, self.library, self.row, self.model)
        return self._index

    def check_owned(self) -> None:
        """Make sure that the library and its lock are still the ones that were opened; make a removed lock file anew.

        Raises LibraryReplacedError, or LibraryBusyError when another process has the library too by now.
        """
        self.library.check_place()
        try:
            if self._lock.renew():
                log.warning("the lock of the library was removed; it is made again")
            self._lock_lost = False
        except LockTimeoutError:
            raise LibraryBusyError(
                "the lock was removed, and another Dejashot took the library", "Let one of them run"
            ) from None
        except (StorageError, OSError) as error:
            if not self._lock_lost:
                log.warning("the lock of the library can't be made again: %s", error)
            self._lock_lost = True

    def activate_model(self) -> None:
        """Answer from the model in use from now on; called once every photo within reach has its vector."""
        active = self.library.vectors.active_model()
        if active is None or active.id != self.row.id:
            self.library.vectors.activate_model(self.row.id)

    def save_index(self) -> None:
        """Write what changed in the index; a disk that can't take it costs only the time to rebuild."""
        if self._index is not None and self._index.changed:
            try:
                self._index.save()
            except OSError as error:
                log.warning("the index could not be written (%s); it will be rebuilt from the library", error.strerror)

    def let_go_of_index(self) -> None:
        """Write what changed in the index, and hold nothing of it in memory until it is asked for again."""
        self.save_index()
        if self._index is not None:
            self._index.let_go()

    def close(self) -> None:
        """Write the index and close the library."""
        with suppress(LibraryDamagedError):  # a damaged library has no say in what the index should hold
            self.save_index()
        self.library.close()


@contextmanager
def own_library(settings: Settings, folder: Path) -> Iterator[OwnedLibrary]:
    """Own the library in a folder; raise LibraryBusyError when another process does, LibraryError or ModelError."""
    lock = take_lock(folder)
    try:
        library, restored = open_sound(folder, now_us())
        try:
            owned = OwnedLibrary(folder, lock, library, restored, model_file(settings.model.path))
        except BaseException:
            library.close()
            raise
        try:
            yield owned
        finally:
            owned.close()
    finally:
        lock.release()

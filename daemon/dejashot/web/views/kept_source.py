"""The kept groups as the page opens them, and how they are brought up to date: by their owner, else by the page."""

import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import GroupsFileError, LibraryDamagedError, LibraryError, StorageError
from dejashot.language.texts import noted
from dejashot.library.daemon_status import running_daemon
from dejashot.library.kept.groups_file import create_groups_file, groups_file, open_groups_file
from dejashot.library.kept.kept_groups import KeptGroups
from dejashot.library.kept.store import CHANGE, open_kept_groups
from dejashot.library.kept.values import GroupRow
from dejashot.library.library import Library
from dejashot.library.lock import take_lock
from dejashot.library.tables.vectors import ModelRow
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.closer_look.preempt import PreemptedError
from dejashot.reports.context import LibraryResults, ReportContext, open_context
from dejashot.reports.kept.basis import Basis
from dejashot.reports.kept.keeper import GroupKeeper, add_all, is_of
from dejashot.reports.kept.loading import GroupLoader
from dejashot.reports.kept.view import ShownGroup

log = logging.getLogger(__name__)

_STILL_WRITTEN_S = 60.0  # how long ago its owner may have written to a file that is being made
Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class OpenGroups:
    """A library and groups of it, open for reading; `state` differs whenever the groups are others."""

    library: Library
    loader: GroupLoader
    state: tuple[Path, int, int]


class KeptSource:
    """Opens kept groups, and brings them up to date where no other process does.

    While another process owns a library of which no groups are kept, they are made for the page alone. What is open is
    used by one thread at a time.
    """

    def __init__(self, settings: Settings, library: Path) -> None:
        self._settings, self._folder = settings, library
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._own_stamp: Stamp = ()
        self._doubted = 0  # the number of a file that is damaged
        self._recent: dict[GroupRow, ShownGroup] = {}  # of the file that was opened last
        self._recent_of: tuple[object, ...] = ()
        self._stopping = threading.Event()

    @contextmanager
    def open(self) -> Iterator[OpenGroups | None]:
        """Give the groups there are, None where there are none yet; raise LibraryError."""
        with closing(Library.open_read_only(self._folder)) as library:
            found = self._found(library) or self._found(library)  # the file may just have been replaced
            if found is None:
                yield None
                return
            folder, number, kept = found
            with closing(kept):
                if self._recent_of != (folder, number):
                    self._recent, self._recent_of = {}, (folder, number)
                kept.hold()
                loader = GroupLoader(library, kept, self._recent)
                yield OpenGroups(library, loader, (folder, number, int(kept.basis()[CHANGE])))

    def doubt(self, opened: OpenGroups) -> None:
        """Use a file no more that is damaged."""
        folder, number, _ = opened.state
        if folder == self._folder:
            self._doubted = number
        else:
            self._use_own(None, ())

    def stamp(self) -> Stamp:
        """Return what differs whenever there may be something to do; raise LibraryError."""
        with closing(Library.open_read_only(self._folder)) as library:
            return self._stamp(library)

    def bring_up(self, *, sync: bool = False) -> bool:
        """Bring the groups up to the library, unless its owner is to do that; return whether there are any then.

        With `sync` the library learns of the owner's decisions in any case. Raises LibraryError or ModelError.
        """
        with closing(Library.open_read_only(self._folder)) as library:
            row = library.vectors.active_model()
            if row is None:
                raise LibraryError(noted("the library holds no photo yet"), noted("Run `dejashot scan FOLDER` first"))
            if not sync and self._is_current(library, row):
                self._use_own(None, ())
                return True
        if running_daemon(self._folder) is not None:  # it keeps them
            return self._do_without_keeping()
        try:
            self._keep()
        except LibraryDamagedError:
            raise
        except PreemptedError:
            return False
        except (
            LibraryError,
            StorageError,
            OSError,
        ) as error:  # another process owns it, or it can't be written
            log.debug("the page does not keep the groups: %s", error)
            return self._do_without_keeping()
        self._use_own(None, ())
        return True

    def stop(self) -> None:
        """Let go of what is under way."""
        self._stopping.set()

    def close(self) -> None:
        """Remove what was made for the page alone."""
        self._use_own(None, ())

    def _found(self, library: Library) -> tuple[Path, int, KeptGroups] | None:
        number, own = library.changes.groups_file, self._own
        try:
            kept = None
            if number != self._doubted:
                kept = open_kept_groups(self._folder, library.changes, library.newest_seq(), owner=False)
            if kept is not None:
                return self._folder, number, kept
            if own is None:
                return None
            folder = Path(own.name)
            connection = open_groups_file(folder, 1, owner=False)
        except GroupsFileError:
            return None
        return None if connection is None else (folder, 1, KeptGroups(connection))

    def _stamp(self, library: Library) -> Stamp:
        row = library.vectors.active_model()
        there = tuple(folder.path.is_dir() for folder in library.folders.all())
        found = self._found(library)
        if found is not None:
            found[2].close()
        kept = found is not None and found[0] == self._folder
        return (*library.changes.stamp(), there, row.id if row else 0, library.closer_looks.newest(), kept)

    def _is_current(self, library: Library, row: ModelRow) -> bool:
        """Return whether nothing is to be done."""
        if library.changes.any() or library.changes.groups_file == self._doubted:
            return False
        try:
            kept = open_kept_groups(self._folder, library.changes, library.newest_seq(), owner=False)
        except GroupsFileError:
            return False
        if kept is None:
            return False
        with closing(kept):
            return is_of(kept.basis(), Basis.of_library(self._settings, library, row), library)

    def _keep(self) -> None:
        """Bring the kept groups up as the owner of the library; raise LibraryBusyError where another process is."""
        lock = take_lock(self._folder)
        try:
            with closing(Library.open(self._folder)) as library:
                row = library.vectors.active_model()
                if row is None:
                    return
                if library.changes.groups_file == self._doubted:
                    library.changes.note_kept(self._doubted + 1, 0)
                pool = ReaderPool(worker_options(self._settings), 1)
                results = LibraryResults(library, row.id)
                context = ReportContext(self._settings, library, row, pool, library.journal, results)
                context.should_stop = self._stopping.is_set
                with closing(pool), closing(GroupKeeper(library)) as keeper:
                    keeper.keep(context)
        finally:
            lock.release()

    def _do_without_keeping(self) -> bool:
        """Make groups for the page alone where there are no kept ones; return whether there are any then.

        None are made while the owner of the library is making them.
        """
        with closing(Library.open_read_only(self._folder)) as library:
            stamp, found = self._stamp(library), self._found(library)
            if found is not None:
                found[2].close()
                if found[0] == self._folder or stamp == self._own_stamp:
                    return True
            if self._is_being_made(library.changes.groups_file + 1):
                return found is not None
        own = tempfile.TemporaryDirectory(prefix="dejashot-groups-")
        with (
            open_context(self._settings, self._folder) as context,
            closing(KeptGroups(create_groups_file(Path(own.name), 1))) as made,
        ):
            for _ in add_all(context, Basis.of(context), made):
                if self._stopping.is_set():
                    own.cleanup()
                    return False
        self._use_own(own, stamp)
        return True

    def _is_being_made(self, number: int) -> bool:
        """Return whether the owner of the library is making a file of kept groups."""
        try:
            return time.time() - groups_file(self._folder, number).stat().st_mtime < _STILL_WRITTEN_S
        except OSError:
            return False

    def _use_own(self, own: "tempfile.TemporaryDirectory[str] | None", stamp: Stamp) -> None:
        """Use groups that were made for the page alone from now on, or none."""
        before, self._own, self._own_stamp = self._own, own, stamp
        if before is not None:
            before.cleanup()

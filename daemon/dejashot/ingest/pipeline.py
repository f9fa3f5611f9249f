"""What takes the files of folders into a library: the library, the readers, and each step on the way."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dejashot.cluster.pool import PoolMaker
from dejashot.config.locations import own_folders
from dejashot.config.settings import Settings
from dejashot.files.packages import package_of
from dejashot.ingest.crash_policy import CrashPolicy
from dejashot.ingest.ingestor import Ingestor
from dejashot.ingest.owned_library import OwnedLibrary, own_library
from dejashot.ingest.reconcile import Reconciler
from dejashot.ingest.sidecars import Sidecars
from dejashot.library.library import Library
from dejashot.models.capture import now_us
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.context import LibraryResults, ReportContext
from dejashot.reports.parameters import clocks_of

_BYTES_PER_MIB = 1024 * 1024


@dataclass(frozen=True)
class Pipeline:
    """The steps of ingest over one library and one reader pool; `on_progress` is called as each of them goes on."""

    settings: Settings
    owned: OwnedLibrary
    pool: ReaderPool
    reconciler: Reconciler
    ingestor: Ingestor
    sidecars: Sidecars
    on_progress: Callable[[], None]

    @classmethod
    def over(
        cls, settings: Settings, owned: OwnedLibrary, pool: ReaderPool, on_progress: Callable[[], None] = lambda: None
    ) -> "Pipeline":
        """Return the pipeline of a library and a pool."""
        sidecars = Sidecars(owned, pool, clocks_of(settings), on_progress)
        reconciler = Reconciler(owned.library, settings.watch, own_folders(settings), sidecars, on_progress)
        max_bytes = settings.reading.max_file_mib * _BYTES_PER_MIB
        ingestor = Ingestor(owned, pool, max_bytes, sidecars.mark)
        return cls(settings, owned, pool, reconciler, ingestor, sidecars, on_progress)

    @property
    def library(self) -> Library:
        """Return the library's database."""
        return self.owned.library


@contextmanager
def open_pipeline(
    settings: Settings,
    folder: Path,
    workers: int,
    *,
    on_progress: Callable[[], None] = lambda: None,
    on_unsealed: Callable[[str], None] = lambda _: None,
    make_pool: PoolMaker = ReaderPool,
) -> Iterator[Pipeline]:
    """Own the library in a folder and open a pool of `workers` readers.

    Raises LibraryBusyError when another process owns the library, LibraryError or ModelError.
    """
    with own_library(settings, folder) as owned:
        policy = CrashPolicy(owned.library)
        options = worker_options(settings)
        pool = make_pool(options, workers, policy, on_progress=on_progress, on_unsealed=on_unsealed)
        _forget_packages(owned.library)
        try:
            yield Pipeline.over(settings, owned, pool, on_progress)
        finally:
            pool.close()


def report_context(
    pipeline: Pipeline,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    on_asked: Callable[[int], None] = lambda _: None,
    on_answered: Callable[[], None] = lambda: None,
) -> ReportContext:
    """Return what making a report needs; all that is found out for it is kept in the library."""
    library, row = pipeline.library, pipeline.owned.row
    library.sync_decisions()
    return ReportContext(
        pipeline.settings,
        library,
        row,
        pipeline.pool,
        library.journal,
        LibraryResults(library, row.id),
        should_stop,
        lambda: pipeline.owned.index,
        on_asked,
        on_answered,
    )


def _forget_packages(library: Library) -> None:
    """Count as missing what is known in folders that are, or lie in, another program's package."""
    for folder in library.folders.all():
        if package_of(os.fsencode(folder.path)):
            library.files.mark_missing(folder.id, library.files.in_folder(folder.id), now_us())

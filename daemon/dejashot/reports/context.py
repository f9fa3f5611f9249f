"""What making a report needs, and what it is asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.errors import LibraryError
from dejashot.library.decisions import DecisionJournal
from dejashot.library.reader import Folder, LibraryReader, ModelRow
from dejashot.models.groups import Matches
from dejashot.models.photo import Quality
from dejashot.reading.options import all_readers, worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.model import EmbeddingModel, load_model, model_file, stored_model
from dejashot.reports.report import Health


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is about: folders, what counts as new (arrivals after `after_seq`), and whether pictures are wanted.

    With `only_new` the report holds the runs with something new in them and no others; `since_us` leaves out what was taken before.
    Without `looks` the report makes do with what was looked at before.
    """

    title: str
    folders: Sequence[Folder]
    after_seq: int = 0
    only_new: bool = False
    since_us: int | None = None
    previews: bool = False
    health: Sequence[Health] = ()
    include_place: bool = False
    looks: bool = True


@dataclass
class ReportContext:
    """What making a report needs: the settings, the library, its network, a reader pool, the owner's decisions, and where a closer look is kept."""

    settings: Settings
    reader: LibraryReader
    row: ModelRow
    pool: ReaderPool
    book: DecisionJournal
    remember: Callable[[bytes, Quality], None] = field(default=lambda _content, _quality: None)
    remember_matches: Callable[[Matches], None] | None = None
    remember_identities: Callable[[dict[tuple[bytes, bool], str]], None] | None = None
    stopping: Callable[[], bool] = field(default=lambda: False)

    @cached_property
    def network(self) -> EmbeddingModel:
        """Return the description of the network that the vectors come from."""
        return stored_model(self.row.description)


@contextmanager
def open_context(settings: Settings, library: Path, *, exact: bool = False) -> Iterator[ReportContext]:
    """Open the library read-only, with a pool for what has to be looked at.

    Answers come from the library's network, which lags behind the settings until all photos are read again; with `exact` another
    network than theirs is refused. Raises LibraryError or ModelError.
    """
    reader = LibraryReader.open(library)
    pool = ReaderPool(worker_options(settings), all_readers(settings))
    try:
        row = reader.active_network()
        if row is None:
            raise LibraryError("the library holds no photo yet", "Run `dejashot scan FOLDER` first")
        if exact:
            _same_network(row, settings)
        yield ReportContext(settings, reader, row, pool, DecisionJournal(library))
    finally:
        pool.close()
        reader.close()


def _same_network(row: ModelRow, settings: Settings) -> None:
    """Refuse to compare vectors of two networks."""
    wanted = load_model(model_file(settings.model.path))
    if wanted.fingerprint != row.fingerprint:
        raise LibraryError(
            f"the library answers from {stored_model(row.description).label}, not from {wanted.label}",
            "Run `dejashot scan` with that network over all your folders: once they are read again it answers",
        )

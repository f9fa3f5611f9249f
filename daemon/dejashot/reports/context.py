"""What making a report needs, what it is asked for, and where its results are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from dejashot.config.settings import Settings
from dejashot.errors import LibraryError
from dejashot.language.texts import noted
from dejashot.library.index import INDEX_FOLDER, TimeIndex, open_index
from dejashot.library.journal import DecisionJournal
from dejashot.library.library import Library
from dejashot.library.tables.folders import Folder
from dejashot.library.tables.vectors import ModelRow
from dejashot.models.groups import Matches, Registrations
from dejashot.models.photo import Quality
from dejashot.reading.options import all_readers, worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.model import EmbeddingModel, load_model, model_file, stored_model
from dejashot.reports.report import Health


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What a report is about: folders, what counts as new, whether pictures are wanted.

    New are the arrivals after `after_seq`, up to `until_seq` where it is given. With `only_new` the report holds the
    runs with something new alone; `since_us` leaves out what was taken before. With `known_only` no photo is read: what
    was measured before must do.
    """

    title: str
    folders: Sequence[Folder]
    after_seq: int = 0
    until_seq: int | None = None
    only_new: bool = False
    since_us: int | None = None
    previews: bool = False
    health: Sequence[Health] = ()
    include_place: bool = False
    known_only: bool = False


class ResultStore(Protocol):
    """Where the results of making a report go."""

    @property
    def keeps_results(self) -> bool:
        """Return whether a later report finds them; if not, uncertain pairs are not verified."""

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Take the quality of a photo, measured for this report."""

    def add_matches(self, matches: Matches) -> None:
        """Take the matches of verified pairs."""

    def add_registrations(self, registrations: Registrations) -> None:
        """Take the registrations of pairs."""

    def add_group_ids(self, ids: Mapping[tuple[bytes, bool], str]) -> None:
        """Take new group ids, by content and whether of a series."""


class ReadOnlyResults:
    """Keeps nothing: the library is another process's."""

    @property
    def keeps_results(self) -> bool:
        """Return False."""
        return False

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Drop a quality."""

    def add_matches(self, matches: Matches) -> None:
        """Drop matches."""

    def add_registrations(self, registrations: Registrations) -> None:
        """Drop registrations."""

    def add_group_ids(self, ids: Mapping[tuple[bytes, bool], str]) -> None:
        """Drop group ids."""


class LibraryResults:
    """Keeps results in the library that this process owns; matches are of one model, by its number there."""

    def __init__(self, library: Library, model: int) -> None:
        self._library, self._model = library, model

    @property
    def keeps_results(self) -> bool:
        """Return True."""
        return True

    def add_quality(self, content: bytes, quality: Quality) -> None:
        """Store the quality of a photo."""
        self._library.measurements.add_quality(content, quality)

    def add_matches(self, matches: Matches) -> None:
        """Store the matches of verified pairs."""
        self._library.measurements.add_matches(self._model, matches)

    def add_registrations(self, registrations: Registrations) -> None:
        """Store the registrations of pairs."""
        self._library.measurements.add_registrations(registrations)

    def add_group_ids(self, ids: Mapping[tuple[bytes, bool], str]) -> None:
        """Store group ids."""
        self._library.group_ids.remember(ids)


@dataclass
class ReportContext:
    """What making a report needs: the settings, the library, its model, a reader pool and the owner's decisions.

    `should_stop` is asked between photos; once it says so, work in hand is finished and PreemptedError is raised.
    `owned_index` returns the index of the process that owns the library. `on_asked` takes of how many photos more
    readers are asked something (fewer where it is below 0), `on_answered` is called with every answer.
    """

    settings: Settings
    library: Library
    row: ModelRow
    pool: ReaderPool
    journal: DecisionJournal
    results: ResultStore = field(default_factory=ReadOnlyResults)
    should_stop: Callable[[], bool] = field(default=lambda: False)
    owned_index: Callable[[], TimeIndex] | None = None
    on_asked: Callable[[int], None] = field(default=lambda _: None)
    on_answered: Callable[[], None] = field(default=lambda: None)

    def index(self) -> TimeIndex:
        """Return the index of the library: the owner's, or one that is opened for this."""
        if self.owned_index is not None:
            return self.owned_index()
        return open_index(self.library.folder / INDEX_FOLDER, self.library, self.row, self.model)

    @cached_property
    def model(self) -> EmbeddingModel:
        """Return the description of the model that the vectors come from."""
        return stored_model(self.row.description)


@contextmanager
def open_context(settings: Settings, folder: Path, *, exact: bool = False) -> Iterator[ReportContext]:
    """Open the library in a folder read-only, with a pool for photos that have to be read.

    Answers come from the library's model, which lags behind the settings until all photos are read again; with `exact`
    another model than that of the settings is refused. Raises LibraryError or ModelError.
    """
    library = Library.open_read_only(folder)
    library.hold()  # one state of it throughout, also while another model takes over
    pool = ReaderPool(worker_options(settings), all_readers(settings))
    try:
        row = library.vectors.active_model()
        if row is None:
            raise LibraryError(noted("the library holds no photo yet"), noted("Run `dejashot scan FOLDER` first"))
        if exact:
            require_same_model(row, settings)
        yield ReportContext(settings, library, row, pool, DecisionJournal(folder))
    finally:
        pool.close()
        library.close()


def require_same_model(row: ModelRow, settings: Settings) -> None:
    """Refuse to compare vectors of two models; raise LibraryError."""
    wanted = load_model(model_file(settings.model.path))
    if wanted.fingerprint != row.fingerprint:
        raise LibraryError(
            noted("the library answers from {model}, not from {wanted}").format(
                model=stored_model(row.description).label, wanted=wanted.label
            ),
            noted("Run `dejashot scan` with that model over all your folders: once they are read again it answers"),
        )

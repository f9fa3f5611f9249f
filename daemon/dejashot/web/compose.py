"""The review pages over one library: what they are made of, and how they end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from dejashot.actions import apply
from dejashot.actions.plan import Method
from dejashot.config.settings import Settings
from dejashot.models.capture import now_us
from dejashot.paths import make_private
from dejashot.reading.options import all_readers, worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.context import open_context
from dejashot.reports.library_report import known_report
from dejashot.reports.report import Report
from dejashot.reports.search import SimilarPhoto, find_similar
from dejashot.web.image_renderer import ImageRenderer
from dejashot.web.routes.apply import Actions
from dejashot.web.routes.groups import Tools, make_routes
from dejashot.web.views.state import ReviewState

PAGE_FOLDER_NAME = "review"
MAX_READERS = 2


@contextmanager
def review_pages(settings: Settings, library: Path, *, at_once: bool = False) -> Iterator[ASGIApp]:
    """Give the pages over the library in a folder, as an ASGI application without a door; they end with the block.

    `at_once` begins to look through the library before anybody asks.
    """
    folder = make_private(library / PAGE_FOLDER_NAME)
    for left in folder.glob("example-*"):
        left.unlink(missing_ok=True)
    room = ReviewState(library, lambda: whole_library(settings, library))
    if at_once:
        room.prepare()
    pictures = ImageRenderer(ReaderPool(worker_options(settings), min(MAX_READERS, all_readers(settings))), room.places)
    try:
        tools = Tools(lambda photo, limit: _alike(settings, library, photo, limit), folder, now_us)
        yield make_routes(room, pictures, tools, actions_of(settings, library))
    finally:
        pictures.close()


def actions_of(settings: Settings, library: Path) -> Actions:
    """Return what the pages can have done about choices in a library."""
    return Actions(
        plan=lambda how, to: apply.plan_of(
            settings, library, how, to if how in (Method.QUARANTINE, Method.ALBUM) else ""
        ),
        carry_out=lambda plan, progress: apply.apply_plan(plan, library, progress),
        undo=lambda batch, progress: apply.undo_batch(library, batch, progress),
        finish=lambda batch, progress: apply.finish_batch(library, progress, batch)[0],
        interrupted=lambda: apply.interrupted(library),
        batches=lambda: apply.library_batches(library)[::-1],
        moved=lambda: apply.moved_so_far(library),
        default_to={Method.QUARANTINE: settings.review.quarantine, Method.ALBUM: settings.review.album},
    )


def whole_library(settings: Settings, library: Path) -> Report:
    """Return a report over all folders that are there, made of what is known; raise LibraryError or ModelError."""
    with open_context(settings, library) as desk:
        return known_report(desk)


def _alike(settings: Settings, library: Path, photo: Path, limit: int) -> Sequence[SimilarPhoto]:
    return find_similar(settings, library, photo, None, limit)[1]

"""The review pages over one library: what they are made of, and how they end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from dejashot.actions import apply
from dejashot.actions.batches import batch_named
from dejashot.config.locations import digest_folder
from dejashot.config.settings import Settings
from dejashot.digests.stored import StoredDigests
from dejashot.errors import DejashotError
from dejashot.models.capture import now_us
from dejashot.models.decisions import ApplyMethod
from dejashot.paths import make_private
from dejashot.reading.options import all_readers, worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reports.search import find_similar
from dejashot.web.access.request_language import LanguageMiddleware
from dejashot.web.image_renderer import ImageRenderer
from dejashot.web.responses import error_handler
from dejashot.web.routes.actions import Actions
from dejashot.web.routes.apply import ApplyRoutes
from dejashot.web.routes.batches import BatchRoutes
from dejashot.web.routes.changes import ChangeRoutes
from dejashot.web.routes.compare import CompareRoutes
from dejashot.web.routes.decisions import DecisionRoutes
from dejashot.web.routes.digests import DigestRoutes
from dejashot.web.routes.films import FilmRoutes
from dejashot.web.routes.groups import GroupRoutes
from dejashot.web.routes.images import ImageRoutes
from dejashot.web.routes.savings import SavingsRoutes
from dejashot.web.routes.similar import SimilarRoutes, SimilarSearch
from dejashot.web.routes.static_files import StaticRoutes
from dejashot.web.routes.timeline import TimelineRoutes
from dejashot.web.templating import PageRenderer
from dejashot.web.views.standing import standing_of
from dejashot.web.views.state import ReviewState

PAGE_FOLDER_NAME = "review"
MAX_READERS = 2


@contextmanager
def make_app(settings: Settings, library: Path, *, at_once: bool = False) -> Iterator[ASGIApp]:
    """Give the pages over the library in a folder, as an ASGI application that answers whoever asks.

    They end with the block. `at_once` begins to look through the library before anybody asks.
    """
    folder = make_private(library / PAGE_FOLDER_NAME)
    for left in folder.glob("example-*"):
        left.unlink(missing_ok=True)
    state = ReviewState(settings, library)
    if at_once:
        state.prepare()
    pool = ReaderPool(worker_options(settings), min(MAX_READERS, all_readers(settings)))
    renderer = ImageRenderer(pool, state.places)
    search = SimilarSearch(lambda photo, limit: find_similar(settings, library, photo, None, limit)[1], folder)
    try:
        pages = PageRenderer(lambda: state.standing(standing_of(library)))
        digests = StoredDigests(library, digest_folder(settings))
        app = _application(state, pages, renderer, search, actions_of(settings, library), digests)
        yield LanguageMiddleware(app, settings.language)
    finally:
        renderer.close()
        state.close()


def actions_of(settings: Settings, library: Path) -> Actions:
    """Return what the pages can have done about choices in a library."""
    return Actions(
        plan=lambda how, to: apply.plan_of(
            settings, library, how, to if how in (ApplyMethod.QUARANTINE, ApplyMethod.ALBUM) else ""
        ),
        part=apply.plan_without,
        contents=lambda name: {item.content for item in batch_named(library, name).plan.items if item.content},
        apply=lambda plan, progress: apply.apply_plan(plan, library, progress),
        undo=lambda batch, progress: apply.undo_batch(library, batch, progress),
        finish=lambda batch, progress: apply.finish_batch(library, progress, batch)[0],
        interrupted=lambda: apply.interrupted(library),
        batches=lambda: apply.library_batches(library)[::-1],
        moved=lambda: apply.moved_so_far(library),
        default_to={ApplyMethod.QUARANTINE: settings.review.quarantine, ApplyMethod.ALBUM: settings.review.album},
    )


def _application(
    state: ReviewState,
    pages: PageRenderer,
    renderer: ImageRenderer,
    search: SimilarSearch,
    actions: Actions,
    digests: StoredDigests,
) -> Starlette:
    """Return the application: a router for each kind of page, and one handler for all errors."""
    batches = BatchRoutes(state, pages, actions)
    routers = (
        GroupRoutes(state, pages, actions),
        CompareRoutes(state, pages),
        DecisionRoutes(state, pages, now_us),
        ChangeRoutes(state, pages),
        TimelineRoutes(state, pages),
        SimilarRoutes(state, pages, search),
        DigestRoutes(state, pages, digests),
        ApplyRoutes(state, pages, actions, batches),
        batches,
        SavingsRoutes(state, pages, actions),
        ImageRoutes(state, renderer),
        FilmRoutes(state),
        StaticRoutes(pages),
    )
    errors = (DejashotError, ValidationError, OSError, HTTPException)
    return Starlette(
        routes=[route for router in routers for route in router.routes()],
        exception_handlers=dict.fromkeys(errors, error_handler(pages)),
    )

"""`dejashot review` where it serves the page itself: for a person at a terminal, or as a child of the daemon."""

import logging
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from dejashot.config.settings import Settings
from dejashot.daemon.review_process import parent_gone, requested
from dejashot.logs import event, start_logging
from dejashot.web.compose import make_app
from dejashot.web.server import serve
from dejashot.web.server_state import ReviewError, Served, publish_problem, running_page

log = logging.getLogger(__name__)


def serve_page(settings: Settings, library: Path, port: int, *, lan: bool, announce: Callable[[Served], None]) -> None:
    """Serve the page until Ctrl-C; `announce` is called once it is served."""
    start_logging(verbose=False)
    app = partial(make_app, settings, library, at_once=True)
    serve(library, app, port=port, lan=lan, announce=announce)


def serve_as_child() -> None:
    """Serve the page with the settings that the daemon sends, and end with the daemon.

    No link is printed: it would be logged. Raises ReviewError.
    """
    start_logging(verbose=False)
    stream = sys.stdin.buffer
    settings, library = requested(stream)

    def announce(served: Served) -> None:
        log.info("the review page is served at %s", served.origin, extra=event("review", port=served.port))

    def watch(end: Callable[[], None]) -> Awaitable[None]:
        return parent_gone(stream, end)

    review = settings.review
    app = partial(make_app, settings, library)
    try:
        serve(library, app, port=review.port, lan=review.lan, announce=announce, watch=watch)
    except ReviewError as error:
        if running_page(library) is None:  # else another process serves it, and says so itself
            publish_problem(library / "review", f"{error.title}. {error.hint}")
        raise

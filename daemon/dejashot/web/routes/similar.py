"""Finding photos that are like one: like a photo that is known, or like one that is sent."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.language.texts import noted
from dejashot.models.files import content_hash
from dejashot.models.shot import Shot
from dejashot.reports.search import SimilarPhoto
from dejashot.web.errors import NotThereError
from dejashot.web.responses import content_in
from dejashot.web.templating import PageRenderer
from dejashot.web.views.state import ReviewState

MATCHES = 24
UPLOAD_PATH = "/similar"  # the one that takes a whole photo


@dataclass(frozen=True, slots=True)
class SimilarSearch:
    """The search behind the page: `find` takes the path of a photo and the most matches to return.

    `upload_folder` is a private folder that a photo which was sent is put into for a moment.
    """

    find: Callable[[Path, int], Sequence[SimilarPhoto]]
    upload_folder: Path


class SimilarRoutes:
    """Reply with photos like one."""

    def __init__(self, state: ReviewState, pages: PageRenderer, search: SimilarSearch) -> None:
        self._state, self._pages, self._search = state, pages, search

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [
            Route("/similar", self.form),
            Route(UPLOAD_PATH, self.find_upload, methods=["POST"]),
            Route("/similar/{content}", self.find_known),
        ]

    def form(self, _request: Request) -> Response:
        """Show where a photo can be given to search by."""
        return self._pages.page("similar.html.j2", here="find", matches=None, example=None, known=False)

    def find_known(self, request: Request) -> Response:
        """Show the photos most like one that is known."""
        content = content_in(request.path_params["content"])
        shot = self._shot(content)
        places = self._state.places(content)
        if shot is None or not places:
            raise NotThereError(noted("This photo is not there any more"), noted("Load the page again"))
        matches = self._search.find(Path(os.fsdecode(places[0])), MATCHES)
        return self._pages.page("similar.html.j2", here="find", matches=matches, example=shot, known=False)

    async def find_upload(self, request: Request) -> Response:
        """Find the photos most like one that is sent."""
        return await run_in_threadpool(self._find_upload, await request.body())

    def _find_upload(self, data: bytes) -> Response:
        known = self._shot(content_hash(data).digest())
        with tempfile.NamedTemporaryFile(dir=self._search.upload_folder, prefix="example-") as file:
            file.write(data)
            file.flush()
            matches = self._search.find(Path(file.name), MATCHES)
        html = self._pages.text("matches.html.j2", matches=matches, example=known, known=known is not None)
        return JSONResponse({"html": html})

    def _shot(self, content: bytes) -> Shot | None:
        with self._state.groups() as groups_view:
            return groups_view.shots_with([content]).get(content)

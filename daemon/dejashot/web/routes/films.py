"""The films of Live Photos and motion photos, part by part as browsers ask for them."""

import os
from threading import BoundedSemaphore

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.web.errors import NotThereError
from dejashot.web.films import FilmPart, companion_film, film_part
from dejashot.web.responses import content_in
from dejashot.web.views.state import ReviewState

MAX_AT_ONCE = 4  # a disk that hangs holds up no more


class FilmRoutes:
    """Reply with films."""

    def __init__(self, state: ReviewState) -> None:
        self._state = state
        self._at_once = BoundedSemaphore(MAX_AT_ONCE)

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/group/{group}/film/{content}", self.film)]

    def film(self, request: Request) -> Response:
        """Return the part of a film that is asked for; none but that of a shot of a group is ever opened."""
        path, embedded = self._place(request.path_params["group"], content_in(request.path_params["content"]))
        asked = request.headers.get("range", "")
        if not self._at_once.acquire(blocking=False):
            return Response(status_code=503, headers={"Retry-After": "1"})
        try:
            part = film_part(path, asked, embedded=embedded)
        finally:
            self._at_once.release()
        return Response(status_code=416) if part is None else _reply(part, whole=not asked)

    def _place(self, group: str, content: bytes) -> tuple[bytes, bool]:
        """Return the file (absolute path) that holds the film of a shot, and whether it is embedded in the photo."""
        with self._state.groups() as groups_view:
            view = groups_view.group_view(group)
            shot = next((v.shot for v in view.shot_views if v.shot.content == content), None) if view else None
            root = os.fsencode(groups_view.root)
        film = companion_film(shot) if shot else None
        if shot is None or (film is None and not shot.motion):
            raise NotThereError("There is no such film")
        return os.path.join(root, os.fsencode(film.path if film else shot.path)), film is None


def _reply(part: FilmPart, *, whole: bool) -> Response:
    # QuickTime is close enough to MP4 that browsers play it, and under its own name some of them refuse it
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "no-store", "Content-Type": "video/mp4"}
    end = part.start + len(part.data)
    if whole and end == part.whole_bytes:
        return Response(part.data, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{end - 1}/{part.whole_bytes}"
    return Response(part.data, 206, headers=headers)

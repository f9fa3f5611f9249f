"""What has changed since a page was opened, so that it can follow: photos that landed, and choices made elsewhere."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dejashot.library.kept.group_queries import GroupOrder, Show
from dejashot.web.responses import body_of, shown_parts
from dejashot.web.routes.decisions import GroupId, GroupMark
from dejashot.web.templating import PageRenderer
from dejashot.web.views.state import ReviewState

MOST_SHOWN = 400  # groups of a page that are compared at a time
MOST_LISTED = 200


class _OpenPage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shown: Annotated[dict[GroupId, GroupMark], Field(max_length=MOST_SHOWN)]
    show: Show = Show.OPEN
    order: GroupOrder = GroupOrder.NEWEST


class ChangeRoutes:
    """Reply with what an open page does not show yet."""

    def __init__(self, state: ReviewState, pages: PageRenderer) -> None:
        self._state, self._pages = state, pages

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
        return [Route("/changes", self.token), Route("/changes", self.changes, methods=["POST"])]

    def token(self, _request: Request) -> Response:
        """Reply with a word that stays the same until something changes."""
        return JSONResponse({"token": self._state.token()})

    async def changes(self, request: Request) -> Response:
        """Reply with the groups that look otherwise than on the page, and with which are first now."""
        asked = _OpenPage.model_validate(body_of(await request.body()))
        return await run_in_threadpool(self._changes, asked)

    def _changes(self, asked: _OpenPage) -> Response:
        with self._state.groups() as groups_view:
            there = {view.id: view for view in groups_view.group_views(list(asked.shown))}
            first, _ = groups_view.page(asked.show, asked.order, "", MOST_LISTED)
            totals = groups_view.totals()
        found = {name: there.get(name) for name in asked.shown}
        changed = {name: view for name, view in found.items() if view is None or view.mark != asked.shown[name]}
        return JSONResponse({**shown_parts(self._pages, changed, totals), "first": first})

"""What all pages share when they reply: what a request names, and how an error is put into words."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dejashot.errors import DejashotError, UnreadablePhotoError
from dejashot.language.stored_texts import translate_stored
from dejashot.language.texts import noted, t
from dejashot.library.kept.group_queries import Totals
from dejashot.web.errors import NotReadyError, NotThereError
from dejashot.web.templating import PageRenderer
from dejashot.web.views.group import GroupView
from dejashot.web.views.state import ReviewState

REFRESH_S = 2  # after which a browser asks again for what is not ready


PlainText = Annotated[str, StringConstraints(max_length=200)]


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """What went wrong, what to do about it, and the status of the reply."""

    title: str
    hint: str
    status: int


def group_view_of(state: ReviewState, name: str) -> GroupView:
    """Return a group as it stands; raise NotThereError when there is none, and what its state does."""
    group_view = state.group_view(name)
    if group_view is None:
        raise NotThereError(
            noted("This group is not there any more"),
            noted("Its shots were told apart, or have gone: go back to the groups"),
        )
    return group_view


def shown_parts(pages: PageRenderer, found: Mapping[str, GroupView | None], totals: Totals) -> dict[str, Any]:
    """Return what an open page puts in: the card of each group (empty for one that is gone), and what is counted."""
    cards = {name: pages.text("group_view.html.j2", group_view=view) if view else "" for name, view in found.items()}
    return {
        "cards": cards,
        "totals": pages.text("totals.html.j2", totals=totals),
        "counts": {"open": totals.open, "decided": totals.decided, "series": totals.series},
    }


def error_message(error: Exception) -> ErrorMessage:
    """Return what the page says of an error."""
    if isinstance(error, DejashotError):
        status = 503 if isinstance(error, NotReadyError) else 404 if isinstance(error, NotThereError) else 409
        return ErrorMessage(shown_title(error), translate_stored(error.page_hint), status)
    if isinstance(error, HTTPException):
        return ErrorMessage(t("There is no such page"), t("Go back to the groups"), error.status_code)
    if isinstance(error, OSError):
        return ErrorMessage(
            t("It could not be written down: {why}", why=error.strerror or t("another process is writing")),
            t("Check the free space and who may write to the library's folder; nothing else was changed"),
            507,
        )
    return ErrorMessage(t("This was not understood"), t("Load the page again"), 400)


def error_handler(pages: PageRenderer) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return the handler that replies with what went wrong: as JSON, plain text or a page, as was asked for."""

    async def reply(request: Request, error: Exception) -> Response:
        message = error_message(error)
        if request.method == "POST":
            return JSONResponse({"title": message.title, "hint": message.hint}, message.status)
        if request.url.path.startswith(("/photo/", "/static/")):
            status = 404 if isinstance(error, UnreadablePhotoError) else message.status
            return Response(message.title, status, media_type="text/plain")
        again = str(request.url.path) if message.status in (409, 503) else ""
        response = pages.page("notice.html.j2", here="", title=message.title, hint=message.hint, again=again)
        response.status_code = message.status
        if message.status == 503:
            response.headers["Refresh"] = str(REFRESH_S)
        return response

    return reply


def shown_title(error: DejashotError) -> str:
    """Return the title of an error as the page shows it, with a capital letter first, as a sentence begins."""
    title = translate_stored(error.title)
    return title[:1].upper() + title[1:]


def body_of(data: bytes) -> Any:
    """Return a body as JSON; None for anything else, which the model refuses."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def content_in(text: str) -> bytes:
    """Return the content that an address names in hex; raise NotThereError."""
    try:
        content = bytes.fromhex(text)
    except ValueError:
        content = b""
    if len(content) != 32:
        raise NotThereError(noted("There is no such photo"))
    return content

"""What all pages share when they answer: the errors of their own, which words and status any error gets, and bodies as JSON."""

import json
from typing import Any

from starlette.exceptions import HTTPException

from dejashot.errors import DejashotError
from dejashot.web.views.groups import GroupsView
from dejashot.web.views.state import ReviewState


class NotReadyError(DejashotError):
    """The album is still being made."""


class NotThereError(DejashotError):
    """What was asked for is not there, or not any more."""


def album_of(room: ReviewState) -> GroupsView:
    """Return the album, or raise NotReadyError while the first one is being made, and what keeps it from being made."""
    album = room.album()
    if album is None:
        raise looking()
    return album


def looking() -> NotReadyError:
    """Return the error to raise while the album is being made."""
    return NotReadyError("Looking through your photos", "This takes a moment in a large library")


def error_response(error: Exception) -> tuple[str, str, int]:
    """Return what is to be said of an error on the page, what to do about it, and the status of the answer."""
    if isinstance(error, DejashotError):
        status = 503 if isinstance(error, NotReadyError) else 404 if isinstance(error, NotThereError) else 409
        return capital(error.title), error.page_hint, status
    if isinstance(error, HTTPException):
        return "There is no such page", "Go back to the groups", error.status_code
    if isinstance(error, OSError):
        why = error.strerror or "another process is writing"
        return (
            f"It could not be written down: {why}",
            "Check the free space and who may write to the library's folder; nothing else was changed",
            507,
        )
    return "This was not understood", "Load the page again", 400


def capital(words: str) -> str:
    """Return words as a sentence begins."""
    return words[:1].upper() + words[1:]


def body_of(data: bytes) -> Any:
    """Return a body as JSON; what is none is left to the model to refuse."""
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
        raise NotThereError("There is no such photo")
    return content

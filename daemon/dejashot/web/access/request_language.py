"""The language of a request: its reply is made in what the browser asks for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dejashot.language.choice import browser_language
from dejashot.language.texts import in_language
from dejashot.web.access.requests import header_values

_ALIKE = ("/photo/", "/static/")  # what lies there is the same in all languages
_VARY = (b"vary", b"Accept-Language")


class LanguageMiddleware:
    """Have each request answered in the first language of its browser's that there is, else in the owner's.

    `setting` is the language that the owner named, if any.
    """

    def __init__(self, app: ASGIApp, setting: str = "") -> None:
        self._app, self._setting = app, setting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start" and not scope["path"].startswith(_ALIKE):
                headers = [header for header in message.get("headers", ()) if header != _VARY]
                message = {**message, "headers": [*headers, _VARY]}
            await send(message)

        accepted = ",".join(header_values(scope, b"accept-language"))
        with in_language(browser_language(accepted, self._setting)):
            await self._app(scope, receive, send_varying)

"""What stands around the page: who may ask what, how much, from where, and the headers that every reply carries."""

import asyncio
import logging
import math
import traceback
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dejashot.errors import StorageError
from dejashot.web.access import error_pages
from dejashot.web.access.auth import ENTER_PATH, Limiter, LinkAuth
from dejashot.web.access.error_pages import ErrorPage
from dejashot.web.access.headers import CLOSE, with_security_headers
from dejashot.web.access.host_names import HostNames
from dejashot.web.access.requests import (
    MAX_TARGET_BYTES,
    client_address,
    cookies_of,
    header_values,
    is_head_too_large,
    is_plain_path,
    is_public,
    server_address,
    target_bytes,
    token_in,
)

log = logging.getLogger(__name__)

COOKIE_MAX_AGE_S = 400 * 86400  # as long as browsers keep one; the session itself ends earlier when it is not used
_COOKIE = "dejashot"
_MAX_COOKIES = 1000  # that are looked at; no browser keeps as many for one host


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, an upload may be, and how long its next part may take."""

    body_bytes: int = 1024**2
    upload_bytes: int = 300 * 1024**2
    pause_s: float = 20.0


class SecurityMiddleware:
    """Let pass what comes from the owner's browser and from a page of ours; pure ASGI, around any app.

    `upload_paths` take uploads.
    """

    def __init__(
        self,
        app: ASGIApp,
        auth: LinkAuth,
        limiter: Limiter,
        names: HostNames,
        upload_paths: Collection[str] = (),
        limits: BodyLimits = BodyLimits(),
    ) -> None:
        self._app, self._auth, self._limiter, self._names = app, auth, limiter, names
        self._upload_paths, self._limits = frozenset(upload_paths), limits
        self._cookie_prefix = f"__Host-{_COOKIE}" if names.tls else _COOKIE
        # browsers keep cookies by host, not by port: with the port in its name none replaces that of another library
        self._cookie = f"{self._cookie_prefix}-{names.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it to the app."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal.send(send)
                return
            public = is_public(scope["path"])
            # only sessions keep a connection: without one it holds no place that others may need
            last = public and not self._has_session(scope)
            exchange = _Exchange(receive, send, self._max_bytes(scope["path"]), self._limits.pause_s)
            await exchange.run(self._app, scope, public=public, last=last)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> ErrorPage | None:
        """Return what keeps a request from the app, None when nothing does."""
        malformed = self._malformed(scope)
        if malformed is not None:
            return malformed
        path = scope["path"]
        if scope["method"] == "POST" and not self._is_same_origin(scope):
            return error_pages.CROSS_SITE
        if path == ENTER_PATH:
            return self._enter(scope)
        if not (is_public(path) or self._has_session(scope)):
            return error_pages.NO_SESSION
        lengths = header_values(scope, b"content-length")
        return error_pages.TOO_LARGE if lengths and int(lengths[0]) > self._max_bytes(path) else None

    def _malformed(self, scope: Scope) -> ErrorPage | None:
        """Return what is wrong with a request whoever sends it, None when nothing is."""
        if target_bytes(scope) > MAX_TARGET_BYTES:
            return error_pages.LONG_TARGET
        if is_head_too_large(scope):
            return error_pages.LONG_HEAD
        hosts = header_values(scope, b"host")
        if len(hosts) != 1 or not self._names.includes(hosts[0].lower(), server_address(scope)):
            return error_pages.BAD_HOST
        if scope["method"] not in error_pages.HTTP_METHODS:
            return error_pages.BAD_METHOD
        return None if is_plain_path(scope["path"]) else error_pages.BAD_PATH

    def _is_same_origin(self, scope: Scope) -> bool:
        """Return whether a page of ours asks for a change; browsers say who does, and no page can make them lie."""
        origins = header_values(scope, b"origin")
        if origins:
            return origins == [f"{self._names.scheme}://{header_values(scope, b'host')[0].lower()}"]
        return header_values(scope, b"sec-fetch-site") == ["same-origin"]

    def _enter(self, scope: Scope) -> ErrorPage:
        """Let in a browser that brings a good link, with a page that sets the cookie and leads on by itself.

        A redirect would come without the cookie: it is for requests from our own pages alone, and a redirect after a
        link on another page counts as that page's.
        """
        if scope["method"] != "GET":
            return error_pages.BAD_METHOD
        try:
            value = self._auth.enter(token_in(scope["query_string"]))
        except StorageError as error:
            log.error("nobody can be let in: %s", error.title)
            return error_pages.NO_ROOM
        if value is None:
            return error_pages.entrance() if self._has_session(scope) else self._bad_link(client_address(scope))
        secure = "; Secure" if self._names.tls else ""
        return error_pages.entrance(
            f"{self._cookie}={value}; Path=/; Max-Age={COOKIE_MAX_AGE_S}; HttpOnly; SameSite=Strict{secure}"
        )

    def _bad_link(self, address: str) -> ErrorPage:
        """Refuse a link that does not work; too many of them are told to wait, which keeps no good link out."""
        wait_s = math.ceil(self._limiter.wait_s(address))
        if wait_s:
            return error_pages.too_many_tries(wait_s)
        self._limiter.failed(address)
        return error_pages.BAD_LINK

    def _has_session(self, scope: Scope) -> bool:
        """Return whether a request carries the cookie of a session."""
        prefix = self._cookie_prefix
        ours = [value for name, value in cookies_of(scope) if name == prefix or name.startswith(f"{prefix}-")]
        return self._auth.knows(ours[:_MAX_COOKIES])

    def _max_bytes(self, path: str) -> int:
        return self._limits.upload_bytes if path in self._upload_paths else self._limits.body_bytes


class _Exchange:
    """One request and its reply: what the app reads is bounded, its reply gets our headers, its errors stay inside."""

    def __init__(self, receive: Receive, send: Send, max_bytes: int, pause_s: float) -> None:
        self._receive, self._send = receive, send
        self._left_bytes, self._pause_s = max_bytes, pause_s
        self._public = self._last = False
        self._read_all = self._gone = self._started = self._muted = False
        self._instead: ErrorPage | None = None

    async def run(self, app: ASGIApp, scope: Scope, *, public: bool, last: bool) -> None:
        """Run the app; a `public` reply may be cached, and the connection ends after the `last` one."""
        self._public, self._last = public, last
        try:
            await app(scope, self._take, self._give)
        except Exception as error:
            if not self._gone and self._instead is None:
                log.error("a page failed: %s in %s", type(error).__name__, _where(error))
                log.debug("how it failed", exc_info=error)
                self._instead = error_pages.FAILED
        if self._instead is not None and not self._started:
            await self._instead.send(self._send)

    async def _take(self) -> Message:
        """Return the next part of the request; one that grows too large, or stops coming, ends here."""
        if self._read_all:
            return await self._receive()  # only its end is still to come
        if self._instead is not None:
            return {"type": "http.disconnect"}
        try:
            message = await asyncio.wait_for(self._receive(), self._pause_s)
        except TimeoutError:
            self._instead = error_pages.TOO_SLOW
            return {"type": "http.disconnect"}
        if message["type"] == "http.disconnect":
            self._gone = True
            return message
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            self._instead = error_pages.TOO_LARGE
            return {"type": "http.disconnect"}
        self._read_all = not message.get("more_body", False)
        return message

    async def _give(self, message: Message) -> None:
        """Send a part of the reply; the details of an error never leave."""
        if message["type"] == "http.response.start":
            self._started = True
            instead = self._instead or (error_pages.FAILED if message["status"] == 500 else None)
            if instead is not None:
                self._muted = True
                await instead.send(self._send)
                return
            headers = with_security_headers(message.get("headers", ()), cached=self._public)
            message = {**message, "headers": [*headers, CLOSE] if self._last else headers}
        if not self._muted:
            await self._send(message)


def _where(error: BaseException) -> str:
    """Return where an error came up: file and line, without its message, which may name a photo."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"

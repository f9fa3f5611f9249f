"""What stands around the page: who may ask what, how much, from where, and the headers that every answer carries."""

import asyncio
import logging
import math
import traceback
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dejashot.errors import StorageError
from dejashot.web.access.auth import ENTER_PATH, Limiter, LinkAuth

log = logging.getLogger(__name__)

MAX_TARGET_BYTES = 8 * 1024
MAX_HEAD_BYTES = 32 * 1024
MAX_COOKIES_BYTES = (
    184 * 4096
)  # beside the rest of a head: what browsers keep for one host, whichever programs on it gave them that
MAX_BODY_BYTES = 1024**2
MAX_UPLOAD_BYTES = 300 * 1024**2
BODY_PAUSE_S = 20.0
COOKIE_MAX_AGE_S = 400 * 86400  # as long as browsers keep one; the session itself ends earlier when it is not used
_METHODS = ("GET", "HEAD", "POST")
_OPEN_PATHS = frozenset(
    {"/manifest.webmanifest", "/sw.js", "/offline", "/favicon.ico"}
)  # these and /static/: nothing private in them
_COOKIE = "dejashot"
_COOKIES_LOOKED_AT = 1000  # no browser keeps as many for one host

_POLICY = {
    "default-src": "'none'",
    "img-src": "'self' blob:",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# what Chromium knows: browsers complain about names that they do not
_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial",
    "storage-access", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
_HEADERS = {
    b"content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()).encode(),
    b"x-content-type-options": b"nosniff",
    # not "no-referrer": under that browsers send the forms of our own pages with the origin "null", which is refused here
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": ", ".join(f"{name}=()" for name in _FEATURES).encode(),
}
_NO_STORE = (b"cache-control", b"no-store")
_LAST = (b"connection", b"close")
_EMPTY_CACHE = (b"clear-site-data", b'"cache"')  # what a session before this one left there, with an older version too
_OURS_ALONE = {
    *_HEADERS,
    b"server",
    b"x-powered-by",
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
}


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A plain page of the guard's own; nothing of the request is ever in it."""

    status: int
    title: str
    words: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    head: str = ""

    async def send(self, send: Send) -> None:
        """Send it; what is left of the request is not read."""
        body = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f'<link rel="icon" href="/static/icon.svg">{self.head}<title>{self.title}</title></head>\n<body><main><h1>{self.title}</h1><p>{self.words}</p></main></body></html>\n'
        ).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            _LAST,
            *self.headers,
        ]
        overridden = {name for name, _ in self.headers}
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": with_security_headers(headers, but=overridden),
            }
        )
        await send({"type": "http.response.body", "body": body})


_HOW = "Run <code>dejashot review</code> on the machine with your photos for a new link."
_BAD_PATH = ErrorPage(400, "No such page", "The address is not one of this page's.")
_NO_SESSION = ErrorPage(401, "Only with a link", _HOW, ((b"www-authenticate", b"Dejashot-Link"),))
_BAD_LINK = ErrorPage(
    403,
    "This link no longer works",
    f"A link works once and for ten minutes. {_HOW}",
    ((b"referrer-policy", b"no-referrer"),),
)
_FOREIGN = ErrorPage(403, "Not from here", "Another site asked for this in your name. Nothing was done.")
_BAD_METHOD = ErrorPage(
    405, "Not possible", "This page does not know that method.", ((b"allow", ", ".join(_METHODS).encode()),)
)
_NO_ROOM = ErrorPage(
    507,
    "There is no room to let you in",
    "The disk that Dejashot keeps its things on is full or can't be written to. Make room, then use this link again: it is still good.",
    ((b"referrer-policy", b"no-referrer"),),
)
_SLOW = ErrorPage(408, "Too slow", "What you sent did not arrive in time. Nothing was done.")
_TOO_LARGE = ErrorPage(413, "Too large", "That is more than this page takes. Nothing was done.")
_LONG_TARGET = ErrorPage(414, "Too long", "The address is longer than any of this page's.")
_LONG_HEAD = ErrorPage(431, "Too large", "What came with the address is more than this page takes.")
_BAD_HOST = ErrorPage(
    421, "Not under this name", "This page is not served under that name. Open it with the link it was announced with."
)
_FAILED = ErrorPage(
    500,
    "That did not work",
    "Something went wrong on this side; the log says what: <code>dejashot service logs</code>.",
)


@dataclass(frozen=True, slots=True)
class HostNames:
    """Under which names and which port the page is served; with `lan` also under whatever address of this machine was dialled."""

    port: int
    hosts: frozenset[str]
    tls: bool = False
    lan: bool = False
    _authorities: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        authorities = frozenset(authority for host in self.hosts for authority in self._of(host))
        object.__setattr__(self, "_authorities", authorities)

    @property
    def scheme(self) -> str:
        """Return http, or https where it is encrypted."""
        return "https" if self.tls else "http"

    def own(self, authority: str, dialled: str) -> bool:
        """Tell whether a Host header names this server: names that lead here by somebody else's DNS do not.

        `dialled` is the address that the connection came in on: a network gives out others while we run.
        """
        return authority in self._authorities or (self.lan and authority in self._of(dialled))

    def _of(self, host: str) -> tuple[str, ...]:
        """Return how a host is written in a Host header; a scheme's own port is left out there."""
        try:
            host = f"[{host}]" if ip_address(host).version == 6 else host
        except ValueError:
            pass
        usual = self.port == (443 if self.tls else 80)
        return (f"{host}:{self.port}", host) if usual else (f"{host}:{self.port}",)


class SecurityMiddleware:
    """Let pass what comes from the owner's browser and from a page of ours; pure ASGI, around any app."""

    def __init__(
        self, app: ASGIApp, door: LinkAuth, limiter: Limiter, names: HostNames, upload_paths: Collection[str] = ()
    ) -> None:
        self._app, self._door, self._limiter, self._names = app, door, limiter, names
        self._upload_paths = frozenset(upload_paths)
        self._cookies = f"__Host-{_COOKIE}" if names.tls else _COOKIE
        # browsers keep cookies by host, not by port: with the port in its name none takes the place of another library's
        self._cookie = f"{self._cookies}-{names.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it to the app."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._judge(scope)
            if answer is None:
                most_bytes = MAX_UPLOAD_BYTES if scope["path"] in self._upload_paths else MAX_BODY_BYTES
                public = _is_open(scope["path"])
                # only sessions keep a connection: who has none holds no place that others may need
                last = public and not self._knows(scope)
                await _Passage(receive, send, most_bytes, public=public, last=last).go(self._app, scope)
            else:
                await answer.send(send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _judge(self, scope: Scope) -> ErrorPage | None:
        """Return what keeps a request from the app, None when nothing does."""
        method, path = scope["method"], scope["path"]
        oversized = _oversized(scope)
        if oversized is not None:
            return oversized
        hosts = _header(scope, b"host")
        if len(hosts) != 1 or not self._names.own(hosts[0].lower(), (scope.get("server") or ("",))[0]):
            return _BAD_HOST
        if method not in _METHODS:
            return _BAD_METHOD
        if not _is_plain(path):
            return _BAD_PATH
        if method == "POST" and not self._is_ours(scope, hosts[0].lower()):
            return _FOREIGN
        if path == ENTER_PATH:
            return self._enter(scope)
        if not (_is_open(path) or self._knows(scope)):
            return _NO_SESSION
        lengths = _header(scope, b"content-length")
        most_bytes = MAX_UPLOAD_BYTES if path in self._upload_paths else MAX_BODY_BYTES
        return _TOO_LARGE if lengths and int(lengths[0]) > most_bytes else None

    def _is_ours(self, scope: Scope, host: str) -> bool:
        """Tell whether a page of ours asks for a change; browsers say who does, and no page can make them lie."""
        origins = _header(scope, b"origin")
        if origins:
            return origins == [f"{self._names.scheme}://{host}"]
        return _header(scope, b"sec-fetch-site") == ["same-origin"]

    def _enter(self, scope: Scope) -> ErrorPage:
        """Let in who brings a good link: an answer with the cookie goes on by itself, as a redirect would come without it.

        The cookie is for requests from our own pages alone, and a redirect after a link on another page counts as that page's.
        """
        if scope["method"] != "GET":
            return _BAD_METHOD
        try:
            value = self._door.enter(_token(scope["query_string"]))
        except StorageError as error:
            log.error("nobody can be let in: %s", error.title)
            return _NO_ROOM
        if value is None:
            return _entered() if self._knows(scope) else self._bad_link(_address(scope))
        secure = "; Secure" if self._names.tls else ""
        cookie = f"{self._cookie}={value}; Path=/; Max-Age={COOKIE_MAX_AGE_S}; HttpOnly; SameSite=Strict{secure}"
        return _entered((b"set-cookie", cookie.encode()), _EMPTY_CACHE)

    def _bad_link(self, address: str) -> ErrorPage:
        """Send away who brings a link that does not work; who does so too often is told to wait, which keeps no good link out."""
        wait_s = math.ceil(self._limiter.wait_s(address))
        if not wait_s:
            self._limiter.failed(address)
            return _BAD_LINK
        words = f"Many links that do not work were tried. A new one works at once. {_HOW}"
        return ErrorPage(
            429,
            "This link does not work",
            words,
            ((b"retry-after", str(wait_s).encode()), (b"referrer-policy", b"no-referrer")),
        )

    def _knows(self, scope: Scope) -> bool:
        """Tell whether a request carries the cookie of a session."""
        pairs = [pair.strip().partition("=") for line in _header(scope, b"cookie") for pair in line.split(";")]
        ours = [value for name, _, value in pairs if name == self._cookies or name.startswith(f"{self._cookies}-")]
        return self._door.knows(ours[:_COOKIES_LOOKED_AT])


class _Passage:
    """One request on its way through the app: what it reads is bounded, what it answers gets our headers, its errors stay inside."""

    def __init__(self, receive: Receive, send: Send, most_bytes: int, *, public: bool, last: bool) -> None:
        self._receive, self._send = receive, send
        self._public, self._last = public, last
        self._left_bytes = most_bytes
        self._read_all = self._gone = self._started = False
        self._instead: ErrorPage | None = None
        self._muted = False

    async def go(self, app: ASGIApp, scope: Scope) -> None:
        """Run the app."""
        try:
            await app(scope, self._take, self._give)
        except Exception as error:
            if not self._gone and self._instead is None:
                log.error("a page failed: %s in %s", type(error).__name__, _where(error))
                log.debug("how it failed", exc_info=error)
                self._instead = _FAILED
        if self._instead is not None and not self._started:
            await self._instead.send(self._send)

    async def _take(self) -> Message:
        """Return the next part of the request; one that grows too large, or stops coming, ends here."""
        if self._read_all:
            return await self._receive()  # only its end is still to come
        if self._instead is not None:
            return {"type": "http.disconnect"}
        try:
            message = await asyncio.wait_for(self._receive(), BODY_PAUSE_S)
        except TimeoutError:
            self._instead = _SLOW
            return {"type": "http.disconnect"}
        if message["type"] == "http.disconnect":
            self._gone = True
            return message
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            self._instead = _TOO_LARGE
            return {"type": "http.disconnect"}
        self._read_all = not message.get("more_body", False)
        return message

    async def _give(self, message: Message) -> None:
        """Send a part of the answer; the details of an error never leave."""
        if message["type"] == "http.response.start":
            self._started = True
            instead = self._instead or (_FAILED if message["status"] == 500 else None)
            if instead is not None:
                self._muted = True
                await instead.send(self._send)
                return
            headers = with_security_headers(message.get("headers", ()), cached=self._public)
            message = {**message, "headers": [*headers, _LAST] if self._last else headers}
        if not self._muted:
            await self._send(message)


def with_security_headers(
    headers: Iterable[tuple[bytes, bytes]], but: Collection[bytes] = (), *, cached: bool = False
) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers with ours in place of its own, except those named in `but`.

    No browser may put it on its disk, where no end of a session would reach it, unless it is `cached`: then its Cache-Control stays.
    """
    kept = [(name.lower(), value) for name, value in headers]
    kept = [(name, value) for name, value in kept if name not in _OURS_ALONE or name in but]
    added = [(name, value) for name, value in _HEADERS.items() if name not in but]
    if cached and any(name == b"cache-control" for name, _ in kept):
        return [*kept, *added]
    return [*((name, value) for name, value in kept if name != b"cache-control"), *added, _NO_STORE]


def _entered(*headers: tuple[bytes, bytes]) -> ErrorPage:
    """Return the page after the door; its own address, which holds the link's secret, goes nowhere."""
    return ErrorPage(
        200,
        "Come in",
        '<a href="/">To your photos</a>',
        (*headers, (b"referrer-policy", b"no-referrer")),
        '<meta http-equiv="refresh" content="0; url=/">',
    )


def _is_open(path: str) -> bool:
    """Tell whether a path is answered without a session."""
    return path in _OPEN_PATHS or path.startswith("/static/")


def _oversized(scope: Scope) -> ErrorPage | None:
    """Return the answer to a head that is too large; one that came whole in one piece was counted by nobody yet."""
    target_bytes = len(scope["raw_path"]) + len(scope["query_string"])
    if target_bytes > MAX_TARGET_BYTES:
        return _LONG_TARGET
    cookies_bytes = sum(len(value) for name, value in scope["headers"] if name == b"cookie")
    other_bytes = target_bytes + sum(len(name) + len(value) for name, value in scope["headers"]) - cookies_bytes
    return _LONG_HEAD if other_bytes > MAX_HEAD_BYTES or cookies_bytes > MAX_COOKIES_BYTES else None


def _header(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _token(query: bytes) -> str:
    """Return the secret in a query, empty when there is none."""
    try:
        return parse_qs(query.decode("ascii"), max_num_fields=8).get("token", [""])[0]
    except ValueError:
        return ""


def _is_plain(path: str) -> bool:
    """Tell whether a path goes down from the top, step by step: what climbs, doubles a slash or hides a character is none of ours."""
    steps = path.split("/")
    return (
        path.startswith("/")
        and path.isprintable()
        and "\\" not in path
        and not {".", ".."} & {*steps}
        and "" not in steps[1:-1]
    )


def _where(error: BaseException) -> str:
    """Return where an error came up: file and line, without what it says, which may name a photo."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "nowhere"

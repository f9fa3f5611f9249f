"""The pages for requests that do not reach the review page: why, and what to do."""

from dataclasses import dataclass
from functools import cache

from starlette.types import Send

from dejashot.language.texts import current_language, noted, t
from dejashot.reports.formats.html_format import style_hash
from dejashot.web.access.headers import CLOSE, EMPTY_CACHE, NO_REFERRER, Header, policy, with_security_headers
from dejashot.web.assets import access_style

HTTP_METHODS = ("GET", "HEAD", "POST")
_NEW_LINK = noted("Run <code>dejashot review</code> on the machine with your photos for a new link.")
_NOTHING_DONE = noted("Nothing was done.")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page of a few words; nothing of the request is ever in it. `head` is HTML that its head gets besides.

    `title` and `texts` are in English, and translated when it is sent.

    Its style stands in it, allowed by its hash: whoever is sent this page may be sent nothing else.
    """

    status: int
    title: str
    texts: tuple[str, ...]
    headers: tuple[Header, ...] = ()
    head: str = ""

    async def send(self, send: Send) -> None:
        """Send it; what is left of the request is not read."""
        title, text = t(self.title), " ".join(map(t, self.texts))
        body = (
            f'<!doctype html>\n<html lang="{current_language().tag}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f'<link rel="icon" href="/static/icon.svg">{self.head}<title>{title} · Dejashot</title>'
            f"<style>{access_style()}</style></head>\n"
            f'<body><main><p class="brand">Dejashot</p><h1>{title}</h1><p>{text}</p></main></body></html>\n'
        ).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            CLOSE,
            _own_policy(),
            *self.headers,
        ]
        own = {name for name, _ in headers}
        start = {"type": "http.response.start", "status": self.status}
        await send(start | {"headers": with_security_headers(headers, except_for=own)})
        await send({"type": "http.response.body", "body": body})


@cache
def _own_policy() -> Header:
    return policy(style_src=f"'sha256-{style_hash(access_style())}'")


BAD_PATH = ErrorPage(400, noted("No such page"), (noted("The address is not one of this page's."),))
NO_SESSION = ErrorPage(401, noted("Only with a link"), (_NEW_LINK,), ((b"www-authenticate", b"Dejashot-Link"),))
BAD_LINK = ErrorPage(
    403,
    noted("This link no longer works"),
    (noted("A link works once and for ten minutes."), _NEW_LINK),
    (NO_REFERRER,),
)
CROSS_SITE = ErrorPage(403, noted("Not from here"), (noted("Another site asked for this in your name."), _NOTHING_DONE))
BAD_METHOD = ErrorPage(
    405,
    noted("Not possible"),
    (noted("This page does not know that method."),),
    ((b"allow", ", ".join(HTTP_METHODS).encode()),),
)
TOO_SLOW = ErrorPage(408, noted("Too slow"), (noted("What you sent did not arrive in time."), _NOTHING_DONE))
TOO_LARGE = ErrorPage(413, noted("Too large"), (noted("That is more than this page takes."), _NOTHING_DONE))
LONG_TARGET = ErrorPage(414, noted("Too long"), (noted("The address is longer than any of this page's."),))
BAD_HOST = ErrorPage(
    421,
    noted("Not under this name"),
    (noted("This page is not served under that name. Open it with the link it was announced with."),),
)
LONG_HEAD = ErrorPage(431, noted("Too large"), (noted("What came with the address is more than this page takes."),))
FAILED = ErrorPage(
    500,
    noted("That did not work"),
    (noted("Something went wrong on this side; the log says what: <code>dejashot service logs</code>."),),
)
NO_ROOM = ErrorPage(
    507,
    noted("There is no room to let you in"),
    (
        noted(
            "The disk that Dejashot keeps its things on is full or can't be written to. "
            "Make room, then use this link again: it is still good."
        ),
    ),
    (NO_REFERRER,),
)


def too_many_tries(wait_s: int) -> ErrorPage:
    """Return the page for a browser that tried too many links that do not work."""
    return ErrorPage(
        429,
        noted("This link does not work"),
        (noted("Many links that do not work were tried. A new one works at once."), _NEW_LINK),
        ((b"retry-after", str(wait_s).encode()), NO_REFERRER),
    )


def entrance(cookie: str = "") -> ErrorPage:
    """Return the page that leads on from a link, which sets a `cookie`; the link's address is sent nowhere."""
    headers = ((b"set-cookie", cookie.encode()), EMPTY_CACHE) if cookie else ()
    return ErrorPage(
        200,
        noted("Open the review page"),
        (noted('<a class="button" href="/">To your photos</a>'),),
        (*headers, NO_REFERRER),
        '<meta http-equiv="refresh" content="0; url=/">',
    )

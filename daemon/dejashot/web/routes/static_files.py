"""What the page itself is made of: style, scripts and icons, and what makes it one that a phone can install."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.reports.formats.html_format import report_template
from dejashot.web.responses import NotThereError

YEAR_S = 31_536_000
STATIC = {
    "review.css": "text/css; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "compare.js": "text/javascript; charset=utf-8",
    "shot.js": "text/javascript; charset=utf-8",
    "apply.js": "text/javascript; charset=utf-8",
    "find.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "lost.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable-512.png": "image/png",
}
_MANIFEST = {
    "name": "Dejashot",
    "short_name": "Dejashot",
    "description": "Choose which of the similar shots stay",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "background_color": "#f6f4ef",
    "theme_color": "#f6f4ef",
    "icons": [
        {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ],
}


@cache
def asset(name: str) -> bytes:
    """Return one of the page's own files; the style sheet begins with what it shares with the reports."""
    data = resources.files("dejashot.web").joinpath("static", name).read_bytes()
    return report_template("base.css").encode() + data if name == "review.css" else data


@cache
def asset_url(name: str) -> str:
    """Return under which address a file of the page's own is asked for: another one when it has changed."""
    return f"/static/{name}?v={hashlib.sha256(asset(name)).hexdigest()[:12]}"


class Assets:
    """Answer what is asked for the page's own files; `text` and `page` make a text, and a page, of a template."""

    def __init__(self, text: Callable[..., str], page: Callable[..., Response]) -> None:
        self._text, self._page = text, page

    def routes(self) -> list[Route]:
        """Return what is answered where."""
        return [
            Route("/static/{name}", self.static),
            Route("/manifest.webmanifest", self.manifest),
            Route("/sw.js", self.worker),
            Route("/offline", self.offline),
        ]

    def static(self, request: Request) -> Response:
        """Return a file."""
        name = request.path_params["name"]
        if name not in STATIC:
            raise NotThereError("There is no such file")
        data = asset(name)
        headers = {
            "Cache-Control": f"public, max-age={YEAR_S}, immutable",
            "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"',
        }
        return Response(data, headers=headers | {"Content-Type": STATIC[name]})

    def manifest(self, _request: Request) -> Response:
        """Return what makes the page one that a phone can install."""
        return Response(json.dumps(_MANIFEST), media_type="application/manifest+json")

    def worker(self, _request: Request) -> Response:
        """Return the service worker, which shows a page of its own while Dejashot is out of reach."""
        return Response(self._text("sw.js.j2"), media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    def offline(self, _request: Request) -> Response:
        """Return the page that is shown while Dejashot is out of reach."""
        hint = "It runs on another device of yours, which may be asleep or in another network. Nothing that you chose is lost."
        return self._page("notice.html.j2", here="", title="Dejashot is out of reach", hint=hint, again="/")

"""What the page itself is made of, and what lets a phone install it."""

import hashlib
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dejashot.language.texts import current_language, noted, t
from dejashot.web.assets import STATIC, asset
from dejashot.web.errors import NotThereError
from dejashot.web.templating import PageRenderer

YEAR_S = 31_536_000
_MANIFEST = {
    "name": "Dejashot",
    "short_name": "Dejashot",
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


class StaticRoutes:
    """Reply with the page's own files."""

    def __init__(self, pages: PageRenderer) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return which address is answered by what."""
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
            raise NotThereError(noted("There is no such file"))
        data = asset(name)
        headers = {
            "Cache-Control": f"public, max-age={YEAR_S}, immutable",
            "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"',
        }
        return Response(data, headers=headers | {"Content-Type": STATIC[name]})

    def manifest(self, _request: Request) -> Response:
        """Return the manifest that lets a phone install the page."""
        texts = {"description": t("Choose which of the similar shots stay"), "lang": current_language().tag}
        return Response(json.dumps(_MANIFEST | texts), media_type="application/manifest+json")

    def worker(self, _request: Request) -> Response:
        """Return the service worker, which shows a page of its own while Dejashot is out of reach."""
        script = self._pages.text("sw.js.j2")
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    def offline(self, _request: Request) -> Response:
        """Return the page that is shown while Dejashot is out of reach."""
        hint = t(
            "It runs on another device of yours, which may be asleep or in another network. "
            "Nothing that you chose is lost."
        )
        title = t("Dejashot is out of reach")
        return self._pages.page("notice.html.j2", here="", title=title, hint=hint, again="/", notices=())

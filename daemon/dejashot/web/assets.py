"""The page's own files: style, scripts and icons, each under an address that changes with what is in it."""

import hashlib
from functools import cache
from importlib import resources

from dejashot.reports.formats.html_format import report_template

STATIC = {
    "review.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "cards.js": "text/javascript; charset=utf-8",
    "moving.js": "text/javascript; charset=utf-8",
    "pictures.js": "text/javascript; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "compare.js": "text/javascript; charset=utf-8",
    "shot.js": "text/javascript; charset=utf-8",
    "apply.js": "text/javascript; charset=utf-8",
    "plan.js": "text/javascript; charset=utf-8",
    "find.js": "text/javascript; charset=utf-8",
    "hold.js": "text/javascript; charset=utf-8",
    "strip.js": "text/javascript; charset=utf-8",
    "digests.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "lost.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable-512.png": "image/png",
}
_STYLE_SHEETS = (  # sent as one
    "review.css",
    "pictures.css",
    "choosing.css",
    "compare.css",
    "notices.css",
    "plan.css",
    "large.css",
    "films.css",
    "plots.css",
)


@cache
def asset(name: str) -> bytes:
    """Return one of the page's own files; style sheets begin with what they share with the reports."""
    if name == "review.css":
        return (report_template("base.css") + report_template("charts.css")).encode() + b"".join(
            map(_read, _STYLE_SHEETS)
        )
    if name == "digests.css":
        return report_template("slots.css").encode() + _read(name)
    return _read(name)


@cache
def access_style() -> str:
    """Return the style of the pages that stand in front of the review page: what is shared, and a little more."""
    return report_template("base.css") + _read("access.css").decode()


def _read(name: str) -> bytes:
    return resources.files("dejashot.web").joinpath("static", name).read_bytes()


@cache
def asset_url(name: str) -> str:
    """Return the address of one of the page's own files, with a part that changes when the file does."""
    return f"/static/{name}?v={hashlib.sha256(asset(name)).hexdigest()[:12]}"

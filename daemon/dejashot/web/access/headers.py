"""The headers that every reply carries, so that a browser runs and keeps only what is ours."""

from collections.abc import Collection, Iterable

Header = tuple[bytes, bytes]

NO_REFERRER: Header = (b"referrer-policy", b"no-referrer")
CLOSE: Header = (b"connection", b"close")
EMPTY_CACHE: Header = (b"clear-site-data", b'"cache"')  # what an earlier session or version left there

_POLICY = {
    "default-src": "'none'",
    "img-src": "'self' blob:",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# what Chromium knows: browsers complain about names that they do not; the page itself plays films without their sound
_FEATURES = (
    "accelerometer", "browsing-topics", "camera", "clipboard-read", "clipboard-write", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip


def policy(**changes: str) -> Header:
    """Return the header that says what a page may load; a directive is named with `_` for `-`."""
    directives = _POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return b"content-security-policy", "; ".join(f"{name} {value}" for name, value in directives.items()).encode()


_HEADERS = {
    **dict([policy()]),
    b"x-content-type-options": b"nosniff",
    # not "no-referrer": under that browsers send the forms of our own pages with the origin "null", which is refused
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": ", ".join(f"{name}=()" for name in _FEATURES).encode(),
}
_NO_STORE: Header = (b"cache-control", b"no-store")
_REPLACED = {
    *_HEADERS,
    b"server",
    b"x-powered-by",
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
}


def with_security_headers(
    headers: Iterable[Header], except_for: Collection[bytes] = (), *, cached: bool = False
) -> list[Header]:
    """Return a reply's headers with ours in place of its own, but for the names in `except_for`.

    No browser may put the reply on its disk, where the end of a session would not reach it, unless it is `cached`: then
    its Cache-Control stays.
    """
    kept = [(name.lower(), value) for name, value in headers]
    kept = [(name, value) for name, value in kept if name not in _REPLACED or name in except_for]
    added = [(name, value) for name, value in _HEADERS.items() if name not in except_for]
    if cached and any(name == b"cache-control" for name, _ in kept):
        return [*kept, *added]
    return [*((name, value) for name, value in kept if name != b"cache-control"), *added, _NO_STORE]

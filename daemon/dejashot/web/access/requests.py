"""What a request says of itself: its path, its size, its headers, and the secret it may carry."""

from urllib.parse import parse_qs

from starlette.types import Scope

MAX_TARGET_BYTES = 8 * 1024
MAX_HEAD_BYTES = 32 * 1024
MAX_COOKIES_BYTES = 184 * 4096  # besides: what browsers keep for one host, whichever program on it set them
# these and /static/ are answered without a session: nothing private is in them
_PUBLIC_PATHS = frozenset({"/manifest.webmanifest", "/sw.js", "/offline", "/favicon.ico"})


def is_public(path: str) -> bool:
    """Return whether a path is answered without a session."""
    return path in _PUBLIC_PATHS or path.startswith("/static/")


def is_plain_path(path: str) -> bool:
    """Return whether a path goes down from the top, step by step, with no doubled slash and no hidden character."""
    steps = path.split("/")
    return (
        path.startswith("/")
        and path.isprintable()
        and "\\" not in path
        and not {".", ".."} & {*steps}
        and "" not in steps[1:-1]
    )


def target_bytes(scope: Scope) -> int:
    """Return the size of a request's address."""
    return len(scope["raw_path"]) + len(scope["query_string"])


def is_head_too_large(scope: Scope) -> bool:
    """Return whether the headers or the cookies of a request are too large; the server has not counted them all."""
    cookies_bytes = sum(len(value) for name, value in scope["headers"] if name == b"cookie")
    all_bytes = target_bytes(scope) + sum(len(name) + len(value) for name, value in scope["headers"])
    return all_bytes - cookies_bytes > MAX_HEAD_BYTES or cookies_bytes > MAX_COOKIES_BYTES


def header_values(scope: Scope, name: bytes) -> list[str]:
    """Return the values of a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def cookies_of(scope: Scope) -> list[tuple[str, str]]:
    """Return the names and values of the cookies, in their order."""
    pairs = [pair.strip().partition("=") for line in header_values(scope, b"cookie") for pair in line.split(";")]
    return [(name, value) for name, _, value in pairs]


def client_address(scope: Scope) -> str:
    """Return the address that a request came from, empty where it is not known."""
    return str((scope.get("client") or ("",))[0])


def server_address(scope: Scope) -> str:
    """Return the address that a request came in on, empty where it is not known."""
    return str((scope.get("server") or ("",))[0])


def token_in(query: bytes) -> str:
    """Return the secret in a query, empty when there is none."""
    try:
        return parse_qs(query.decode("ascii"), max_num_fields=8).get("token", [""])[0]
    except ValueError:
        return ""

"""What the middleware lets pass, what it refuses, and what every reply carries."""

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from dejashot.web.access.auth import Limiter, LinkAuth, make_link, review_folder
from dejashot.web.access.boot_clock import ClockReading
from dejashot.web.access.host_names import HostNames
from dejashot.web.access.middleware import BodyLimits, SecurityMiddleware
from dejashot.web.access.request_language import LanguageMiddleware
from dejashot.web.access.requests import is_plain_path

HOST = "127.0.0.1:8423"
MAX_BODY_BYTES = BodyLimits().body_bytes
NOW = ClockReading(1_800_000_000.0, "first", 5_000.0)
REFUSED_HOSTS = (
    "evil.example:8423",
    "evil.example",
    "127.0.0.1",
    "127.0.0.1:80",
    "localhost:8424",
    "127.0.0.1:8423.evil.example",
    "",
    "192.0.2.7:8423",
)


@dataclass
class Reply:
    """What came back."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        return b"|".join(value for key, value in self.headers if key == name.encode()).decode()


class Page:
    """An app behind the middleware, and asking it."""

    def __init__(
        self,
        folder: Path,
        *,
        tls: bool = False,
        lan: bool = False,
        port: int = 8423,
        limits: BodyLimits = BodyLimits(),
    ) -> None:
        self.reached: list[str] = []
        self.folder, self.host = review_folder(folder), f"127.0.0.1:{port}"
        names = HostNames(port, frozenset({"127.0.0.1", "localhost", "::1"}), tls=tls, lan=lan)
        self.auth = LinkAuth(self.folder, lambda: NOW)
        self.limiter = Limiter(lambda: 0.0)
        self.app = LanguageMiddleware(
            SecurityMiddleware(self._app(), self.auth, self.limiter, names, {"/upload"}, limits)
        )
        self.cookie = ""

    def _app(self) -> Starlette:
        async def anything(request: Request) -> Response:
            self.reached.append(request.url.path)
            body = await request.body()
            if request.url.path == "/fails":
                raise ValueError("IMG_0001.jpg is what failed")
            headers = (
                {"Server": "secret/1", "Cache-Control": "private, max-age=9"}
                if request.url.path.endswith("/kept")
                else {}
            )
            return PlainTextResponse(f"{len(body)}", headers=headers)

        return Starlette(debug=True, routes=[Route("/{path:path}", anything, methods=["GET", "POST", "PUT", "TRACE"])])

    def enter(self) -> Reply:
        """Open the page with a new link."""
        link = make_link(self.folder, "", NOW.since_boot_s)
        reply = self.ask("GET", "/enter", host=self.host, query=link.partition("?")[2])
        self.cookie = reply.header("set-cookie").partition(";")[0]
        return reply

    def ask(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        host: str | None = HOST,
        query: str = "",
        body: list[bytes] | None = None,
        address: str = "127.0.0.1",
        dialled: str = "127.0.0.1",
        also: Sequence[tuple[bytes, bytes]] = (),
        **headers: str,
    ) -> Reply:
        """Ask for something and return the reply."""
        pairs = [(b"host", host.encode())] if host is not None else []
        pairs += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        pairs += also
        pairs += [(b"cookie", self.cookie.encode())] if self.cookie else []
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode("utf-8", "surrogatepass"), "query_string": query.encode(),
            "root_path": "", "headers": pairs, "client": (address, 5), "server": (dialled, 8423),
        }  # fmt: skip
        parts = body or [b""]
        messages = [
            {"type": "http.request", "body": part, "more_body": n < len(parts) - 1} for n, part in enumerate(parts)
        ]
        reply = Reply()

        async def receive() -> Message:
            if messages:
                return messages.pop(0)
            return await asyncio.Future()  # the rest never comes

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                assert reply.status == 0
                reply.status, reply.headers = message["status"], list(message["headers"])
            else:
                reply.body += message.get("body", b"")

        asyncio.run(self.app(scope, receive, send))
        return reply


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_without_a_session_nothing_is_shown_and_it_is_said_how_to_get_in(page: Page) -> None:
    for method in ("GET", "HEAD"):
        reply = page.ask(method, "/shots/1")
        assert reply.status == 401
        assert b"dejashot review" in reply.body
    assert b'lang="de"' in page.ask("GET", "/shots/1", accept_language="de, en").body
    assert page.ask("POST", "/decide", origin=f"http://{HOST}").status == 401
    assert page.reached == []
    for path in ("/static/app.css", "/manifest.webmanifest", "/sw.js", "/offline", "/favicon.ico"):
        assert page.ask("GET", path).status == 200
    for path in ("/staticx", "/static", "/sw.js/", "/offline/more", "/manifest.webmanifest.bak"):
        assert page.ask("GET", path).status == 401


def test_a_link_lets_in_and_goes_on_by_itself(page: Page) -> None:
    reply = page.enter()
    assert reply.status == 200
    assert b'http-equiv="refresh" content="0; url=/"' in reply.body
    assert b'href="/"' in reply.body
    assert reply.header("referrer-policy") == "no-referrer"
    assert reply.header("cache-control") == "no-store"
    name, *attributes = reply.header("set-cookie").split("; ")
    assert name.startswith("dejashot-8423=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {*attributes}
    assert "Secure" not in attributes
    assert page.ask().status == 200
    again = page.ask("GET", "/enter", query="token=used")  # the same browser goes back
    assert (again.status, again.header("set-cookie")) == (200, "")


def test_over_tls_the_cookie_is_bound_to_this_very_host(tmp_path: Path) -> None:
    page = Page(tmp_path, tls=True)
    name, *attributes = page.enter().header("set-cookie").split("; ")
    assert name.startswith("__Host-dejashot-8423=")
    assert {"Secure", "Path=/"} <= {*attributes}
    assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert page.ask().status == 200
    page.cookie = page.cookie.removeprefix("__Host-")
    assert page.ask().status == 401


@pytest.mark.parametrize(
    "query", ["", "token=", "token=" + "A" * 43, "token=%00", "token=\udcff", "token" * 900, "&".join(["a=b"] * 99)]
)
def test_a_bad_link_lets_nobody_in(page: Page, query: str) -> None:
    make_link(page.folder, "", NOW.since_boot_s)
    reply = page.ask("GET", "/enter", query=query.encode("utf-8", "replace").decode())
    assert (reply.status, reply.header("set-cookie")) == (403, "")
    assert b"AAAA" not in reply.body


def test_a_link_is_not_used_up_by_looking_at_it(page: Page) -> None:
    link = make_link(page.folder, "", NOW.since_boot_s).partition("?")[2]
    assert page.ask("HEAD", "/enter", query=link).status == 405
    assert page.ask("POST", "/enter", query=link, origin=f"http://{HOST}").status == 405
    assert page.ask("GET", "/enter", query=link).status == 200


@pytest.mark.parametrize("host", REFUSED_HOSTS)
def test_under_another_name_nothing_is_served(page: Page, host: str) -> None:
    page.enter()
    assert page.ask(host=host).status == 421
    assert page.ask("GET", "/static/app.css", host=host).status == 421
    assert page.reached == []


def test_no_host_or_two_of_them_are_refused(page: Page) -> None:
    page.enter()
    assert page.ask(host=None).status == 421
    assert page.ask(also=[(b"host", b"evil.example")]).status == 421
    for host in ("localhost:8423", "LOCALHOST:8423", "[::1]:8423", HOST):
        assert page.ask(host=host).status == 200


def test_in_a_network_the_address_that_was_dialled_is_a_name_too(tmp_path: Path) -> None:
    page = Page(tmp_path, tls=True, lan=True)
    page.enter()
    assert page.ask(host="192.0.2.7:8423", dialled="192.0.2.7").status == 200
    assert page.ask(host="[2001:db8::7]:8423", dialled="2001:db8::7").status == 200
    assert page.ask(host="192.0.2.8:8423", dialled="192.0.2.7").status == 421
    assert Page(tmp_path / "b").ask(host="192.0.2.7:8423", dialled="192.0.2.7").status == 421


def test_a_usual_port_is_left_out() -> None:
    assert HostNames(443, frozenset({"a.local"}), tls=True).includes("a.local", "")
    assert not HostNames(443, frozenset({"a.local"})).includes("a.local", "")
    assert HostNames(80, frozenset({"::1"})).includes("[::1]", "")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": f"http://{HOST}"}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "null", "sec_fetch_site": "same-origin"}, 403),
        ({"origin": f"https://{HOST}"}, 403),
        ({"origin": "http://localhost:8423"}, 403),
        ({"origin": "http://127.0.0.1:8424"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": f"http://{HOST}.evil.example"}, 403),
        ({"origin": ""}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
    ],
)
def test_changes_are_asked_for_by_our_own_pages_alone(page: Page, headers: dict[str, str], status: int) -> None:
    page.enter()
    assert page.ask("POST", "/decide", **headers).status == status
    assert page.reached == (["/decide"] if status == 200 else [])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "CONNECT", "get", "PROPFIND"])
def test_other_methods_are_refused(page: Page, method: str) -> None:
    page.enter()
    reply = page.ask(method, "/", origin=f"http://{HOST}")
    assert (reply.status, reply.header("allow")) == (405, "GET, HEAD, POST")
    assert page.reached == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd",
        "/static/..",
        "/..",
        "/a/./b",
        "//evil.example",
        "/a//b",
        "/a\\..\\b",
        "/a\0b",
        "/a\nb",
        "/a\x7f",
        "a",
        "*",
        "/\u202etxt",
    ],
)
def test_paths_that_climb_or_hide_are_refused(page: Page, path: str) -> None:
    page.enter()
    reply = page.ask("GET", path)
    assert reply.status == 400
    assert page.reached == []
    assert b"passwd" not in reply.body


@given(st.text(alphabet=st.sampled_from("/.%\\a\0"), max_size=12))
def test_a_plain_path_goes_down_only(path: str) -> None:
    if is_plain_path(path):
        assert path.startswith("/")
        assert not {"..", "."} & {*path.split("/")}
        assert "//" not in path
        assert "\\" not in path


def test_markup_in_a_request_is_not_in_the_answer(page: Page) -> None:
    for query in ("token=<script>alert(1)</script>", ""):
        for path in ("/enter", "/<script>alert(1)</script>", "/static/../<script>"):
            assert b"<script" not in page.ask("GET", path, query=query, referer="<script>", user_agent="<script>").body


def test_every_answer_carries_the_headers(page: Page) -> None:
    replies = [
        page.ask(),
        page.ask(host="x"),
        page.ask("PUT"),
        page.ask("POST"),
        page.ask("GET", "/enter"),
        page.enter(),
        page.ask(),
        page.ask("GET", "/photo/kept"),
        page.ask("GET", "/fails"),
        page.ask("GET", "/static/kept"),
    ]
    assert [reply.status for reply in replies] == [401, 421, 405, 403, 403, 200, 200, 200, 500, 200]
    for reply in replies:
        policy = reply.header("content-security-policy")
        style = re.search(rb"<style>(.*)</style>", reply.body, re.DOTALL)
        allowed = f"'sha256-{base64.b64encode(hashlib.sha256(style[1]).digest()).decode()}'" if style else "'self'"
        assert bool(style) is reply.body.startswith(b"<!doctype html>"), "a door page brings its style along"
        assert policy.startswith(
            f"default-src 'none'; img-src 'self' blob:; style-src {allowed}; script-src 'self'; connect-src 'self'; "
        )
        assert policy.endswith("worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        assert reply.header("x-content-type-options") == "nosniff"
        assert (
            reply.header("cross-origin-opener-policy") == reply.header("cross-origin-resource-policy") == "same-origin"
        )
        assert reply.header("referrer-policy") in ("same-origin", "no-referrer")
        assert "camera=()" in reply.header("permissions-policy")
        assert reply.header("server") == ""
        assert reply.header("cache-control") == ("private, max-age=9" if reply is replies[-1] else "no-store")


def test_what_fails_says_nothing_of_why(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    page.enter()
    with caplog.at_level(logging.INFO):
        reply = page.ask("GET", "/fails")
    assert reply.status == 500
    assert b"IMG_0001" not in reply.body
    assert b"Traceback" not in reply.body
    assert "ValueError in test_middleware.py" in caplog.text
    assert "IMG_0001" not in caplog.text


@pytest.mark.parametrize(("path", "max_bytes"), [("/decide", MAX_BODY_BYTES), ("/upload", 4 * MAX_BODY_BYTES)])
def test_a_body_is_as_large_as_it_may_be(tmp_path: Path, path: str, max_bytes: int) -> None:
    page = Page(tmp_path, limits=BodyLimits(upload_bytes=4 * MAX_BODY_BYTES))
    page.enter()
    ours = {"origin": f"http://{HOST}"}
    full = [b"x" * (max_bytes // 4)] * 4
    assert page.ask("POST", path, body=full, **ours).body == str(max_bytes).encode()
    assert page.ask("POST", path, body=[*full, b"x"], **ours).status == 413
    assert page.ask("POST", path, content_length=str(max_bytes + 1), **ours).status == 413
    assert page.reached == [path, path]


def test_a_body_that_stops_coming_is_not_waited_for(tmp_path: Path) -> None:
    page = Page(tmp_path, limits=BodyLimits(pause_s=0.01))
    page.enter()
    parts = [b"begun", b""]

    async def unfinished() -> tuple[list[Any], None]:
        sent: list[Any] = []
        messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

        async def receive() -> Message:
            return messages.pop(0) if messages else await asyncio.Future()

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"host", HOST.encode()), (b"cookie", page.cookie.encode()), (b"origin", f"http://{HOST}".encode())]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/decide",
            "raw_path": b"/decide",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
        }
        await page.app(scope | {"server": None, "scheme": "http", "root_path": ""}, receive, send)
        return sent, None

    sent, _ = asyncio.run(unfinished())
    assert sent[0]["status"] == 408


def test_who_tries_too_often_is_told_to_wait_and_a_good_link_gets_in_all_the_same(page: Page) -> None:
    for _ in range(10):
        assert page.ask("GET", "/enter", query="token=x", address="192.0.2.1").status == 403
    refused = page.ask("GET", "/enter", query="token=x", address="192.0.2.1")
    assert (refused.status, refused.header("retry-after")) == (429, "60")
    assert b"A new one works at once" in refused.body
    assert page.ask("GET", "/shots", address="192.0.2.1").status == 401
    for number in range(60):
        page.ask("GET", "/enter", query="token=x", address=f"10.0.{number}.1")
    assert page.ask("GET", "/enter", query="token=x").status == 429, "sixty from all of them together"
    assert page.enter().status == 200
    assert page.ask("GET", "/shots").status == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/photo/1/small", {"sec_fetch_site": "cross-site", "sec_fetch_dest": "image"}),
        ("GET", "/photo/1/small", {"sec_fetch_site": "same-site", "cookie": "dejashot=old"}),
        ("HEAD", "/", {}),
        ("POST", "/decide", {"origin": "http://evil.example"}),
        ("POST", "/decide", {"origin": f"http://{HOST}"}),
        ("GET", "/enter", {"host": "evil.example"}),
        ("HEAD", "/enter", {}),
        ("PUT", "/enter", {}),
        ("GET", "/static/../enter", {}),
    ],
)
def test_what_strangers_ask_for_counts_for_nothing(page: Page, method: str, path: str, headers: dict[str, str]) -> None:
    statuses = {page.ask(method, path, **headers).status for _ in range(200)}
    assert 429 not in statuses
    assert page.limiter.wait_s("127.0.0.1") == 0
    assert page.ask("GET", "/enter", query="token=old").status == 403, "an old link is called what it is"
    assert page.enter().status == 200


def test_a_link_that_finds_no_room_stays_good(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    link = make_link(page.folder, "", NOW.since_boot_s).partition("?")[2]
    (page.folder / "sessions.lock").mkdir()
    reply = page.ask("GET", "/enter", query=link)
    assert (reply.status, reply.header("set-cookie")) == (507, "")
    assert str(page.folder).encode() not in reply.body
    assert "nobody can be let in" in caplog.text
    (page.folder / "sessions.lock").rmdir()
    assert page.ask("GET", "/enter", query=link).status == 200


def test_cookies_of_other_programs_shut_nobody_out(page: Page) -> None:
    page.enter()
    own = page.cookie
    foreign = [
        f"dejashot={'A' * 43}",
        "dejashot-8423=",
        f'dejashot-8423="{"b" * 41}"',
        f"dejashot-8424={'C' * 43}",
        "=",
        "a",
        "\xff=\xfe",
    ]
    for others in ([*foreign * 25], [f"other-{n}={'x' * 4000}" for n in range(179)]):
        for cookies in ([*others, own], [own, *others], [*others, own, *others][:180]):
            page.cookie = ""
            assert page.ask(also=[(b"cookie", "; ".join(cookies).encode("latin-1"))]).status == 200
            assert page.ask(also=[(b"cookie", cookie.encode("latin-1")) for cookie in cookies]).status == 200
            assert (
                page.ask(also=[(b"cookie", "; ".join(c for c in cookies if c != own).encode("latin-1"))]).status == 401
            )


def test_two_libraries_on_one_machine_do_not_take_each_others_cookie(tmp_path: Path) -> None:
    one, other = Page(tmp_path / "one"), Page(tmp_path / "other", port=8424)
    one.enter()
    other.enter()
    jar = dict(cookie.split("=") for cookie in (one.cookie, other.cookie))
    one.cookie = other.cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
    assert one.ask(host=one.host).status == other.ask(host=other.host).status == 200


def test_a_session_of_an_older_version_or_another_port_goes_on(page: Page) -> None:
    page.enter()
    value = page.cookie.partition("=")[2]
    for name in ("dejashot", "dejashot-9999"):
        page.cookie = f"{name}={value}"
        assert page.ask().status == 200
    for name in ("dejashotx", "xdejashot", "Dejashot"):
        page.cookie = f"{name}={value}"
        assert page.ask().status == 401


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/" + "a" * 8191, {}, 200),
        ("/" + "a" * 8192, {}, 414),
        ("/" + "a" * 100_000, {}, 414),
        ("/?" + "q=1&" * 3000, {}, 414),
        ("/enter?token=" + "A" * 100_000, {}, 414),
        ("/static/" + "a" * 9000, {}, 414),
        ("/", {"x": "y" * 30_000}, 200),
        ("/", {"x": "y" * 40_000}, 431),
        ("/", {"x" * 40_000: "y"}, 431),
        ("/", {"authorization": "y" * 100_000}, 431),
        ("/", {f"x-{n}": "y" * 1000 for n in range(40)}, 431),
        ("/", {"cookie": "a=" + "y" * 800_000}, 431),
    ],
)
def test_a_head_that_came_whole_is_as_large_as_it_may_be(
    page: Page, target: str, headers: dict[str, str], status: int
) -> None:
    page.enter()
    path, _, query = target.partition("?")
    assert page.ask("GET", path, query=query, **headers).status == status


def test_who_has_no_session_keeps_no_connection(page: Page) -> None:
    assert (
        page.ask("GET", "/static/app.css").header("connection") == page.ask("GET", "/").header("connection") == "close"
    )
    assert page.enter().header("clear-site-data") == '"cache"'
    assert page.ask("GET", "/static/app.css").header("connection") == page.ask("GET", "/").header("connection") == ""


def test_nothing_but_http_is_spoken(page: Page) -> None:
    sent: list[Message] = []

    async def never() -> Message:
        return await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(page.app({"type": "websocket", "path": "/", "headers": []}, never, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]

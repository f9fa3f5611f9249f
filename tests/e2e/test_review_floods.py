"""Attempts to block the owner's access to the page: by a web page in the browser, and by another account's sockets."""

import http.server
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from test_review_door import APP, CHROMIUM, Server, received, reviewing

from homes import Home

MAX_FILES = 330  # open at once: more than a page may hold connections, fewer than a flood brings
FEW_FILES = f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({MAX_FILES}, {MAX_FILES}))\n"
# a page that shows a photo, and lets browsers cache it for a year
PHOTO_APP = """
from contextlib import nullcontext
import dejashot.web.compose as compose
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
async def album(request):
    return HTMLResponse('<title>Photos</title><img src="/photo/1/small">')
async def photo(request):
    body = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><!-- a private picture --></svg>"
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(body, media_type="image/svg+xml", headers=headers)
routes = [Route("/", album), Route("/photo/1/small", photo)]
compose.make_app = lambda settings, library, **_: nullcontext(Starlette(routes=routes))
"""


@contextmanager
def silent(port: int, hosts: list[str], each: int, data: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold connections from some addresses of this machine that send next to nothing."""
    with ExitStack() as stack:
        held = []
        for host in hosts:
            for _ in range(each):
                link = stack.enter_context(socket.socket())
                link.bind((host, 0))
                link.connect(("127.0.0.1", port))
                with suppress(OSError):  # cut already
                    link.sendall(data)
                held.append(link)
        yield held


def flood_with_connections(server: Server, hosts: list[str], data: bytes, ended: threading.Event) -> None:
    """Open connections one after the other, and hold the last 600, until stopped."""
    held: list[socket.socket] = []
    while not ended.is_set():
        for host in hosts:
            link = socket.socket()
            with suppress(OSError):
                link.bind((host, 0))
                link.connect(("127.0.0.1", server.port))
                link.sendall(data)
            held.append(link)
        for old in held[:-600]:
            old.close()
        del held[:-600]
    for link in held:
        link.close()


def status_with_retries(server: Server) -> int:
    """Request the page, again where the connection was cut, as browsers do; return the status.

    A connection that is slow to send its request during a flood may be closed as part of it.
    """
    for _ in range(4):
        with suppress(RemoteDisconnected, ConnectionResetError):
            return server.status("GET", "/")
    return server.status("GET", "/")


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"POST /decide HTTP/1.1\r\n"])
def test_another_accounts_sockets_do_not_block_the_owner(home: Home, data: bytes) -> None:
    hosts = [f"127.0.3.{n}" for n in range(2, 12)]
    with reviewing(home, prelude=FEW_FILES + APP) as server:
        with silent(server.port, hosts, 50, data), silent(server.port, ["127.0.0.1"], 50, data):
            assert server.enter() == 200
            assert [server.status("GET", "/") for _ in range(20)] == [200] * 20
            ended = threading.Event()
            flood = threading.Thread(target=flood_with_connections, args=(server, hosts, data, ended))
            flood.start()
            try:
                assert [status_with_retries(server) for _ in range(60)] == [200] * 60
            finally:
                ended.set()
                flood.join()
        assert server.status("GET", "/") == 200


def test_connections_that_were_answered_hold_no_place_either(home: Home) -> None:
    requests = "".join(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n" for path in ("/static/a", "/sw.js", "/offline")
    )
    with reviewing(home, prelude=FEW_FILES + APP) as server:
        data = requests.replace("PORT", str(server.port)).encode()
        with silent(server.port, [f"127.0.4.{n}" for n in range(1, 8)], 40, data) as held:
            assert server.enter() == 200
            assert server.status("GET", "/") == 200
            assert received(held[-1]).count(b"HTTP/1.1 ") == 1, (
                "without a session there is one answer for each connection"
            )


def test_encrypted_connections_that_never_begin_do_not_block_the_owner(home: Home) -> None:
    with reviewing(home, "--lan", lines=3, prelude=FEW_FILES + APP) as server:
        for data in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            with silent(server.port, [f"127.0.5.{n}" for n in range(1, 11)], 50, data):
                assert server.status("GET", "/") == 401
        assert server.enter() == 200
        with silent(server.port, ["127.0.0.1"], 400):
            assert [server.status("GET", "/") for _ in range(5)] == [200] * 5


def test_a_request_in_progress_outlasts_a_flood(home: Home) -> None:
    with reviewing(home) as server:
        server.enter()
        head = server.head("POST /decide")
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
            link.sendall(f"{head}Content-Length: 10\r\nConnection: close\r\n\r\nhalf ".encode())
            with silent(server.port, ["127.0.0.1", "127.0.6.1"], 200):
                assert server.status("GET", "/") == 200
                link.sendall(b"of it")
                assert received(link).endswith(b"decided 10")


def test_large_heads_are_refused_and_cookies_of_other_programs_are_not(home: Home) -> None:
    with reviewing(home) as server:
        server.enter()
        own = server.cookie
        for target in ("/" + "a" * 100_000, "/?" + "a" * 100_000, "/enter?token=" + "a" * 100_000):
            assert server.status("GET", target) == 414
        assert server.status("GET", "/", X="y" * 60_000) in (400, 431)
        foreign = [f"{own.partition('=')[0]}={'A' * 43}"] * 90 + [f"app{n}={'x' * 4000}" for n in range(89)]
        for cookies in ([*foreign, own], [own, *foreign]):
            server.cookie = "; ".join(cookies)
            assert server.status("GET", "/") == 200
        server.cookie = "; ".join(foreign)
        assert server.status("GET", "/") == 401


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A foreign web page on this machine that shows pictures of the review page and sets cookies."""

    def do_GET(self) -> None:
        body = "".join(
            f'<img src="{self.path[1:]}/photo/{n}"><img src="{self.path[1:]}/enter?token={n}">' for n in range(12)
        ).encode()
        self.send_response(200)
        for n in range(40):
            cookie = f"dejashot={'A' * 43}" if n < 12 else f"app{n}={'x' * 4000}"
            self.send_header("Set-Cookie", f"{cookie}; Path=/{'photo' * (n % 2)}")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Log nothing."""


@contextmanager
def elsewhere() -> Iterator[int]:
    """Serve that page, at any port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_web_page_in_the_owners_browser_does_not_block_access(home: Home, name: str) -> None:
    api = pytest.importorskip("playwright.sync_api")
    with reviewing(home) as server, elsewhere() as port, api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"http://{name}:{port}/{server.origin}", wait_until="networkidle")
        page.goto(server.link)
        page.wait_for_url(f"{server.origin}/")
        assert page.title() == "Photos"
        page.goto(f"http://{name}:{port}/{server.origin}", wait_until="networkidle")
        page.goto(f"{server.origin}/")
        assert page.title() == "Photos", "the session stays"
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_no_photo_is_left_in_the_browsers_cache(home: Home, tmp_path: Path) -> None:
    api = pytest.importorskip("playwright.sync_api")
    profile = tmp_path / "profile"
    with reviewing(home, prelude=PHOTO_APP) as server, api.sync_playwright() as player:
        context = player.chromium.launch_persistent_context(
            str(profile), executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = context.pages[0]
        page.goto(server.link)
        page.wait_for_url(f"{server.origin}/", wait_until="networkidle")
        assert page.evaluate("document.images[0].naturalWidth") == 9
        home.run("review", "--forget")
        assert page.evaluate("fetch('/photo/1/small', {cache: 'force-cache'}).then(reply => reply.status)") == 401
        context.close()
    kept = [file for file in profile.rglob("*") if file.is_file() and b"a private picture" in file.read_bytes()]
    assert kept == []


@pytest.fixture
def small_disk(home: Home) -> Iterator[Path]:
    """Give the home a state folder on a disk of its own that can be filled and locked."""
    disk = home.path / "state"
    disk.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode
    ):
        pytest.skip("mounting needs privileges")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_on_a_full_disk_sessions_and_links_stay_valid(home: Home, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with reviewing(home) as server:
        link = home.run("review").stdout.strip()
        assert server.enter() == 200
        own = server.cookie
        with suppress(OSError), ballast.open("wb", buffering=0) as out:
            while True:
                out.write(b"\0" * 4096)
        assert server.status("GET", "/") == 200
        server.cookie = ""
        assert server.enter(link) == 507
        made = home.run("review")
        assert "Traceback" not in made.stderr
        ballast.unlink()
        for each in (link, *made.stdout.split()):
            assert server.enter(each) == 200
        server.cookie = own
        assert server.status("GET", "/") == 200


def test_on_a_full_disk_the_page_does_not_start_and_reports_why(home: Home, small_disk: Path) -> None:
    with reviewing(home):
        pass
    with suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as out:
        while True:
            out.write(b"\0" * 4096)
    for option in ([], ["--lan"]):
        done = home.run("review", "--port", 0, *option)
        assert done.returncode == 2
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr


def test_on_a_read_only_disk_sessions_stay_valid_and_errors_are_reported(home: Home, small_disk: Path) -> None:
    with reviewing(home) as server:
        link = home.run("review").stdout.strip()
        assert server.enter() == 200
        subprocess.run(["mount", "--bind", small_disk, small_disk], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", small_disk], check=True)
        try:
            assert server.status("GET", "/") == 200
            own, server.cookie = server.cookie, ""
            assert server.enter(link) == 507
            for command in (["review"], ["review", "--forget"]):
                done = home.run(*command)
                assert (done.returncode, "Read-only" in done.stderr, "Traceback" in done.stderr) == (2, True, False), (
                    done.stderr
                )
        finally:
            subprocess.run(["umount", small_disk], check=True)
        assert server.enter(link) == 200
        server.cookie = own
        assert server.status("GET", "/") == 200
    assert urlsplit(link).port == server.port

"""Attacks on the access to the review page, against the real command with real sockets on loopback."""

import hashlib
import json
import os
import random
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browsers import CHROMIUM
from daemons import TIMEOUT_S, photos, wait_until
from films import write_film
from homes import Home

QUICK = "import dejashot.web.uvicorn_limits as limits; limits.HEAD_TIMEOUT_S = 0.5; limits.KEEP_ALIVE_S = 1\n"
# a page that reads forms, gives its photos' names away when it fails, and shows what it was asked for
APP = """
from contextlib import nullcontext
import dejashot.web.compose as compose
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
async def home(request):
    return HTMLResponse('<title>Photos</title><form method="post" action="/decide"><button>Keep</button></form>')
async def decide(request):
    return PlainTextResponse(f"decided {len(await request.body())}")
async def fails(request):
    raise ValueError("IMG_0001.jpg")
compose.make_app = lambda settings, library, **_: nullcontext(
    Starlette(routes=[Route("/", home), Route("/decide", decide, methods=["POST"]), Route("/fails", fails)]))
"""


class Server:
    """A running `dejashot review`, and requests to it."""

    def __init__(self, process: subprocess.Popen[str], lines: list[str], certificate: Path) -> None:
        self.process = process
        self.link = lines[0]
        self.lines = lines
        parts = urlsplit(self.link)
        self.tls, self.port = parts.scheme == "https", int(parts.port or 0)
        self.origin = f"{parts.scheme}://127.0.0.1:{self.port}"
        self.certificate = certificate
        self.cookie = ""

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Send a request as a browser would, and return the reply with its body."""
        connection: HTTPConnection
        if self.tls:
            trusting = ssl.create_default_context(cafile=self.certificate)
            connection = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trusting)
        else:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = {"Cookie": self.cookie} if self.cookie else {}
        connection.request(
            method, path, body, cookies | {name.replace("_", "-"): value for name, value in headers.items()}
        )
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply, content

    def status(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        return self.ask(method, path, body, **headers)[0].status

    def enter(self, link: str = "") -> int:
        parts = urlsplit(link or self.link)
        reply, _ = self.ask("GET", f"{parts.path}?{parts.query}")
        self.cookie = (reply.getheader("set-cookie") or self.cookie).partition(";")[0]
        return reply.status

    def head(self, request: str) -> str:
        """Return the first lines of a request by a page of our own with a session."""
        host = f"Host: 127.0.0.1:{self.port}\r\nOrigin: {self.origin}\r\nCookie: {self.cookie}\r\n"
        return f"{request} HTTP/1.1\r\n{host}"

    def raw(self, data: bytes) -> bytes:
        """Send bytes as they are and return all that comes back until the other side closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as link:
            link.sendall(data)
            return received(link)


def received(link: socket.socket) -> bytes:
    data = b""
    while True:
        try:
            part = link.recv(65536)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part


@contextmanager
def reviewing(home: Home, *arguments: object, prelude: str = APP, lines: int = 1) -> Iterator[Server]:
    """Serve the page with the real command until the block ends."""
    command = [
        sys.executable,
        "-c",
        f"{prelude}\nfrom dejashot.cli.app import main\nmain()",
        "review",
        "--port",
        "0",
        *map(str, arguments),
    ]
    log = home.path / "review.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            command, env=dict(home.environment), stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline().strip() for _ in range(lines)]
        assert printed[0].startswith("http"), log.read_text()
        yield Server(process, printed, home.library / "review" / "certificate.pem")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_S) == 0, log.read_text()
        assert "Traceback" not in log.read_text()


def test_attacks_from_outside_fail(home: Home) -> None:
    with reviewing(home) as server:
        assert server.status("GET", "/") == 401
        secret = urlsplit(server.link).query
        for host in (
            "evil.example",
            f"evil.example:{server.port}",
            "127.0.0.1",
            f"127.0.0.1.evil.example:{server.port}",
        ):
            assert server.status("GET", f"/enter?{secret}", Host=host) == 421
        assert server.raw(b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        assert server.raw(b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421 ")
        twice = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: evil.example\r\n\r\n"
        assert server.raw(twice.encode()).startswith(b"HTTP/1.1 400 ")
        assert server.status("GET", "/enter") == server.status("GET", "/enter?token=") == 403
        assert server.status("GET", f"/enter?token={'A' * 43}") == 403
        assert server.status("HEAD", f"/enter?{secret}") == 405
        assert server.enter() == 200, "none of that used the link up"
        own, server.cookie = server.cookie, ""
        assert server.enter() == 403, "a link works once"
        server.cookie = own
        assert server.status("GET", "/") == 200


def test_a_link_works_for_one_of_two_that_race(home: Home) -> None:
    with reviewing(home) as server:
        parts = urlsplit(server.link)
        statuses: list[int] = []
        at_once = threading.Barrier(2)

        def come() -> None:
            at_once.wait()
            statuses.append(server.status("GET", f"{parts.path}?{parts.query}"))

        both = [threading.Thread(target=come) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(statuses) == [200, 403]


def test_a_link_expires_and_another_process_makes_a_new_one(home: Home) -> None:
    with reviewing(home) as server:
        folder = home.library / "review"
        (link,) = (folder / "links").iterdir()
        assert link.name == hashlib.sha256(urlsplit(server.link).query.removeprefix("token=").encode()).hexdigest()
        then_s = link.stat().st_mtime - 601
        os.utime(link, (then_s, then_s))
        assert server.enter() == 403
        assert not link.exists()
        assert "ssh -L" not in home.run("review", DISPLAY=":0", SSH_CONNECTION="").stderr
        done = home.run("review", DISPLAY="", WAYLAND_DISPLAY="")
        assert done.returncode == 0, done.stderr
        assert f"ssh -L {server.port}:localhost:{server.port} " in done.stderr
        assert done.stdout.startswith(f"{server.origin}/enter?token=")
        assert server.enter(done.stdout.strip()) == 200
        assert home.run("review", "--lan").returncode == 2
        assert home.run("review", "--port", 1).returncode == 2
        assert server.status("GET", "/") == 200
        assert "Ended 1 session" in home.run("review", "--forget").stdout
        assert server.status("GET", "/") == 401
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.rglob("*")} <= {0o600, 0o700}


def test_attacks_from_the_owners_browser_fail(home: Home) -> None:
    with reviewing(home) as server:
        server.enter()
        ours = {"Origin": server.origin}
        assert server.ask("POST", "/decide", b"a=b", **ours)[1] == b"decided 3"
        assert server.status("POST", "/decide", b"a=b") == 403
        assert server.status("POST", "/decide", b"a=b", Sec_Fetch_Site="cross-site") == 403
        for origin in (
            "http://evil.example",
            "null",
            f"http://localhost:{server.port}",
            f"http://127.0.0.1:{server.port + 1}",
            "file://",
        ):
            assert server.status("POST", "/decide", b"a=b", Origin=origin) == 403
        for method in ("TRACE", "PUT", "DELETE", "OPTIONS", "CONNECT", "PROPFIND"):
            assert server.status(method, "/", **ours) == 405
        for path in (
            "/static/../../etc/passwd",
            "/static/%2e%2e/%2e%2e/etc/passwd",
            "/static/..%2f..%2fetc%2fpasswd",
            "/static/%5c..%5c",
            "//evil.example/",
            "/%00",
        ):
            reply, body = server.ask("GET", path)
            assert reply.status == 400
            assert b"root:" not in body
        assert server.status("GET", "/static/%252e%252e/passwd") == 404
        reply, body = server.ask("GET", "/%3Cscript%3Ealert(1)%3C/script%3E?q=%3Cscript%3E", Referer="<script>")
        assert (reply.status, b"<script" in body) == (404, False)
        reply, body = server.ask("GET", "/fails")
        assert (reply.status, b"IMG_0001" in body, b"Traceback" in body) == (500, False, False)
        for response in (server.ask("GET", "/"), server.ask("GET", "/fails"), server.ask("PUT", "/")):
            assert response[0].getheader("content-security-policy", "").startswith("default-src 'none'; ")
            assert response[0].getheader("cache-control") == "no-store"
            assert response[0].getheader("server") is None
    assert "ValueError" in (home.path / "review.log").read_text()
    assert "IMG_0001" not in (home.path / "review.log").read_text()


def test_requests_that_are_too_large_are_refused(home: Home) -> None:
    with reviewing(home, prelude=APP + QUICK) as server:
        server.enter()
        head = server.head("POST /decide")
        assert server.raw(f"{head}Content-Length: 9999999999\r\n\r\n".encode()).startswith(b"HTTP/1.1 413 ")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
            link.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            with pytest.raises(OSError, match=r"reset|pipe"):
                for _ in range(10_000):
                    link.sendall(chunk)
        assert server.raw(
            f"{head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".encode()
        ).startswith(b"HTTP/1.1 ")
        large = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n" + "".join(
            f"X-{n}: {'y' * 1000}\r\n" for n in range(64)
        )
        assert server.raw(f"{large}\r\n".encode()).startswith(b"HTTP/1.1 4")
        assert server.raw(b"\x16\x03\x01 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        assert server.status("GET", "/") == 200
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost:")
            assert received(slow) == b"", "a head that does not come is not waited for"
        many = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(60)]
        assert sum(received(each) == b"" for each in many) == 60
        assert server.status("GET", "/") == 200


def test_malformed_requests_are_neither_answered_nor_logged(home: Home) -> None:
    rng = random.Random(8)
    with reviewing(home) as server:
        server.enter()
        own = f"Host: 127.0.0.1:{server.port}\r\nOrigin: {server.origin}\r\nCookie: {server.cookie}\r\n"
        whole = [
            f"POST /decide HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".encode(),
            f"GET /%2e%2e/enter?token=a HTTP/1.1\r\n{own}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n".encode(),
        ]
        for number in range(1000):
            data = bytearray(whole[number % 2] * 2)
            for _ in range(rng.randint(1, 4)):
                place = rng.randrange(len(data))
                data[place : place + rng.randint(0, 4)] = rng.choice(
                    [b"", b"\0", b"\r\n", b"%00", b"../", b'"', b"9" * 30, b"\xff"]
                )
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
                assert link.recv(7) in (b"", b"HTTP/1.")
        assert server.status("GET", "/") == 200
    assert (home.path / "review.log").read_text().splitlines()[-1].startswith("The link works once")


def test_guessed_links_are_rate_limited_and_good_ones_still_work(home: Home) -> None:
    with reviewing(home) as server:
        for _ in range(10):
            assert server.status("GET", "/enter?token=guess") == 403
        reply, _ = server.ask("GET", "/enter?token=guess")
        assert (reply.status, 0 < int(reply.getheader("retry-after", "0")) <= 60) == (429, True)
        assert server.status("GET", "/") == 401
        assert server.enter() == 200, "a good link gets in all the same"
        assert server.status("GET", "/") == 200


def test_on_the_network_it_is_encrypted_with_the_certificate_that_was_shown(home: Home) -> None:
    with reviewing(home, "--lan", lines=3, prelude=APP + QUICK) as server:
        shown = "".join(f"{line}:" for line in server.lines[1:]).strip(":")
        assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", shown)
        presented = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))
        assert hashlib.sha256(presented).digest().hex(":").upper() == shown
        trusting = ssl.create_default_context(cafile=str(home.library / "review" / "certificate.pem"))
        with (
            socket.create_connection(("127.0.0.1", server.port)) as link,
            trusting.wrap_socket(link, server_hostname="localhost") as secure,
        ):
            assert secure.version() == "TLSv1.3"
        assert server.raw(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()) == b"", (
            "plain HTTP is refused"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as silent:
            assert received(silent) == b"", "who does not begin is not waited for"
        assert server.enter() == 200
        assert server.cookie.startswith(f"__Host-dejashot-{server.port}=")
        assert server.status("GET", "/") == 200
        assert server.status("GET", "/", Host="evil.example") == 421
        assert json.loads((home.library / "review" / "server.json").read_text())["fingerprint"] == shown
        assert "every device" in (home.path / "review.log").read_text()


def test_a_port_in_use_is_reported(home: Home, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = home.run("review", "--port", port)
        assert (done.returncode, f"port {port} is in use" in done.stderr, "--port" in done.stderr) == (2, True, True)
    assert not (home.library / "review" / "server.json").exists()


def test_the_state_of_a_killed_server_is_ignored(home: Home) -> None:
    with reviewing(home) as server:
        (home.library / "review" / "server.json").rename(home.path / "kept")
    (home.path / "kept").rename(home.library / "review" / "server.json")
    with reviewing(home) as again:
        assert again.port != server.port
        assert again.enter() == 200


def test_the_page_stops_at_once_although_browsers_hold_connections(home: Home) -> None:
    with reviewing(home) as server:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(4) == 0
        assert not (home.library / "review" / "server.json").exists()
        for each in idle:
            each.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_in_a_real_browser_own_forms_work_and_foreign_ones_do_not(home: Home) -> None:
    api = pytest.importorskip("playwright.sync_api")
    with reviewing(home) as server, api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto("data:text/html,elsewhere")
        page.set_content(f'<a href="{server.link}">a link in a mail</a>')
        page.click("a")
        page.wait_for_url(f"{server.origin}/")
        assert page.title() == "Photos"
        assert page.evaluate("document.cookie + document.referrer").count("token") == 0
        page.click("button")
        assert page.inner_text("body") == "decided 0"
        page.go_back()
        assert "token" not in page.url
        page.goto("data:text/html,elsewhere")
        page.set_content(f'<form method="post" action="{server.origin}/decide"><button>Win a prize</button></form>')
        page.click("button")
        page.wait_for_url(f"{server.origin}/decide")
        assert "Not from here" in page.inner_text("body")
        assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "640px", "it is styled"
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_real_pages_work_with_access_control(home: Home, busy_minute: Path) -> None:
    api = pytest.importorskip("playwright.sync_api")
    film = write_film(busy_minute / "IMG_0001.mov")
    os.utime(film, (datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp(),) * 2)
    home.run("scan", busy_minute)
    with reviewing(home, prelude="") as server, api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        complaints: list[str] = []
        statuses: dict[str, int] = {}
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("response", lambda reply: statuses.update({urlsplit(reply.url).path: reply.status}))
        page.goto(server.link)
        page.wait_for_url(f"{server.origin}/")
        for path in ("/timeline", "/savings", "/accept", "/similar", "/"):
            page.goto(f"{server.origin}{path}", wait_until="networkidle")
        page.evaluate("playFilm(document.querySelector('.plays'))")  # as by touch: the browser has seen no click yet
        page.wait_for_selector("video.seen")
        browser.close()
        assert {path: status for path, status in statuses.items() if status >= 400} == {}
        assert complaints == []
        assert any(path.startswith("/photo/") for path in statuses)


def test_the_daemon_serves_the_page_and_survives_its_death(home: Home, busy_minute: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home.configure(f'folders = ["{busy_minute}"]\n[review]\nenabled = true\nport = {port}\n[watch]\nquiet_s = 0.2\n')
    log = home.path / "daemon.log"
    with log.open("w") as out:
        daemon = subprocess.Popen(home.command("run"), env=dict(home.environment), stdout=out, stderr=out)
    try:
        state = home.library / "review" / "server.json"
        wait_until(state.exists, "the page is served")
        child = json.loads(state.read_text())["pid"]
        assert home.json("status")["review"] == {
            "url": f"http://127.0.0.1:{port}",
            "lan": False,
            "fingerprint": "",
            "trouble": "",
        }
        link = home.run("review").stdout.strip()
        os.kill(child, signal.SIGKILL)
        assert "not served" in home.run("status").stdout
        wait_until(lambda: json.loads(state.read_text())["pid"] != child, "it is served again")
        assert daemon.poll() is None
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", link.partition(str(port))[2])
        assert connection.getresponse().status == 200, "links outlast the server"
        assert "token=" not in log.read_text()
        child = json.loads(state.read_text())["pid"]
        daemon.kill()  # its child is not notified
        daemon.wait()
        wait_until(lambda: gone(child), "the page ends with the daemon")
    finally:
        daemon.kill()
        daemon.wait()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_port_in_use_is_a_problem_of_the_page_and_not_of_the_daemon(home: Home, busy_minute: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home.configure(
            f'folders = ["{busy_minute}"]\n[review]\nenabled = true\nport = {port}\n[watch]\nquiet_s = 0.2\n'
        )
        with (home.path / "daemon.log").open("w") as out:
            daemon = subprocess.Popen(home.command("run"), env=dict(home.environment), stdout=out, stderr=out)
        try:
            wait_until(lambda: "in use" in str(home.json("status")["review"]), "the problem is reported")
            assert home.json("status")["trouble"] == ""
            found = {f["name"]: f for f in json.loads(home.run("doctor", "--format", "json").stdout)["findings"]}
            assert (found["review page"]["mark"], f"port {port}" in found["review page"]["words"]) == ("wrong", True)
            wait_until(lambda: home.status()["photos"] == 5, "photos are read all the same")
        finally:
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(TIMEOUT_S) == 0


def test_a_daemon_that_serves_no_page_loads_nothing_of_it(home: Home, busy_minute: Path) -> None:
    process = home.start("run", busy_minute)
    try:
        wait_until(lambda: photos(home) == 5, "the photos are read")
        maps = Path(f"/proc/{process.pid}/maps")
        if not maps.exists():
            pytest.skip("this system does not list what a process has loaded")
        assert "cryptography" not in maps.read_text()
        tables = {
            line.split()[9]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        }
        held = {str(h.readlink()) for h in Path(f"/proc/{process.pid}/fd").iterdir()}
        assert not held & {f"socket:[{inode}]" for inode in tables}
        assert not (home.library / "review").exists()
    finally:
        process.kill()
        process.communicate()

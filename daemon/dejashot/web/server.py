"""Serving the review page: the sockets, the encryption, the guard around the app, and a clean end."""

import asyncio
import errno
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import h11
import uvicorn
from filelock import Timeout
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from dejashot.config.settings import Settings
from dejashot.errors import DejashotError, StorageError
from dejashot.paths import shown
from dejashot.web.access.auth import Limiter, LinkAuth, review_folder
from dejashot.web.access.connections import ACCEPTED_AT_ONCE, Connections, Listening, Standing
from dejashot.web.access.middleware import MAX_COOKIES_BYTES, MAX_HEAD_BYTES, HostNames, SecurityMiddleware
from dejashot.web.access.network import host_names, lan_addresses
from dejashot.web.compose import review_pages
from dejashot.web.routes.groups import UPLOAD_PATH
from dejashot.web.server_state import ReviewError, Served, lock_of_page, publish_page, withdraw_page

log = logging.getLogger(__name__)

HEAD_WITHIN_S = 10.0
KEEP_ALIVE_S = 30
SHUTDOWN_TIMEOUT_S = 5
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)

UPLOAD_PATHS = frozenset({UPLOAD_PATH})  # where 300 MiB may be sent instead of one

Announce = Callable[[Served], None]
AppFactory = Callable[[], AbstractContextManager[ASGIApp]]
Watch = Callable[[Callable[[], None]], Awaitable[None]]


def make_app(settings: Settings, library: Path, *, at_once: bool = False) -> AbstractContextManager[ASGIApp]:
    """Return the page of a library, which ends with its block; what stands around it (who may ask) is none of its business.

    `at_once` begins to look through the library before anybody asks: somebody is about to.
    """
    return review_pages(settings, library, at_once=at_once)


def serve(
    library: Path,
    make_app: AppFactory,
    *,
    port: int,
    lan: bool = False,
    announce: Announce = lambda _served: None,
    upload_paths: Collection[str] = (),
    watch: Watch | None = None,
) -> None:
    """Serve the page of a library until SIGTERM or SIGINT, to this machine alone or, encrypted, to its network (`lan`).

    `port` 0 takes one that is free. `announce` is called once it answers. `upload_paths` may be sent more than others. `watch` is awaited
    beside it, with a function that ends it. Raises ReviewError when the port is taken or another process serves this library, StorageError,
    and what `make_app` raises.
    """
    folder = review_folder(library)
    connections = Connections()
    with _alone(folder), _sockets(port, connections, lan=lan) as sockets, make_app() as app:
        served, certificate = _served(folder, int(sockets[0].getsockname()[1]), lan=lan)
        _probe(folder, served)
        hosts = [*_LOCAL_HOSTS, *map(str, lan_addresses()), *host_names()] if lan else _LOCAL_HOSTS
        names = HostNames(served.port, frozenset(hosts), tls=lan, lan=lan)
        guarded = SecurityMiddleware(app, LinkAuth(folder), Limiter(), names, upload_paths)
        server = _Server(_config(guarded, certificate, connections), folder, served, announce, watch)
        with (
            suppress(SystemExit),
            asyncio.Runner(loop_factory=_Loop) as runner,
        ):  # uvicorn's way to say that the app did not start
            runner.run(server.serve(sockets))
        if not server.started:
            raise ReviewError(
                "the page could not be started", "Run `dejashot review` in a terminal: what it says tells why"
            )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only process that serves this library; raise ReviewError, StorageError."""
    lock = lock_of_page(folder)
    try:
        lock.acquire()
    except Timeout as error:
        raise ReviewError(
            "the page of this library is served already", "`dejashot review` makes a link to it"
        ) from error
    except OSError as error:
        raise StorageError(
            f"can't write {shown(folder)}: {error.strerror}", "Check the permissions and the free space"
        ) from error
    try:
        yield
    finally:
        withdraw_page(folder)  # whatever it ended by
        lock.release()


def _probe(folder: Path, served: Served) -> None:
    """Write down what will be served before anything is begun that would have to be ended again; raise StorageError."""
    try:
        publish_page(folder, served)
    except OSError as error:
        raise StorageError(
            f"can't write {shown(folder)}: {error.strerror}", "Check the permissions and the free space"
        ) from error


def _served(folder: Path, port: int, *, lan: bool) -> tuple[Served, Path | None]:
    """Return what is served, and the file of its certificate where it is encrypted."""
    if not lan:
        return Served(os.getpid(), port), None
    from dejashot.web.access.certificate import certificate_for  # noqa: PLC0415 - takes a while to import, and few need it

    addresses = [*lan_addresses(), ip_address("127.0.0.1"), ip_address("::1")]
    certificate = certificate_for(folder, [*host_names(), "localhost"], addresses, datetime.now(UTC))
    return Served(os.getpid(), port, lan=True, fingerprint=certificate.fingerprint), certificate.file


def _config(app: ASGIApp, certificate: Path | None, connections: Connections) -> uvicorn.Config:
    """Return how uvicorn is to serve: nothing logged of requests, nothing believed that a proxy could say, everything bounded."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what strangers send is not worth a line each
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=cast(type[asyncio.Protocol], partial(_Protocol, counted=connections)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES + MAX_COOKIES_BYTES,
        ssl_certfile=certificate,
        ssl_ciphers=_CIPHERS,
    )


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose servers wait for the beginning and end of an encrypted connection no longer than for a request's head."""

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = options["ssl_shutdown_timeout"] = HEAD_WITHIN_S
        return await super().create_server(*arguments, **options)


class _Protocol(H11Protocol):
    """One connection: a request's head must come whole within a while, and it is known what the connection has come to."""

    _patience: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, counted: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._counted, self._handle = counted, -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._handle = transport.get_extra_info("socket").fileno()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._handle = -1  # another connection's, soon
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        self._say_standing()

    def on_response_complete(self) -> None:
        self._wait_for_head()
        super().on_response_complete()
        self._say_standing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; what was asked before it on the same connection gets no answer, and no error of it is logged."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer was under way
            self.transport.abort()

    def _say_standing(self) -> None:
        if self.cycle is None or self.transport.is_closing():
            standing = Standing.SILENT
        else:
            standing = Standing.KEPT if self.cycle.response_complete else Standing.BUSY
        self._counted.stands(self._handle, standing)

    def _wait_for_head(self) -> None:
        """Begin to wait for the next head; a connection that is merely kept alive ends by itself later."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.loop.call_later(max(HEAD_WITHIN_S, KEEP_ALIVE_S + 1 if self.cycle else 0), self._too_slow)

    def _too_slow(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()


class _Server(uvicorn.Server):
    """uvicorn's server, which says where it is while it runs, sleeps while nothing comes, and ends with status 0 when told to."""

    def __init__(
        self, config: uvicorn.Config, folder: Path, served: Served, announce: Announce, watch: Watch | None
    ) -> None:
        super().__init__(config)
        self._folder, self._served, self._announce, self._watch = folder, served, announce, watch
        self._ended = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        await self.on_tick(0)
        try:
            publish_page(self._folder, self._served)
            self._announce(self._served)
        except DejashotError:
            await self.shutdown(sockets)  # else the app is cut short, and says so at length
            raise

    async def main_loop(self) -> None:
        """Wait for the end, without looking ten times a second whether it has come."""
        watching = None if self._watch is None else asyncio.ensure_future(self._watch(self._ended.set))
        await self._ended.wait()
        if watching is not None:
            watching.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that it is over, then end."""
        withdraw_page(self._folder)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End when told to; unlike uvicorn's own, the signal is not raised once more afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


@contextmanager
def _sockets(port: int, connections: Connections, *, lan: bool) -> Iterator[list[socket.socket]]:
    """Listen at a port of this machine, on its loop alone or everywhere; raise ReviewError."""
    opened: list[socket.socket] = []
    try:
        opened.append(_listening(connections, socket.AF_INET, "0.0.0.0" if lan else "127.0.0.1", port))  # noqa: S104 - what --lan asks for
        with suppress(_NoIPv6Error):
            opened.append(
                _listening(connections, socket.AF_INET6, "::" if lan else "::1", int(opened[0].getsockname()[1]))
            )
        yield opened
    finally:
        for each in opened:
            each.close()


class _NoIPv6Error(OSError):
    """This machine has no IPv6, or not there."""


def _listening(connections: Connections, family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """Return a socket that is bound; one that another program has in the other family is as taken, or names would lead there."""
    try:
        made = Listening(connections, family)
    except OSError as error:
        raise _refused(family, port, error) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen()
    except OSError as error:
        made.close()
        raise _refused(family, port, error) from error
    return made


def _refused(family: socket.AddressFamily, port: int, error: OSError) -> Exception:
    """Return the error to raise when a port can't be listened at."""
    if family == socket.AF_INET6 and error.errno in _NO_IPV6:
        return _NoIPv6Error()
    if error.errno == errno.EADDRINUSE:
        return ReviewError(f"port {port} is in use by another program", "Name another with --port, or set review.port")
    if error.errno == errno.EACCES:
        return ReviewError(
            f"port {port} is not for ordinary accounts", "Name one above 1023 with --port, or set review.port"
        )
    if error.errno in (errno.EAFNOSUPPORT, errno.EPERM):
        return ReviewError(
            "this process may not use the network",
            "Run `dejashot service install` again: it opens the unit for the page",
        )
    return ReviewError(f"can't listen at port {port}: {error.strerror}", "Name another with --port, or set review.port")

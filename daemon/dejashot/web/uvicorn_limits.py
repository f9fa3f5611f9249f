"""uvicorn with limits that it has no options for: this file alone knows its internals."""

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from dejashot.errors import DejashotError
from dejashot.web.access.connections import ACCEPTED_AT_ONCE, Connections, ConnectionState
from dejashot.web.access.requests import MAX_COOKIES_BYTES, MAX_HEAD_BYTES

HEAD_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 30
SHUTDOWN_TIMEOUT_S = 5
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"

Watch = Callable[[Callable[[], None]], Awaitable[None]]  # awaited while the server runs, with a function that ends it


class LimitedServer(uvicorn.Server):
    """A server that reports when it begins and ends, sleeps while nothing comes, and exits with 0 on a signal.

    `on_started` is called once it answers, and `on_stopping` before it ends.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        on_started: Callable[[], None],
        on_stopping: Callable[[], None],
        watch: Watch | None = None,
    ) -> None:
        super().__init__(config)
        self._on_started, self._on_stopping, self._watch = on_started, on_stopping, watch
        self._ended = asyncio.Event()

    def run_until_signal(self, sockets: Sequence[socket.socket]) -> bool:
        """Serve on some sockets until SIGTERM or SIGINT; return whether the application started."""
        # SystemExit is uvicorn's way to say that the application did not start
        with suppress(SystemExit), asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(self.serve(list(sockets)))
        return self.started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then report that."""
        await super().startup(sockets)
        await self.on_tick(0)
        try:
            self._on_started()
        except DejashotError:
            await self.shutdown(sockets)  # otherwise the application is cut short, and logs that at length
            raise

    async def main_loop(self) -> None:
        """Wait for the end, without checking ten times a second whether it has come."""
        watching = None if self._watch is None else asyncio.ensure_future(self._watch(self._ended.set))
        await self._ended.wait()
        if watching is not None:
            watching.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Report the end, then end."""
        self._on_stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal; unlike uvicorn's own method this does not raise the signal once more afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ended.set)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def limited_config(app: ASGIApp, connections: Connections, certificate: Path | None = None) -> uvicorn.Config:
    """Return a configuration that logs no request, believes no proxy, and bounds everything."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what strangers send is not worth a line each
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=cast(type[asyncio.Protocol], partial(_Protocol, connections=connections)),
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
    """An event loop that waits for the handshake and the end of TLS no longer than for a request's head."""

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = options["ssl_shutdown_timeout"] = HEAD_TIMEOUT_S
        return await super().create_server(*arguments, **options)


class _Protocol(H11Protocol):
    """One connection: a request's head must come whole within a time limit, and the state is reported."""

    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections, self._descriptor = connections, -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._descriptor = transport.get_extra_info("socket").fileno()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._descriptor = -1  # another connection's, soon
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        self._report_state()

    def on_response_complete(self) -> None:
        self._wait_for_head()
        super().on_response_complete()
        self._report_state()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; an earlier request on the same connection gets no reply, and no error is logged."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # a reply was under way
            self.transport.abort()

    def _report_state(self) -> None:
        if self.cycle is None or self.transport.is_closing():
            state = ConnectionState.SILENT
        else:
            state = ConnectionState.KEPT if self.cycle.response_complete else ConnectionState.BUSY
        self._connections.set_state(self._descriptor, state)

    def _wait_for_head(self) -> None:
        """Begin to wait for the next head; a connection that is merely kept alive ends by itself later."""
        if self._timer is not None:
            self._timer.cancel()
        timeout_s = max(HEAD_TIMEOUT_S, KEEP_ALIVE_S + 1 if self.cycle else 0)
        self._timer = self.loop.call_later(timeout_s, self._abort_if_idle)

    def _abort_if_idle(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.abort()

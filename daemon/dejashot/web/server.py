"""Serving the review page: the sockets, the encryption, who may ask, and a clean end."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from starlette.types import ASGIApp

from dejashot.errors import StorageError
from dejashot.library.lock import LockTimeoutError
from dejashot.paths import shown
from dejashot.web.access.auth import Limiter, LinkAuth, review_folder
from dejashot.web.access.connections import Connections, ListeningSocket
from dejashot.web.access.host_names import HostNames
from dejashot.web.access.middleware import SecurityMiddleware
from dejashot.web.access.network import host_names, lan_addresses
from dejashot.web.access.request_language import LanguageMiddleware
from dejashot.web.routes.similar import UPLOAD_PATH
from dejashot.web.server_state import ReviewError, Served, lock_of_page, publish_page, withdraw_page
from dejashot.web.uvicorn_limits import LimitedServer, Watch, limited_config

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)
_UPLOAD_PATHS = frozenset({UPLOAD_PATH})

Announce = Callable[[Served], None]
AppFactory = Callable[[], AbstractContextManager[ASGIApp]]


def serve(
    library: Path,
    make_app: AppFactory,
    *,
    port: int,
    lan: bool = False,
    announce: Announce = lambda _served: None,
    watch: Watch | None = None,
) -> None:
    """Serve the page of a library until SIGTERM or SIGINT, to this machine alone or, encrypted, to its network (`lan`).

    `port` 0 takes a free one. `announce` is called once the page answers. `watch` is awaited meanwhile, with a function
    that ends the server. Raises ReviewError when the port or the library is taken, StorageError, and what `make_app`
    raises.
    """
    folder = review_folder(library)
    connections = Connections()
    with _alone(folder), _sockets(port, connections, lan=lan) as sockets, make_app() as app:
        served, certificate = _served(folder, int(sockets[0].getsockname()[1]), lan=lan)
        _publish(folder, served)  # before anything is begun that would have to be ended again

        def started() -> None:
            publish_page(folder, served)
            announce(served)

        secured = _secured(app, folder, served)
        config = limited_config(secured, connections, certificate)
        server = LimitedServer(config, started, lambda: withdraw_page(folder), watch)
        if not server.run_until_signal(sockets):
            raise ReviewError(
                "the page could not be started", "Run `dejashot review` in a terminal: what it says tells why"
            )


def _secured(app: ASGIApp, folder: Path, served: Served) -> ASGIApp:
    """Return the application behind what decides who may ask for what."""
    hosts = [*_LOCAL_HOSTS, *map(str, lan_addresses()), *host_names()] if served.lan else _LOCAL_HOSTS
    names = HostNames(served.port, frozenset(hosts), tls=served.lan, lan=served.lan)
    # the application chooses a language by itself: this one is for the pages in front of it
    return LanguageMiddleware(SecurityMiddleware(app, LinkAuth(folder), Limiter(), names, _UPLOAD_PATHS))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only process that serves this library; raise ReviewError, StorageError."""
    lock = lock_of_page(folder)
    try:
        lock.acquire()
    except LockTimeoutError as error:
        raise ReviewError(
            "the page of this library is served already", "`dejashot review` makes a link to it"
        ) from error
    except OSError as error:
        raise _not_writable(folder, error) from error
    try:
        yield
    finally:
        withdraw_page(folder)  # whatever it ended by
        lock.release()


def _publish(folder: Path, served: Served) -> None:
    try:
        publish_page(folder, served)
    except OSError as error:
        raise _not_writable(folder, error) from error


def _not_writable(folder: Path, error: OSError) -> StorageError:
    return StorageError(f"can't write {shown(folder)}: {error.strerror}", "Check the permissions and the free space")


def _served(folder: Path, port: int, *, lan: bool) -> tuple[Served, Path | None]:
    """Return what is served, and the file of its certificate where it is encrypted."""
    if not lan:
        return Served(os.getpid(), port), None
    from dejashot.web.access.certificate import certificate_for  # noqa: PLC0415 - slow to import, and rarely needed

    addresses = [*lan_addresses(), ip_address("127.0.0.1"), ip_address("::1")]
    certificate = certificate_for(folder, [*host_names(), "localhost"], addresses, datetime.now(UTC))
    return Served(os.getpid(), port, lan=True, fingerprint=certificate.fingerprint), certificate.file


@contextmanager
def _sockets(port: int, connections: Connections, *, lan: bool) -> Iterator[list[socket.socket]]:
    """Listen at a port of this machine, on loopback alone or everywhere; raise ReviewError."""
    ipv4, ipv6 = ("0.0.0.0", "::") if lan else ("127.0.0.1", "::1")  # noqa: S104 - what --lan asks for
    opened: list[socket.socket] = []
    try:
        opened.append(_listening(connections, socket.AF_INET, ipv4, port))
        with suppress(_NoIPv6Error):
            opened.append(_listening(connections, socket.AF_INET6, ipv6, int(opened[0].getsockname()[1])))
        yield opened
    finally:
        for each in opened:
            each.close()


class _NoIPv6Error(OSError):
    """This machine has no IPv6, or not on that address."""


def _listening(connections: Connections, family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """Return a socket that listens; a port that is taken in one family counts as taken, as names may lead there."""
    try:
        made = ListeningSocket(connections, family)
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

"""What a running review page says of itself beside the library, for the commands that want to know."""

import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from dejashot.config.settings import ReviewSettings
from dejashot.digests.page_address import NO_PAGE, PageAddresses
from dejashot.errors import DejashotError, StorageError
from dejashot.files.state_file import StateFile, process_runs
from dejashot.library.lock import OwnLock
from dejashot.paths import shown
from dejashot.web.access.network import host_names, lan_addresses

STATE_NAME = "server.json"
PAGE_LOCK_NAME = "server.lock"
_ANSWER_S = 2.0


class ReviewError(DejashotError):
    """The review page can't be served, or no link to it can be made."""


@dataclass(frozen=True, slots=True)
class Served:
    """The page as it is served: process, port, whether to the network, and the certificate's fingerprint."""

    pid: int
    port: int
    lan: bool = False
    fingerprint: str = ""

    @property
    def scheme(self) -> str:
        """Return http, or https where it is encrypted: then every address is."""
        return "https" if self.fingerprint else "http"

    @property
    def origin(self) -> str:
        """Return where this machine itself reaches it."""
        return self.origin_at("127.0.0.1")

    def origin_at(self, host: str | IPv4Address | IPv6Address) -> str:
        """Return where it is reached under a name or an address."""
        return f"{self.scheme}://{f'[{host}]' if isinstance(host, IPv6Address) else host}:{self.port}"


def page_addresses(settings: ReviewSettings) -> PageAddresses:
    """Return where the page that the daemon serves is reached: by others only where it is served to the network."""
    if not settings.enabled:
        return NO_PAGE
    served = Served(0, settings.port, settings.lan, "encrypted" if settings.lan else "")
    if not settings.lan:
        return PageAddresses(for_files=lambda: served.origin)

    def network_origin() -> str:
        found = [*lan_addresses(), *host_names()]
        return served.origin_at(found[0]) if found else ""

    return PageAddresses(lambda: network_origin() or served.origin, network_origin)


def lock_of_page(folder: Path) -> OwnLock:
    """Return the lock that whoever serves the page holds: a process id may be another's by now, a lock may not."""
    return OwnLock(folder / PAGE_LOCK_NAME, 0.0, guarded=folder)


def publish_page(folder: Path, served: Served) -> None:
    """Record that the page is served; raise StorageError."""
    state = StateFile(folder / STATE_NAME)
    try:
        state.publish({**asdict(served), "origin": served.origin})
    except OSError as error:
        raise StorageError(
            f"can't write {shown(state.file)}: {error.strerror}", "Check the permissions and the free space"
        ) from error


def publish_problem(folder: Path, problem: str) -> None:
    """Record why the page can't be served; a full disk only leaves that unsaid."""
    with suppress(OSError):
        StateFile(folder / STATE_NAME).publish({"trouble": problem})


def withdraw_page(folder: Path) -> None:
    """Remove the record."""
    StateFile(folder / STATE_NAME).withdraw()


def running_page(library: Path) -> Served | None:
    """Return the page that is served for a library, None when its process or its port is gone."""
    body = _recorded(library)
    try:
        served = Served(int(body["pid"]), int(body["port"]), bool(body["lan"]), str(body["fingerprint"]))
        if not process_runs(served.pid):
            return None
        with socket.create_connection(("127.0.0.1", served.port), _ANSWER_S):
            return served
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None


def page_body(library: Path, settings: ReviewSettings, *, daemon: bool) -> dict[str, Any] | None:
    """Return where the page is served as JSON-able values, None where it is not and need not be.

    `daemon` says whether a daemon runs, which should serve it where it is enabled.
    """
    served = running_page(library)
    if served is not None:
        return {"url": served.origin, "lan": served.lan, "fingerprint": served.fingerprint, "trouble": ""}
    if not (settings.enabled and daemon):
        return None
    problem = str(_recorded(library).get("trouble", "")) or "it is not served; the log says why"
    return {"url": None, "lan": settings.lan, "fingerprint": "", "trouble": problem}


def _recorded(library: Path) -> dict[str, Any]:
    """Return the record, empty when it can't be read."""
    return StateFile(library / "review" / STATE_NAME).read()

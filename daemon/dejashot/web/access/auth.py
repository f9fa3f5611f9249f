"""Who is let in: links that work once, and a count of tries with links that do not work."""

import os
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

from dejashot.errors import StorageError
from dejashot.paths import PRIVATE_FILE, make_private, shown
from dejashot.web.access.boot_clock import ClockReading, read_clocks
from dejashot.web.access.sessions import Sessions, hash_of, is_secret

LINK_S = 600.0
ENTER_PATH = "/enter"
_AHEAD_S = 2.0  # that a file system may round the time of a link by
_FIRST_S = 946_684_800.0  # 2000-01-01, the mtime of a link made at boot: some file systems know no earlier time
_HASH = re.compile(r"[0-9a-f]{64}")
_TAKEN = ".taken"


def review_folder(library: Path) -> Path:
    """Return the folder that the page keeps its own things in, made private; raise StorageError."""
    return make_private(make_private(library) / "review")


def make_link(folder: Path, origin: str, since_boot_s: float) -> str:
    """Return a link that lets one browser in, once, for `LINK_S` seconds; raise StorageError.

    Any process of the owner's may make one. Only the hash of its secret is written, so that no link can be read out of
    the folder; the file is empty, which a full disk mostly has room for. Its age goes by the clock since boot.
    """
    links = make_private(folder / "links")
    token = secrets.token_urlsafe(32)
    file, made_s = links / hash_of(token), _FIRST_S + since_boot_s
    try:
        _sweep(links, since_boot_s)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
        os.utime(file, (made_s, made_s))
    except OSError as error:
        raise StorageError(
            f"can't write {shown(file)}: {error.strerror}", "Check the permissions and the free space"
        ) from error
    return f"{origin}{ENTER_PATH}?token={token}"


def forget_all(folder: Path, clock: Callable[[], ClockReading] = read_clocks) -> int:
    """End every session and every link; return how many sessions there were. A running server sees it at once.

    Raises StorageError.
    """
    count, links = Sessions(folder, clock).end_all(), folder / "links"
    try:
        for file in links.iterdir() if links.is_dir() else ():
            if not file.is_dir():  # not ours
                file.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"can't remove what lies in {shown(links)}: {error.strerror}", "Check the permissions"
        ) from error
    return count


class LinkAuth:
    """Begin a session for a good link, and recognise sessions by their cookies."""

    def __init__(self, folder: Path, clock: Callable[[], ClockReading] = read_clocks) -> None:
        self._links = make_private(folder / "links")
        self._sessions = Sessions(folder, clock)
        self._clock = clock

    def enter(self, token: str) -> str | None:
        """Use up a link and return the value of a new session's cookie, None for a link that is not good.

        Raises StorageError where nothing can be written; the link stays good then.
        """
        if not is_secret(token):
            return None
        link = self._links / hash_of(token)
        taken = link.with_name(link.name + _TAKEN)
        try:
            if link.name not in _sweep(self._links, self._clock().since_boot_s):
                return None
            link.rename(taken)  # of two that come at once, one gets it
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(
                f"can't write {shown(self._links)}: {error.strerror}", "Check the permissions"
            ) from error
        try:
            value = self._sessions.begin()
        except StorageError:
            with suppress(OSError):
                taken.rename(link)
            raise
        with suppress(OSError):  # it lets nobody in under that name
            taken.unlink()
        return value

    def knows(self, values: Iterable[str]) -> bool:
        """Return whether one of some cookie values belongs to a session."""
        return self._sessions.knows(values)


class Limiter:
    """Count the links that did not work within a window: so many from one network, and so many from all of them.

    It only says when to stop trying. No try is refused for it: a link that works is always good.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, each: int = 10, overall: int = 60, window_s: float = 60.0
    ) -> None:
        self._clock, self._each, self._overall, self._window_s = clock, each, overall, window_s
        self._failures: deque[tuple[float, str]] = deque(maxlen=overall)  # no more are ever held, whoever comes

    @property
    def failures(self) -> int:
        """Return how many failures are counted now."""
        return len(self._failures)

    def wait_s(self, address: str) -> float:
        """Return how many seconds an address should wait before it tries again; 0: none."""
        now_s = self._clock()
        while self._failures and self._failures[0][0] <= now_s - self._window_s:
            self._failures.popleft()
        mine = [at_s for at_s, who in self._failures if who == client_network(address)]
        full = [*mine[-self._each :][:1]] if len(mine) >= self._each else []
        if len(self._failures) >= self._overall:
            full.append(self._failures[0][0])
        return max((at_s + self._window_s - now_s for at_s in full), default=0.0)

    def failed(self, address: str) -> None:
        """Note a link that did not work."""
        self._failures.append((self._clock(), client_network(address)))


def client_network(address: str) -> str:
    """Return what counts as one address: loopback, or a whole network, as one device can take many addresses of it."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return "loopback"
    return (
        str(IPv4Network((parsed, 24), strict=False))
        if parsed.version == 4
        else str(IPv6Network((parsed, 64), strict=False))
    )


def _sweep(links: Path, since_boot_s: float) -> list[str]:
    """Remove the links that have run out, and what is no link; return the names of the good ones. Raises OSError."""
    good = []
    with os.scandir(links) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process was quicker
                age_s = _FIRST_S + since_boot_s - entry.stat(follow_symlinks=False).st_mtime
                if _HASH.fullmatch(entry.name) and -_AHEAD_S <= age_s < LINK_S:
                    good.append(entry.name)
                elif not entry.name.endswith(_TAKEN) or age_s >= LINK_S:  # one that is taken may yet come back
                    with suppress(OSError):  # a folder is not ours to remove
                        Path(entry.path).unlink()
    return good

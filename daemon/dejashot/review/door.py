"""Who gets in: links that work once, sessions that outlast a restart, and a limit on trying."""

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from ipaddress import IPv6Network, ip_address
from pathlib import Path

from filelock import FileLock

from dejashot.errors import StorageError
from dejashot.paths import PRIVATE_FILE, make_private, read_own, shown, write_atomically

log = logging.getLogger(__name__)

LINK_S = 600.0
IDLE_S = 30 * 86400.0
ENTER_PATH = "/enter"
_AHEAD_S = 60.0  # that two clocks of one machine may differ, seen from a link
_TOUCH_EVERY_S = 3600.0
_SESSIONS_MOST = 64
_LOCK_PATIENCE_S = 10.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as token_urlsafe writes them
_HASH = re.compile(r"[0-9a-f]{64}")


def review_folder(library: Path) -> Path:
    """Return the folder that the page keeps its own things in, made private; raise StorageError."""
    return make_private(make_private(library) / "review")


def make_link(folder: Path, origin: str, now_s: float) -> str:
    """Return a link that lets one browser in, once, for `LINK_S` seconds; any process of the owner's may make one. Raise StorageError.

    Only the hash of its secret is written, so that nobody can read a link out of the folder.
    """
    links = make_private(folder / "links")
    _sweep(links, now_s)
    token = secrets.token_urlsafe(32)
    file = links / _hash(token)
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
        os.utime(file, (now_s, now_s))
    except OSError as error:
        raise StorageError(f"can't write {shown(file)}: {error.strerror}", "Check the permissions and the free space") from error
    return f"{origin}{ENTER_PATH}?token={token}"


def forget_all(folder: Path, clock: Callable[[], float] = time.time) -> int:
    """End every session and every link; return how many sessions there were. A running server notices at its next request."""
    links = folder / "links"
    if links.is_dir():
        for file in links.iterdir():
            file.unlink(missing_ok=True)
    return Sessions(folder, clock).end_all()


class Door:
    """Let in who brings a link that is still good, and know again who was let in."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._links = make_private(folder / "links")
        self._sessions = Sessions(folder, clock)
        self._clock = clock

    def enter(self, token: str) -> str | None:
        """Use up a link and return the value of a new session's cookie, None for a link that is not good; raise StorageError."""
        if not _SECRET.fullmatch(token):
            return None
        wanted, found = _hash(token), None
        for name in _sweep(self._links, self._clock()):
            if hmac.compare_digest(name, wanted):
                found = name
        if found is None:
            return None
        try:
            (self._links / found).unlink()  # of two who come at once, one removes it
        except FileNotFoundError:
            return None
        return self._sessions.begin()

    def knows(self, values: Iterable[str]) -> bool:
        """Tell whether one of some cookie values belongs to a session."""
        return any(self._sessions.knows(value) for value in values)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that was let in: the hash of its cookie, and when it came and was last seen (seconds since 1970)."""

    hash: str
    made_s: float
    used_s: float


class Sessions:
    """The sessions in a file beside the library: several processes may hold one, and see what the others write."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = folder / "sessions.json"
        self._lock = FileLock(folder / "sessions.lock", timeout=_LOCK_PATIENCE_S, mode=PRIVATE_FILE)
        self._clock = clock
        self._stamp: tuple[int, int, int] | None = None
        self._held: list[Session] = []

    def begin(self) -> str:
        """Begin a session and return the value of its cookie; raise StorageError."""
        value, now_s = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._refresh()
            newest = sorted(self._held, key=lambda s: s.used_s)[-_SESSIONS_MOST + 1 :]
            try:
                self._write([*newest, Session(_hash(value), now_s, now_s)])
            except OSError as error:
                raise StorageError(f"can't write {shown(self._file)}: {error.strerror}", "Check the free space") from error
        return value

    def knows(self, value: str) -> bool:
        """Tell whether a cookie's value belongs to a session, and note that it was used."""
        if not _SECRET.fullmatch(value):
            return False
        self._refresh()
        wanted, found = _hash(value).encode(), None
        for session in self._held:
            if hmac.compare_digest(session.hash.encode(), wanted):
                found = session
        now_s = self._clock()
        if found is None or not _fresh(found, now_s):
            return False
        if abs(now_s - found.used_s) >= _TOUCH_EVERY_S:
            self._touch(found.hash, now_s)
        return True

    def end_all(self) -> int:
        """End every session and return how many there were; raise OSError."""
        with self._lock:
            self._refresh()
            count = sum(_fresh(session, self._clock()) for session in self._held)
            self._file.unlink(missing_ok=True)
            self._refresh()
        return count

    def _touch(self, name: str, now_s: float) -> None:
        """Note when a session was last used; a full disk only lets it run out earlier."""
        with suppress(OSError), self._lock:  # filelock's Timeout is an OSError
            self._refresh()  # another process may just have ended them all
            kept = [s for s in self._held if _fresh(s, now_s)]
            self._write([replace(s, used_s=now_s) if s.hash == name else s for s in kept])

    def _write(self, sessions: list[Session]) -> None:
        if sessions or self._file.exists():
            write_atomically(self._file, json.dumps([asdict(session) for session in sessions]).encode())
        self._refresh()

    def _refresh(self) -> None:
        """Read the file if it is not the one that was read last."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._held, self._stamp = [], None
            return
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp == self._stamp:
            return
        self._held, self._stamp = [], stamp
        try:
            self._held = [Session(str(s["hash"]), float(s["made_s"]), float(s["used_s"])) for s in json.loads(read_own(self._file))]
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            OverflowError,
            RecursionError,
        ):  # nobody is let in by what can't be read
            log.error("the list of sessions can't be read; everybody needs a new link")


class Limiter:
    """Slow down who tries: so many failures within a window from one address, and so many from all of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, each: int = 10, overall: int = 60, window_s: float = 60.0) -> None:
        self._clock, self._each, self._overall, self._window_s = clock, each, overall, window_s
        self._failures: deque[tuple[float, str]] = deque(maxlen=overall)  # no more are ever held, whoever comes

    def wait_s(self, address: str) -> float:
        """Return how many seconds an address has to wait before it may try again; 0: none."""
        now_s = self._clock()
        while self._failures and self._failures[0][0] <= now_s - self._window_s:
            self._failures.popleft()
        mine = [at_s for at_s, who in self._failures if who == neighbourhood(address)]
        full = [*mine[-self._each :][:1]] if len(mine) >= self._each else []
        if len(self._failures) >= self._overall:
            full.append(self._failures[0][0])
        return max((at_s + self._window_s - now_s for at_s in full), default=0.0)

    def failed(self, address: str) -> None:
        """Note a failure."""
        self._failures.append((self._clock(), neighbourhood(address)))


def neighbourhood(address: str) -> str:
    """Return what counts as one address: of IPv6 the network, as a single device has 2**64 of them."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(parsed) if parsed.version == 4 else str(IPv6Network((parsed, 64), strict=False))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _fresh(session: Session, now_s: float) -> bool:
    """Tell whether a session has not run out; a clock that ran ahead makes none last for ever."""
    return abs(now_s - session.used_s) <= IDLE_S


def _sweep(links: Path, now_s: float) -> list[str]:
    """Remove the links that have run out, and whatever else is none; return the names of those that are good."""
    good = []
    with os.scandir(links) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process was quicker
                age_s = now_s - entry.stat(follow_symlinks=False).st_mtime
                if _HASH.fullmatch(entry.name) and -_AHEAD_S <= age_s < LINK_S:
                    good.append(entry.name)
                else:
                    with suppress(OSError):  # a folder is not ours to remove
                        Path(entry.path).unlink()
    return good

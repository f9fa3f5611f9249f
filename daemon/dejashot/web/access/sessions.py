"""Browsers that were let in: a list beside the library that outlasts restarts, full disks and clocks that are set."""

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from dejashot.errors import StorageError
from dejashot.paths import PRIVATE_FILE, read_own, shown, write_atomically
from dejashot.web.access.boot_clock import ClockReading, read_clocks

log = logging.getLogger(__name__)

SESSION_IDLE_S = 30 * 86400.0
_DAY_S = 86400.0
_TOUCH_EVERY_S = 3600.0
_MAX_SESSIONS = 64
_LOCK_TIMEOUT_S = 10.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, as token_urlsafe writes them


def is_secret(text: str) -> bool:
    """Return whether a text has the form of a secret of ours."""
    return _SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> str:
    """Return what is kept of a secret. A search for it takes a time that tells nothing of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that was let in: the hash of its cookie, and when it came and was last used (seconds since 1970).

    `boot`, `noted_s` and `idle_s` say the same by the clock since boot: in that boot, `noted_s` after it began, the
    session had not been used for `idle_s`.
    """

    hash: str
    made_s: float
    used_s: float
    boot: str = ""
    noted_s: float = 0.0
    idle_s: float = 0.0

    def unused_s(self, now: ClockReading) -> float:
        """Return for how long it has not been used; within one boot, whatever the wall clock is set to."""
        if self.boot == now.boot:
            return self.idle_s + now.since_boot_s - self.noted_s
        since_s = now.wall_s - self.used_s - self.idle_s
        # a wall clock that was set back over a restart counts as a day, so that no session lives for ever
        return self.idle_s + (since_s if since_s >= 0 else _DAY_S)

    def is_good(self, now: ClockReading) -> bool:
        """Return whether it has not run out."""
        return self.unused_s(now) <= SESSION_IDLE_S

    def noted(self, now: ClockReading, unused_s: float) -> "Session":
        """Return it as it stands now, by both clocks, when it was not used for so long."""
        return replace(self, used_s=now.wall_s - unused_s, boot=now.boot, noted_s=now.since_boot_s, idle_s=unused_s)

    def is_due(self, now: ClockReading) -> bool:
        """Return whether its use is to be noted: long ago, or before a restart or a change of the wall clock."""
        unused_s = self.unused_s(now)
        return (
            self.boot != now.boot
            or unused_s >= _TOUCH_EVERY_S
            or abs(now.wall_s - self.used_s - unused_s) >= _TOUCH_EVERY_S
        )


class Sessions:
    """The sessions in a file beside the library: several processes may hold one, and see what the others write."""

    def __init__(self, folder: Path, clock: Callable[[], ClockReading] = read_clocks) -> None:
        self._file = folder / "sessions.json"
        self._lock = FileLock(folder / "sessions.lock", timeout=_LOCK_TIMEOUT_S, mode=PRIVATE_FILE)
        self._clock = clock
        self._stamp: tuple[int, int, int] | None = None
        self._held: dict[str, Session] = {}
        self._problem = ""

    def begin(self) -> str:
        """Begin a session and return the value of its cookie; raise StorageError."""
        value, now = secrets.token_urlsafe(32), self._clock()
        new = Session(hash_of(value), now.wall_s, now.wall_s).noted(now, 0.0)
        try:
            with self._lock:
                self._refresh()
                newest = sorted(self._held.values(), key=lambda session: -session.unused_s(now))[-_MAX_SESSIONS + 1 :]
                self._write([*newest, new])
        except OSError as error:  # filelock's Timeout is one
            raise StorageError(f"can't write {shown(self._file)}: {error.strerror}", "Check the free space") from error
        return value

    def knows(self, values: Iterable[str]) -> bool:
        """Return whether one of some cookie values belongs to a session, and note that it was used."""
        names = [hash_of(value) for value in values if is_secret(value)]
        if not names:
            return False
        self._refresh()
        now = self._clock()
        for name in names:
            found = self._held.get(name)
            if found is not None and found.is_good(now):
                if found.is_due(now):
                    self.note_use(name, now)
                return True
        return False

    def end_all(self) -> int:
        """End every session and return how many there were; raise StorageError."""
        try:
            with self._lock:
                self._refresh()
                count = sum(session.is_good(self._clock()) for session in self._held.values())
                self._file.unlink(missing_ok=True)
                self._refresh()
        except OSError as error:
            raise StorageError(
                f"can't remove {shown(self._file)}: {error.strerror}", "Check the permissions"
            ) from error
        return count

    def note_use(self, name: str, now: ClockReading) -> None:
        """Note that the session with a hash is used; a disk that can't be written only loses that with this process."""
        try:
            with self._lock:
                self._refresh()  # another process may just have ended them all
                self._write(self._as_of(now, name))
        except OSError:
            self._held = {session.hash: session for session in self._as_of(now, name)}

    def _as_of(self, now: ClockReading, used: str) -> list[Session]:
        """Return all sessions as they stand when one of them is used.

        One that ran out while the machine was up is left out. One that seems to have run out over a restart stays as it
        is: the wall clock may be wrong, and be corrected later.
        """
        kept = [session for session in self._held.values() if session.is_good(now) or session.boot != now.boot]
        return [
            session.noted(now, 0.0 if session.hash == used else session.unused_s(now))
            if session.is_good(now)
            else session
            for session in kept
        ]

    def _write(self, sessions: list[Session]) -> None:
        if sessions or self._file.exists():
            write_atomically(self._file, json.dumps([asdict(session) for session in sessions]).encode())
        self._refresh()

    def _refresh(self) -> None:
        """Read the file if it has changed; a session that it does not hold is over."""
        before, self._stamp = self._stamp, None  # what can't be read now is tried again at the next request
        try:
            status = self._file.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            if stamp != before:
                self._held = {}
                self._held = _sessions(read_own(self._file))
            self._stamp, self._problem = stamp, ""
        except FileNotFoundError:
            self._held = {}
        except OSError as error:
            self._held = {}
            self._log_once(f"the list of sessions can't be read: {error.strerror}")

    def _log_once(self, problem: str) -> None:
        """Log what is wrong, once for all requests that come upon it."""
        if problem != self._problem:
            log.error("%s", problem)
        self._problem = problem


def _sessions(data: bytes) -> dict[str, Session]:
    """Return the sessions in a file by hash, none where it is damaged: everybody needs a new link then."""
    try:
        return {session.hash: session for session in map(_session, json.loads(data))}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        log.error("the list of sessions is damaged; everybody needs a new link")
        return {}


def _session(body: dict[str, object]) -> Session:
    """Return a session as it was written; one of an older version has no times by the clock since boot."""
    numbers = [float(str(body.get(key, 0.0))) for key in ("made_s", "used_s", "noted_s", "idle_s")]
    if not all(-1e12 < number < 1e12 for number in numbers):
        raise ValueError("no such time")
    made_s, used_s, noted_s, idle_s = numbers
    return Session(str(body["hash"]), made_s, used_s, str(body.get("boot", "")), noted_s, idle_s)

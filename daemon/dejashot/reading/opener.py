"""Opening files for the readers: only regular ones, by no link, and without waiting for a file system that does not answer."""

import contextlib
import errno
import os
import queue
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.files.nofollow import open_unfollowed

MAX_STUCK = 4  # files that are waited for at most after their time was up; each holds a thread
_REASONS = {
    errno.ENOENT: Reason.VANISHED,
    errno.ENOTDIR: Reason.VANISHED,
    errno.EACCES: Reason.PERMISSION_DENIED,
    errno.EPERM: Reason.PERMISSION_DENIED,
    errno.ELOOP: Reason.NOT_A_REGULAR_FILE,
    errno.ENXIO: Reason.NOT_A_REGULAR_FILE,
    errno.EISDIR: Reason.NOT_A_REGULAR_FILE,
}


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn what the system says of a file into an UnreadablePhotoError."""
    try:
        yield
    except OSError as error:
        raise UnreadablePhotoError(_REASONS.get(error.errno or 0, Reason.IO_ERROR), error.strerror or "") from error


def open_regular(path: bytes) -> int:
    """Open a regular file for reading, following no link anywhere in its absolute path and waiting for no pipe; return the descriptor.

    Raises UnreadablePhotoError.
    """
    with typed_errors():
        handle = open_unfollowed(path)
        try:
            regular = stat.S_ISREG(os.fstat(handle).st_mode)
        except OSError:
            os.close(handle)
            raise
    if not regular:
        os.close(handle)
        raise UnreadablePhotoError(Reason.NOT_A_REGULAR_FILE)
    return handle


@dataclass(slots=True)
class _Asked:
    path: bytes
    answered: threading.Event = field(default_factory=threading.Event)
    given_up: bool = False
    handle: int = -1
    error: UnreadablePhotoError | None = None


class Opener:
    """Open files one after another in a thread beside, which is left alone with a file that does not open in `timeout_s`.

    One owner at a time. `opening` returns a descriptor or raises UnreadablePhotoError.
    """

    def __init__(self, timeout_s: float, opening: Callable[[bytes], int] = open_regular) -> None:
        self._timeout_s, self._opening = timeout_s, opening
        self._lock = threading.Lock()
        self._asked: queue.SimpleQueue[_Asked | None] | None = None  # what the thread in use is asked
        self._stuck = 0

    def open(self, path: bytes, beat: Callable[[], None], beat_every_s: float) -> int:
        """Return the descriptor of an open file; `beat` is called now and then. Raises UnreadablePhotoError."""
        if self._stuck >= MAX_STUCK:
            raise UnreadablePhotoError(Reason.IO_ERROR, "files before it have not opened yet")
        asked = _Asked(path)
        self._thread().put(asked)
        until_s = monotonic() + self._timeout_s
        while not asked.answered.wait(max(0.0, min(beat_every_s, until_s - monotonic()))):
            beat()
            if monotonic() >= until_s and self._gave_up(asked):
                raise UnreadablePhotoError(Reason.IO_ERROR, f"it did not open within {self._timeout_s:g} s")
        if asked.error is not None:
            raise asked.error
        return asked.handle

    def close(self) -> None:
        """End the thread in use; one that is stuck ends by itself, or with the process."""
        if self._asked is not None:
            self._asked.put(None)
            self._asked = None

    def _thread(self) -> "queue.SimpleQueue[_Asked | None]":
        if self._asked is None:
            self._asked = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(self._asked,), name="opener", daemon=True).start()
        return self._asked

    def _gave_up(self, asked: _Asked) -> bool:
        """Leave the thread alone with what it was asked, unless it has just answered."""
        with self._lock:
            if asked.answered.is_set():
                return False
            asked.given_up = True
            self._stuck += 1
            self._asked = None
            return True

    def _work(self, source: "queue.SimpleQueue[_Asked | None]") -> None:
        """Open what is asked for; end when told to, or when what it was stuck with has come after all."""
        while (asked := source.get()) is not None:
            handle, error = -1, None
            try:
                handle = self._opening(asked.path)
            except UnreadablePhotoError as unreadable:
                error = unreadable
            with self._lock:
                if not asked.given_up:
                    asked.handle, asked.error = handle, error
                    asked.answered.set()
                    continue
                self._stuck -= 1
            if handle >= 0:
                with contextlib.suppress(OSError):
                    os.close(handle)
            return

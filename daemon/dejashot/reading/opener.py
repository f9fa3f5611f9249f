"""Open files for the readers: regular ones only, through no link, and never blocked by a file system that hangs."""

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

MAX_STUCK = 4  # files whose opening may still hang after its timeout; each holds a thread
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
    """Turn an OSError about a file into an UnreadablePhotoError."""
    try:
        yield
    except OSError as error:
        raise UnreadablePhotoError(_REASONS.get(error.errno or 0, Reason.IO_ERROR), error.strerror or "") from error


def open_regular(path: bytes) -> int:
    """Open a regular file for reading and return the descriptor; raise UnreadablePhotoError.

    No link anywhere in its absolute path is followed, and no pipe is waited for.
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
class _Request:
    path: bytes
    done: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    handle: int = -1
    error: UnreadablePhotoError | None = None


class Opener:
    """Open files one after another in a second thread, which is abandoned with a file that hangs for `timeout_s`.

    One owner at a time. `opening` returns a descriptor or raises UnreadablePhotoError.
    """

    def __init__(self, timeout_s: float, opening: Callable[[bytes], int] = open_regular) -> None:
        self._timeout_s, self._opening = timeout_s, opening
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[_Request | None] | None = None  # of the thread in use
        self._stuck = 0

    def open(self, path: bytes, on_progress: Callable[[], None], progress_every_s: float) -> int:
        """Return the descriptor of an open file; `on_progress` is called meanwhile. Raises UnreadablePhotoError."""
        if self._stuck >= MAX_STUCK:
            raise UnreadablePhotoError(Reason.IO_ERROR, "files before it have not opened yet")
        request = _Request(path)
        self._thread().put(request)
        until_s = monotonic() + self._timeout_s
        while not request.done.wait(max(0.0, min(progress_every_s, until_s - monotonic()))):
            on_progress()
            if monotonic() >= until_s and self._abandon(request):
                raise UnreadablePhotoError(Reason.IO_ERROR, f"it did not open within {self._timeout_s:g} s")
        if request.error is not None:
            raise request.error
        return request.handle

    def close(self) -> None:
        """End the thread in use; one that is stuck ends by itself, or with the process."""
        if self._requests is not None:
            self._requests.put(None)
            self._requests = None

    def _thread(self) -> "queue.SimpleQueue[_Request | None]":
        if self._requests is None:
            self._requests = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(self._requests,), name="opener", daemon=True).start()
        return self._requests

    def _abandon(self, request: _Request) -> bool:
        """Leave the thread alone with its request; return False where it has just opened the file."""
        with self._lock:
            if request.done.is_set():
                return False
            request.abandoned = True
            self._stuck += 1
            self._requests = None
            return True

    def _work(self, source: "queue.SimpleQueue[_Request | None]") -> None:
        """Open what is requested; end with None, or when an abandoned request has ended after all."""
        while (request := source.get()) is not None:
            handle, error = -1, None
            try:
                handle = self._opening(request.path)
            except UnreadablePhotoError as unreadable:
                error = unreadable
            with self._lock:
                if not request.abandoned:
                    request.handle, request.error = handle, error
                    request.done.set()
                    continue
                self._stuck -= 1
            if handle >= 0:
                with contextlib.suppress(OSError):
                    os.close(handle)
            return

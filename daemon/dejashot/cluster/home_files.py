"""Files of this machine, hashed before a worker reads them: a few at a time, in threads, within a bound of memory."""

import math
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from dejashot.errors import UnreadablePhotoError
from dejashot.files.nofollow import hash_of_open
from dejashot.models.files import FileStamp, content_hash
from dejashot.reading.opener import open_regular

THREADS = 4
HELD_BYTES = 64 * 1024 * 1024  # of files that are sent; one that is larger is sent alone


@dataclass(frozen=True, slots=True)
class HomeFile:
    """A file as this machine has it: the hash of its bytes, its stamp, and the bytes where they are to be sent."""

    content: bytes
    stamp: FileStamp
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """A file to hash, whether its bytes are wanted, and who takes the result."""

    path: bytes
    whole: bool
    take: Callable[[HomeFile | None], None]


class Room:
    """How many bytes may be held: whoever wants more waits, but one is always let in."""

    def __init__(self, limit_bytes: float = HELD_BYTES) -> None:
        self._limit_bytes, self._held_bytes = limit_bytes, 0
        self._changed = threading.Condition()

    def take(self, size_bytes: int) -> None:
        """Wait until there is room for some bytes, and take it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held_bytes or self._held_bytes + size_bytes <= self._limit_bytes)
            self._held_bytes += size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Give room back."""
        with self._changed:
            self._held_bytes -= size_bytes
            self._changed.notify_all()

    def lift(self) -> None:
        """Let everybody in from now on."""
        with self._changed:
            self._limit_bytes = math.inf
            self._changed.notify_all()


class HomeFiles:
    """Hash files in threads. A disk that hangs keeps a thread, never the caller."""

    def __init__(self, max_bytes: int) -> None:
        """Prepare to hash files of `max_bytes` at most."""
        self._max_bytes, self._room = max_bytes, Room()
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        for _ in range(THREADS):
            threading.Thread(target=self._work, name="home file", daemon=True).start()

    def ask(self, path: bytes, take: Callable[[HomeFile | None], None], *, whole: bool) -> None:
        """Hash a file, with its bytes if it is to be sent `whole`.

        `take` is called in a thread; with None where it can't be read, is too large, or changes meanwhile. A file with
        bytes takes up room until it is given to `release`.
        """
        self._requests.put(_Request(path, whole, take))

    def release(self, file: HomeFile) -> None:
        """Note that the bytes of a file are no longer held."""
        if file.data is not None:
            self._room.give_back(len(file.data))

    def close(self) -> None:
        """End the threads; one that is stuck ends by itself, or with the process."""
        self._room.lift()
        for _ in range(THREADS):
            self._requests.put(None)

    def _work(self) -> None:
        while (request := self._requests.get()) is not None:
            request.take(self._read(request.path, whole=request.whole))

    def _read(self, path: bytes, *, whole: bool) -> HomeFile | None:
        """Return a file, None where it can't be read."""
        try:
            handle = open_regular(path)
        except (UnreadablePhotoError, ValueError):
            return None
        try:
            stamp = FileStamp.of(os.fstat(handle))
            if not 0 < stamp.size_bytes <= self._max_bytes:
                return None
            return self._read_whole(handle, stamp) if whole else _hashed(handle, stamp)
        except OSError:
            return None
        finally:
            os.close(handle)

    def _read_whole(self, handle: int, stamp: FileStamp) -> HomeFile | None:
        """Return an open file with its bytes, once there is room for them; None where it changes. Raises OSError."""
        self._room.take(stamp.size_bytes)
        found = None
        try:
            with open(handle, "rb", buffering=0, closefd=False) as file:
                data = file.readall()
            if FileStamp.of(os.fstat(handle)) == stamp and len(data) == stamp.size_bytes:
                found = HomeFile(content_hash(data).digest(), stamp, data)
        finally:
            if found is None:
                self._room.give_back(stamp.size_bytes)
        return found


def _hashed(handle: int, stamp: FileStamp) -> HomeFile | None:
    """Return an open file with its hash, None where it changes; raise OSError."""
    content = hash_of_open(handle)
    return HomeFile(content, stamp) if FileStamp.of(os.fstat(handle)) == stamp else None

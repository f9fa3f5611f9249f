"""What runs on a worker of the cluster: it has the same sealed readers read photos, and believes them as little."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from dejashot.cluster.messages import Greeting, ReadRequest, Reply, ReplyState
from dejashot.cluster.sealed_reader import SealedReader
from dejashot.errors import DejashotError, ModelError
from dejashot.reading.network import BUNDLED
from dejashot.reading.vision.model import load_model

IDLE_S = 60.0  # after which readers without work end


class SentBytes(Protocol):
    """Bytes that were sent along, as Dask carries them: an array of uint8."""

    def tobytes(self) -> bytes:
        """Return the bytes."""


def greet(model: str, network: str) -> bytes:
    """Return what this worker says of itself, with the network of that fingerprint if it has it, else with its own.

    `model` is where the network lies at home: this machine may have it there too.
    """
    return Greeting.of_here(_own_network(model, network)[1]).encode()


def read(request: bytes, data: SentBytes | None) -> bytes:
    """Read a photo from a path on this machine, or from the bytes that were sent, and return the reply."""
    asked = ReadRequest.decode(request)
    try:
        with _READERS.taken(asked) as reader:
            return reader.reply(asked, None if data is None else data.tobytes()).encode()
    except DejashotError as error:
        return Reply(ReplyState.BROKEN, [error.title.replace("\n", " ").encode()]).encode()


@lru_cache(maxsize=8)
def _own_network(model: str, wanted: str) -> tuple[str, str]:
    """Return the file of a network and its fingerprint: the one that is wanted, else the first that there is."""
    found: list[tuple[str, str]] = []
    for file in (model, str(BUNDLED)):
        with suppress(ModelError):
            found.append((file, load_model(Path(file)).fingerprint))
    return next((one for one in found if one[1] == wanted), found[0] if found else (str(BUNDLED), ""))


class _Readers:
    """The readers of this process, as many as are asked at a time; they end after a while without work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[SealedReader] = []
        self._timer: threading.Timer | None = None

    @contextmanager
    def taken(self, request: ReadRequest) -> Iterator[SealedReader]:
        """Hold a reader that nobody else uses; raise ModelError where this machine lacks the network."""
        reader = self._take(request)
        try:
            yield reader
        finally:
            self._give_back(reader)

    def _take(self, request: ReadRequest) -> SealedReader:
        file, fingerprint = _own_network(request.options.model, request.network)
        if fingerprint != request.network:
            raise ModelError("it has another network")
        options = replace(request.options, model=file)
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            found = next((reader for reader in reversed(self._free) if reader.key == options.encode()), None)
            if found is not None:
                self._free.remove(found)
                return found
        return SealedReader(options, fingerprint)

    def _give_back(self, reader: SealedReader) -> None:
        with self._lock:
            self._free.append(reader)
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(IDLE_S, self._end_free)
            self._timer.daemon = True
            self._timer.start()

    def _end_free(self) -> None:
        with self._lock:
            free, self._free = self._free, []
        for reader in free:
            reader.close()


_READERS = _Readers()

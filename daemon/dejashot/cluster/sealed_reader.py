"""A sealed reader on a worker: it reads the bytes that home has, or says that the share shows others."""

import os
import tempfile
from shutil import copyfileobj
from typing import Any

import numpy as np

from dejashot.cluster.messages import ReadRequest, Reply, ReplyState
from dejashot.errors import Reason, UnreadablePhotoError
from dejashot.models.features import LocalFeatures
from dejashot.models.photo import Reading
from dejashot.reading.job import InTurn, ReadJob
from dejashot.reading.opener import Opener, open_regular, typed_errors
from dejashot.reading.pool import ReaderPool
from dejashot.reading.protocol.codec import features_to_wire, look_to_wire, map_to_wire, pack, reading_to_wire
from dejashot.reading.protocol.exchange import ReaderAnswer
from dejashot.reading.protocol.payloads import WIRE_VERSION, Look, WorkerOptions


class SealedReader:
    """One sealed reader, with the policy of its pool and what opens files for it. One request at a time."""

    def __init__(self, options: WorkerOptions, network: str) -> None:
        """Prepare; `options` are those of home with a model of this machine, `network` is its fingerprint."""
        self.key = options.encode()
        self._network = network
        self._pool = ReaderPool(options, 1, self, opener=Opener(options.timeout_s, self._open))
        self._request: ReadRequest | None = None
        self._data: bytes | None = None
        self._is_other = False

    def reply(self, request: ReadRequest, data: bytes | None) -> Reply:
        """Have a photo read, from bytes where they were sent; raise ModelError where the reader can't start."""
        self._request, self._data, self._is_other = request, data, False
        source = InTurn(request.op, [ReadJob(request.path, None)])
        ((_, answer),) = list(self._pool.run(source, lambda _: request.wanted))
        self._data = None
        if self._is_other:
            return Reply(ReplyState.OTHER_FILE)
        message = _message_of(answer, request.op)
        if message is None:
            return Reply(ReplyState.UNREAD)
        missing = sorted(self._pool.missing or ())
        ready = {"op": "ready", "missing": missing, "version": WIRE_VERSION, "model": self._network}
        hashed = {"op": "hashed", "content": answer.content.hex()}
        return Reply(ReplyState.READ, [pack(ready), pack(hashed), pack(message)])

    def check(self, content: bytes) -> None:
        """Raise UnreadablePhotoError for other bytes than those that are asked for."""
        if self._request is None or content != self._request.content:
            self._is_other = True
            raise UnreadablePhotoError(Reason.CHANGED_WHILE_READING)

    def add_crash(self, content: bytes, reason: Reason) -> None:
        """Forget it: home reads the photo, and remembers."""

    def close(self) -> None:
        """End the reader."""
        self._pool.close()

    def _open(self, _: bytes) -> int:
        """Return an open copy of the bytes in hand, in memory, with the time of the file at home."""
        request, data = self._request, self._data
        if request is None:
            raise UnreadablePhotoError(Reason.IO_ERROR)
        with typed_errors():
            copy = _file_in_memory()
            try:
                self._fill(copy, request, data)
                os.utime(copy, ns=(request.stamp.mtime_ns, request.stamp.mtime_ns))
                os.lseek(copy, 0, os.SEEK_SET)
            except BaseException:
                os.close(copy)
                raise
        return copy

    def _fill(self, copy: int, request: ReadRequest, data: bytes | None) -> None:
        """Write the bytes that were sent, or those on the share, to an open file."""
        with open(copy, "wb", closefd=False) as target:
            if data is not None:
                target.write(data)
                return
            try:
                handle = open_regular(request.share)
            except UnreadablePhotoError:
                self._is_other = True
                raise
            with open(handle, "rb") as source:
                if os.fstat(handle).st_size != request.stamp.size_bytes:
                    self._is_other = True
                    raise UnreadablePhotoError(Reason.CHANGED_WHILE_READING)
                copyfileobj(source, target)


def _file_in_memory() -> int:
    """Return a new open file that has no name: in memory where the system has such (Linux), else a temporary one."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("photo", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _message_of(answer: ReaderAnswer, op: str) -> dict[str, Any] | None:
    """Return an answer as the message of a reader, None for one that home has to find out itself."""
    value, content = answer.value, answer.content.hex()
    if isinstance(value, Reading):
        return {"op": "reading", "reading": reading_to_wire(value)}
    if isinstance(value, Look):
        return {"op": op, "content": content, "seen": look_to_wire(value)}
    if isinstance(value, LocalFeatures):
        return {"op": op, "content": content, "seen": features_to_wire(value)}
    if isinstance(value, np.ndarray):
        return {"op": op, "content": content, "seen": map_to_wire(value)}
    return None

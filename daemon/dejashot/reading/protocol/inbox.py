"""Receive messages from a process that may send anything, at any pace, without ever blocking."""

import os
import struct

_HEAD = struct.Struct("!i")  # the length of what follows, as multiprocessing's Connection sends it
_CHUNK_BYTES = 1024 * 1024


class Inbox:
    """What has come so far of one message, from a descriptor that is made non-blocking; it never reads beyond."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._head = bytearray()
        self._body = bytearray()
        os.set_blocking(handle, False)

    @property
    def started(self) -> bool:
        """Return whether a part of a message has come."""
        return bool(self._head)

    def take(self, max_bytes: int) -> bytes | None:
        """Return the next message, None while it is incomplete; raise EOFError, OSError, ValueError for its length."""
        if not self._filled(self._head, _HEAD.size):
            return None
        (length,) = _HEAD.unpack(self._head)
        if not 0 <= length <= max_bytes:
            raise ValueError("a message of a length that none has")
        if not self._filled(self._body, length):
            return None
        message = bytes(self._body)
        self._head.clear()
        self._body = bytearray()
        return message

    def _filled(self, buffer: bytearray, length: int) -> bool:
        """Fill a buffer up to a length with what is there; return whether it is full."""
        while len(buffer) < length:
            try:
                chunk = os.read(self._handle, min(length - len(buffer), _CHUNK_BYTES))
            except BlockingIOError:
                return False
            if not chunk:
                raise EOFError
            buffer += chunk
        return True

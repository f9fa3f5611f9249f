"""Which connections are kept when there are more than there may be: whoever says nothing goes first."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dejashot.web.access.auth import neighbourhood

MAX_CONNECTIONS = 192
CONNECTIONS_EACH = 64  # of one network: a browser takes six
ACCEPTED_AT_ONCE = (
    16  # far fewer than there may be: whoever has spoken is heard before as many newer ones could push it out
)
MAX_WAITING = 1024


class Standing(IntEnum):
    """What a connection has come to; the lowest is cut first."""

    SILENT = 0  # no whole request came yet, or it is being closed
    KEPT = 1  # was answered, and stays open for the next request: sessions only
    BUSY = 2  # is being answered


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    network: str
    standing: Standing = Standing.SILENT


class Connections:
    """The connections that are open, in the order in which they came; so many in all, and of one network."""

    def __init__(self, most: int = MAX_CONNECTIONS, each: int = CONNECTIONS_EACH) -> None:
        self._most, self._each = most, each
        self._open: dict[int, _Connection] = {}  # by descriptor

    def came(self, connection: socket.socket, address: str) -> None:
        """Note a new connection, and cut one where that makes too many."""
        self._open = {handle: each for handle, each in self._open.items() if each.socket.fileno() == handle}
        handle, network = connection.fileno(), neighbourhood(address)
        of_all = list(self._open)
        of_its_own = [other for other in of_all if self._open[other].network == network]
        self._open[handle] = _Connection(connection, network)
        if len(of_its_own) >= self._each:
            self._cut(of_its_own, handle)
        elif len(of_all) >= self._most:
            self._cut(of_all, handle)

    def stands(self, handle: int, standing: Standing) -> None:
        """Note what the connection with a descriptor has come to."""
        if handle in self._open:
            self._open[handle].standing = standing

    def _cut(self, others: list[int], new: int) -> None:
        """End the first of those that matter least; the new one where all the others are being answered."""
        worst = min(others, key=lambda handle: self._open[handle].standing)
        cut = self._open.pop(new if self._open[worst].standing is Standing.BUSY else worst)
        with suppress(OSError):  # it has gone by itself
            cut.socket.shutdown(socket.SHUT_RDWR)  # whoever reads from it closes it


class Listening(socket.socket):
    """A socket that is listened at, which counts who comes, before a word is spoken or encrypted."""

    def __init__(self, connections: Connections, family: socket.AddressFamily) -> None:
        # without its number asyncio does not know TCP, and lets each answer wait 40 ms for the other side's acknowledgement (Nagle)
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._connections = connections

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection and its address."""
        connection, address = super().accept()
        self._connections.came(connection, str(address[0]))
        return connection, address

    def listen(self, _backlog: int = MAX_WAITING, /) -> None:
        """Begin to listen; asyncio would let no more wait than it accepts at once."""
        super().listen(MAX_WAITING)

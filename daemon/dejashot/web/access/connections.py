"""Which connections are kept when there are too many: the ones that sent no request are closed first."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dejashot.web.access.auth import client_network

MAX_CONNECTIONS = 192
CONNECTIONS_EACH = 64  # of one network: a browser takes six
ACCEPTED_AT_ONCE = 16  # few: a request is read before as many newer connections could push its own out
MAX_WAITING = 1024


class ConnectionState(IntEnum):
    """What a connection has come to; the lowest is closed first."""

    SILENT = 0  # no whole request came yet, or it is being closed
    KEPT = 1  # was answered, and stays open for the next request: sessions only
    BUSY = 2  # is being answered


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    network: str
    state: ConnectionState = ConnectionState.SILENT


class Connections:
    """The open connections, in the order in which they came: at most so many in all, and so many from one network."""

    def __init__(self, total: int = MAX_CONNECTIONS, each: int = CONNECTIONS_EACH) -> None:
        self._total, self._each = total, each
        self._open: dict[int, _Connection] = {}  # by descriptor

    def add(self, connection: socket.socket, address: str) -> None:
        """Add a new connection, and close one where that makes too many."""
        self._open = {handle: each for handle, each in self._open.items() if each.socket.fileno() == handle}
        handle, network = connection.fileno(), client_network(address)
        of_all = list(self._open)
        of_network = [other for other in of_all if self._open[other].network == network]
        self._open[handle] = _Connection(connection, network)
        if len(of_network) >= self._each:
            self._close_one(of_network, handle)
        elif len(of_all) >= self._total:
            self._close_one(of_all, handle)

    def set_state(self, handle: int, state: ConnectionState) -> None:
        """Set what the connection with a descriptor has come to."""
        if handle in self._open:
            self._open[handle].state = state

    def _close_one(self, others: list[int], new: int) -> None:
        """Close the oldest of those that matter least; the new one where all the others are being answered."""
        least = min(others, key=lambda handle: self._open[handle].state)
        closed = self._open.pop(new if self._open[least].state is ConnectionState.BUSY else least)
        with suppress(OSError):  # it has gone by itself
            closed.socket.shutdown(socket.SHUT_RDWR)  # whoever reads from it closes it


class ListeningSocket(socket.socket):
    """A listening socket that counts connections before anything is read from them or encrypted."""

    def __init__(self, connections: Connections, family: socket.AddressFamily) -> None:
        # without its number asyncio does not recognise TCP, and each reply waits 40 ms for an acknowledgement (Nagle)
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._connections = connections

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection and its address."""
        connection, address = super().accept()
        self._connections.add(connection, str(address[0]))
        return connection, address

    def listen(self, _backlog: int = MAX_WAITING, /) -> None:
        """Begin to listen; asyncio would let no more wait than it accepts at once."""
        super().listen(MAX_WAITING)

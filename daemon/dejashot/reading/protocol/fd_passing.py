"""Pass an open file from the pool to a reader: over the socket pair between them, behind the request for it."""

import io
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_BYTE = b"\0"  # a descriptor never travels alone


def send_file(link: Connection, handle: int) -> None:
    """Send a copy of a descriptor to the other end; raise OSError. The caller still has to close its own."""
    with _socket_of(link) as end:
        socket.send_fds(end, [_BYTE], [handle])


@contextmanager
def received_file(link: Connection) -> Iterator[io.FileIO]:
    """Hold open the next file that is sent; raise EOFError when none comes any more, or OSError."""
    with _socket_of(link) as end:
        data, handles, _, _ = socket.recv_fds(end, len(_BYTE), 1)
    if not data or not handles:
        raise EOFError
    os.set_inheritable(handles[0], False)
    with open(handles[0], "rb", buffering=0) as file:
        yield file


@contextmanager
def _socket_of(link: Connection) -> Iterator[socket.socket]:
    """Use a connection as the socket below it."""
    # with family and type given the constructor makes no system call, which the sandbox would refuse
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, link.fileno())
    try:
        yield end
    finally:
        end.detach()

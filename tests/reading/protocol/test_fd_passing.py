"""Open files are passed to a reader over a real pair of sockets."""

import os
import socket
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dejashot.reading.protocol.fd_passing import received_file, send_file


def ends() -> tuple[Connection, Connection]:
    ours, theirs = socket.socketpair()
    return Connection(ours.detach()), Connection(theirs.detach())


def test_each_file_comes_behind_its_request(tmp_path: Path) -> None:
    ours, theirs = ends()
    with ours, theirs:
        for name in ("a", "b"):
            (tmp_path / name).write_bytes(name.encode() * 5)
            ours.send_bytes(name.encode())
            with (tmp_path / name).open("rb") as file:
                send_file(ours, file.fileno())
        for name in (b"a", b"b"):
            assert theirs.recv_bytes() == name
            with received_file(theirs) as file:
                assert file.read() == name * 5
                assert not os.get_inheritable(file.fileno())
            assert file.closed
        theirs.send_bytes(b"and back")
        assert ours.recv_bytes() == b"and back"


def test_no_file_comes_when_the_other_end_is_closed_or_sends_none() -> None:
    ours, theirs = ends()
    with theirs:
        with ours:
            os.write(ours.fileno(), b"\0")
        for _ in range(2):
            with pytest.raises(EOFError), received_file(theirs):
                pass

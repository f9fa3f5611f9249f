"""Which connections are kept when there are too many, with real sockets."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.web.access.connections import (
    ACCEPTED_AT_ONCE,
    CONNECTIONS_EACH,
    MAX_CONNECTIONS,
    Connections,
    ConnectionState,
    ListeningSocket,
)


class Held:
    """Connections of which we hold both ends."""

    def __init__(self, stack: ExitStack, total: int, each: int) -> None:
        self._stack = stack
        self.connections = Connections(total, each)
        self.ends: list[tuple[socket.socket, socket.socket]] = []

    def connect(self, address: str, state: ConnectionState = ConnectionState.SILENT) -> int:
        """Open a connection, and return its number."""
        ours, theirs = (self._stack.enter_context(end) for end in socket.socketpair())
        self.ends.append((ours, theirs))
        self.connections.add(ours, address)
        self.connections.set_state(ours.fileno(), state)
        return len(self.ends) - 1

    def set_state(self, number: int, state: ConnectionState) -> None:
        self.connections.set_state(self.ends[number][0].fileno(), state)

    def closed(self) -> list[int]:
        """Return the numbers of the connections that were closed."""
        found = []
        for number, (ours, theirs) in enumerate(self.ends):
            theirs.setblocking(False)
            if ours.fileno() < 0:
                continue
            try:
                if theirs.recv(1) == b"":
                    found.append(number)
            except BlockingIOError:
                pass
        return found


@pytest.fixture
def held() -> Iterator[Held]:
    with ExitStack() as stack:
        yield Held(stack, total=6, each=4)


def test_the_one_that_has_been_silent_for_longest_goes(held: Held) -> None:
    for _ in range(6):
        held.connect("127.0.0.1")
    assert held.closed() == [0, 1]


def test_all_of_the_loop_is_one_and_so_is_a_network(held: Held) -> None:
    for n in range(5):
        held.connect(f"127.0.{n}.1" if n % 2 else "::1")
    assert held.closed() == [0]
    for _ in range(2):
        held.connect("192.0.2.1")
    assert held.closed() == [0], "another network has places of its own"
    held.connect("198.51.100.7")
    assert held.closed() == [0, 1], "but not more than there is in all"


def test_whoever_asked_for_something_goes_after_the_silent_and_whoever_is_answered_stays(held: Held) -> None:
    held.connect("127.0.0.1", ConnectionState.BUSY)
    held.connect("127.0.0.1", ConnectionState.KEPT)
    held.connect("127.0.0.1", ConnectionState.SILENT)
    held.connect("127.0.0.1", ConnectionState.KEPT)
    held.connect("127.0.0.1", ConnectionState.KEPT)
    assert held.closed() == [2]
    held.connect("127.0.0.1", ConnectionState.KEPT)
    assert held.closed() == [1, 2]
    for number in (3, 4, 5):
        held.set_state(number, ConnectionState.BUSY)
    held.connect("127.0.0.1")
    assert held.closed() == [1, 2, 6], "where all are being answered the new one goes"
    held.set_state(3, ConnectionState.SILENT)
    held.connect("127.0.0.1")
    assert held.closed() == [1, 2, 3, 6]


def test_those_that_ended_by_themselves_hold_no_place(held: Held) -> None:
    for _ in range(4):
        held.connect("127.0.0.1")
    for ours, _ in held.ends:
        ours.close()
    for _ in range(4):
        held.connect("127.0.0.1")
    assert held.closed() == []
    held.set_state(0, ConnectionState.BUSY)  # one that has gone


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["127.0.0.1", "127.0.9.9", "192.0.2.1", "2001:db8::1"]), st.sampled_from(ConnectionState)
        ),
        max_size=30,
    )
)
def test_there_are_never_more_than_there_may_be(coming: list[tuple[str, ConnectionState]]) -> None:
    with ExitStack() as stack:
        held = Held(stack, total=6, each=4)
        for address, state in coming:
            held.connect(address, state)
            assert len(held.ends) - len(held.closed()) <= 6
        lost = [coming[number][1] for number in held.closed()]
        stayed = [coming[number][1] for number in range(len(coming)) if number not in held.closed()]
        assert len(lost) + len(stayed) == len(coming)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    async def answered() -> int:
        options = []

        async def come(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with ListeningSocket(Connections(), socket.AF_INET) as listening:
            listening.bind(("127.0.0.1", 0))
            async with await asyncio.start_server(come, sock=listening):
                reader, writer = await asyncio.open_connection(*listening.getsockname())
                assert await reader.read() == b""
                writer.close()
        return int(options[0])

    assert asyncio.run(answered())


def test_whoever_speaks_at_once_is_heard_before_a_flood_pushes_it_out() -> None:
    assert 3 * ACCEPTED_AT_ONCE < CONNECTIONS_EACH < MAX_CONNECTIONS

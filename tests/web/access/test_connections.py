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
    Listening,
    Standing,
)


class Room:
    """Connections of which both ends are at hand."""

    def __init__(self, stack: ExitStack, most: int, each: int) -> None:
        self._stack = stack
        self.connections = Connections(most, each)
        self.ends: list[tuple[socket.socket, socket.socket]] = []

    def come(self, address: str, standing: Standing = Standing.SILENT) -> int:
        """Have somebody come, and return the number."""
        ours, theirs = (self._stack.enter_context(end) for end in socket.socketpair())
        self.ends.append((ours, theirs))
        self.connections.came(ours, address)
        self.connections.stands(ours.fileno(), standing)
        return len(self.ends) - 1

    def stands(self, number: int, standing: Standing) -> None:
        self.connections.stands(self.ends[number][0].fileno(), standing)

    def cut(self) -> list[int]:
        """Return the numbers of those whose connection was ended."""
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
def room() -> Iterator[Room]:
    with ExitStack() as stack:
        yield Room(stack, most=6, each=4)


def test_the_one_that_has_been_silent_for_longest_goes(room: Room) -> None:
    for _ in range(6):
        room.come("127.0.0.1")
    assert room.cut() == [0, 1]


def test_all_of_the_loop_is_one_and_so_is_a_network(room: Room) -> None:
    for n in range(5):
        room.come(f"127.0.{n}.1" if n % 2 else "::1")
    assert room.cut() == [0]
    for _ in range(2):
        room.come("192.0.2.1")
    assert room.cut() == [0], "another network has room of its own"
    room.come("198.51.100.7")
    assert room.cut() == [0, 1], "but not more than there is in all"


def test_whoever_asked_for_something_goes_after_the_silent_and_whoever_is_answered_stays(room: Room) -> None:
    room.come("127.0.0.1", Standing.BUSY)
    room.come("127.0.0.1", Standing.KEPT)
    room.come("127.0.0.1", Standing.SILENT)
    room.come("127.0.0.1", Standing.KEPT)
    room.come("127.0.0.1", Standing.KEPT)
    assert room.cut() == [2]
    room.come("127.0.0.1", Standing.KEPT)
    assert room.cut() == [1, 2]
    for number in (3, 4, 5):
        room.stands(number, Standing.BUSY)
    room.come("127.0.0.1")
    assert room.cut() == [1, 2, 6], "where all are being answered the new one goes"
    room.stands(3, Standing.SILENT)
    room.come("127.0.0.1")
    assert room.cut() == [1, 2, 3, 6]


def test_those_that_ended_by_themselves_hold_no_place(room: Room) -> None:
    for _ in range(4):
        room.come("127.0.0.1")
    for ours, _ in room.ends:
        ours.close()
    for _ in range(4):
        room.come("127.0.0.1")
    assert room.cut() == []
    room.stands(0, Standing.BUSY)  # one that has gone


@given(
    st.lists(
        st.tuples(st.sampled_from(["127.0.0.1", "127.0.9.9", "192.0.2.1", "2001:db8::1"]), st.sampled_from(Standing)),
        max_size=30,
    )
)
def test_there_are_never_more_than_there_may_be(coming: list[tuple[str, Standing]]) -> None:
    with ExitStack() as stack:
        room = Room(stack, most=6, each=4)
        for address, standing in coming:
            room.come(address, standing)
            assert len(room.ends) - len(room.cut()) <= 6
        lost = [coming[number][1] for number in room.cut()]
        stayed = [coming[number][1] for number in range(len(coming)) if number not in room.cut()]
        assert len(lost) + len(stayed) == len(coming)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    async def answered() -> int:
        options = []

        async def come(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            options.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with Listening(Connections(), socket.AF_INET) as listening:
            listening.bind(("127.0.0.1", 0))
            async with await asyncio.start_server(come, sock=listening):
                reader, writer = await asyncio.open_connection(*listening.getsockname())
                assert await reader.read() == b""
                writer.close()
        return int(options[0])

    assert asyncio.run(answered())


def test_whoever_speaks_at_once_is_heard_before_a_flood_pushes_it_out() -> None:
    assert 3 * ACCEPTED_AT_ONCE < CONNECTIONS_EACH < MAX_CONNECTIONS

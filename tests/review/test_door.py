"""Links that work once, sessions that outlast a restart, and the limit on trying."""

import hashlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.review.door import IDLE_S, LINK_S, Door, Limiter, Sessions, forget_all, make_link, neighbourhood, review_folder

NOW_S = 1_800_000_000.0


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now_s = NOW_S

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return review_folder(tmp_path / "library")


def token(folder: Path) -> str:
    return make_link(folder, "http://127.0.0.1:1", NOW_S).partition("token=")[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_link_is_good_once(folder: Path, clock: Clock) -> None:
    door, secret = Door(folder, clock), token(folder)
    value = door.enter(secret)
    assert value is not None
    assert door.knows(["nonsense", value])
    assert door.enter(secret) is None
    assert list((folder / "links").iterdir()) == []


def test_a_link_is_good_for_ten_minutes(folder: Path, clock: Clock) -> None:
    door, early, late = Door(folder, clock), token(folder), token(folder)
    clock.now_s += LINK_S - 1
    assert door.enter(early)
    clock.now_s += 1
    assert door.enter(late) is None
    assert list((folder / "links").iterdir()) == []
    clock.now_s = NOW_S - 3600  # a clock that was set back makes no link last longer
    assert door.enter(token(folder)) is None


def test_of_many_who_come_with_one_link_one_gets_in(folder: Path) -> None:
    doors = [Door(folder, Clock()) for _ in range(8)]
    for _ in range(20):
        secret, at_once = token(folder), threading.Barrier(len(doors))
        values: list[str | None] = []

        def come(door: Door, secret: str = secret, at_once: threading.Barrier = at_once, values: list[str | None] = values) -> None:
            at_once.wait()
            values.append(door.enter(secret))

        threads = [threading.Thread(target=come, args=(door,)) for door in doors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(value is not None for value in values) == 1


def test_nothing_in_the_folder_opens_the_door(folder: Path, clock: Clock) -> None:
    door, secret = Door(folder, clock), token(folder)
    (name,) = os.listdir(folder / "links")
    assert name == hashlib.sha256(secret.encode()).hexdigest()
    assert door.enter(name) is None
    value = door.enter(secret) or ""
    said = (folder / "sessions.json").read_text()
    assert value not in said
    assert not door.knows([json.loads(said)[0]["hash"]])
    assert mode(folder) == mode(folder / "links") == 0o700
    assert mode(folder / "sessions.json") == 0o600
    token(folder)
    assert [mode(file) for file in (folder / "links").iterdir()] == [0o600]


def test_what_is_no_link_is_swept_away(folder: Path, clock: Clock) -> None:
    door = Door(folder, clock)
    (folder / "links" / "notes.txt").touch()
    (folder / "links" / "a folder").mkdir()
    assert door.enter(token(folder))
    assert os.listdir(folder / "links") == ["a folder"]


@given(st.text(max_size=60))
def test_no_made_up_secret_opens_the_door(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = review_folder(tmp_path_factory.mktemp("door"))
    token(folder)
    door = Door(folder, Clock())
    assert door.enter(text) is None
    assert not door.knows([text])


def test_a_session_outlasts_a_restart_and_ends_when_unused(folder: Path, clock: Clock) -> None:
    value = Door(folder, clock).enter(token(folder)) or ""
    for _ in range(5):  # used every three weeks
        clock.now_s += 21 * 86400
        assert Door(folder, clock).knows([value])
    clock.now_s += IDLE_S + 1
    assert not Door(folder, clock).knows([value])
    clock.now_s -= 2 * IDLE_S + 10  # nor does a clock that was wrong bring it back
    assert not Door(folder, clock).knows([value])


def test_sessions_end_at_once_for_a_server_that_runs(folder: Path, clock: Clock) -> None:
    door = Door(folder, clock)
    values = [door.enter(token(folder)) or "" for _ in range(3)]
    left = token(folder)
    assert forget_all(folder, clock) == 3
    clock.now_s += 7200  # a use is noted from time to time: that brings none back
    assert not any(door.knows([value]) for value in values)
    assert door.enter(left) is None
    assert forget_all(folder, clock) == 0


def test_a_use_noted_late_brings_no_ended_session_back(folder: Path, clock: Clock) -> None:
    one, other = Sessions(folder, clock), Sessions(folder, clock)
    value = one.begin()
    assert one.knows(value)
    other.end_all()
    one._touch(hashlib.sha256(value.encode()).hexdigest(), clock.now_s)
    assert not one.knows(value)
    assert not (folder / "sessions.json").exists()


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'[{"hash": "x"}]', b"\xff"])
def test_a_damaged_list_lets_nobody_in_and_keeps_nobody_out(folder: Path, clock: Clock, damage: bytes) -> None:
    door = Door(folder, clock)
    value = door.enter(token(folder)) or ""
    (folder / "sessions.json").write_bytes(damage)
    assert not door.knows([value])
    assert door.knows([door.enter(token(folder)) or ""])


def test_there_are_so_many_sessions_and_no_more(folder: Path, clock: Clock) -> None:
    sessions = Sessions(folder, clock)
    values = []
    for _ in range(70):
        clock.now_s += 1
        values.append(sessions.begin())
    assert [sessions.knows(value) for value in values] == [False] * 6 + [True] * 64


def test_ten_failures_a_minute_from_one_address() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(10):
        assert limiter.wait_s("192.0.2.1") == 0
        limiter.failed("192.0.2.1")
        clock.now_s += 1
    assert limiter.wait_s("192.0.2.1") == 50
    assert limiter.wait_s("192.0.2.2") == 0
    clock.now_s += 50
    assert limiter.wait_s("192.0.2.1") == 0


def test_sixty_failures_a_minute_from_all_together() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for number in range(60):
        limiter.failed(f"192.0.2.{number}")
    assert limiter.wait_s("198.51.100.1") == 60
    for number in range(100_000):
        limiter.failed(f"10.0.{number >> 8}.{number & 255}")
    assert len(limiter._failures) == 60
    clock.now_s += 60
    assert limiter.wait_s("198.51.100.1") == 0


def test_a_device_with_many_addresses_is_one() -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9%eth0") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("") == neighbourhood("not an address") == ""

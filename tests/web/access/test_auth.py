"""Links that work once, sessions that outlast a restart, and the limit on trying."""

import hashlib
import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dejashot.web.access.auth import LINK_S, Limiter, LinkAuth, client_network, forget_all, make_link, review_folder
from dejashot.web.access.boot_clock import ClockReading
from dejashot.web.access.sessions import SESSION_IDLE_S, Sessions, hash_of

NOW_S = 1_800_000_000.0
UP_S = 5_000.0
YEAR_S = 365 * 86400.0


class Clock:
    """Both clocks, which stand still until told."""

    def __init__(self) -> None:
        self.now = ClockReading(NOW_S, "first", UP_S)

    def __call__(self) -> ClockReading:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now = replace(self.now, wall_s=self.now.wall_s + seconds, since_boot_s=self.now.since_boot_s + seconds)

    def set_by(self, seconds: float) -> None:
        """Set the clock on the wall."""
        self.now = replace(self.now, wall_s=self.now.wall_s + seconds)

    def restart(self, boot: str, seconds: float = 60.0) -> None:
        """Restart the machine, which takes a while."""
        self.now = ClockReading(self.now.wall_s + seconds, boot, seconds / 2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return review_folder(tmp_path / "library")


def token(folder: Path, since_boot_s: float = UP_S) -> str:
    return make_link(folder, "http://127.0.0.1:1", since_boot_s).partition("token=")[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_link_is_good_once(folder: Path, clock: Clock) -> None:
    auth, secret = LinkAuth(folder, clock), token(folder)
    value = auth.enter(secret)
    assert value is not None
    assert auth.knows(["nonsense", value])
    assert auth.enter(secret) is None
    assert list((folder / "links").iterdir()) == []


def test_a_link_is_good_for_ten_minutes(folder: Path, clock: Clock) -> None:
    auth, early, late = LinkAuth(folder, clock), token(folder), token(folder)
    clock.pass_(LINK_S - 1)
    assert auth.enter(early)
    clock.pass_(1)
    assert auth.enter(late) is None
    assert list((folder / "links").iterdir()) == []
    later = token(folder, clock.now.since_boot_s)
    clock.restart("second")
    assert auth.enter(later) is None, "it was made before the machine was started"


def test_of_many_who_come_with_one_link_one_gets_in(folder: Path) -> None:
    servers = [LinkAuth(folder, Clock()) for _ in range(8)]
    for _ in range(20):
        secret, at_once = token(folder), threading.Barrier(len(servers))
        values: list[str | None] = []

        def come(
            auth: LinkAuth,
            secret: str = secret,
            at_once: threading.Barrier = at_once,
            values: list[str | None] = values,
        ) -> None:
            at_once.wait()
            values.append(auth.enter(secret))

        threads = [threading.Thread(target=come, args=(auth,)) for auth in servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(value is not None for value in values) == 1


def test_nothing_in_the_folder_lets_anybody_in(folder: Path, clock: Clock) -> None:
    auth, secret = LinkAuth(folder, clock), token(folder)
    (name,) = os.listdir(folder / "links")
    assert name == hashlib.sha256(secret.encode()).hexdigest()
    assert auth.enter(name) is None
    value = auth.enter(secret) or ""
    said = (folder / "sessions.json").read_text()
    assert value not in said
    assert not auth.knows([json.loads(said)[0]["hash"]])
    assert mode(folder) == mode(folder / "links") == 0o700
    assert mode(folder / "sessions.json") == 0o600
    token(folder)
    assert [mode(file) for file in (folder / "links").iterdir()] == [0o600]


def test_what_is_no_link_is_swept_away(folder: Path, clock: Clock) -> None:
    auth = LinkAuth(folder, clock)
    (folder / "links" / "notes.txt").touch()
    (folder / "links" / "a folder").mkdir()
    assert auth.enter(token(folder))
    assert os.listdir(folder / "links") == ["a folder"]


@given(st.text(max_size=60))
def test_no_made_up_secret_lets_anybody_in(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = review_folder(tmp_path_factory.mktemp("auth"))
    token(folder)
    auth = LinkAuth(folder, Clock())
    assert auth.enter(text) is None
    assert not auth.knows([text])


def test_a_session_outlasts_a_restart_and_ends_when_unused(folder: Path, clock: Clock) -> None:
    value = LinkAuth(folder, clock).enter(token(folder)) or ""
    for _ in range(5):  # used every three weeks
        clock.pass_(21 * 86400)
        assert LinkAuth(folder, clock).knows([value])
    clock.pass_(SESSION_IDLE_S + 1)
    assert not LinkAuth(folder, clock).knows([value])
    clock.set_by(-SESSION_IDLE_S)  # nor does a clock that is set back revive it
    assert not LinkAuth(folder, clock).knows([value])


def test_sessions_end_at_once_for_a_server_that_runs(folder: Path, clock: Clock) -> None:
    auth = LinkAuth(folder, clock)
    values = [auth.enter(token(folder)) or "" for _ in range(3)]
    left = token(folder)
    (folder / "links" / "a folder").mkdir()
    assert forget_all(folder, clock) == 3
    clock.pass_(7200)  # a use is noted from time to time: that brings none back
    assert not any(auth.knows([value]) for value in values)
    assert auth.enter(left) is None
    assert forget_all(folder, clock) == 0


def test_a_use_noted_late_brings_no_ended_session_back(folder: Path, clock: Clock) -> None:
    one, other = Sessions(folder, clock), Sessions(folder, clock)
    value = one.begin()
    assert one.knows([value])
    other.end_all()
    one.note_use(hash_of(value), clock())
    assert not one.knows([value])
    assert not (folder / "sessions.json").exists()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"[1]",
        b"[" * 100_000,
        b"7",
        b"null",
        b'[{"hash": "x", "made_s": "x"}]',
        b'[{"made_s": 1, "used_s": 1}]',
        b'[{"hash": "x", "used_s": NaN}]',
        b'[{"hash": "x", "used_s": 1e999}]',
        b"\xff",
    ],
)
def test_a_damaged_list_lets_nobody_in_and_keeps_nobody_out(folder: Path, clock: Clock, damage: bytes) -> None:
    auth = LinkAuth(folder, clock)
    value = auth.enter(token(folder)) or ""
    (folder / "sessions.json").write_bytes(damage)
    assert not auth.knows([value])
    assert auth.knows([auth.enter(token(folder)) or ""])


@pytest.mark.parametrize("jump_s", [-60 * YEAR_S, -YEAR_S, -3600.0, -300.0, 300.0, 3600.0, YEAR_S, 80 * YEAR_S])
def test_a_clock_that_is_set_neither_ends_nor_prolongs_anything(folder: Path, clock: Clock, jump_s: float) -> None:
    auth, early, late = LinkAuth(folder, clock), token(folder), token(folder)
    used, unused = auth.enter(token(folder)) or "", auth.enter(token(folder)) or ""
    clock.pass_(LINK_S / 2)
    clock.set_by(jump_s)
    assert auth.enter(early)
    assert auth.knows([used])
    clock.pass_(LINK_S / 2)
    assert auth.enter(late) is None, "its ten minutes are over, whatever the clock says"
    for _ in range(2):
        clock.pass_(SESSION_IDLE_S / 2)
        assert auth.knows([used])
        assert LinkAuth(folder, clock).knows([used]), "a new process sees it the same way"
        clock.set_by(-jump_s / 2)
    assert not auth.knows([unused])
    assert not LinkAuth(folder, clock).knows([unused])


@pytest.mark.parametrize("wrong_s", [-60 * YEAR_S, -2 * 86400.0, 80 * YEAR_S])
def test_a_clock_that_is_wrong_until_the_network_is_there_ends_no_session(
    folder: Path, clock: Clock, wrong_s: float
) -> None:
    values = [LinkAuth(folder, clock).enter(token(folder)) or "" for _ in range(2)]
    for boot in ("second", "third", "fourth"):
        clock.pass_(3 * 86400)
        clock.restart(boot)
        clock.set_by(wrong_s)
        auth = LinkAuth(folder, clock)
        auth.knows([values[0]])
        clock.pass_(5)
        clock.set_by(-wrong_s)  # the time from the network
        assert auth.knows([values[0]])
    assert auth.knows([values[1]]), "not used for nine days, over three restarts"
    clock.pass_(SESSION_IDLE_S + 1)
    clock.restart("last")
    assert not any(LinkAuth(folder, clock).knows([value]) for value in values)


def test_a_clock_that_begins_anew_at_each_start_lets_no_session_live_for_ever(folder: Path, clock: Clock) -> None:
    left, used = (LinkAuth(folder, clock).enter(token(folder)) or "" for _ in range(2))
    for number in range(40):  # a board without a clock and without a network, used now and then
        clock.pass_(86400)
        clock.restart(f"boot {number}")
        clock.set_by(3600 * (40 - number) - clock.now.wall_s)
        assert LinkAuth(folder, clock).knows([used])
    assert not LinkAuth(folder, clock).knows([left])


@settings(deadline=None)  # every step writes to the disk
@given(st.lists(st.tuples(st.sampled_from(["pass", "restart", "use"]), st.floats(0, 20 * 86400)), max_size=12))
def test_a_session_lasts_as_long_as_it_may_over_any_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float]]
) -> None:
    folder, clock = review_folder(tmp_path_factory.mktemp("auth")), Clock()
    sessions = Sessions(folder, clock)
    value, unused_s = sessions.begin(), 0.0
    for number, (what, seconds) in enumerate(steps):
        if what == "pass":
            clock.pass_(seconds)
        elif what == "restart":
            clock.restart(f"boot {number}", seconds)
            sessions = Sessions(folder, clock)
        unused_s += 0.0 if what == "use" else seconds
        assume(abs(unused_s - SESSION_IDLE_S) > 3700)  # a use is noted once an hour
        if what == "use":
            assert sessions.knows([value]) == (unused_s < SESSION_IDLE_S)
            unused_s = 0.0 if unused_s < SESSION_IDLE_S else unused_s
    assert sessions.knows([value]) == (unused_s < SESSION_IDLE_S)


def test_a_list_that_could_not_be_read_for_a_moment_is_read_again(
    folder: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    auth = LinkAuth(folder, clock)
    value = auth.enter(token(folder)) or ""
    (folder / "sessions.json").rename(folder / "kept")
    (folder / "sessions.json").mkdir()  # as little to be read as where too many files are open
    assert [auth.knows([value]) for _ in range(3)] == [False] * 3
    assert caplog.text.count("can't be read") == 1
    (folder / "sessions.json").rmdir()
    (folder / "kept").rename(folder / "sessions.json")
    assert auth.knows([value])


def test_sessions_of_an_older_version_are_known(folder: Path, clock: Clock) -> None:
    value = "A" * 43
    body = {"hash": hashlib.sha256(value.encode()).hexdigest(), "made_s": NOW_S - 9e5, "used_s": NOW_S - 9e5}
    (folder / "sessions.json").write_text(json.dumps([body]))
    assert LinkAuth(folder, clock).knows([value])
    clock.set_by(YEAR_S)
    assert LinkAuth(folder, clock).knows([value])


def test_there_are_so_many_sessions_and_no_more(folder: Path, clock: Clock) -> None:
    sessions = Sessions(folder, clock)
    values = []
    for _ in range(70):
        clock.pass_(1)
        values.append(sessions.begin())
    assert [sessions.knows([value]) for value in values] == [False] * 6 + [True] * 64


class Still:
    """A clock that stands still until told."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_ten_failures_a_minute_from_one_address() -> None:
    clock = Still()
    limiter = Limiter(clock)
    for _ in range(10):
        assert limiter.wait_s("192.0.2.1") == 0
        limiter.failed("192.0.2.1")
        clock.now_s += 1
    assert limiter.wait_s("192.0.2.1") == limiter.wait_s("192.0.2.200") == 50
    assert limiter.wait_s("198.51.100.1") == 0
    clock.now_s += 50
    assert limiter.wait_s("192.0.2.1") == 0


def test_sixty_failures_a_minute_from_all_together() -> None:
    clock = Still()
    limiter = Limiter(clock)
    for number in range(60):
        limiter.failed(f"192.0.{number}.2")
    assert limiter.wait_s("198.51.100.1") == 60
    for number in range(100_000):
        limiter.failed(f"10.0.{number >> 8}.{number & 255}")
    assert limiter.failures == 60
    clock.now_s += 60
    assert limiter.wait_s("198.51.100.1") == 0


def test_a_device_with_many_addresses_is_one() -> None:
    assert (
        client_network("2001:db8:1:2::1")
        == client_network("2001:db8:1:2:ffff::9%eth0")
        != client_network("2001:db8:1:3::1")
    )
    assert (
        client_network("192.0.2.1")
        == client_network("192.0.2.254")
        == client_network("::ffff:192.0.2.9")
        != client_network("192.0.3.1")
    )
    assert (
        client_network("127.0.0.1")
        == client_network("127.9.8.7")
        == client_network("::1")
        == client_network("::ffff:127.0.3.2")
    )
    assert client_network("127.0.0.1") != client_network("128.0.0.1")
    assert client_network("") == client_network("not an address") == ""

"""The daemon's keeper of the page's process: started, started again ever later, told its settings, ended."""

import io
import json
import sys
from pathlib import Path

import pytest

from daemons import wait_until
from dejashot.config.settings import Settings, load_settings, settings_from
from dejashot.daemon.review_process import LASTED_S, RESTART_DELAYS_S, ReviewProcess, request, requested
from dejashot.errors import ConfigError
from dejashot.paths import example_config
from dejashot.web.server_state import Served, page_body, publish_page, publish_problem, running_page

LIVES = (sys.executable, "-c", "import sys; sys.stdin.read()")
STUBBORN = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
DIES = (sys.executable, "-c", "raise SystemExit(3)")


class Clock:
    """A clock that stands still until told."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def keeper(command: tuple[str, ...], clock: Clock, tmp_path: Path) -> ReviewProcess:
    return ReviewProcess(Settings(), tmp_path, command=command, clock=clock, stop_timeout_s=0.5)


def settled(keeper: ReviewProcess) -> None:
    """Look again until the process that ended has been noticed."""

    def noticed() -> bool:
        keeper.check()
        return keeper.pid is None

    wait_until(noticed, "its end is noticed")


def test_one_that_dies_is_started_again_ever_later(tmp_path: Path) -> None:
    clock = Clock()
    keeping = keeper(DIES, clock, tmp_path)
    for wait_s in (*RESTART_DELAYS_S, RESTART_DELAYS_S[-1]):
        keeping.check()
        assert keeping.pid is not None
        settled(keeping)
        clock.now_s += wait_s - 0.1
        keeping.check()
        assert keeping.pid is None
        clock.now_s += 0.1
    keeping.close()


def test_one_that_lasted_is_started_again_soon(tmp_path: Path) -> None:
    clock = Clock()
    keeping = keeper(DIES, clock, tmp_path)
    for _ in range(3):
        keeping.check()
        clock.now_s += LASTED_S
        settled(keeping)
        clock.now_s += RESTART_DELAYS_S[0]
    keeping.check()
    assert keeping.pid is not None
    keeping.close()


@pytest.mark.parametrize("command", [LIVES, STUBBORN])
def test_it_ends_with_the_daemon(tmp_path: Path, command: tuple[str, ...]) -> None:
    keeping = keeper(command, Clock(), tmp_path)
    keeping.check()
    pid = keeping.pid
    keeping.check()
    assert keeping.pid == pid is not None
    keeping.close()
    assert keeping.pid is None
    keeping.close()


def test_a_program_that_is_not_there_harms_nothing(tmp_path: Path) -> None:
    keeping = keeper((str(tmp_path / "none"),), Clock(), tmp_path)
    keeping.check()
    assert keeping.pid is None
    keeping.close()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        load_settings(example_config(), required=True),
        settings_from(
            {
                "folders": ["/a"],
                "sifting": {"strictness": 0.8},
                "review": {"port": 9, "lan": True},
                "notify": {"quiet_hours": "22:00-07:00"},
            },
            "test",
        ),
    ],
)
def test_it_is_told_the_daemons_own_settings(settings: Settings) -> None:
    library = Path("/home/anna/caf\udce9/state")
    assert requested(io.BytesIO(request(settings, library))) == (settings, library)


def test_it_is_not_told_the_secrets_of_delivery() -> None:
    said = request(settings_from({"deliver": {"urls": ["mailtos://me:secret@example.org"]}}, "test"), Path("/a"))
    assert b"secret" not in said
    assert b"example.org" not in said


@pytest.mark.parametrize(
    "said", [b"", b"{}\n", b"nonsense\n", b"[]\n", b'{"settings": {"folders": 3}, "library": ""}\n']
)
def test_nobody_else_can_ask_for_it(said: bytes) -> None:
    with pytest.raises(ConfigError):
        requested(io.BytesIO(said))


@pytest.mark.parametrize(
    "said", [b"", b"{}", b"[]", b'{"pid": 1, "port": 99999999}', b'{"pid": "x"}', b'{"trouble": "port 1 is taken"}']
)
def test_what_was_left_behind_is_not_taken_for_a_page(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "review").mkdir()
    (tmp_path / "review" / "server.json").write_bytes(said)
    assert running_page(tmp_path) is None
    assert page_body(tmp_path, Settings().review, daemon=True) is None
    wanted = settings_from({"review": {"enabled": True}}, "test").review
    body = page_body(tmp_path, wanted, daemon=True)
    assert body is not None
    assert body["trouble"]
    assert page_body(tmp_path, wanted, daemon=False) is None


def test_what_is_written_down_is_the_owners_alone(tmp_path: Path) -> None:
    publish_page(tmp_path, Served(1, 8423, lan=True, fingerprint="AA"))
    file = tmp_path / "server.json"
    assert json.loads(file.read_bytes())["origin"] == "https://127.0.0.1:8423"
    assert file.stat().st_mode & 0o777 == 0o600
    publish_problem(tmp_path, "no luck")
    assert json.loads(file.read_bytes()) == {"trouble": "no luck"}

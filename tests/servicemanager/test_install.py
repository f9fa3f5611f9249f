"""Installing the daemon as a service: real unit files, and programs on PATH in place of the service manager's."""

import os
import plistlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import Programs
from dejashot.errors import DejashotError
from dejashot.servicemanager.base import UNIT_MARK, Service, ServiceError, service_of
from dejashot.servicemanager.launchd import Launchd, agent_text
from dejashot.servicemanager.select import manager
from dejashot.servicemanager.systemd import Systemd, program_of, quoted, state_of, unit_text
from homes import Home

RUN = Service(("/opt/my photos/100%/dejashot", "run", "--config", "/home/a b/$HOME %h.toml"))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs(tmp_path / "bin")
    for name in ("systemctl", "launchctl", "journalctl"):
        made.add(name)
    made.add("loginctl", "echo no")
    monkeypatch.setenv("PATH", f"{made.folder}:{os.environ['PATH']}")
    return made


def test_install_writes_enables_and_starts(programs: Programs, tmp_path: Path) -> None:
    systemd = Systemd(tmp_path / "config")
    written = tmp_path / "my 100% library"
    lines = systemd.install(replace(RUN, writable=(written,)), start=True, hardened=True)
    assert programs.asked() == [
        "systemctl --user show-environment",
        "systemctl --user daemon-reload",
        "systemctl --user enable dejashot.service",
        "systemctl --user restart --no-block dejashot.service",
        "loginctl show-user --property Linger --value",
    ]
    assert "loginctl enable-linger" in lines[-1]
    unit = systemd.unit.read_text()
    assert 'ExecStart="/opt/my photos/100%%/dejashot" "run" "--config" "/home/a b/$$HOME %%h.toml"\n' in unit
    assert unit.count("ExecStart=") == 1
    assert systemd.unit.stat().st_mode & 0o777 == 0o600
    assert "PrivateNetwork=yes" in systemd.hardening.read_text()
    assert f'ReadWritePaths="-{tmp_path}/my 100%% library"\n' in systemd.hardening.read_text()
    assert written.is_dir()
    assert program_of(systemd.unit) == Path("/opt/my photos/100%/dejashot")
    systemd.install(RUN, start=True, hardened=False)
    assert not systemd.hardening.exists()


@pytest.mark.usefixtures("programs")
def test_the_network_is_allowed_only_where_digests_are_delivered(tmp_path: Path) -> None:
    systemd = Systemd(tmp_path / "config")
    systemd.install(replace(RUN, delivers=True), start=True, hardened=True)
    assert "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n" in systemd.network.read_text()
    assert "PrivateNetwork=no\n" in systemd.network.read_text()
    assert systemd.network.name > systemd.hardening.name  # systemd lets the later one have the last word
    systemd.install(RUN, start=True, hardened=True)
    assert not systemd.network.exists()
    systemd.install(replace(RUN, delivers=True), start=False, hardened=False)
    assert systemd.uninstall()[:2] == [f"Removed   {systemd.unit}", f"Removed   {systemd.network}"]
    assert not systemd.network.parent.exists()


@pytest.mark.usefixtures("programs")
def test_loopback_is_allowed_where_the_page_is_served(tmp_path: Path) -> None:
    systemd = Systemd(tmp_path / "config")
    systemd.install(replace(RUN, review="local"), start=False, hardened=True)
    text = systemd.review.read_text()
    assert UNIT_MARK in text
    assert "\nIPAddressDeny=any\nIPAddressAllow=localhost\n" in text
    assert "\nIPAddressAllow=link-local" not in text
    assert systemd.review.name > systemd.hardening.name
    systemd.install(replace(RUN, review="lan"), start=False, hardened=False)
    assert "\nIPAddressAllow=link-local" in systemd.review.read_text()
    systemd.install(replace(RUN, review="lan", delivers=True), start=False, hardened=False)
    assert systemd.network.exists(), "it opens all that the page needs"
    assert not systemd.review.exists()
    systemd.install(replace(RUN, review="local"), start=False, hardened=False)
    assert systemd.uninstall()[:2] == [f"Removed   {systemd.unit}", f"Removed   {systemd.review}"]


def test_uninstall_removes_what_install_wrote_and_nothing_else(programs: Programs, tmp_path: Path) -> None:
    systemd = Systemd(tmp_path / "config")
    systemd.install(RUN, start=True, hardened=True)
    (systemd.hardening.parent / "mine.conf").write_text("[Service]\nNice=5\n")
    (systemd.unit.parent / "other.service").write_text("[Service]\n")
    programs.asked()
    systemd.uninstall()
    assert "systemctl --user disable --now dejashot.service" in programs.asked()
    left = sorted(p.name for p in (tmp_path / "config").rglob("*") if p.is_file())
    assert left == ["mine.conf", "other.service"]
    with pytest.raises(ServiceError, match="not installed"):
        systemd.uninstall()


@pytest.mark.parametrize("failing", ["show-environment", "daemon-reload", "enable", "restart"])
def test_a_failed_install_leaves_everything_as_it_was(programs: Programs, tmp_path: Path, failing: str) -> None:
    systemd = Systemd(tmp_path / "config")
    programs.add("systemctl", f'case "$*" in *{failing}*) echo "no luck" >&2; exit 1;; esac')
    with pytest.raises(ServiceError) as caught:
        systemd.install(RUN, start=True, hardened=True)
    assert caught.value.hint
    assert not list((tmp_path / "config").rglob("*.service")) + list((tmp_path / "config").rglob("*.conf"))
    programs.add("systemctl")
    systemd.install(RUN, start=True, hardened=True)
    before = systemd.unit.read_bytes()
    programs.add("systemctl", f'case "$*" in *{failing}*) exit 1;; esac')
    with pytest.raises(ServiceError):
        systemd.install(Service(("/elsewhere/dejashot", "run")), start=True, hardened=False)
    assert systemd.unit.read_bytes() == before
    assert systemd.hardening.exists()


def test_a_foreign_unit_is_left_alone(programs: Programs, tmp_path: Path) -> None:
    systemd = Systemd(tmp_path / "config")
    systemd.unit.parent.mkdir(parents=True)
    systemd.unit.write_text("[Service]\nExecStart=/bin/true\n")
    for act in (lambda: systemd.install(RUN, start=True, hardened=False), systemd.uninstall):
        with pytest.raises(ServiceError, match="not written by Dejashot"):
            act()
    assert systemd.unit.read_text() == "[Service]\nExecStart=/bin/true\n"
    assert programs.asked() == []


def test_without_systemctl_the_unit_can_still_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    systemd = Systemd(tmp_path / "config")
    with pytest.raises(ServiceError, match="no systemctl"):
        systemd.install(RUN, start=True, hardened=False)
    assert not (tmp_path / "config").exists()
    assert "systemctl --user enable --now" in systemd.install(RUN, start=False, hardened=False)[-1]
    assert systemd.unit.exists()


@pytest.mark.parametrize(
    ("properties", "word", "status", "line"),
    [
        ({"LoadState": "not-found"}, "not installed", 4, "install"),
        (
            {"LoadState": "loaded", "ActiveState": "active", "StatusText": "Watching 2 of 2 folders"},
            "running",
            0,
            "Watching 2",
        ),
        ({"LoadState": "loaded", "ActiveState": "activating", "SubState": "start"}, "starting", 0, ""),
        (
            {"LoadState": "loaded", "ActiveState": "activating", "SubState": "auto-restart", "Result": "watchdog"},
            "waiting",
            3,
            "stuck",
        ),
        (
            {"LoadState": "loaded", "ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "78"},
            "failed",
            3,
            "config check",
        ),
        (
            {"LoadState": "loaded", "ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "1"},
            "failed",
            3,
            "exit status 1",
        ),
        ({"LoadState": "loaded", "ActiveState": "inactive", "UnitFileState": "disabled"}, "stopped", 3, "enable"),
    ],
)
def test_the_state_comes_from_the_properties(properties: dict[str, str], word: str, status: int, line: str) -> None:
    state = state_of(properties)
    assert (state.word, state.exit_status) == (word, status)
    assert line in " ".join(state.lines)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=30))
def test_a_quoted_argument_is_one_line_and_holds_nothing_to_expand(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert inner.isprintable()
    assert "%" not in inner.replace("%%", "")
    assert "$" not in inner.replace("$$", "")
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")


def test_the_command_beside_the_interpreter_is_run(tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    environment = {"XDG_STATE_HOME": "/data/state", "HOME": "/home/anna"}
    found = service_of(None, python, environment)
    assert found == Service((str(python), "-m", "dejashot", "run"), {"XDG_STATE_HOME": "/data/state"})
    assert 'Environment="XDG_STATE_HOME=/data/state"' in unit_text(found)
    python.parent.mkdir(parents=True)
    (python.parent / "dejashot").write_text("#!/bin/sh\n")
    (python.parent / "dejashot").chmod(0o755)
    assert service_of(tmp_path / "my.toml", python, {}).command == (
        str(python.parent / "dejashot"),
        "run",
        "--config",
        str(tmp_path / "my.toml"),
    )


def test_the_launchd_agent_from_install_to_uninstall(programs: Programs, tmp_path: Path) -> None:
    launchd = Launchd(tmp_path, user=501)
    launchd.install(RUN, start=True, hardened=False)
    assert programs.asked() == [
        "launchctl print gui/501",
        "launchctl bootout gui/501/dejashot",
        f"launchctl bootstrap gui/501 {launchd.agent}",
    ]
    agent = plistlib.loads(launchd.agent.read_bytes())
    assert agent["ProgramArguments"] == list(RUN.command)
    assert agent["StandardErrorPath"] == str(tmp_path / "Library" / "Logs" / "dejashot.log")
    assert agent["EnvironmentVariables"]["ORT_DISABLE_TELEMETRY"] == "1"
    assert UNIT_MARK in launchd.agent.read_text()
    programs.add("launchctl", "echo '\tstate = running'; echo '\tpid = 99'")
    assert (launchd.state().word, launchd.state().lines) == ("running", ("process 99",))
    programs.add("launchctl", "echo '\tstate = not running'; echo '\tlast exit code = 78'")
    assert launchd.state().word == "failed"
    programs.add("launchctl", "exit 113")
    assert launchd.state().word == "stopped"
    with pytest.raises(ServiceError, match=r"no .*dejashot\.log"):
        launchd.logs(20, follow=False)
    launchd.log_file.write_text("started\n")
    assert subprocess.run(launchd.logs(20, follow=False), capture_output=True, text=True).stdout == "started\n"
    launchd.uninstall()
    assert not launchd.agent.exists()


def test_a_failed_launchd_install_leaves_no_agent(programs: Programs, tmp_path: Path) -> None:
    programs.add("launchctl", 'case "$*" in bootstrap*) exit 5;; esac')
    with pytest.raises(ServiceError):
        Launchd(tmp_path).install(RUN, start=True, hardened=False)
    assert not list(tmp_path.rglob("*.plist"))
    with pytest.raises(ServiceError, match="hardened"):
        Launchd(tmp_path).install(RUN, start=True, hardened=True)


def test_each_platform_has_its_manager_or_a_clear_error(tmp_path: Path) -> None:
    assert isinstance(manager("linux", tmp_path), Systemd)
    assert isinstance(manager("darwin", tmp_path), Launchd)
    with pytest.raises(DejashotError, match="no service manager"):
        manager("sunos5", tmp_path)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_a_written_unit_with_an_odd_path(tmp_path: Path) -> None:
    odd = tmp_path / "a b%d$e é"
    odd.mkdir()
    program = odd / "dejashot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "dejashot.service"
    unit.write_text(unit_text(Service((str(program), "run"), {"XDG_STATE_HOME": str(odd)})))
    assert verify(unit) == (0, "")
    program.unlink()
    assert "is not executable" in verify(unit)[1], "the path was not understood"


def verify(unit: Path) -> tuple[int, str]:
    """Return the exit status and the complaints of systemd about a user unit."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(unit.parent)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", unit], capture_output=True, text=True, env=environment
    )
    return done.returncode, "\n".join(line for line in done.stderr.splitlines() if "dejashot" in line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_a_program_path_that_systemd_refuses_is_run_through_env(tmp_path: Path) -> None:
    unit = tmp_path / "dejashot.service"
    unit.write_text(unit_text(Service((str(tmp_path / 'a b"c%d$e\\f' / "dejashot"), "run"))))
    assert verify(unit) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_the_commands_work_from_configuration_to_removal(home: Home, programs: Programs, busy_minute: Path) -> None:
    changes = {"PATH": os.environ["PATH"]}
    refused = home.run("service", "install", **changes)
    assert refused.returncode == 2
    assert "names no folder" in refused.stderr
    home.configure('folders = ["/nonexistent/photos"]')
    assert "does not work" in home.run("service", "install", **changes).stderr
    assert programs.asked() == []
    config = home.configure(f'folders = ["{busy_minute}"]\n[review]\nenabled = true\n')
    done = home.run("service", "install", "--config", config, **changes)
    assert done.returncode == 0, done.stderr
    unit = home.path / "config" / "systemd" / "user" / "dejashot.service"
    assert f'"--config" "{config}"' in unit.read_text()
    assert "IPAddressAllow=localhost" in (unit.parent / "dejashot.service.d" / "review.conf").read_text()
    programs.add("systemctl", "echo LoadState=loaded; echo ActiveState=active; echo StatusText=Watching 1 of 1 folder")
    asked = home.run("service", "status", **changes)
    assert (asked.returncode, asked.stdout.splitlines()[:2]) == (0, ["running", "  Watching 1 of 1 folder"])
    programs.add("journalctl", "echo a line of the log")
    assert home.run("service", "logs", "-n", "7", **changes).stdout == "a line of the log\n"
    assert programs.asked()[-1] == "journalctl --user --unit dejashot.service --lines 7 --no-pager"
    assert home.run("service", "uninstall", **changes).returncode == 0
    assert not unit.exists()
    assert config.exists()


def test_an_agent_may_have_any_path(tmp_path: Path) -> None:
    agent = plistlib.loads(agent_text(Service(("/a <b> & c/dejashot", "run")), tmp_path / "log").encode())
    assert agent["ProgramArguments"][0] == "/a <b> & c/dejashot"

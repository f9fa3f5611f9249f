"""The units: systemd understands them, they leave little to attack, and the daemon works with what they allow."""

import ctypes.util
import json
import os
import plistlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from daemons import wait_until
from dejashot.servicemanager.base import unit_template
from dejashot.servicemanager.systemd import review_text
from homes import Home
from scenes import save_photo, scene

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
EXPOSURE_TENTHS = 10  # 1.0
TIMEOUT_S = 90.0
UNITS_AND_DROP_INS = [
    "dejashot.service",
    "dejashot-system.service",
    "dejashot-hardening.conf",
    "dejashot-network.conf",
    "dejashot-review.conf",
]
needs_analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")

# launchd.plist(5): the keys that an agent may use, and the types of their values
LAUNCHD_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "Label": str, "Disabled": bool, "UserName": str, "GroupName": str, "inetdCompatibility": dict,
    "LimitLoadToHosts": list, "LimitLoadFromHosts": list, "LimitLoadToSessionType": (str, list),
    "LimitLoadToHardware": dict, "LimitLoadFromHardware": dict, "Program": str, "BundleProgram": str,
    "ProgramArguments": list, "EnableGlobbing": bool, "EnableTransactions": bool, "EnablePressuredExit": bool,
    "OnDemand": bool, "ServiceIPC": bool, "KeepAlive": (bool, dict), "RunAtLoad": bool, "RootDirectory": str,
    "WorkingDirectory": str, "EnvironmentVariables": dict, "Umask": (int, str), "TimeOut": int, "ExitTimeOut": int,
    "ThrottleInterval": int, "InitGroups": bool, "WatchPaths": list, "QueueDirectories": list, "StartOnMount": bool,
    "StartInterval": int, "StartCalendarInterval": (dict, list), "StandardInPath": str, "StandardOutPath": str,
    "StandardErrorPath": str, "Debug": bool, "WaitForDebugger": bool, "SoftResourceLimits": dict,
    "HardResourceLimits": dict, "Nice": int, "ProcessType": str, "AbandonProcessGroup": bool, "LowPriorityIO": bool,
    "LowPriorityBackgroundIO": bool, "MaterializeDatalessFiles": bool, "LaunchOnlyOnce": bool, "MachServices": dict,
    "Sockets": dict, "LaunchEvents": dict, "HopefullyExitsLast": bool, "HopefullyExitsFirst": bool,
    "SessionCreate": bool, "LegacyTimers": bool, "AssociatedBundleIdentifiers": (str, list),
}  # fmt: skip
KEEP_ALIVE = {
    "SuccessfulExit": bool,
    "NetworkState": bool,
    "PathState": dict,
    "OtherJobEnabled": dict,
    "Crashed": bool,
    "AfterInitialDemand": bool,
}
PROCESS_TYPES = {"Background", "Standard", "Adaptive", "Interactive"}


def runnable(name: str, folder: Path) -> Path:
    """Return a copy of a unit whose program is one that exists here."""
    text = (UNITS / name).read_text()
    copy = folder / name
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text, flags=re.MULTILINE))
    return copy


def values(file: Path) -> dict[str, list[str]]:
    """Return what a unit sets, key by key."""
    found: dict[str, list[str]] = {}
    for line in file.read_text().splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@needs_analyze
@pytest.mark.parametrize(("name", "whose"), [("dejashot.service", "--user"), ("dejashot-system.service", "--system")])
def test_systemd_understands_every_line(tmp_path: Path, name: str, whose: str) -> None:
    unit = runnable(name, tmp_path)
    drop_ins = [
        "dejashot-network.conf",
        "dejashot-review.conf",
        *(["dejashot-hardening.conf"] if whose == "--user" else []),
    ]
    (tmp_path / f"{name}.d").mkdir()
    for drop_in in drop_ins:
        shutil.copy(UNITS / drop_in, tmp_path / f"{name}.d")
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(["systemd-analyze", "verify", whose, unit], capture_output=True, text=True, env=environment)
    complaints = [line for line in done.stderr.splitlines() if "dejashot" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


@needs_analyze
def test_systemd_understands_the_lines_for_the_network_too(tmp_path: Path) -> None:
    unit = runnable("dejashot-system.service", tmp_path)
    (tmp_path / f"{unit.name}.d").mkdir()
    (tmp_path / f"{unit.name}.d" / "review.conf").write_text(review_text(lan=True))
    done = subprocess.run(["systemd-analyze", "verify", "--system", unit], capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "dejashot" in line]) == (0, []), done.stderr


def test_the_page_opens_the_network_no_further_than_it_is_served() -> None:
    found = values(UNITS / "dejashot-review.conf")
    assert found["IPAddressDeny"] == ["any"]
    assert found["IPAddressAllow"] == ["localhost"]
    assert "\nIPAddressAllow=link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7\n" in review_text(lan=True)


@needs_analyze
def test_the_system_unit_leaves_little_to_attack(tmp_path: Path) -> None:
    unit = runnable("dejashot-system.service", tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_TENTHS}", "--no-pager", unit],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("name", UNITS_AND_DROP_INS)
def test_every_block_of_a_unit_says_why(name: str) -> None:
    explained = False
    for line in (UNITS / name).read_text().splitlines():
        if line.startswith("#"):
            explained = True
        elif not line:
            explained = False
        elif "=" in line:
            key = line.partition("=")[0]
            assert explained or key in ("Description", "Documentation", "Type", "ExecStart", "WantedBy"), line


@pytest.mark.parametrize("name", ["dejashot.service", "dejashot-system.service"])
def test_what_the_daemon_counts_on_is_in_the_unit(name: str) -> None:
    unit = values(UNITS / name)
    assert unit["RestartPreventExitStatus"] == ["78"]
    assert unit["WatchdogSec"] == ["120"]
    assert unit["Type"] == ["notify"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["OOMPolicy"] == ["continue"]


def test_the_agent_uses_documented_keys_with_values_of_their_types() -> None:
    agent = plistlib.loads((UNITS / "dejashot.plist").read_bytes())
    assert {"Label", "ProgramArguments"} <= set(agent)
    for key, value in agent.items():
        assert isinstance(value, LAUNCHD_KEYS[key]), key
        assert not (isinstance(value, bool) and LAUNCHD_KEYS[key] is int), key
    assert all(isinstance(part, str) for part in agent["ProgramArguments"])
    assert all(isinstance(agent["KeepAlive"][key], KEEP_ALIVE[key]) for key in agent["KeepAlive"])
    assert agent["ProcessType"] in PROCESS_TYPES
    assert all(isinstance(value, str) for value in agent["EnvironmentVariables"].values())


def test_the_units_travel_with_the_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["systemd"] == "dejashot/systemd"
    assert all(unit_template(file.name) == file.read_text() for file in UNITS.iterdir())


def allowed(unit: Path) -> set[str]:
    """Return the system calls that a unit's filter leaves, by systemd's own lists."""
    left: set[str] = set()
    for value in values(unit)["SystemCallFilter"]:
        names = {name for word in value.lstrip("~").split() for name in expanded(word)}
        left = left - names if value.startswith("~") else left | names
    return left | expanded("@default")


def expanded(word: str) -> set[str]:
    """Return the calls of a group."""
    if not word.startswith("@"):
        return {word}
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True
    )
    inside = {line.strip() for line in done.stdout.splitlines()[1:] if line.strip() and "#" not in line}
    return {name for each in inside for name in expanded(each)}


CONFINED = textwrap.dedent("""
    import ctypes, json, os, sys
    library = ctypes.CDLL(sys.argv[1], use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(0x00050000 | 1)))  # SCMP_ACT_ERRNO(EPERM)
    for name in json.loads(sys.argv[2]):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            allow = ctypes.c_uint32(0x7fff0000)  # SCMP_ACT_ALLOW
            assert library.seccomp_rule_add(context, allow, number, 0) == 0, name
    libc = ctypes.CDLL(None)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    libc.prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, where the kernel has it: what MemoryDenyWriteExecute= means
    assert library.seccomp_load(context) == 0
    os.execv(sys.executable, [sys.executable, "-m", "dejashot", *sys.argv[3:]])
""")


@needs_analyze
@pytest.mark.skipif(ctypes.util.find_library("seccomp") is None, reason="libseccomp is not installed")
@pytest.mark.parametrize("name", ["dejashot.service", "dejashot-system.service"])
def test_the_daemon_works_with_the_system_calls_that_a_unit_leaves(
    home: Home, busy_minute: Path, tmp_path: Path, name: str
) -> None:
    config = tmp_path / "my.toml"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config.write_text(f'folders = ["{busy_minute}"]\n[watch]\nquiet_s = 0.2\n[review]\nenabled = true\nport = {port}\n')
    confined = [
        sys.executable,
        "-c",
        CONFINED,
        str(ctypes.util.find_library("seccomp")),
        json.dumps(sorted(allowed(UNITS / name))),
    ]
    page = subprocess.run(
        [*confined, "scan", busy_minute, "--format", "html"], capture_output=True, env=dict(home.environment)
    )
    assert (page.returncode, b"data:image" in page.stdout) == (0, True), page.stderr.decode()
    shutil.rmtree(home.library)
    daemon = subprocess.Popen(
        [*confined, "run", "--config", config], env=dict(home.environment), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: daemon.poll() is not None or home.status()["photos"] == 5, "the photos are read", TIMEOUT_S)
        assert home.json("status")["folders"][0]["state"] == "watching"
        assert "Seccomp:\t2" in Path(f"/proc/{daemon.pid}/status").read_text()
        save_photo(busy_minute / "later.jpg", scene(2), datetime(2026, 7, 1, 12, 0, 30))
        wait_until(
            lambda: daemon.poll() is not None or home.status()["photos"] == 6, "what lands is noticed", TIMEOUT_S
        )
        wait_until(
            lambda: daemon.poll() is not None or home.json("status")["review"], "the review page is served", TIMEOUT_S
        )
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, output = daemon.communicate(timeout=TIMEOUT_S)
    assert (daemon.returncode, "Traceback" in output) == (0, False), output

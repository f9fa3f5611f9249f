"""Where a part of the readers' sandbox is missing, it is reported once: on a real kernel that is made to lack it."""

import errno
import json
import platform
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from daemons import wait_until
from dejashot.reading.sandbox.confine import missing_here
from dejashot.reading.sandbox.parts import SandboxPart, describe_missing
from homes import Home

pytestmark = pytest.mark.skipif(bool(missing_here()), reason="the sandbox is incomplete on this machine")
WITHOUT = """
import ctypes, os, struct, sys
code = bytes.fromhex(sys.argv[1])
kept = ctypes.create_string_buffer(code, len(code))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, struct.pack("@HP", len(code) // 8, ctypes.addressof(kept)), 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "dejashot", *sys.argv[2:]])
"""
LACKS = {SandboxPart.FILES: {"x86_64": 444, "aarch64": 444}, SandboxPart.CALLS: {"x86_64": 317, "aarch64": 277}}


def without(parts: Sequence[SandboxPart], *arguments: object) -> list[str]:
    """Return the command line of `dejashot` on a kernel that does not know the calls of some parts."""
    steps = [(0x20, 0, 0, 0)]
    for part in parts:
        steps += [(0x15, 0, 1, LACKS[part][platform.machine()]), (0x06, 0, 0, 0x50000 | errno.ENOSYS)]
    steps.append((0x06, 0, 0, 0x7FFF0000))
    code = b"".join(struct.pack("@HBBI", *step) for step in steps)
    return [sys.executable, "-c", WITHOUT, code.hex(), *map(str, arguments)]


def run(home: Home, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=dict(home.environment), capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("parts", [[SandboxPart.FILES], [SandboxPart.CALLS], [SandboxPart.CALLS, SandboxPart.FILES]])
def test_scan_status_and_doctor_report_what_is_missing(home: Home, busy_minute: Path, parts: list[SandboxPart]) -> None:
    message = describe_missing(parts)
    assert all(part.risk in message for part in parts)
    scanned = run(home, *without(parts, "scan", busy_minute, "--format", "json"))
    assert scanned.returncode == 0, scanned.stderr
    assert scanned.stderr.count(message) == 1
    assert len(json.loads(scanned.stdout)["photos"]) == 5
    status = json.loads(run(home, *without(parts, "status", "--format", "json")).stdout)
    assert status["seal"] == {"missing": sorted(parts), "words": message}
    assert "Seal" in run(home, *without(parts, "status")).stdout
    examined = json.loads(run(home, *without(parts, "doctor", "--format", "json")).stdout)
    (found,) = [f for f in examined["findings"] if f["name"] == "reader"]
    assert (found["mark"], message in found["words"], bool(found["fix"])) == ("advice", True, True)


def test_nothing_is_reported_where_nothing_is_missing(home: Home, busy_minute: Path) -> None:
    assert "sealed" not in home.run("scan", busy_minute).stderr
    assert "Seal" not in home.run("status").stdout
    assert home.json("status")["seal"] == {"missing": [], "words": ""}


def test_the_daemon_logs_it_once_and_status_shows_it(home: Home, busy_minute: Path) -> None:
    message = describe_missing([SandboxPart.FILES])
    log = home.path / "log"
    with log.open("wb") as out:
        daemon = subprocess.Popen(
            without([SandboxPart.FILES], "run", busy_minute), env=dict(home.environment), stderr=out
        )
    try:
        wait_until(
            lambda: home.status()["photos"] == 5 and home.status()["seal"]["missing"] == ["files"],
            "the missing part is reported",
        )
        shown = " ".join(run(home, *home.command("status")).stdout.split())
        assert shown.count("The readers are not fully sealed off") == 1
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
    assert log.read_text().count(message) == 1

"""Nothing leaves the machine: no internet socket, no name looked up, nothing written outside our folders."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from daemons import QUICK, photos, wait_until
from homes import Home

STRACE = shutil.which("strace")
pytestmark = [pytest.mark.trace, pytest.mark.skipif(STRACE is None, reason="strace is not installed")]


def without_ci(home: Home) -> Home:
    """Return the home with `CI` unset: telemetry of libraries is quiet in CI, and only there."""
    return Home(home.path, {k: v for k, v in home.environment.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")})


def traced(log: Path, calls: str) -> list[str]:
    return [str(STRACE), "-f", "-qq", "-e", f"trace={calls}", "-o", str(log)]


def internet(log: Path) -> list[str]:
    return [
        line for line in log.read_text(errors="replace").splitlines() if re.search(r"AF_INET|AF_NETLINK|sin_addr", line)
    ]


def test_scan_opens_no_internet_socket_and_writes_only_its_own_files(
    home: Home, busy_minute: Path, tmp_path: Path
) -> None:
    home = without_ci(home)
    log = tmp_path / "trace"
    command = [
        *traced(log, "network,openat,creat,mkdir,mkdirat"),
        *home.command("scan", busy_minute, "--format", "html"),
    ]
    done = subprocess.run(command, env=home.environment, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert internet(log) == []
    written = re.findall(
        r'(?:openat\(AT_FDCWD|creat\(|mkdir\(|mkdirat\(AT_FDCWD)[, ]*"([^"]+)"'
        r"[^\n]*(?:O_CREAT|O_WRONLY|O_RDWR|0700|0777)",
        log.read_text(errors="replace"),
    )
    ours = (str(home.library), str(home.path / "cache"), "/dev/", str(home.path / "state"), "/proc/")
    assert [w for w in written if not w.startswith(ours) and "__pycache__" not in w] == []


def test_run_opens_no_internet_socket(home: Home, busy_minute: Path, tmp_path: Path) -> None:
    home = without_ci(home)
    home.configure(QUICK)
    log = tmp_path / "trace"
    process = subprocess.Popen(
        [*traced(log, "network"), *home.command("run", busy_minute)], env=home.environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: photos(home) == 5, "all are found")
    finally:
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        for child in children:
            subprocess.run(["kill", f"-{int(signal.SIGTERM)}", child])
        process.wait(timeout=60)
    assert internet(log) == []

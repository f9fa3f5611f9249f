"""A real daemon in the background, and waiting for what it does."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from homes import Home

TIMEOUT_S = 120.0  # in vain: what is waited for comes in seconds, on a busy machine in a minute
QUICK = '[watch]\nquiet_s = 0.2\nreconcile_s = 5\n[digest]\nschedule = "never"\n'


def wait_until(condition: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_S, poll_s: float = 0.1) -> float:
    """Wait for something that another process or thread does; return how long it took in seconds."""
    began_s = time.monotonic()
    while not condition():
        assert time.monotonic() - began_s < timeout_s, f"waited in vain until {what}"
        time.sleep(poll_s)
    return time.monotonic() - began_s


def photos(home: Home) -> int:
    """Return how many photos the library holds, -1 while some wait."""
    body = home.status()
    return body["photos"] if not body["backlog"] else -1


@contextmanager
def running(
    home: Home, *arguments: object, config: str = QUICK, prelude: str = "", **changes: str
) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon until the block ends; its output goes to `daemon.log` in the home.

    `prelude` is Python code that its process runs first, for example to make a day shorter.
    """
    home.configure(config)
    log = home.path / "daemon.log"
    code = f"{prelude}\nfrom dejashot.cli.app import main\nmain()"
    command = [sys.executable, "-c", code, "run", *map(str, arguments)]
    with log.open("a") as out:
        process = subprocess.Popen(
            command, env={**home.environment, **changes}, stdout=out, stderr=subprocess.STDOUT, text=True
        )
    try:
        wait_until(lambda: process.poll() is not None or home.status()["running"], "the daemon runs")
        yield process
    finally:
        process.kill()
        process.wait()

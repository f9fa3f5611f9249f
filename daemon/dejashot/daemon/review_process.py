"""The daemon's review page: a process of its own, started again when it dies, which ends when the daemon does."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from dejashot.config.settings import Settings, settings_from
from dejashot.errors import ConfigError
from dejashot.logs import event

log = logging.getLogger(__name__)

RESTART_DELAYS_S = (1.0, 5.0, 30.0, 120.0, 300.0)
LASTED_S = 600.0
STOP_TIMEOUT_S = 8.0
_COMMAND = (sys.executable, "-P", "-m", "dejashot", "review", "--serve-only")


class ReviewProcess:
    """Keep the page's process running; whatever becomes of it is logged and never harms the daemon.

    `clock` is monotonic.
    """

    def __init__(
        self,
        settings: Settings,
        library: Path,
        *,
        command: tuple[str, ...] = _COMMAND,
        clock: Callable[[], float] = time.monotonic,
        stop_timeout_s: float = STOP_TIMEOUT_S,
    ) -> None:
        self._request = request(settings, library)
        self._command, self._clock, self._stop_timeout_s = command, clock, stop_timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths, self._began_s, self._due_s = 0, 0.0, clock()

    @property
    def pid(self) -> int | None:
        """Return the process, None while there is none."""
        return None if self._process is None else self._process.pid

    def check(self) -> None:
        """Start it, or start it again once it is due after it died."""
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                return
            self._put_off(f"ended with status {status}")
        if self._clock() >= self._due_s:
            self._start()

    def close(self) -> None:
        """End it: politely, then not."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        _close(process)
        try:
            process.wait(self._stop_timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        self._began_s = self._clock()
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        except OSError as error:
            self._put_off(f"could not be started: {error.strerror}")
            return
        with suppress(OSError):  # it ended at once; the next look finds that
            _pipe(self._process).write(self._request)
            _pipe(self._process).flush()

    def _put_off(self, what: str) -> None:
        """Wait longer before each further start; one that has run for long begins anew."""
        if self._process is not None:
            _close(self._process)
            self._process = None
        now_s = self._clock()
        self._deaths = 1 if now_s - self._began_s >= LASTED_S else self._deaths + 1
        wait_s = RESTART_DELAYS_S[min(self._deaths, len(RESTART_DELAYS_S)) - 1]
        self._due_s = now_s + wait_s
        log.warning("the review page %s; it is started again in %g s", what, wait_s, extra=event("review_ended"))


def request(settings: Settings, library: Path) -> bytes:
    """Return what the process is sent: the daemon's own settings without the delivery addresses, and the library."""
    body = {"settings": settings.model_dump(mode="json", exclude={"deliver"}), "library": os.fsencode(library).hex()}
    return json.dumps(body).encode() + b"\n"


def requested(stream: BinaryIO) -> tuple[Settings, Path]:
    """Return what the process was sent; raise ConfigError."""
    try:
        body = json.loads(stream.readline())
        return settings_from(body["settings"], "the daemon's settings"), Path(
            os.fsdecode(bytes.fromhex(body["library"]))
        )
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError("--serve-only is for the daemon", "Leave it out") from error


async def parent_gone(stream: BinaryIO, end: Callable[[], None]) -> None:
    """Call `end` once the other end of a pipe is closed: whoever held it has ended, however suddenly."""
    loop, closed = asyncio.get_running_loop(), asyncio.Event()
    handle = stream.fileno()

    def look() -> None:
        if not os.read(handle, 4096):
            loop.remove_reader(handle)
            closed.set()

    loop.add_reader(handle, look)
    await closed.wait()
    end()


def _pipe(process: "subprocess.Popen[bytes]") -> BinaryIO:
    if process.stdin is None:
        raise OSError("there is no pipe")
    return process.stdin  # type: ignore[return-value]


def _close(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        _pipe(process).close()

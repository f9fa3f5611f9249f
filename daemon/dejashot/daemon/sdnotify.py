"""Messages to systemd on how the service is doing; nothing is sent anywhere else.

Protocol: sd_notify(3), sd_watchdog_enabled(3).
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from dejashot.daemon.heartbeat import Heartbeat

STATUS_EVERY_S = 10.0
EXTEND_S = 90.0


def sd_notify(**state: str) -> None:
    """Send `NAME=value` lines to the socket that systemd names; silent when there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    message = "\n".join(f"{name}={value}" for name, value in state.items()).encode()
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
        link.sendto(message, address)


def watchdog_s(environment: Mapping[str, str], pid: int) -> float | None:
    """Return the seconds after which systemd takes silence for death.

    None when nobody waits, or for another process.
    """
    if environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    try:
        usec = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return usec / 1e6 if usec > 0 else None


class SystemdNotifier:
    """Keep systemd up to date: more time while starting, a status line when it changes, life signs while work moves.

    Life signs go out each third of the watchdog's time; none when one step has been going on for longer than
    two thirds of it. Called from the main thread, every few seconds.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        dead_after_s: float | None,
        clock: Callable[[], float] = time.monotonic,
        send: Callable[..., None] = sd_notify,
    ) -> None:
        self._heartbeat, self._dead_after_s = heartbeat, dead_after_s
        self._clock, self._send = clock, send
        self._sent, self._sent_s = "", -STATUS_EVERY_S
        self._alive_s = -EXTEND_S
        self.stalled = False

    def starting(self, line: str) -> None:
        """Ask for more time to start, as long as work moves."""
        if self._is_moving(EXTEND_S) and self._clock() - self._alive_s >= STATUS_EVERY_S:
            self._alive_s = self._clock()
            self._send(EXTEND_TIMEOUT_USEC=str(int(EXTEND_S * 1e6)))
        self.status(line)

    def ready(self, line: str) -> None:
        """Say that the folders are watched and have been walked once."""
        self._sent, self._sent_s, self._alive_s = line, self._clock(), self._clock()
        self._send(READY="1", STATUS=line)

    def status(self, line: str) -> None:
        """Send the status line when it changed, at most every ten seconds."""
        if line != self._sent and self._clock() - self._sent_s >= STATUS_EVERY_S:
            self._sent, self._sent_s = line, self._clock()
            self._send(STATUS=line)

    def keep_alive(self) -> bool:
        """Send a sign of life when one is due and work moves; return True the moment work turns out to be stuck."""
        timeout_s = self._dead_after_s or EXTEND_S
        before, self.stalled = self.stalled, not self._is_moving(timeout_s * 2 / 3)
        if self._dead_after_s and not self.stalled and self._clock() - self._alive_s >= self._dead_after_s / 3:
            self._alive_s = self._clock()
            self._send(WATCHDOG="1")
        return self.stalled and not before

    def _is_moving(self, timeout_s: float) -> bool:
        return self._heartbeat.busy_s() <= timeout_s

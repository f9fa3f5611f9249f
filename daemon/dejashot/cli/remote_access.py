"""How the review page of a machine without a screen is reached from another device."""

import getpass
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping

from dejashot.web.server_state import Served

_SSH_PORT = "22"


def has_screen(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether a browser can be shown where a command runs: on a desktop, and not through SSH."""
    if environment.get("SSH_CONNECTION"):
        return False
    return platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def ways_to(served: Served, environment: Mapping[str, str], *, ends_here: bool) -> Iterator[str]:
    """Yield lines on how another device reaches a page; `ends_here`: Ctrl-C ends it, rather than a daemon's end."""
    yield from way_by_ssh(served, environment)
    yield f"  On any device of your network, {_before_lan(served, ends_here=ends_here)}run this here:"
    yield "      dejashot review --lan"


def way_by_ssh(served: Served, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield lines on how a computer with SSH reaches a page."""
    yield "There is no screen here: open the page on another device."
    yield "  On a computer with SSH, run this there, leave it open, and open the link there:"
    yield f"      {_tunnel(served.port, environment)}"


def _before_lan(served: Served, *, ends_here: bool) -> str:
    """Return what is to be done before `dejashot review --lan` prints a link for other devices; empty for nothing."""
    if served.lan:
        return ""
    if ends_here:
        return "end this with Ctrl-C and "
    return "set lan = true below [review], restart the daemon and "


def _tunnel(port: int, environment: Mapping[str, str]) -> str:
    """Return the command that makes the port of the page reachable on the computer that runs it."""
    connection = environment.get("SSH_CONNECTION", "").split()
    other_port = f"-p {connection[3]} " if len(connection) == 4 and connection[3] != _SSH_PORT else ""
    return f"ssh {other_port}-L {port}:localhost:{port} {shlex.quote(_user_at_host())}"


def _user_at_host() -> str:
    """Return how this account is named to other machines; only the host where the account has no name."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        return socket.gethostname()

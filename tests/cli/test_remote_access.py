"""A link to the review page of a machine without a screen, with the ways to open it elsewhere."""

import getpass
import socket

import pytest

from dejashot.cli.remote_access import has_screen, ways_to
from dejashot.web.server_state import Served

LOGIN = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest.mark.parametrize(
    ("environment", "platform", "screen"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}, "darwin", False),
    ],
)
def test_where_a_browser_can_be_shown(environment: dict[str, str], platform: str, screen: bool) -> None:
    assert has_screen(environment, platform) is screen


@pytest.mark.parametrize(
    ("connection", "command"),
    [
        ("", f"ssh -L 8423:localhost:8423 {LOGIN}"),
        ("10.0.0.2 50000 10.0.0.1 22", f"ssh -L 8423:localhost:8423 {LOGIN}"),
        ("10.0.0.2 50000 10.0.0.1 2222", f"ssh -p 2222 -L 8423:localhost:8423 {LOGIN}"),
    ],
)
def test_the_command_to_copy_has_the_port_and_the_host(connection: str, command: str) -> None:
    lines = list(ways_to(Served(1, 8423), {"SSH_CONNECTION": connection}, ends_here=True))
    assert command in [line.strip() for line in lines]
    assert len(lines) <= 6


def test_what_has_to_be_done_for_the_network_depends_on_who_serves_the_page() -> None:
    here, daemon, open_to_all = (
        "\n".join(ways_to(served, {}, ends_here=ends_here))
        for served, ends_here in ((Served(1, 8423), True), (Served(1, 8423), False), (Served(1, 8423, True), False))
    )
    assert "Ctrl-C" in here
    assert "lan = true" in daemon
    assert "Ctrl-C" not in open_to_all
    assert "lan = true" not in open_to_all

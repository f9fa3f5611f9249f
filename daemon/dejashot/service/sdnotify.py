"""Tell systemd how the service is doing; does nothing anywhere else. Protocol: sd_notify(3)."""

import os
import socket
from contextlib import suppress


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

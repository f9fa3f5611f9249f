"""The addresses and names of this machine in its network, found without asking another machine."""

import fcntl
import re
import socket
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_INTERFACES = Path("/sys/class/net")
_SIOCGIFADDR = 0x8915
# addresses that are set aside for documents: no packet is sent, the system only says from where it would send one
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def lan_addresses() -> list[IPv4Address | IPv6Address]:
    """Return this machine's addresses for others, the most likely one first; none is loopback or link-local."""
    found = [*filter(None, (_source(family, elsewhere) for family, elsewhere in _ELSEWHERE)), *_of_interfaces()]
    usable = [
        address
        for address in dict.fromkeys(map(ip_address, found))
        if not (address.is_loopback or address.is_link_local)
    ]
    return sorted(usable, key=lambda address: address.version)  # stable: the way out comes first


def host_names() -> list[str]:
    """Return this machine's names in its network, the one of multicast DNS first; only valid host names."""
    name = socket.gethostname().lower()
    names = [f"{name.partition('.')[0]}.local", name]
    return [n for n in dict.fromkeys(names) if _NAME.fullmatch(n) and n != "localhost.local" and n != "localhost"]


def _source(family: int, elsewhere: str) -> str:
    """Return the address that a packet to elsewhere would carry, empty when there is no way."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            return str(probe.getsockname()[0]).partition("%")[0]
    except OSError:
        return ""


def _of_interfaces() -> list[str]:
    """Return the IPv4 address of each interface (Linux: netdevice(7)), without netlink, which the units close."""
    found: list[str] = []
    if not _INTERFACES.is_dir():
        return found
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for interface in sorted(_INTERFACES.iterdir()):
            with suppress(OSError):  # it has none
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", interface.name.encode()[:15]))
                found.append(socket.inet_ntoa(answer[20:24]))
    return found

"""Under which names the page is served: a request that names another host is not for it."""

from dataclasses import dataclass, field
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class HostNames:
    """The names and the port of the page; with `lan` also any address of this machine that a connection came in on."""

    port: int
    hosts: frozenset[str]
    tls: bool = False
    lan: bool = False
    _authorities: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        authorities = frozenset(authority for host in self.hosts for authority in self._authorities_of(host))
        object.__setattr__(self, "_authorities", authorities)

    @property
    def scheme(self) -> str:
        """Return http, or https where it is encrypted."""
        return "https" if self.tls else "http"

    def includes(self, authority: str, own_address: str) -> bool:
        """Return whether a Host header names this server: names that lead here by somebody else's DNS do not.

        `own_address` is the one that the connection came in on: a network gives out others while we run.
        """
        return authority in self._authorities or (self.lan and authority in self._authorities_of(own_address))

    def _authorities_of(self, host: str) -> tuple[str, ...]:
        """Return how a host is written in a Host header; a scheme's own port is left out there."""
        try:
            host = f"[{host}]" if ip_address(host).version == 6 else host
        except ValueError:
            pass
        usual = self.port == (443 if self.tls else 80)
        return (f"{host}:{self.port}", host) if usual else (f"{host}:{self.port}",)

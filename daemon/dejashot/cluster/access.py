"""How a scheduler may be reached: encrypted, unless it is on this machine or the owner allows otherwise."""

import importlib.util
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from dejashot.config.settings import ClusterSettings
from dejashot.config.values import SCHEDULER_FORM
from dejashot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SchedulerAccess:
    """The address of a scheduler, and the files for TLS (PEM): empty without it."""

    address: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""


def scheduler_access(settings: ClusterSettings) -> SchedulerAccess:
    """Return how the configured scheduler is reached; raise ConfigError where that is not safe or not complete."""
    form = SCHEDULER_FORM.fullmatch(settings.scheduler)
    if form is None:
        raise ConfigError(f"{settings.scheduler!r} is no address of a scheduler", "Write for example tls://nas:8786")
    if importlib.util.find_spec("distributed") is None:
        raise ConfigError("reading on a cluster takes an extra", "Run pip install 'dejashot[cluster]'")
    if form["scheme"] == "tls":
        return _encrypted(settings)
    if not settings.allow_unencrypted and not _is_this_machine(form["host"].strip("[]")):
        raise ConfigError(
            f"to {settings.scheduler} photos would travel unencrypted, and whoever is in between could run code here",
            "Use tls:// with certificates; in a network where nobody else is, set cluster.allow_unencrypted = true",
        )
    return SchedulerAccess(settings.scheduler)


def _encrypted(settings: ClusterSettings) -> SchedulerAccess:
    """Return the access with certificates; raise ConfigError where one is missing."""
    files = {key: getattr(settings, key) for key in ("ca_file", "cert_file", "key_file")}
    found = {key: Path(name).expanduser() for key, name in files.items() if name}
    for key in ("ca_file", "cert_file"):
        if key not in found:
            raise ConfigError(f"tls:// needs cluster.{key}", "See `TLS` in daemon/docs/cluster.md")
    for key, file in found.items():
        if not file.is_file():
            raise ConfigError(f"cluster.{key}: there is no {file}", "See `TLS` in daemon/docs/cluster.md")
    return SchedulerAccess(settings.scheduler, **{key: str(file) for key, file in found.items()})


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

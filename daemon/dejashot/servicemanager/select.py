"""Which service manager this system has."""

import os
import sys
from pathlib import Path

from dejashot.servicemanager.base import Manager, ServiceError


def manager(platform: str = sys.platform, home: Path | None = None) -> Manager:
    """Return the service manager of a platform; raise ServiceError where there is none we know."""
    from dejashot.servicemanager.launchd import Launchd  # noqa: PLC0415 - both build on this module
    from dejashot.servicemanager.systemd import Systemd  # noqa: PLC0415

    if platform == "darwin":
        return Launchd(home or Path.home())
    if platform == "linux":
        config = os.environ.get("XDG_CONFIG_HOME", "")
        return Systemd(Path(config) if config else (home or Path.home()) / ".config")
    raise ServiceError(
        "there is no service manager that Dejashot knows on this system",
        "Have `dejashot run` started by whatever starts programs",
    )

"""Choose the service manager of this system."""

import os
import sys
from pathlib import Path

from dejashot.servicemanager.base import Manager, ServiceError
from dejashot.servicemanager.launchd import Launchd
from dejashot.servicemanager.systemd import Systemd


def manager(platform: str = sys.platform, home: Path | None = None) -> Manager:
    """Return the service manager of a platform; raise ServiceError where there is none we know."""
    if platform == "darwin":
        return Launchd(home or Path.home())
    if platform == "linux":
        config = os.environ.get("XDG_CONFIG_HOME", "")
        return Systemd(Path(config) if config else (home or Path.home()) / ".config")
    raise ServiceError(
        "there is no service manager that Dejashot knows on this system",
        "Have `dejashot run` started by whatever starts programs",
    )

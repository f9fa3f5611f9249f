"""Installing the service by the configuration: what the service needs to be told, and what it can't work without."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from dejashot.cli.options import settings_of
from dejashot.config.locations import digest_folder, library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics.config_check import examine_needs
from dejashot.diagnostics.finding import Severity
from dejashot.errors import ConfigError
from dejashot.paths import preview_folder
from dejashot.servicemanager.base import service_of
from dejashot.servicemanager.select import manager


def install_service(config: Path | None, *, start: bool, hardened: bool) -> list[str]:
    """Install the service of a configuration and return what was done by line; raise ConfigError, ServiceError."""
    settings = _working_settings(config)
    service = service_of(
        config,
        Path(sys.executable),
        os.environ,
        _written_folders(settings),
        delivers=bool(settings.deliver.urls),
        review="" if not settings.review.enabled else "lan" if settings.review.lan else "local",
    )
    return manager().install(service, start=start, hardened=hardened)


def _written_folders(settings: Settings) -> list[Path]:
    """Return the folders that the daemon writes to."""
    metrics = [Path(settings.metrics.file).expanduser().absolute().parent] if settings.metrics.file else []
    return [library_folder(settings), digest_folder(settings), preview_folder(), *metrics]


def _working_settings(config: Path | None) -> Settings:
    """Return the settings; raise the error that would keep the daemon from its work."""
    settings = settings_of(config)
    if not settings.folders:
        raise ConfigError(
            "the configuration names no folder to watch", "Set `folders` in the file that `dejashot config path` names"
        )
    for finding in examine_needs(settings, datetime.now(UTC)):
        if finding.severity is Severity.WRONG:
            raise ConfigError(f"the configuration does not work: {finding.name}: {finding.text}", finding.fix)
    return settings

"""Everything that an installation can get wrong: the questions of `dejashot config check`, and those about the rest."""

from collections.abc import Iterator
from datetime import datetime

from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics.checks_reading import check_formats, check_reader
from dejashot.diagnostics.checks_service import check_service
from dejashot.diagnostics.checks_storage import check_library
from dejashot.diagnostics.checks_system import check_clock, check_desktop, check_versions
from dejashot.diagnostics.checks_watching import check_watch_limits
from dejashot.diagnostics.config_check import examine_settings
from dejashot.diagnostics.finding import Finding
from dejashot.library.database import LIBRARY_FILE_NAME


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield every finding about an installation, at an aware moment; the slow ones come last. Nothing is changed."""
    yield from check_versions()
    yield from examine_settings(settings, now)
    yield from check_watch_limits(settings)
    yield from check_library(settings)
    yield check_clock(library_folder(settings) / LIBRARY_FILE_NAME, now)
    yield from check_desktop(settings)
    yield from check_service()
    yield check_formats()
    yield check_reader(settings)

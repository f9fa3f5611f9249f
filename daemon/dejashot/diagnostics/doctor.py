"""Everything that an installation can get wrong, in the order of `dejashot doctor`; nothing is changed."""

from collections.abc import Iterator
from datetime import datetime

import tzlocal

from dejashot.config.locations import library_folder
from dejashot.config.settings import Settings
from dejashot.diagnostics.checks_reading import check_formats, check_model, check_reader
from dejashot.diagnostics.checks_service import check_review, check_service
from dejashot.diagnostics.checks_storage import check_library, check_metrics, check_previews
from dejashot.diagnostics.checks_system import (
    check_clock,
    check_desktop,
    check_gazetteer,
    check_schedule,
    check_time_zone,
    check_versions,
)
from dejashot.diagnostics.checks_watching import check_folders
from dejashot.diagnostics.finding import Finding
from dejashot.library.database import LIBRARY_FILE_NAME


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield every finding about an installation, at an aware moment; the slow ones come last."""
    yield from check_versions()
    yield from check_folders(settings)
    yield from check_library(settings)
    yield check_previews()
    yield from check_schedule(settings, now, tzlocal.get_localzone())
    yield check_clock(library_folder(settings) / LIBRARY_FILE_NAME, now)
    yield check_time_zone(settings, tzlocal.get_localzone_name())
    yield from check_desktop(settings)
    yield from check_metrics(settings)
    yield from check_gazetteer(settings)
    yield from check_review(settings)
    yield from check_service()
    yield check_model(settings)
    yield check_formats()
    yield check_reader(settings)

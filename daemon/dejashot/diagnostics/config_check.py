"""What can be wrong with a configuration on this machine; no library and no daemon is needed to see it."""

from collections.abc import Iterator
from datetime import datetime

from dejashot.config.settings import Settings
from dejashot.diagnostics.checks_reading import check_cluster, check_model
from dejashot.diagnostics.checks_service import check_addresses, check_review
from dejashot.diagnostics.checks_storage import check_library_folder
from dejashot.diagnostics.checks_system import check_gazetteer, check_schedule, check_time_zone, local_zone
from dejashot.diagnostics.checks_watching import check_folders
from dejashot.diagnostics.checks_writing import check_written_folders
from dejashot.diagnostics.finding import Finding


def examine_needs(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield the findings about what the daemon can't work without, at an aware moment."""
    zone, zone_name = local_zone()
    yield from check_folders(settings)
    yield from check_library_folder(settings)
    yield check_time_zone(settings, zone_name)
    yield from check_schedule(settings, now, zone)
    yield from check_addresses(settings)
    yield from check_gazetteer(settings)
    yield check_model(settings)


def examine_settings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield every finding about a configuration, at an aware moment."""
    yield from examine_needs(settings, now)
    yield from check_written_folders(settings)
    yield from check_review(settings)
    yield from check_cluster(settings)

"""What the settings say about reading: how many readers work, and what each needs to know."""

import os

from dejashot.config.settings import ReadingSettings, Settings
from dejashot.reading.protocol.payloads import WorkerOptions
from dejashot.reading.vision.model import model_file


def all_readers(settings: Settings) -> int:
    """Return how many readers work while someone waits: the configured number, else one a core."""
    return settings.reading.workers or os.cpu_count() or 1


def worker_options(settings: Settings) -> WorkerOptions:
    """Return what the reading workers need to know."""
    reading: ReadingSettings = settings.reading
    return WorkerOptions(
        model=str(model_file(settings.model.path)),
        threads=reading.threads,
        max_megapixels=reading.max_megapixels,
        max_file_mib=reading.max_file_mib,
        memory_mib=reading.memory_mib,
        nice=reading.nice,
        home_timezone=settings.capture.home_timezone,
        timeout_s=reading.timeout_s,
    )

"""What a library needs once a day, when nothing else is to do: a check, a backup, and an end to what is no longer needed."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from dejashot.errors import JournalError, LibraryDamagedError, LibraryError, StorageError
from dejashot.ingest.pipeline import Ingestor
from dejashot.library import database
from dejashot.library.backup import back_up, backups, made_at
from dejashot.library.previews import prune_previews
from dejashot.logs import event
from dejashot.models.capture import instant, microseconds

log = logging.getLogger(__name__)

DAY_S = 20 * 3600.0  # a little less than a day: the one after tomorrow's digest is due again
DIGEST_S = 3600.0
FIRST_S = 600.0  # not before so long after the start: should the work itself be what ends the daemon, it is up most of the time
DAMAGED_KEPT = 2
PREVIEWS_KEPT = timedelta(days=30)


class Maintenance:
    """Do the daily upkeep of a library; called from its owner thread only, `clock` gives monotonic seconds."""

    def __init__(self, pipeline: Ingestor, clock: Callable[[], float], now: datetime) -> None:
        self._pipeline = pipeline
        self._folder = pipeline.folder
        self._clock = clock
        kept = backups(self._folder)
        age_s = min((abs((now - made_at(b)).total_seconds()) for b in kept), default=DAY_S)
        self._last_s = clock() - min(age_s, DAY_S - min(FIRST_S, DAY_S))
        digests = pipeline.library.digest_runs.in_states("done")
        self._owed = bool(digests) and (not kept or instant(digests[0].made_us) > made_at(kept[0]))

    def due(self, *, digested: bool = False) -> bool:
        """Tell whether it is time: once a day, and soon after a digest, so that what was told is never forgotten."""
        return self._clock() - self._last_s >= (DIGEST_S if digested or self._owed else DAY_S)

    def run(self, now: datetime) -> None:
        """Back up, prune and save; raise LibraryDamagedError when the check before the backup finds damage."""
        self._last_s, self._owed = self._clock(), False
        keep = self._pipeline.settings.library.backups
        if keep:
            try:
                made = back_up(self._pipeline.library, self._folder, microseconds(now), keep, self._pipeline.beat)
                if made is not None:
                    log.info("the library is backed up", extra=event("backup"))
            except LibraryDamagedError:
                raise
            except (LibraryError, JournalError, StorageError, OSError) as error:
                log.warning("the library could not be backed up: %s", error)
        pruned = prune_previews(self._there, (now - PREVIEWS_KEPT).timestamp())
        if pruned:
            log.info("%d previews of photos that are gone are removed", pruned)
        marks = sorted(self._folder.glob(f"{database.LIBRARY_FILE_NAME}.corrupt-*Z"), reverse=True)
        for old in marks[DAMAGED_KEPT:]:
            for part in self._folder.glob(f"{old.name}*"):
                with suppress(OSError):
                    part.unlink()

    def _there(self, content: bytes) -> bool:
        self._pipeline.beat()
        return bool(self._pipeline.library.files.copies(content, 1))

"""What a library needs once a day, when nothing else is to do: a check, a backup, and the removal of old files."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from dejashot.errors import JournalError, LibraryDamagedError, LibraryError, StorageError
from dejashot.ingest.pipeline import Pipeline
from dejashot.library import database
from dejashot.library.backup import back_up, backups, made_at
from dejashot.library.previews import prune_previews
from dejashot.logs import event
from dejashot.models.capture import instant, microseconds

log = logging.getLogger(__name__)

BACK_UP_EVERY_S = 20 * 3600.0  # a little less than a day: the one after tomorrow's digest is due again
AFTER_DIGEST_S = 3600.0
FIRST_S = 600.0  # after the start: should this work be what ends the daemon, it still runs most of the time
MAX_DAMAGED_KEPT = 2
PREVIEWS_KEPT = timedelta(days=30)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Maintenance:
    """Look after a library once a day, and soon after a digest, so that what it covered is never forgotten."""

    def __init__(
        self,
        pipeline: Pipeline,
        backlog: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Prepare; `backlog` counts what else is to do, `clock` gives monotonic seconds, `now` the moment in UTC."""
        self._pipeline = pipeline
        self._folder = pipeline.owned.folder
        self._backlog = backlog
        self._clock, self._now = clock, now
        kept = backups(self._folder)
        age_s = min((abs((now() - made_at(b)).total_seconds()) for b in kept), default=BACK_UP_EVERY_S)
        self._last_s = clock() - min(age_s, BACK_UP_EVERY_S - min(FIRST_S, BACK_UP_EVERY_S))
        digests = pipeline.library.digest_runs.in_states("done")
        self._digested = bool(digests) and (not kept or instant(digests[0].made_us) > made_at(kept[0]))

    def note_digest(self) -> None:
        """Note that a digest was made since the last backup."""
        self._digested = True

    def due_in_s(self) -> None:
        """Return None: it waits until the loop turns for something else."""

    def run(self) -> None:
        """Back up and prune when it is time and nothing else waits.

        Raise LibraryDamagedError when the library turns out damaged.
        """
        wait_s = AFTER_DIGEST_S if self._digested else BACK_UP_EVERY_S
        if self._backlog() or self._clock() - self._last_s < wait_s:
            return
        self._last_s, self._digested = self._clock(), False
        now = self._now()
        keep = self._pipeline.settings.library.backups
        if keep:
            self._back_up(now, keep)
        pruned = prune_previews(self._is_there, (now - PREVIEWS_KEPT).timestamp())
        if pruned:
            log.info("%d previews of photos that are gone are removed", pruned)
        self._remove_damaged()

    def _back_up(self, now: datetime, keep: int) -> None:
        try:
            made = back_up(self._pipeline.library, self._folder, microseconds(now), keep, self._pipeline.on_progress)
            if made is not None:
                log.info("the library is backed up", extra=event("backup"))
        except LibraryDamagedError:
            raise
        except (LibraryError, JournalError, StorageError, OSError) as error:
            log.warning("the library could not be backed up: %s", error)

    def _remove_damaged(self) -> None:
        """Remove all but the newest damaged libraries that lie aside."""
        marks = sorted(self._folder.glob(f"{database.LIBRARY_FILE_NAME}.corrupt-*Z"), reverse=True)
        for old in marks[MAX_DAMAGED_KEPT:]:
            for part in self._folder.glob(f"{old.name}*"):
                with suppress(OSError):
                    part.unlink()

    def _is_there(self, content: bytes) -> bool:
        self._pipeline.on_progress()
        return bool(self._pipeline.library.files.copies(content, 1))

"""The ingest thread: the only owner of the library, fed by a mailbox, asleep when there is nothing to do."""

import logging
import math
import os
import queue
import stat
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from dejashot.daemon.events import LOSS_DELAY_S, RESCAN_DELAY_S, FileEvent, LoopEvent, RescanRequest, Stop, Tick
from dejashot.daemon.maintenance import Maintenance
from dejashot.daemon.memory import give_back_memory
from dejashot.daemon.status_publisher import StatusPublisher, counts_of, reader_state
from dejashot.diagnostics.status import DIGESTS_FORESEEN, upcoming
from dejashot.digests.runner import DigestRunner
from dejashot.errors import (
    DejashotError,
    FolderError,
    JournalError,
    LibraryBusyError,
    LibraryDamagedError,
    LibraryError,
    Reason,
    StorageError,
    UnreadablePhotoError,
)
from dejashot.files.first_bytes import FileContent, file_content_of, first_bytes_at
from dejashot.files.names import BESIDE, PICTURES, NameKind
from dejashot.files.packages import package_of
from dejashot.ingest.fair_queue import affordable, cost_of
from dejashot.ingest.pipeline import BATCH, Ingestor, IngestResult, Task
from dejashot.ingest.reconcile import is_below
from dejashot.ingest.retries import Retries
from dejashot.ingest.stability import StabilityTracker
from dejashot.library.tables.folders import Folder
from dejashot.logs import event, where_of
from dejashot.models.capture import now_us
from dejashot.models.files import FileRef, FileStamp
from dejashot.paths import shown
from dejashot.reports.preempt import PreemptedError
from dejashot.reports.report import Health
from dejashot.watch.folder_watch import FolderWatch, WatchState

log = logging.getLogger(__name__)

YOUNG_S = 900.0
TROUBLE_DELAY_S = 10.0
AWAY_DELAY_S = 10.0
SAY_AGAIN_S = 600.0
MAX_DIGEST_WAIT_S = 600.0
BESIDE_APART_S = 60.0  # between two walks for the sake of films and sidecars
HEARD_AT_ONCE = 32
GIVE_WAY_S = 0.3  # of work on a digest between two photos that land
PUBLISH_EVERY_S = 1.0
SAVE_EVERY_S = 60.0
DELIVERY_POLL_S = 1.0
_NOT_AT_START = {Reason.READER_CRASHED, Reason.TIMED_OUT}


class IngestThread(threading.Thread):
    """Settle, ingest, reconcile and digest until told to stop."""

    def __init__(
        self,
        pipeline: Ingestor,
        digests: DigestRunner,
        folders: Mapping[int, Folder],
        watches: Mapping[int, FolderWatch],
        telling: StatusPublisher,
        halt: threading.Event,
    ) -> None:
        super().__init__(name="ingest")
        self._halt = halt
        self.mailbox: queue.SimpleQueue[LoopEvent] = queue.SimpleQueue()
        self.failure: BaseException | None = None
        self.reconciled = threading.Event()
        self._pipeline = pipeline
        self._library = pipeline.library
        self._settings = pipeline.settings
        self._digests = digests
        self._folders = folders
        self._watches = watches
        self._upkeep = Maintenance(pipeline, time.monotonic, datetime.now(UTC))
        self._rules = {number: pipeline.rules_of(folder.path) for number, folder in folders.items()}
        self._digested = False
        self._telling = telling
        self._heart = telling.heart
        self._settle = StabilityTracker(self._settings.watch.quiet_s, time.monotonic)
        self._rescans: dict[int, float] = {}
        self._walks: dict[int, tuple[float, float]] = {}
        self._retries = Retries(time.monotonic)
        self._slot: datetime | None = None
        self._slot_since_s = 0.0
        self._stale: list[Task] = []
        self._unheard: list[FileRef] = []
        self._away: dict[int, str] = {}
        self._blind: dict[int, str] = {}
        self._trouble = ""
        self._said: dict[str, float] = {}
        self._digest_trouble, self._digest_wait_s = "", TROUBLE_DELAY_S
        self._digest_not_before_s = 0.0
        self._stopping = False
        self._last_arrival_s = self._last_work_s = self._last_save_s = time.monotonic()
        self._last_publish_s = 0.0
        self._last_health: list[Health] = []
        self._counts: dict[str, int] = {}
        self._unpublished = True

    def run(self) -> None:
        """Work until stopped; what ends the thread otherwise is kept in `failure`."""
        try:
            self._try_young_failures_again()
            while not self._stopping:
                try:
                    self._heart.rest()
                    self._receive(self._patience_s())
                    if not self._stopping:
                        self._work()
                    self._publish()
                except (LibraryDamagedError, LibraryBusyError):
                    raise  # the library must be opened anew, by whoever started this, or is another's
                except DejashotError as error:
                    self._recover(error)
        except PreemptedError:
            log.info("the digest in the making is made again at the next start")
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which ends the process with it
            self.failure = error
        finally:
            self._digests.deliveries.close()

    def _recover(self, error: DejashotError) -> None:
        """Say what is wrong and come back to it: whatever was not stored is found again by walking the folders."""
        if time.monotonic() - self._said.get(error.title, -math.inf) >= SAY_AGAIN_S:
            self._said[error.title] = time.monotonic()
            log.error("%s. %s", error.title, error.hint, extra=event("trouble"))
        self._retries.put_back()
        self._trouble, self._unpublished = error.title, True
        later_s = time.monotonic() + TROUBLE_DELAY_S
        self._digest_not_before_s = later_s
        for folder in self._folders:
            self._rescans[folder] = min(
                later_s, max(self._rescans.get(folder, later_s), time.monotonic() + RESCAN_DELAY_S)
            )

    def _patience_s(self) -> float | None:
        """Return how long to sleep at most; None until the next message."""
        now_s = time.monotonic()
        waits = [due - now_s for due in self._rescans.values()]
        waits += [due_s for due_s in (self._settle.due_in_s(), self._retries.due_in_s()) if due_s is not None]
        if (self._stale or self._unheard) and not len(self._settle) and not self._trouble:
            waits.append(0.0)
        if self._pipeline.pool.running:
            waits.append(self._last_work_s + self._settings.reading.idle_stop_s - now_s)
        if self._slot is not None:
            late_s = self._slot_since_s + self._settings.digest.wait_s - now_s if self._retries.young else 0.0
            quiet_s = self._last_arrival_s + self._settings.digest.quiet_s - now_s
            waits.append(max(1.0, quiet_s, late_s, self._digest_not_before_s - now_s))
        if self._digests.deliveries.under_way:
            waits.append(DELIVERY_POLL_S)
        if self._unpublished:
            waits.append(self._last_publish_s + PUBLISH_EVERY_S - now_s)
        return max(0.0, min(waits)) if waits else None

    def _receive(self, timeout_s: float | None) -> None:
        """Take in all messages there are, waiting for the first."""
        try:
            message = self.mailbox.get(timeout=timeout_s)
            while True:
                self._heart.beat()
                self._take(message)
                message = self.mailbox.get_nowait()
        except queue.Empty:
            self._heart.beat()

    def _take(self, message: LoopEvent) -> None:
        match message:
            case FileEvent(folder, path):
                self._look(self._folders[folder], path)
            case RescanRequest(folder, delay_s, apart_s):
                self._ask(folder, delay_s, apart_s)
            case Tick():
                if self._slot is None:
                    self._slot, self._slot_since_s = self._digests.due(datetime.now(UTC)), time.monotonic()
                self._telling.notices.tell(datetime.now(self._digests.schedule.zone))
                self._unpublished = True
            case Stop():
                self._stopping = True

    def _ask(self, folder: int, delay_s: float, apart_s: float = 0.0) -> None:
        """Ask for a walk; walking takes half of the time at most, however much changes."""
        ended_s, took_s = self._walks.get(folder, (-math.inf, 0.0))
        due_s = max(time.monotonic() + delay_s, ended_s + max(apart_s, took_s))
        self._rescans[folder] = min(due_s, self._rescans.get(folder, due_s))

    def _try_young_failures_again(self) -> None:
        """Queue what failed shortly before the last stop: it may have been on its way in."""
        since_us = now_us() - int(YOUNG_S * 1e6)
        for file, known in self._library.files.skipped_since(list(self._folders), since_us):
            reason = Reason(known.reason)
            if not reason.final and reason not in _NOT_AT_START and self._rules[file.folder].reaches(file.path):
                self._retries.failed(file, known.stamp)

    def _look(self, folder: Folder, path: bytes) -> None:
        """Look at a path that something happened to; whether a loss is one, a walk decides."""
        below = os.path.relpath(path, os.fsencode(folder.path))
        file = FileRef(folder.id, below)
        rules = self._rules[folder.id]
        if rules.judge(below) in BESIDE and rules.reaches(below):
            self._ask(folder.id, RESCAN_DELAY_S, BESIDE_APART_S)
            return
        if rules.judge(below) not in (NameKind.ASK, *PICTURES) or not rules.reaches(below):
            return
        try:
            status = os.lstat(path)
        except OSError:
            self._settle.gone(file)
            self._retries.forget(file)
            if self._library.files.get(file) is not None:
                self._ask(folder.id, LOSS_DELAY_S)
            return
        if not stat.S_ISREG(status.st_mode):
            self._ask(folder.id, RESCAN_DELAY_S, BESIDE_APART_S)  # a link, say: the walk counts it
            return
        known = self._library.files.get(file)
        if known is None or known.state == "missing" or known.stamp != FileStamp.of(status):
            self._retries.forget(file)
            self._saw(file, FileStamp.of(status), status.st_ctime_ns)

    def _saw(self, file: FileRef, stamp: FileStamp, ctime_ns: int) -> None:
        if self._watches[file.folder].state is WatchState.POLLED:  # where another machine's clock sets the times
            self._settle.saw(file, stamp, 0.0, self._settings.watch.poll_quiet_s)
        else:
            self._settle.saw(file, stamp, (time.time_ns() - ctime_ns) / 1e9)
        self._last_arrival_s = time.monotonic()
        self._unpublished = True

    def _work(self) -> None:
        """Do what is due: walk folders, ingest what settled, re-embed, digest, tidy."""
        self._pipeline.check_owned()
        now_s = time.monotonic()
        for folder in [f for f, due in self._rescans.items() if due <= now_s]:
            del self._rescans[folder]
            self._reconcile(self._folders[folder])
            self._heart.beat()
        if not self._rescans.keys() - self._away.keys():
            self.reconciled.set()
        self._ingest(self._settled_tasks())
        self._ingest(self._retry_tasks())
        if not len(self._settle):
            self._hear()
        if self._stale and not len(self._settle):
            self._reembed()
        self._digest()
        self._digests.deliveries.attend(now_us(), time.monotonic())
        self._tidy()

    def _reconcile(self, folder: Folder) -> None:
        """Walk a folder and queue what is new."""
        if self._watches[folder.id].state is WatchState.PAUSED:
            return
        self._unpublished = True
        began_s = time.monotonic()
        try:
            changes = self._pipeline.reconcile(folder)
        except FolderError as error:
            if folder.id not in self._away:
                log.warning("a folder can't be walked, or is not what it was; it is paused and nothing is forgotten")
            self._away[folder.id] = f"{error.title}. {error.hint}"
            self._rescans.setdefault(folder.id, time.monotonic() + AWAY_DELAY_S)
            return
        finally:
            self._walks[folder.id] = (time.monotonic(), time.monotonic() - began_s)
        self._away.pop(folder.id, None)
        self._watches[folder.id].walked(changes.ground.entered)
        self._blind[folder.id] = changes.trouble
        self._trouble = ""
        self._unheard = self._library.companions.pending([f for f in self._folders if f not in self._away])
        self._stale = self._pipeline.stale()
        if not self._stale:
            self._pipeline.settle_network()
        for found in changes.arrived:
            if not self._retries.waits(FileRef(folder.id, found.path)):
                self._saw(FileRef(folder.id, found.path), found.stamp, found.ctime_ns)

    def _settled_tasks(self) -> list[Task]:
        """Return what has settled and is still as it was."""
        tasks: list[Task] = []
        for file, stamp in self._settle.settled(BATCH, self._pipeline.budget):
            task = Task(file, self._folders[file.folder].path, stamp)
            try:
                status = os.lstat(task.path)
            except OSError:
                continue  # a walk will tell whether the file is gone, or its disk
            if not is_below(task.root, task.path) or package_of(task.path):
                continue  # a link was put in the place of a folder, or another program's package is being made there
            if FileStamp.of(status) != stamp:
                self._saw(file, FileStamp.of(status), status.st_ctime_ns)
            elif self._rules[file.folder].judge(file.path) is NameKind.UNSUPPORTED:
                self._library.files.skip(file, stamp, UnreadablePhotoError(Reason.UNSUPPORTED_FORMAT), now_us())
            elif self._is_picture(task):
                tasks.append(task)
        return tasks

    def _is_picture(self, task: Task) -> bool:
        """Tell whether a settled file is a picture by its name or, where that does not say, its first bytes; what is none, a walk counts."""
        if self._rules[task.file.folder].judge(task.file.path) is not NameKind.ASK:
            return True
        content = file_content_of(first_bytes_at(task.path) or b"", os.fsdecode(os.path.basename(task.path)))
        counts = (
            content is FileContent.UNKNOWN or self._library.files.get(task.file) is not None
        )  # or was a picture before
        if (
            content is not FileContent.PICTURE
            and counts
            and content is not self._library.folders.first_bytes_of(task.file)
        ):
            self._ask(task.file.folder, RESCAN_DELAY_S, BESIDE_APART_S)
        return content is FileContent.PICTURE

    def _retry_tasks(self) -> list[Task]:
        """Return the failed files whose next try is due."""
        return [Task(f, self._folders[f.folder].path, stamp) for f, stamp in self._retries.due(BATCH)]

    def _ingest(self, tasks: list[Task]) -> None:
        """Ingest a batch; what fails is tried again a few times before it is left until it changes."""
        if not tasks:
            return
        for outcome in self._pipeline.ingest(t for t in tasks if not self._halt.is_set()):
            self._heart.beat()
            file = outcome.task.file
            if outcome.result is IngestResult.CHANGING:
                self._settle.postpone(file, outcome.task.stamp, self._settings.watch.quiet_s)
            elif outcome.again:
                self._retries.failed(file, outcome.task.stamp)
            else:
                self._retries.forget(file)
        self._last_work_s = time.monotonic()
        self._unpublished = True

    def _hear(self) -> None:
        """Ask a few films and sidecars what they say; when all were asked, draw the conclusions."""
        if self._unheard:
            batch, self._unheard = self._unheard[:HEARD_AT_ONCE], self._unheard[HEARD_AT_ONCE:]
            self._pipeline.hear(file for file in batch if not self._halt.is_set())
            self._last_work_s = time.monotonic()
            self._unpublished = True
        if not self._unheard:
            self._pipeline.settle_hearsay()

    def _reembed(self) -> None:
        """Read again a few photos that have no vector of the network in use; old vectors stay until all have one."""
        count = affordable([cost_of(t.file.path) for t in self._stale[:BATCH]], BATCH, self._pipeline.budget)
        batch, self._stale = self._stale[:count], self._stale[count:]
        self._ingest([t for t in batch if t.file not in self._retries])
        if not self._stale and not self._halt.is_set():
            self._pipeline.settle_network()

    def _digest(self) -> None:
        """Make the due digest once the folders have been quiet, or have kept it waiting long enough."""
        if self._slot is None or time.monotonic() < self._digest_not_before_s:
            return
        quiet = (
            not self._backlog()
            and not self._retries.young
            and time.monotonic() - self._last_arrival_s >= self._settings.digest.quiet_s
        )
        waited_s = (
            time.monotonic() - self._slot_since_s
        )  # not since the slot: after a night asleep the phone is still to sync
        if not quiet and waited_s < self._settings.digest.wait_s:
            return
        began_s = time.monotonic()
        try:
            made = self._digests.make(
                self._slot, list(self._folders.values()), self._health(), lambda: self._called_away(began_s)
            )
        except PreemptedError:
            if self._halt.is_set():
                raise
            return  # what landed meanwhile comes first; then the digest is gone on with
        except JournalError as error:
            self._put_off_digest(error.title, error.hint)
            return
        except (StorageError, OSError) as error:
            why = error.title if isinstance(error, StorageError) else error.strerror or str(error)
            self._put_off_digest(
                f"the digest can't be written: {why}", "Check the free space and the permissions of digest.folder"
            )
            return
        except DejashotError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever stands in the library: photos are read and stored all the same
            self._put_off_digest(
                f"the digest can't be made: {where_of(error)}", "Please report this; no photo is lost by it"
            )
            return
        self._digest_trouble, self._digest_wait_s = "", TROUBLE_DELAY_S
        if made.state == "done":
            self._last_work_s = time.monotonic()
            self._digested = True
            self._telling.notices.add(made)
            self._telling.notices.tell(datetime.now(self._digests.schedule.zone))
            give_back_memory()
        self._slot = None
        self._unpublished = True

    def _called_away(self, since_s: float) -> bool:
        """Tell whether work that went on since then (monotonic seconds) should give way: to the end, or to photos that land."""
        settled = self._settle.due_in_s()
        landed = not self.mailbox.empty() or (settled is not None and settled <= 0)
        return self._halt.is_set() or (landed and time.monotonic() - since_s >= GIVE_WAY_S)

    def _put_off_digest(self, words: str, hint: str) -> None:
        """Say why there is no digest, and come back to it, less and less often."""
        if words != self._digest_trouble:
            log.error("%s. %s. The digest is tried again", words, hint, extra=event("trouble"))
        self._digest_trouble, self._unpublished = words, True
        self._digest_not_before_s = time.monotonic() + self._digest_wait_s
        self._digest_wait_s = min(2 * self._digest_wait_s, MAX_DIGEST_WAIT_S)

    def _tidy(self) -> None:
        """Write the index now and then, end idle workers, and look after the library once a day."""
        now_s = time.monotonic()
        if self._pipeline.pool.running and now_s - self._last_work_s >= self._settings.reading.idle_stop_s:
            self._pipeline.pool.close()
            self._pipeline.save_index()
            give_back_memory()
        elif now_s - self._last_save_s >= SAVE_EVERY_S:
            self._pipeline.save_index()
            give_back_memory()
            self._last_save_s = now_s
        if not self._backlog() and self._upkeep.due(digested=self._digested):
            self._digested = False
            self._upkeep.run(datetime.now(UTC))

    def _backlog(self) -> int:
        """Return how many files and folders wait for work."""
        return len(self._settle) + len(self._rescans.keys() - self._away.keys()) + len(self._stale) + len(self._unheard)

    def _health(self) -> list[Health]:
        """Return how each folder is being followed."""
        rows = []
        for number, folder in self._folders.items():
            watch = self._watches[number]
            state, trouble = watch.state, "; ".join(filter(None, (watch.trouble, self._blind.get(number, ""))))
            if number in self._away:
                state, trouble = WatchState.PAUSED, self._away[number]
            rows.append(
                Health(shown(folder.path), state, trouble, self._library.files.counts([number]).get("present", 0))
            )
        return rows

    def _publish(self) -> None:
        """Publish the daemon's pulse when something changed, at most once a second."""
        now_s = time.monotonic()
        if not self._unpublished or now_s - self._last_publish_s < PUBLISH_EVERY_S:
            return
        with suppress(LibraryError):  # what was known last is better than no word of the trouble
            self._last_health = self._health()
            self._counts = counts_of(self._library, self._folders)
        schedule = self._digests.schedule
        due = [self._slot.astimezone().isoformat(timespec="seconds")] if self._slot else []
        self._telling.publish(
            folders=[
                {"path": h.folder, "state": h.state, "how": w.how, "trouble": h.trouble, "photos": h.files}
                for h, w in zip(self._last_health, self._watches.values(), strict=False)
            ],
            backlog=self._backlog(),
            retrying=len(self._retries),
            trouble=self._trouble or self._digest_trouble,
            next_digests=(due + upcoming(schedule, datetime.now(UTC)))[:DIGESTS_FORESEEN],
            reader=reader_state(self._pipeline.pool),
            counts=self._counts,
        )
        self._last_publish_s, self._unpublished = now_s, False

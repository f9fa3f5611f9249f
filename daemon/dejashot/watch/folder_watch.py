"""Native watching of one folder: every event means no more than 'look at this path'."""

import logging
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Thread
from typing import Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from dejashot.files.mounts import WatchMethod
from dejashot.files.names import SYNC_MARKER
from dejashot.language.texts import noted
from dejashot.watch.coverage import WatchCoverage
from dejashot.watch.inotify_watches import describe_limit

RETRY_EVERY_S = 60.0
CONFIRM_AFTER_S = 2.0

log = logging.getLogger(__name__)

_FILE_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
]
_FOLDER_EVENTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirMovedEvent, DirDeletedEvent]


class WatchState(StrEnum):
    """How a folder is being followed."""

    # Translators: of a folder: changes in it are noticed at once
    WATCHING = noted("watching")
    # Translators: of a folder: it is looked through again and again
    POLLED = noted("polled")
    # Translators: of a folder that is not there now
    PAUSED = noted("paused")


class WatchCallbacks(Protocol):
    """What a watch reports, from watchdog's thread; every method must return at once and never raise."""

    def file_changed(self, path: bytes) -> None:
        """Take the absolute path of a file that something happened to."""

    def folder_changed(self) -> None:
        """Note that only a walk of the folder can tell what changed."""

    def folder_deleted(self) -> None:
        """Note that a folder in it was deleted, or is going with its disk."""


@dataclass(frozen=True)
class WatchOptions:
    """How a folder is followed.

    `method` says whether it is polled, and is asked at each start. A polled folder is walked every `poll_s` seconds,
    a watched one every `reconcile_s`. Changes in `own` folders (absolute, bytes) are not reported.
    """

    method: Callable[[], WatchMethod] = WatchMethod
    poll_s: float = 60.0
    reconcile_s: float = 900.0
    own: Sequence[bytes] = ()


class _Handler(FileSystemEventHandler):
    """Pass paths on; an exception here would end watchdog's thread, so nothing else happens here."""

    def __init__(self, callbacks: WatchCallbacks, own: Sequence[bytes]) -> None:
        self._callbacks = callbacks
        self._own = tuple(folder + b"/" for folder in own)

    def on_any_event(self, event: FileSystemEvent) -> None:
        paths = [
            path
            for path in map(os.fsencode, (event.src_path, event.dest_path))
            if path and not (path + b"/").startswith(self._own)
        ]
        if not event.is_directory:
            for path in paths:
                self._callbacks.file_changed(path)
        elif paths and isinstance(event, DirDeletedEvent):
            self._callbacks.folder_deleted()
        elif paths:
            self._callbacks.folder_changed()


class OverflowFilter(logging.Filter):
    """Turn watchdog's log line about a full kernel queue, its only sign of lost events, into a call."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        super().__init__()
        self._overflowed = overflowed

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through but those with a path in them; call back on the overflow one."""
        if record.args:
            return False
        if "overflow" in record.getMessage().lower():
            self._overflowed()
        return True


class FolderWatch:
    """Watch one folder tree, notice when it vanishes or the watcher dies, and come back when it is there again."""

    def __init__(
        self,
        folder: Path,
        callbacks: WatchCallbacks,
        options: WatchOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `clock` gives monotonic seconds."""
        self.folder = folder
        self.state = WatchState.PAUSED
        self.problem = ""
        self._options = options or WatchOptions()
        self._handler = _Handler(callbacks, self._options.own)
        self._clock = clock
        self._why_polled = ""
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._marked = False
        self._began_s = 0.0
        self._coverage = WatchCoverage(os.fsencode(folder))

    @property
    def how(self) -> str:
        """Return how a polled folder is polled, and why; empty for the others."""
        if self.state is not WatchState.POLLED:
            return ""
        return f"every {self._options.poll_s:g} s" + (f": {self._why_polled}" if self._why_polled else "")

    @property
    def walk_every_s(self) -> float:
        """Return how often the folder is to be walked: often where changes can go unseen."""
        return (
            self._options.poll_s
            if self.state is WatchState.POLLED or self._coverage.short
            else self._options.reconcile_s
        )

    @property
    def check_every_s(self) -> float:
        """Return how soon the next check is wanted at the latest."""
        return CONFIRM_AFTER_S if self._coverage.in_doubt else self.walk_every_s

    def walked(self, entered: Mapping[bytes, tuple[int, int]]) -> None:
        """Take in which folders a walk entered (device and inode by path), for the next checks to compare."""
        self._coverage.walked(entered)

    def start(self) -> None:
        """Start following; a folder that is not there is left paused, one that can't be watched is polled."""
        identity = self._root_identity()
        if identity is None:
            self.state, self.problem = WatchState.PAUSED, noted("the folder is not there")
            return
        self._identity, self._began_s, self._marked = identity, self._clock(), self._is_marked()
        method = self._options.method()
        self._coverage.begin()
        if method.polled:
            self.state, self.problem, self._why_polled = WatchState.POLLED, "", method.why
            return
        observer: BaseObserver | None = None
        try:
            observer = Observer()
            observer.schedule(
                self._handler, str(self.folder), recursive=True, event_filter=_FILE_EVENTS + _FOLDER_EVENTS
            )
            observer.start()
        except OSError as error:
            if observer is not None:
                self._end(observer)
            reason = describe_limit(error.errno or 0) or error.strerror or str(error)
            if reason != self.problem:
                log.warning(
                    "a folder can't be watched (%s); it is walked every %g s instead", reason, self._options.poll_s
                )
            self.state, self.problem, self._why_polled = WatchState.POLLED, reason, ""
            return
        self._observer = observer
        self._coverage.watched(identity[1])
        self.state, self.problem = WatchState.WATCHING, ""

    def stop(self) -> None:
        """Stop following; harmless when not started."""
        if self._observer is not None:
            self._end(self._observer)
            self._observer = None
        self.state = WatchState.PAUSED

    def check(self) -> bool:
        """Compare the root and the watcher with how they were at the start; return True when a walk is called for.

        That is: when following began anew, or a sync tool's marker came or went.
        """
        identity = self._root_identity()
        if identity is None:
            if self.state is not WatchState.PAUSED:
                self.stop()
                self.problem = noted("the folder is not there")
                log.warning("a watched folder went away; it is paused and nothing is forgotten")
            return False
        if identity != self._identity or self.state is WatchState.PAUSED:
            return self._restart("a watched folder is back, or another is in its place; following it anew")
        if self._observer is None:
            return self._retry_watching() or self._marker_changed()
        if not self._alive(self._observer) or self._coverage.is_root_unwatched(identity[1], self._clock()):
            return self._restart("the watcher of a folder had died; watching anew")
        return self._check_coverage() or self._marker_changed()

    def _restart(self, why: str) -> bool:
        log.info(why)
        self.stop()
        self.start()
        return self.state is not WatchState.PAUSED

    def _retry_watching(self) -> bool:
        """Try again now and then where the system's limits, not the method, keep a folder from being watched."""
        if not self.problem or self._clock() - self._began_s < RETRY_EVERY_S:
            return False
        self.start()
        return self.state is WatchState.WATCHING

    def _check_coverage(self) -> bool:
        """Find out which part of the folder is not watched, and begin anew now and then until all is."""
        was = self._coverage.short
        self.problem = self._coverage.problem(self._options.poll_s)
        if self._coverage.short and not was:
            log.warning(self.problem)
            return True
        if self._coverage.short and self._clock() - self._began_s >= RETRY_EVERY_S:
            before = self.problem
            self.stop()
            self.start()
            self.problem = self.problem or before  # until the next comparison shows otherwise
            return self.state is not WatchState.PAUSED
        return False

    def _marker_changed(self) -> bool:
        before, self._marked = self._marked, self._is_marked()
        return before is not self._marked

    def _is_marked(self) -> bool:
        return os.path.lexists(self.folder / SYNC_MARKER)

    def _root_identity(self) -> tuple[int, int] | None:
        try:
            status = self.folder.stat()
        except OSError:
            return None
        return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None

    @staticmethod
    def _alive(observer: BaseObserver) -> bool:
        source: Thread | None = getattr(observer, "_inotify_fd", None)  # on Linux a third thread reads from the kernel
        return (
            observer.is_alive()
            and all(e.is_alive() for e in observer.emitters)
            and (source is None or source.is_alive())
        )

    @staticmethod
    def _end(observer: BaseObserver) -> None:
        observer.stop()  # also one that never started: its reader of the kernel's queue runs already
        if observer.is_alive():
            observer.join(timeout=10)

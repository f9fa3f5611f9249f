"""Native watching of one folder: every event means no more than 'look at this path'."""

import logging
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

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

log = logging.getLogger(__name__)

_FILE_EVENTS: list[type[FileSystemEvent]] = [FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent]
_FOLDER_EVENTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirMovedEvent, DirDeletedEvent]


class WatchState(StrEnum):
    """How a folder is being followed."""

    WATCHING = "watching"
    RECONCILING = "reconciling only"
    PAUSED = "paused"


class _Handler(FileSystemEventHandler):
    """Pass paths on; an exception here would end watchdog's thread, so nothing else happens here."""

    def __init__(self, look: Callable[[bytes], None], rescan: Callable[[], None]) -> None:
        self._look = look
        self._rescan = rescan

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory:
            self._rescan()
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._look(os.fsencode(path))


class OverflowFilter(logging.Filter):
    """Turn watchdog's log line about a full kernel queue, its only sign of lost events, into a call."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        super().__init__()
        self._overflowed = overflowed

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through; call back on the overflow one."""
        if "overflow" in record.getMessage().lower():
            self._overflowed()
        return True


class FolderWatch:
    """Watch one folder tree, notice when it vanishes or the watcher dies, and come back when it is there again.

    `look` is called, from watchdog's thread, with the absolute path (bytes) of a file to look at; `rescan` when only a walk
    of the folder can tell what changed. Both must return at once and never raise.
    """

    def __init__(self, folder: Path, look: Callable[[bytes], None], rescan: Callable[[], None]) -> None:
        self.folder = folder
        self.state = WatchState.PAUSED
        self.trouble = ""
        self._handler = _Handler(look, rescan)
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None

    def start(self) -> None:
        """Start watching; a folder that is not there is left paused, one that can't be watched is left to reconciling."""
        identity = self._look_at_root()
        if identity is None:
            self.state, self.trouble = WatchState.PAUSED, "the folder is not there"
            return
        self._identity = identity
        observer = Observer()
        try:
            observer.schedule(self._handler, str(self.folder), recursive=True, event_filter=_FILE_EVENTS + _FOLDER_EVENTS)
            observer.start()
        except OSError as error:
            self._end(observer)
            self.state, self.trouble = WatchState.RECONCILING, _explain(error)
            log.warning("a folder can't be watched (%s); it is re-scanned on a timer instead", self.trouble)
            return
        self._observer = observer
        self.state, self.trouble = WatchState.WATCHING, ""

    def stop(self) -> None:
        """Stop watching; harmless when not started."""
        if self._observer is not None:
            self._end(self._observer)
            self._observer = None
        self.state = WatchState.PAUSED

    def check(self) -> bool:
        """Compare the root and the watcher with how they were at the start; return True when watching began anew."""
        identity = self._look_at_root()
        if identity is None:
            if self.state is not WatchState.PAUSED:
                self.stop()
                self.trouble = "the folder is not there"
                log.warning("a watched folder went away; it is paused and nothing is forgotten")
            return False
        healthy = identity == self._identity and self.state is not WatchState.PAUSED
        if healthy and (self._observer is None or self._alive(self._observer)):
            return False
        log.info("a watched folder is back, or its watcher had died; watching anew")
        self.stop()
        self.start()
        return self.state is not WatchState.PAUSED

    def _look_at_root(self) -> tuple[int, int] | None:
        try:
            status = self.folder.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    @staticmethod
    def _alive(observer: BaseObserver) -> bool:
        return observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)

    @staticmethod
    def _end(observer: BaseObserver) -> None:
        if observer.is_alive():
            observer.stop()
            observer.join(timeout=10)


def _explain(error: OSError) -> str:
    """Say what the kernel means: inotify reports a spent watch limit as a full disk."""
    if error.errno in (24, 28):
        return "the system's limit of watched folders is reached; raise it with: sudo sysctl fs.inotify.max_user_watches=1048576"
    return error.strerror or str(error)

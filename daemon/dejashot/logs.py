"""Logging: records with fields for journald where it listens, clean lines on standard error elsewhere."""

import logging
import os
import re
import socket
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from dejashot.paths import shown

JOURNAL_SOCKET = Path("/run/systemd/journal/socket")
PROBLEMS_KEPT = 10
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_NOISY = ("apscheduler", "asyncio", "desktop_notifier", "faiss", "filelock", "watchdog")
_FIELD_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def event(name: str, **fields: object) -> dict[str, dict[str, object]]:
    """Return the `extra` of a log call that marks a main event: journalctl finds it by DEJASHOT_EVENT=name."""
    return {"fields": {"DEJASHOT_EVENT": name} | {f"DEJASHOT_{key.upper()}": value for key, value in fields.items()}}


def error_location(error: BaseException) -> str:
    """Return the type of an error and where it was raised, without its message, which may name a photo."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " ".join([type(error).__name__, *(f"in {Path(frame.filename).name}, line {frame.lineno}" for frame in last)])


def _clean(text: str) -> list[str]:
    """Return the lines of a text without control characters."""
    return [shown(line.encode("utf-8", "backslashreplace")) for line in text.splitlines()]


class _Formatter(logging.Formatter):
    """Put journald's `<N>` or the time before each line, and escape control characters."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one or more clean lines."""
        mark = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._journal else ""
        return "\n".join(mark + line for line in _clean(super().format(record)))


def as_datagram(fields: Mapping[str, object]) -> bytes:
    """Return fields in journald's native protocol.

    The length precedes a value of several lines, so that no line of it can pose as a field. Raises ValueError for a
    bad name.
    """
    parts = []
    for name, value in fields.items():
        if not _FIELD_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a journal field")
        data = str(value).encode("utf-8", "backslashreplace")
        if b"\n" in data:
            parts.append(name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n")
        else:
            parts.append(name.encode() + b"=" + data + b"\n")
    return b"".join(parts)


class JournalHandler(logging.StreamHandler[TextIO]):
    """Send records with their fields to journald, or to standard error as `<N>` lines where it does not take them."""

    def __init__(self, path: Path = JOURNAL_SOCKET) -> None:
        super().__init__(sys.stderr)
        self._plain = logging.Formatter("%(message)s")
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)  # a journal that does not keep up must not stop the photos
        self.setFormatter(_Formatter(journal=True))

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            self._socket.sendto(as_datagram(self._fields(record)), self._path)
        except (OSError, ValueError):
            super().emit(record)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
        super().close()

    def _fields(self, record: logging.LogRecord) -> dict[str, object]:
        extra: dict[str, Any] = getattr(record, "fields", {})
        return {
            "MESSAGE": "\n".join(_clean(self._plain.format(record))),
            "PRIORITY": _PRIORITIES.get(record.levelno, 6),
            "SYSLOG_IDENTIFIER": "dejashot",
            "LOGGER": record.name,
            "CODE_FILE": record.filename,
            "CODE_LINE": record.lineno,
            "CODE_FUNC": record.funcName,
            "THREAD": record.threadName,
        } | {name: "\n".join(_clean(str(value))) for name, value in extra.items()}


class Problems(logging.Handler):
    """Keep the newest warnings and errors for `dejashot status`."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[dict[str, str]] = deque(maxlen=PROBLEMS_KEPT)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record, without its traceback."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        self._kept.append({"at": at, "level": record.levelname.lower(), "words": " ".join(_clean(record.getMessage()))})
        self.count += 1

    def newest(self) -> list[dict[str, str]]:
        """Return what was kept, newest first: `at` (ISO 8601, UTC), `level`, `words`."""
        self.acquire()
        try:
            return list(reversed(self._kept))
        finally:
            self.release()


def stderr_is_the_journal(environment: Mapping[str, str], stream: TextIO) -> bool:
    """Return whether JOURNAL_STREAM names this very stream.

    A shell started by a service inherits the variable, but not the stream.
    """
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def start_logging(*, verbose: bool, journal: Path = JOURNAL_SOCKET) -> Problems:
    """Send the logs to the journal or to standard error, and return the handler that keeps the newest problems.

    `verbose` shows DEBUG, the only level at which photo paths appear.
    """
    handler: logging.Handler
    if stderr_is_the_journal(os.environ, sys.stderr):
        handler = JournalHandler(journal)
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Formatter(journal=False))
    problems = Problems()
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler, problems], force=True)
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")  # harmless, and it prints paths
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    return problems

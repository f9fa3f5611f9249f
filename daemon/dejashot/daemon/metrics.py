"""The figures of the daemon, as a text file that node_exporter's textfile collector reads; no port, no connection.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dejashot.library.daemon_status import DaemonStatus
from dejashot.paths import write_atomically

log = logging.getLogger(__name__)

WRITE_EVERY_S = 15.0
# node_exporter runs as another user; the file holds counts and the names of the watched folders, no photos
READABLE_BY_ALL = 0o644
_SINCE_1970 = "in seconds since 1970"
_STATES = ("watching", "polled", "paused", "other")

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class _Metric:
    """A figure without labels: its name, Prometheus's kind of it, what it says, and where it is in the status."""

    name: str
    kind: str
    description: str
    value: Callable[[DaemonStatus], float]


_SINGLE = (
    _Metric("skipped", "gauge", "Files that could not be read", lambda s: s.counts.get("skipped", 0)),
    _Metric("missing", "gauge", "Photos known but no longer there", lambda s: s.counts.get("missing", 0)),
    _Metric("backlog", "gauge", "Files and folders that wait for work", lambda s: s.backlog),
    _Metric("retrying", "gauge", "Files to be tried again", lambda s: s.retrying),
    _Metric(
        "closer_looks",
        "gauge",
        "Photos that landed and wait for a closer look at their look-alikes",
        lambda s: s.counts.get("closer_looks", 0),
    ),
    _Metric("digests_total", "counter", "Digests made since the library began", lambda s: s.counts.get("digests", 0)),
    _Metric(
        "last_digest_timestamp_seconds",
        "gauge",
        "When the last digest was made, 0 for never",
        lambda s: s.counts.get("last_digest_s", 0),
    ),
    _Metric(
        "reclaimable_bytes",
        "gauge",
        "Bytes that the last digest said could be freed",
        lambda s: s.counts.get("reclaimable_bytes", 0),
    ),
    _Metric(
        "photos_read_total",
        "counter",
        "Photos read since the daemon started",
        lambda s: s.reader.get("photos_read", 0),
    ),
    _Metric(
        "reader_restarts_total",
        "counter",
        "Readers lost to a photo since the start",
        lambda s: s.reader.get("restarts", 0),
    ),
    _Metric(
        "problems_total",
        "counter",
        "Warnings and errors logged since the daemon started",
        lambda s: s.problem_count,
    ),
)


def exposition(status: DaemonStatus, *, up: bool) -> str:
    """Return the daemon's status in Prometheus's text format."""
    started_s = datetime.fromisoformat(status.started_at).timestamp()
    seen_s = datetime.fromisoformat(status.updated_at).timestamp()
    photos: list[Sample] = [({"folder": f["path"]}, f["photos"]) for f in status.folders]
    lines = [
        *_family("up", "gauge", "1 while the daemon runs, 0 after it ended in order", [({}, up)]),
        *_family("process_start_time_seconds", "gauge", f"When the daemon started, {_SINCE_1970}", [({}, started_s)]),
        *_family("updated_timestamp_seconds", "gauge", f"When these figures were true, {_SINCE_1970}", [({}, seen_s)]),
        *_family("photos", "gauge", "Photos known and present, by folder", photos),
        *_family("folder_state", "gauge", "1 for how a folder is followed, 0 for how it is not", _states(status)),
    ]
    for metric in _SINGLE:
        lines += _family(metric.name, metric.kind, metric.description, [({}, metric.value(status))])
    return "\n".join(lines) + "\n"


def _states(status: DaemonStatus) -> list[Sample]:
    """Return one sample per folder and state."""
    rows: list[Sample] = []
    for folder in status.folders:
        state = folder["state"] if folder["state"] in _STATES else "other"
        rows += [({"folder": folder["path"], "state": name}, name == state) for name in _STATES]
    return rows


def _family(name: str, kind: str, description: str, samples: Iterable[Sample]) -> list[str]:
    full = f"dejashot_{name}"
    return [
        f"# HELP {full} {description}",
        f"# TYPE {full} {kind}",
        *(f"{full}{_labels(labels)} {float(value):.17g}" for labels, value in samples),
    ]


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class MetricsFile:
    """Write the metrics at most every fifteen seconds, atomically; nowhere when no file is named."""

    def __init__(self, file: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._written_s: float | None = None
        self._failed = False
        self._last: DaemonStatus | None = None

    def write(self, status: DaemonStatus) -> None:
        """Write the status when it is time; a file that can't be written is logged once."""
        self._last = status
        if self._written_s is None or self._clock() - self._written_s >= WRITE_EVERY_S:
            self._written_s = self._clock()
            self._put(exposition(status, up=True))

    def end(self) -> None:
        """Say that the daemon is down."""
        if self._last is not None:
            self._put(exposition(self._last, up=False))

    def _put(self, text: str) -> None:
        if self._file is None:
            return
        try:
            write_atomically(self._file, text.encode("utf-8", "backslashreplace"), durable=False, mode=READABLE_BY_ALL)
            self._failed = False
        except OSError as error:
            if not self._failed:
                log.warning("the metrics file can't be written: %s", error.strerror)
            self._failed = True

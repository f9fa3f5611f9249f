"""What the daemon counts, as a text file that node_exporter's textfile collector reads; no port, no connection.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from dejashot.library.daemon_status import DaemonStatus
from dejashot.paths import write_atomically

log = logging.getLogger(__name__)

WRITE_EVERY_S = 15.0
READABLE_BY_ALL = (
    0o644  # node_exporter runs as another user; the file holds counts and the names of the watched folders, no photos
)
_STATES = ("watching", "polled", "paused", "other")

Sample = tuple[Mapping[str, str], float]


def exposition(pulse: DaemonStatus, *, up: bool) -> str:
    """Return a pulse in Prometheus's text format."""
    started_s = datetime.fromisoformat(pulse.started_at).timestamp()
    seen_s = datetime.fromisoformat(pulse.updated_at).timestamp()
    counts = pulse.counts
    lines = [
        *_family("up", "gauge", "1 while the daemon runs, 0 after it ended in order", [({}, up)]),
        *_family(
            "process_start_time_seconds", "gauge", "When the daemon started, in seconds since 1970", [({}, started_s)]
        ),
        *_family(
            "updated_timestamp_seconds", "gauge", "When these figures were true, in seconds since 1970", [({}, seen_s)]
        ),
        *_family(
            "photos",
            "gauge",
            "Photos known and present, by folder",
            [({"folder": f["path"]}, f["photos"]) for f in pulse.folders],
        ),
        *_family("folder_state", "gauge", "1 for how a folder is followed, 0 for how it is not", _states(pulse)),
        *_family("skipped", "gauge", "Files that could not be read", [({}, counts.get("skipped", 0))]),
        *_family("missing", "gauge", "Photos known but no longer there", [({}, counts.get("missing", 0))]),
        *_family("backlog", "gauge", "Files and folders that wait for work", [({}, pulse.backlog)]),
        *_family("retrying", "gauge", "Files to be tried again", [({}, pulse.retrying)]),
        *_family("digests_total", "counter", "Digests made since the library began", [({}, counts.get("digests", 0))]),
        *_family(
            "last_digest_timestamp_seconds",
            "gauge",
            "When the last digest was made, 0 for never",
            [({}, counts.get("last_digest_s", 0))],
        ),
        *_family(
            "reclaimable_bytes",
            "gauge",
            "Bytes that the last digest said could be freed",
            [({}, counts.get("reclaimable_bytes", 0))],
        ),
        *_family(
            "photos_read_total",
            "counter",
            "Photos read since the daemon started",
            [({}, pulse.reader.get("photos_read", 0))],
        ),
        *_family(
            "reader_restarts_total",
            "counter",
            "Readers lost to a photo since the start",
            [({}, pulse.reader.get("restarts", 0))],
        ),
        *_family(
            "problems_total",
            "counter",
            "Warnings and errors logged since the daemon started",
            [({}, pulse.problem_count)],
        ),
    ]
    return "\n".join(lines) + "\n"


def _states(pulse: DaemonStatus) -> list[Sample]:
    """Return one sample per folder and state."""
    rows: list[Sample] = []
    for folder in pulse.folders:
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

    def write(self, pulse: DaemonStatus) -> None:
        """Write a pulse when it is time; a file that can't be written is logged once."""
        self._last = pulse
        if self._written_s is None or self._clock() - self._written_s >= WRITE_EVERY_S:
            self._written_s = self._clock()
            self._put(exposition(pulse, up=True))

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

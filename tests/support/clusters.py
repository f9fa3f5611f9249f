"""Dask clusters of real processes over TCP, and what a library holds, to be compared with another's."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Client

from dejashot.cluster.pool import pool_maker
from dejashot.config.settings import ClusterSettings, Settings
from dejashot.ingest.catch_up import bring_up_to_date
from dejashot.ingest.pipeline import open_pipeline, report_context
from dejashot.ingest.tasks import IngestOutcome
from dejashot.library.database import LIBRARY_FILE_NAME
from dejashot.reports.closer_look.alongside import AlongsideLooks

_ROWS = {  # what a library says of photos, by their contents and paths: no numbers of rows, and no times of writing
    "photo": "SELECT p.* FROM photo p ORDER BY content",
    "file": "SELECT path, f.size_bytes, mtime_ns, inode, device, state, p.content, reason, f.detail FROM file f"
    " LEFT JOIN photo p ON p.id = f.photo_id ORDER BY path",
    "vector": "SELECT p.content, v.part, value, fingerprint, thumbnail_px FROM vector v"
    " JOIN photo p ON p.id = v.photo_id JOIN model m ON m.id = v.model_id"
    " LEFT JOIN thumbnail_vector t ON t.photo_id = p.id ORDER BY p.content",
    "quality": "SELECT p.content, q.method, look FROM quality q JOIN photo p ON p.id = photo_id ORDER BY p.content",
    "verified_pair": "SELECT * FROM verified_pair ORDER BY 1, 2, 3",
    "registered_pair": "SELECT * FROM registered_pair ORDER BY 1, 2",
    "reader_crash": "SELECT * FROM reader_crash ORDER BY 1",
}


def rows(library: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a library says of photos, but for the numbers of their rows."""
    with closing(sqlite3.connect(library / LIBRARY_FILE_NAME)) as database:
        found = {table: database.execute(sql).fetchall() for table, sql in _ROWS.items()}
    found["photo"] = [row[1:] for row in found["photo"]]
    return found


@dataclass(frozen=True)
class Brought:
    """What came of bringing a library up to date: what was said, the outcomes, how many readers worked at home."""

    notices: Sequence[str]
    results: Sequence[str]
    readers: int


def bring(
    folder: Path, library: Path, cluster: ClusterSettings | None = None, meanwhile: Any = lambda _: None
) -> Brought:
    """Bring a library up to date with closer looks; `meanwhile` is called with each outcome."""
    settings, notices, results = Settings(cluster=cluster or ClusterSettings()), [], []

    def note(outcome: IngestOutcome) -> None:
        results.append(outcome.result.name)
        meanwhile(outcome)

    maker = pool_maker(settings.cluster, notices.append)
    with open_pipeline(settings, library, workers=2, make_pool=maker) as pipeline:
        context = report_context(pipeline)
        looks = lambda found: AlongsideLooks(context, lambda: found, previews=False)  # noqa: E731
        bring_up_to_date(pipeline, [folder], lambda _: None, note, looks)
        return Brought(notices, sorted(results), pipeline.pool.running)


class DaskProcesses:
    """A scheduler and workers as people start them, on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        """Start a scheduler, and return its process once it listens."""
        started = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", self._file)
        while not self._file.exists():
            assert started.poll() is None
            time.sleep(0.05)
        return started

    def start_worker(self, *arguments: object) -> None:
        """Start a worker, and return once it has joined the scheduler."""
        file = ("--scheduler-file", self._file, "--local-directory", self._folder / "scratch")
        self._start("dask_worker", *file, "--nthreads", "1", "--no-nanny", *arguments)
        with Client(self.address) as client:
            client.wait_for_workers(len(self._processes) - 1)

    @property
    def address(self) -> str:
        """Return the scheduler's address."""
        return str(json.loads(self._file.read_text())["address"])

    @property
    def pids(self) -> list[int]:
        """Return the processes: the scheduler, then the workers."""
        return [process.pid for process in self._processes]

    def end(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, module: str, *arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *map(str, arguments)]
        null = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, stdout=null, stderr=null, cwd=self._folder))
        return self._processes[-1]


@contextmanager
def dask_processes(folder: Path) -> Iterator[DaskProcesses]:
    """Give processes of a cluster that end with the block."""
    processes = DaskProcesses(folder)
    try:
        yield processes
    finally:
        processes.end()


def kill(pid: int) -> None:
    """Kill a process as the system does."""
    os.kill(pid, signal.SIGKILL)

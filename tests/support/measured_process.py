"""What a command takes: time, processor time and memory of all its processes, and what it printed."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

MIB = 1024 * 1024
LOOK_S = 0.1  # between two looks at memory
END_S = 5.0  # until a process that was ended is gone
_ERROR = re.compile(r"error\b|(\w+\.)*\w*(Error|Exception)\b", re.IGNORECASE)


class RunError(Exception):
    """A command that failed or took too long; the text is the reason, in one line."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A finished command: seconds on the clock and of the processor, the most memory at once, standard output."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str

    def then(self, other: "Measured") -> "Measured":
        """Return both commands, one after the other, as one."""
        return Measured(
            self.wall_s + other.wall_s,
            self.cpu_s + other.cpu_s,
            max(self.peak_bytes, other.peak_bytes),
            self.output + other.output,
        )


def measure(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    timeout_s: float,
    statuses: Collection[int] = (0,),
) -> Measured:
    """Run a command in a folder to its end; raise RunError for another status, or after the timeout.

    Memory is PSS where /proc tells it (what processes share is divided among them), else resident memory.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began_s = time.monotonic()
        try:
            process = subprocess.Popen(
                command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
            )
        except OSError as error:
            raise RunError(f"{Path(command[0]).name}: {error.strerror}") from error
        looks = _Looks(process.pid, timeout_s)
        looks.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - began_s
        looks.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = [_text_of(file) for file in (output, errors)]
    if looks.ended_it:
        raise RunError(f"not finished after {timeout_s:g} s")
    if process.returncode not in statuses:
        raise RunError(f"status {process.returncode}: {reason_in(texts[1] or texts[0])}")
    cpu_s = max(usage.ru_utime + usage.ru_stime, looks.cpu_s)  # the first lacks processes that nobody waited for
    return Measured(wall_s, cpu_s, looks.peak_bytes, texts[0])


def reason_in(text: str) -> str:
    """Return the line of a program's messages that names the error: the first that does by its form, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if _ERROR.match(line)), lines[-1] if lines else "no message")


def _text_of(file: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


class _Looks(Thread):
    """Looks at a process and all below it until told to stop; ends them all at a time."""

    def __init__(self, pid: int, timeout_s: float) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._end_s = time.monotonic() + timeout_s
        self._stopped = Event()
        self._cpu_s: dict[psutil.Process, float] = {}
        self.peak_bytes = 0
        self.ended_it = False

    @property
    def cpu_s(self) -> float:
        """Return the processor time of every process that was seen, as it was last seen."""
        return sum(self._cpu_s.values())

    def run(self) -> None:
        """Look until stopped."""
        while True:
            processes = self._processes()
            self.peak_bytes = max(self.peak_bytes, sum(map(self._look, processes)))
            if time.monotonic() > self._end_s and processes:
                self.ended_it = True
                _end(processes)
            if self._stopped.wait(LOOK_S):
                return

    def stop(self) -> None:
        """Stop looking; end what the command left running."""
        self._stopped.set()
        self.join()
        _end(self._cpu_s)

    def _processes(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []

    def _look(self, process: psutil.Process) -> int:
        try:
            times = process.cpu_times()
            self._cpu_s[process] = times.user + times.system
            return _memory_bytes(process)
        except psutil.Error:
            return 0


def _memory_bytes(process: psutil.Process) -> int:
    if psutil.LINUX:
        try:
            return int(process.memory_full_info().pss)
        except psutil.AccessDenied:  # a process that keeps its memory private, asked by another user than root
            pass
    return int(process.memory_info().rss)


def _end(processes: Iterable[psutil.Process]) -> None:
    ended = []
    for process in processes:
        try:
            process.kill()
        except psutil.Error:
            continue
        ended.append(process)
    psutil.wait_procs(ended, END_S)

"""A daemon left alone: what it costs when idle, whether it grows, how soon a photo is found. Run as `python tests/bench/months.py`.

    idle MINUTES FILES      CPU and memory of a daemon over a folder of many files in which nothing happens
    work MINUTES            a photo a second: memory after 1, 10 and 60 minutes, and the seconds from settled to searchable

Prints one JSON object. Memory is resident memory, in MiB, of the daemon's own process; what readers hold is told apart.
"""

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))


from daemons import pause_s
from dejashot.config.settings import Settings
from dejashot.library.library import Library
from homes import Home, environment
from raw_library import raw_library
from scenes import save_photo, scene

MIB = 1024 * 1024
QUIET_S = Settings().watch.quiet_s
POLL_S = 0.05


def main() -> None:
    """Measure what the command line names."""
    what, *numbers = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="dejashot-months-") as folder:
        home = Home(Path(folder), environment(Path(folder)))
        photos = Path(folder) / "Pictures"
        photos.mkdir()
        samples = [save_photo(Path(folder) / f"{n}.jpg", scene(n, (1600, 1200))).read_bytes() for n in range(16)]
        measure = {"idle": idle, "work": work}[what]
        json.dump(measure(home, photos, samples, *map(float, numbers)), sys.stdout, indent=1)
        sys.stdout.write("\n")


def idle(home: Home, photos: Path, samples: list[bytes], minutes: float, files: float) -> dict[str, Any]:
    """Measure a daemon that has nothing to do."""
    for n in range(int(files)):
        place(photos, samples, n)
    done = home.run("scan", photos, "--format", "json", "--output", home.path / "scan.json", timeout_s=7200)
    assert done.returncode == 0, done.stderr
    with running(home, photos, '[digest]\nschedule = "0 20 * * *"\n') as daemon:
        until(lambda: home.json("status")["photos"] == int(files) and not home.json("status")["backlog"])
        until(lambda: not daemon.children())
        pause_s(60)  # the first walk and its page cache are behind it
        cpu_s, began_s = sum(daemon.cpu_times()[:2]), time.monotonic()
        most = 0
        while time.monotonic() - began_s < minutes * 60:
            pause_s(5)
            most = max(most, daemon.memory_info().rss)
        used_s = sum(daemon.cpu_times()[:2]) - cpu_s
        return {
            "files": int(files),
            "minutes": minutes,
            "cpu_percent_of_a_core": round(100 * used_s / (time.monotonic() - began_s), 3),
            "memory_mib": round(most / MIB, 1),
            "readers": len(daemon.children()),
        }


def work(home: Home, photos: Path, samples: list[bytes], minutes: float) -> dict[str, Any]:
    """Measure a daemon that gets a photo a second."""
    config = '[digest]\nschedule = "*/10 * * * *"\nwait_s = 30\n'
    waiting: dict[bytes, float] = {}
    found_s: list[float] = []
    memory: dict[str, dict[str, float]] = {}
    with running(home, photos, config) as daemon:
        until(lambda: home.json("status")["running"])
        began_s, count, library = time.monotonic(), 0, None
        while (at_s := time.monotonic() - began_s) < minutes * 60:
            if at_s >= count:
                name = place(photos, samples, count)
                waiting[name] = time.monotonic()
                count += 1
            if library is None and (home.library / "library.db").exists():
                library = Library.open_read_only(home.library)
            if library is not None and waiting:
                held = library.vectors.active_model()
                there = {path for path in waiting if held and present(home, path, held.id)}
                found_s += [time.monotonic() - waiting.pop(path) for path in there]
            for mark in (1, 10, 30, 60):
                if at_s >= mark * 60 and str(mark) not in memory:
                    memory[str(mark)] = {
                        "daemon_mib": round(daemon.memory_info().rss / MIB, 1),
                        "readers_mib": round(sum(c.memory_info().rss for c in daemon.children()) / MIB, 1),
                    }
            pause_s(POLL_S)
        found_s.sort()
        return {
            "minutes": minutes,
            "photos": count,
            "found": len(found_s),
            "settled_to_searchable_s": {
                "p50": round(statistics.median(found_s) - QUIET_S, 2),
                "p95": round(found_s[int(0.95 * len(found_s))] - QUIET_S, 2),
                "most": round(found_s[-1] - QUIET_S, 2),
            },
            "memory_after_minutes": memory,
            "digests": len(list((home.library / "digests").glob("*.json"))),
        }


def present(home: Home, path: bytes, model: int) -> bool:
    """Return whether a photo is in the library with its vector."""
    sql = (
        "SELECT 1 FROM file JOIN vector ON vector.photo_id = file.photo_id"
        " WHERE file.path = ? AND file.state = 'present' AND vector.model_id = ?"
    )
    with raw_library(home.library) as raw:
        return raw.execute(sql, (path, model)).fetchone() is not None


def place(photos: Path, samples: list[bytes], number: int) -> bytes:
    """Write a photo with bytes of its own, taken 20 s after the one before; return its name."""
    seconds = number * 20
    name = f"IMG_2026{1 + seconds // 2_419_200:02d}{1 + seconds // 86400 % 28:02d}_{seconds // 3600 % 24:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}.jpg"
    (photos / name).write_bytes(samples[number % len(samples)] + b"%d" % number)
    return name.encode()


def until(true: Any) -> None:
    """Wait for something that the daemon does."""
    while not true():
        pause_s(0.5)


@contextmanager
def running(home: Home, photos: Path, config: str) -> Iterator[psutil.Process]:
    """Run the daemon with a configuration."""
    home.configure(config)
    with (home.path / "daemon.log").open("w") as log:
        process = subprocess.Popen(home.command("run", photos), env=home.environment, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


if __name__ == "__main__":
    main()

"""A daemon over a long time: what it costs when idle, whether it grows, how soon a photo is found.

Run as `python tests/bench/months.py` with

    idle MINUTES FILES      CPU and memory of a daemon over a folder of many files in which nothing happens
    work MINUTES            a photo a second: memory after 1, 10 and 60 minutes, seconds from stable to searchable
    full PHOTOS DIGESTS     months at full speed: bursts of photos in waves, a digest after each wave, and a curve of
                            memory, open files, threads and the size of the log (WAL) over all of it

Prints one JSON object. Memory is resident memory, in MiB, of the daemon's own process; that of readers is separate.
"""

import json
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from daemons import photos as known
from daemons import wait_until
from dejashot.config.settings import Settings
from homes import Home, environment
from scenes import save_photo, scene

FIRST = datetime(2024, 1, 1)  # 50,000 photos take a year: none may be dated later than today
MIB = 1024 * 1024
QUIET_S = Settings().watch.quiet_s
POLL_S = 0.05
WALK_TIMEOUT_S = 7200.0
BURST, FRAME, STEP = 3, (384, 288), 4  # shots, pixels, and pixels that the camera moves between two shots
PER_DIRECTORY = 500
POINTS = 100  # of the curve, at most
# a digest may be due every two seconds, which no line of a configuration can say
OFTEN = """
from apscheduler.triggers.cron import CronTrigger
CronTrigger.from_crontab = classmethod(lambda cls, line, timezone=None: cls(second="*/2", timezone=timezone))
"""


def main() -> None:
    """Measure what the command line names."""
    what, *numbers = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the daemon ends, and what was made is removed
    with tempfile.TemporaryDirectory(prefix="dejashot-months-") as folder:
        home = Home(Path(folder), environment(Path(folder)))
        photos = Path(folder) / "Pictures"
        photos.mkdir()
        samples = [save_photo(Path(folder) / f"{n}.jpg", scene(n, (1600, 1200))).read_bytes() for n in range(16)]
        measure = {"idle": idle, "work": work, "full": full}[what]
        json.dump(measure(home, photos, samples, *map(float, numbers)), sys.stdout, indent=1)
        sys.stdout.write("\n")


def idle(home: Home, photos: Path, samples: list[bytes], minutes: float, files: float) -> dict[str, Any]:
    """Measure a daemon that has nothing to do."""
    for n in range(int(files)):
        place(photos, samples, n)
    done = home.run("scan", photos, "--format", "json", "--output", home.path / "scan.json", timeout_s=WALK_TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    with running(home, photos, '[digest]\nschedule = "0 20 * * *"\n') as daemon:
        wait_until(lambda: known(home) == int(files), "all are found", WALK_TIMEOUT_S)
        wait_until(lambda: not daemon.children(), "the readers end", WALK_TIMEOUT_S)
        time.sleep(60)  # the first walk and its page cache are behind it
        cpu_s, began_s = sum(daemon.cpu_times()[:2]), time.monotonic()
        most = 0
        while time.monotonic() - began_s < minutes * 60:
            time.sleep(5)
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
        wait_until(lambda: home.status()["running"], "the daemon runs")
        began_s, count = time.monotonic(), 0
        while (at_s := time.monotonic() - began_s) < minutes * 60:
            if at_s >= count:
                name = place(photos, samples, count)
                waiting[name] = time.monotonic()
                count += 1
            found = searchable(home.library / "library.db", list(waiting))
            found_s += [time.monotonic() - waiting.pop(path) for path in found]
            for mark in (1, 10, 30, 60):
                if at_s >= mark * 60 and str(mark) not in memory:
                    memory[str(mark)] = {
                        "daemon_mib": round(daemon.memory_info().rss / MIB, 1),
                        "readers_mib": round(sum(c.memory_info().rss for c in daemon.children()) / MIB, 1),
                    }
            time.sleep(POLL_S)
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


def full(home: Home, photos: Path, _samples: list[bytes], count: float, digests: float) -> dict[str, Any]:
    """Measure a daemon that gets its photos in so many waves, and makes a digest of each."""
    config = f'[watch]\nquiet_s = 0.2\n[digest]\nschedule = "* * * * *"\nquiet_s = 0\nwait_s = {WALK_TIMEOUT_S}\n'
    file, waves, bursts = home.library / "library.db", int(digests), int(count) // BURST
    curve: list[dict[str, float]] = []
    with running(home, photos, config, OFTEN) as daemon:
        wait_until(lambda: home.status()["running"], "the daemon runs")
        began_s, most, made, done = time.monotonic(), 0, 0, 0
        for wave in range(waves):
            while done < bursts * (wave + 1) // waves:
                place_burst(photos, done)
                done += 1
            end = BURST * done
            while made < end:
                made = digested(file)
                most = max(most, daemon.memory_info().rss)
                time.sleep(POLL_S)
            if wave * POINTS // waves != (wave - 1) * POINTS // waves or wave == waves - 1:
                point = {"photos": end, "digests": wave + 1, "seconds": round(time.monotonic() - began_s)}
                curve.append(point | state_of(daemon, home.library) | {"most_mib": round(most / MIB, 1)})
                sys.stderr.write(json.dumps(curve[-1]) + "\n")
                most = 0
    return {"photos": BURST * bursts, "digests": waves, "curve": curve}


def digested(file: Path) -> int:
    """Return how many photos were new in digests."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        return int(
            database.execute("SELECT coalesce(sum(photos), 0) FROM digest_run WHERE state = 'done'").fetchone()[0]
        )


def state_of(daemon: psutil.Process, library: Path) -> dict[str, float]:
    """Return what a daemon takes now; `anon_mib` is its own memory, without what it reads of files."""
    memory = daemon.memory_full_info()
    anonymous = sum(m.anonymous for m in daemon.memory_maps())
    readers = daemon.children(recursive=True)
    return {
        "rss_mib": round(memory.rss / MIB, 1),
        "pss_mib": round(memory.pss / MIB, 1),
        "anon_mib": round(anonymous / MIB, 1),
        "readers_mib": round(sum(r.memory_info().rss for r in readers) / MIB, 1),
        "open_files": daemon.num_fds(),
        "threads": daemon.num_threads(),
        "cpu_s": round(sum(daemon.cpu_times()[:2]), 1),
        "wal_mib": size_mib(library / "library.db-wal"),
        "library_mib": size_mib(library / "library.db"),
        "index_mib": size_mib(*(library / "index").glob("*.faiss")),
    }


def size_mib(*files: Path) -> float:
    """Return the size of some files together."""
    return round(sum(file.stat().st_size for file in files if file.exists()) / MIB, 2)


def place_burst(photos: Path, number: int) -> None:
    """Write a burst of its own scene, a second between two shots and half an hour between two bursts."""
    width, height = FRAME
    whole = scene(number, (width + STEP * BURST, height))
    for n in range(BURST):
        taken = FIRST + timedelta(minutes=30 * number, seconds=n)
        name = f"{BURST * number // PER_DIRECTORY:04}/IMG_{taken:%Y%m%d_%H%M%S}.jpg"
        save_photo(photos / name, whole.crop((STEP * n, 0, STEP * n + width, height)), taken)


def searchable(file: Path, paths: Iterable[bytes]) -> list[bytes]:
    """Return which of some photos are in a library with their vector."""
    sql = (
        "SELECT 1 FROM file JOIN vector ON vector.photo_id = file.photo_id"
        " WHERE file.path = ? AND file.state = 'present'"
    )
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        return [path for path in paths if database.execute(sql, (path,)).fetchone()]


def place(photos: Path, samples: list[bytes], number: int) -> bytes:
    """Write a photo with bytes of its own, taken 20 s after the one before; return its name."""
    name = f"IMG_{FIRST + timedelta(seconds=20 * number):%Y%m%d_%H%M%S}.jpg"
    (photos / name).write_bytes(samples[number % len(samples)] + b"%d" % number)
    return name.encode()


@contextmanager
def running(home: Home, photos: Path, config: str, prelude: str = "") -> Iterator[psutil.Process]:
    """Run the daemon with a configuration; `prelude` is Python code that its process runs first."""
    home.configure(config)
    code = f"{prelude}\nfrom dejashot.cli.app import main\nmain()"
    with (home.path / "daemon.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "run", str(photos)], env=home.environment, stdout=log, stderr=log
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


if __name__ == "__main__":
    main()

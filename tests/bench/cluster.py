"""What reading on a cluster gives and costs: a folder read here, and by one and by two workers on this machine.

Run as `python tests/bench/cluster.py FOLDER [--workers 1 2] [--interval 1s] [--json]`; 1s measures reading alone.
Workers read the folder by its path, and are sent the bytes. Each scan is made twice, in a home of its own; the
second is measured, when the workers have started. CPU is in ms a photo: `home` the scanning process with its readers,
`scheduler`, and `workers` with theirs. The machine should do nothing else.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from clusters import DaskProcesses, dask_processes
from homes import Home, environment


def main() -> None:
    """Measure the folder that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--interval", default="60s")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.folder, asked.interval, 0, "home")]
    for workers in asked.workers:
        found += [measured(asked.folder, asked.interval, workers, how) for how in ("path", "sent")]
    if asked.json:
        json.dump(found, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    columns = list(found[0])
    for row in (columns, *(list(one.values()) for one in found)):
        sys.stdout.write(
            "".join(f"{value!s:>{max(8, len(name) + 2)}}" for name, value in zip(columns, row, strict=True))
        )
        sys.stdout.write("\n")


def measured(folder: Path, interval: str, workers: int, how: str) -> dict[str, Any]:
    """Measure the second of two scans of a folder."""
    with tempfile.TemporaryDirectory(prefix="dejashot-cluster-") as scratch, dask_processes(Path(scratch)) as started:
        options = ["--interval", interval]
        paths = f'{{ "{folder}" = "{folder}" }}' if how == "path" else "{}"
        if workers:
            started.start_scheduler()
            for _ in range(workers):
                started.start_worker()
            options += ["--cluster", started.address]
        scanned(Path(scratch) / "first", folder, paths, options)
        before = used_s(started)
        began_s, home_s = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        photos = scanned(Path(scratch) / "second", folder, paths, options)
        wall_s = time.monotonic() - began_s
        home_s = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - home_s
        scheduler_s, workers_s = (after - then for after, then in zip(used_s(started), before, strict=True))
    each = {"home": home_s, "scheduler": scheduler_s, "workers": workers_s}
    return {
        "workers": workers,
        "how": how,
        "photos": photos,
        "wall_s": round(wall_s, 1),
        "photos_per_s": round(photos / wall_s, 1),
        **{f"{name}_cpu_ms": round(1000 * spent_s / photos, 1) for name, spent_s in each.items()},
    }


def scanned(path: Path, folder: Path, paths: str, options: list[str]) -> int:
    """Scan a folder in a home of its own; return the number of photos."""
    path.mkdir()
    home = Home(path, environment(path))
    home.configure(f"[cluster]\npaths = {paths}\n")
    report = path / "report.json"
    done = home.run("scan", folder, *options, "--format", "json", "--output", report, timeout_s=7200)
    assert done.returncode == 0, done.stderr
    return int(json.loads(report.read_text())["totals"]["photos"])


def used_s(started: DaskProcesses) -> tuple[float, float]:
    """Return the CPU seconds of the scheduler, and of the workers with their readers, so far."""
    spent = [cpu_s(pid) for pid in started.pids]
    return (spent[0], sum(spent[1:])) if spent else (0.0, 0.0)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of all that it started."""
    process = psutil.Process(pid)
    return sum(process.cpu_times()[:4]) + sum(cpu_s(child.pid) for child in process.children())


if __name__ == "__main__":
    main()

"""Measure what grows with a library: one is made, measured and removed.

Run as `python tests/bench/scale.py --photos N`

    digest_s, digest_small_s   a digest of 1,000 new photos, and the same in a library of 10,000
    keep_s                     bringing the kept groups up to those 1,000, before the digest
    groups_s                   working all groups out once, as the daemon does after its first start
    report_s, report_peak_mib  `dejashot report --format json` of everything
    page_s, page_peak_mib      `dejashot review` from its start to the first page, and its most memory
    decision_p95_ms            a decision on the page, from the request to the reply
    status_s                   `dejashot status --format json`
    daemon_mib                 the most memory of a daemon over the whole library, from its start until it has settled
    plan_s                     `dejashot apply --plan` for 20,000 rejected shots (of a small library: for a fifth of it)
    database_mib, groups_mib, index_mib

All happens in a home of its own. With --keep DIR the library stays there for another run; --json prints one object.
"""

import argparse
import json
import math
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from review import decisions

from albums import Response, Served
from daemons import running, wait_until
from dejashot.config.settings import Settings
from dejashot.digests.runner import DigestRunner
from dejashot.ingest.pipeline import Pipeline, open_pipeline, report_context
from dejashot.library.journal import JOURNAL_NAME, DecisionJournal
from dejashot.library.library import Library
from dejashot.library.previews import keep_preview
from dejashot.models.decisions import Decision, Verdict
from dejashot.models.files import FileRef, FileStamp
from dejashot.models.photo import Reading
from dejashot.models.registration import Registration
from dejashot.reports.kept.keeper import GroupKeeper
from dejashot.reports.parameters import closer_look_rules
from homes import Home, environment
from made_groups import away_from_pages, group_readings
from made_library import FILE_BYTES, make_library
from measured_process import MIB, Measured, measure
from raw_library import raw_library
from shots import START_US, quality

BURST = 3
NEW, SMALL = 1000, 10_000  # photos
DIGESTS = 3
REJECTED = 20_000  # shots
TIMEOUT_S = 7200.0
SETTLE_S = 5.0
MATCHING, REGISTERED = 5.0, Registration(400, 0.9, 400, 0.9, 0.9, 0.9, 0.1)  # of two shots of a burst
PREVIEW = b"\xff\xd8\xff\xd9"


def main() -> None:
    """Measure once, and print what was found."""
    parser = argparse.ArgumentParser(description="Measure what grows with a library.")
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", type=Path, help="make the library in this folder, or use the one that is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dejashot-scale-") as scratch:
        found = scale(options.photos, options.keep or Path(scratch) / "home", Path(scratch), kept=bool(options.keep))
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<20} {value}\n" for name, value in found.items()))


def scale(photos: int, folder: Path, scratch: Path, *, kept: bool) -> dict[str, float]:
    """Measure a library of so many photos in a home of its own; what is `kept` is left as it was made."""
    folder.mkdir(parents=True, exist_ok=True)
    home, pictures = Home(folder, environment(folder)), folder / "Pictures"
    os.environ.update(home.environment)
    home.configure('[digest]\nschedule = "never"\n')
    found: dict[str, float] = {"photos": photos}
    if not (home.library / "library.db").exists():
        apart(make, home.library, pictures, photos)
    found["groups_s"] = apart(keep_groups, home.library)
    found["status_s"] = statistics.median(run(home, "status", "--format", "json").wall_s for _ in range(3))
    report = run(home, "report", "--format", "json", "--output", scratch / "report.json")
    found |= {"report_s": report.wall_s, "report_peak_mib": report.peak_bytes / MIB}
    found |= page(home) | plan(home, scratch, min(REJECTED, photos // 5))
    found["daemon_mib"] = daemon(home, pictures)
    for name in ("library", "groups", "index"):
        files = (home.library / "index").iterdir() if name == "index" else home.library.glob(f"{name}*.db*")
        found[f"{'database' if name == 'library' else name}_mib"] = sum(f.stat().st_size for f in files) / MIB
    library = Path(shutil.copytree(home.library, scratch / "library")) if kept else home.library
    found |= apart(digests, library, pictures)
    apart(make, scratch / "small" / "library", scratch / "small" / "Pictures", SMALL)
    apart(keep_groups, scratch / "small" / "library")
    found["digest_small_s"] = apart(digests, scratch / "small" / "library", scratch / "small" / "Pictures")["digest_s"]
    return {name: value if name == "photos" else rounded(value) for name, value in found.items()}


def rounded(value: float) -> float:
    """Return three significant digits, or whole numbers."""
    return round(value, max(0, 2 - math.floor(math.log10(value)))) if value else 0.0


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do something in a process of its own, whose memory goes with it, and return its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def run(home: Home, *arguments: object) -> Measured:
    """Run a command to its end."""
    return measure(home.command(*arguments), home.environment, home.path, TIMEOUT_S)


def make(library: Path, pictures: Path, photos: int) -> None:
    """Make a library with its photos."""
    make_library(library, pictures, photos, BURST).close()


def keep_groups(library: Path) -> float:
    """Work the groups of a library out; return the seconds."""
    with open_pipeline(Settings(), library, workers=1) as pipeline:
        return keep(pipeline)


def keep(pipeline: Pipeline) -> float:
    """Bring the kept groups up to a library; return the seconds."""
    began_s = time.perf_counter()
    with closing(GroupKeeper(pipeline.library)) as keeper:
        keeper.keep(report_context(pipeline))
    return time.perf_counter() - began_s


def digests(library: Path, pictures: Path) -> dict[str, float]:
    """Measure digests of new photos, each after the groups were kept; return the medians."""
    spent: dict[str, list[float]] = {"digest_s": [], "keep_s": []}
    place = pictures / "new"
    place.mkdir()
    try:
        with open_pipeline(Settings(), library, workers=1) as pipeline:
            folders = pipeline.library.folders.all()
            start = datetime.now(UTC)
            runner = DigestRunner(pipeline, UTC, library / "digests", start)
            for n in range(DIGESTS):
                add_new(pipeline.library, place, n)
                spent["keep_s"].append(keep(pipeline))
                began_s = time.perf_counter()
                made = runner.make(start + timedelta(minutes=n + 1), folders, ())
                spent["digest_s"].append(time.perf_counter() - began_s)
                assert made.photos == NEW
    finally:
        shutil.rmtree(place)
    return {name: statistics.median(values) for name, values in spent.items()}


def add_new(library: Library, place: Path, number: int) -> None:
    """Add new photos that were looked at: bursts behind all others, five minutes apart."""
    away, (folder,) = away_from_pages(), library.folders.all()
    with library.batch():
        keys = []
        for n in range(NEW):
            burst, k = divmod(n, BURST)
            if k == 0:
                seed = 10**8 + NEW * number + burst
                readings = list(group_readings(seed, BURST, 300 * (NEW * number + burst + 1), away))
            name = f"IMG_{number}_{n}.jpg"
            one = stored(readings[k], place / name)
            keys.append(library.photos.add(FileRef(folder.id, os.fsencode(f"{place.name}/{name}")), one, 1, START_US))
            library.measurements.add_quality(one.content, quality(1 + k / 2))
            keep_preview(one.content, PREVIEW)
        library.measurements.distant_copies.note_searched(1, keys)
        pairs = [pair for start in range(0, NEW, BURST) for pair in combinations(keys[start : start + BURST], 2)]
        library.measurements.add_matches(1, dict.fromkeys(pairs, MATCHING))
        library.measurements.add_registrations(dict.fromkeys(pairs, REGISTERED))
    row = library.vectors.active_model()
    assert row is not None
    library.closer_looks.note_done(library.newest_seq(), closer_look_rules(Settings(), row.fingerprint), START_US)


def stored(reading: Reading, file: Path) -> Reading:
    """Return a reading with the stamp of a file that is made for it, all hole."""
    with file.open("wb") as out:
        out.truncate(FILE_BYTES)
    return replace(reading, stamp=FileStamp.of(file.stat()))


def plan(home: Home, scratch: Path, rejected: int) -> dict[str, float]:
    """Measure a plan for rejected shots: all but the last of the newest bursts."""
    with raw_library(home.library) as database:
        contents = [
            row[0]
            for row in database.execute(
                "SELECT photo.content FROM file JOIN photo ON photo.id = file.photo_id WHERE (file.id - 1) % ? < ?"
                " ORDER BY file.id DESC LIMIT ?",
                (BURST, BURST - 1, rejected),
            )
        ]
    with no_decisions_left(home):
        DecisionJournal(home.library).decide([Decision(content, Verdict.REJECT, START_US) for content in contents])
        done = run(home, "apply", "--plan", "--how", "quarantine", "--to", scratch / "aside", "--format", "json")
        body = json.loads(done.output)
    assert body["photos"] >= rejected - BURST, "all but a burst that was cut short"
    return {"plan_s": done.wall_s}


@dataclass(frozen=True)
class Session(Served):
    """The pages of `dejashot review`, with a session."""

    cookie: str = ""

    def ask(
        self, path: str, body: Any = None, *, method: str = "", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Request a page as a browser would."""
        own = {"Origin": self.url, "Cookie": self.cookie} if self.cookie else {}
        return super().ask(path, body, method=method, headers={**own, **(headers or {})})


def page(home: Home) -> dict[str, float]:
    """Measure the review page: until its first page is there, decisions on it, and its most memory."""
    command = home.command("review", "--port", "0")
    with no_decisions_left(home):
        began_s = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(home.environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            link = urlsplit(process.stdout.readline().strip())
            entered = Served(int(link.port or 0)).ask(f"{link.path}?{link.query}")
            served = Session(int(link.port or 0), entered.headers["set-cookie"].partition(";")[0])
            wait_until(lambda: served.ask("/").status == 200, "the page is there", TIMEOUT_S, 0.02)
            first_s = time.perf_counter() - began_s
            decided = decisions(served)
            return {"page_s": first_s, "page_peak_mib": peak_mib(process.pid), "decision_p95_ms": decided["p95_ms"]}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def no_decisions_left(home: Home) -> Iterator[None]:
    """Remove what was decided inside the block."""
    try:
        yield
    finally:
        (home.library / JOURNAL_NAME).unlink(missing_ok=True)


def daemon(home: Home, pictures: Path) -> float:
    """Return the most memory of a daemon over photos that it knows, in MiB, until nothing is left for it to do."""
    with running(home, pictures, config='[digest]\nschedule = "never"\n') as process:
        program, spent = psutil.Process(process.pid), [0.0]

        def settled() -> bool:
            before, now = spent[0], sum(program.cpu_times()[:2])
            spent[0] = now
            return now - before < 0.02 * SETTLE_S and not home.status()["backlog"]

        wait_until(settled, "the daemon has nothing to do", TIMEOUT_S, SETTLE_S)
        assert home.status()["missing"] == 0
        return peak_mib(process.pid)


def peak_mib(pid: int) -> float:
    """Return the most resident memory that a process had, in MiB."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()

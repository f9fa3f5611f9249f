"""Measure what Dejashot promises about speed and memory; each figure is a ratio or a count where a clock is involved.

    python tests/bench/figures.py ingest ~/Pictures      photos per second, memory, and where the time of JPEGs goes
    python tests/bench/figures.py rates ~/Pictures       photos per second and memory, for HEICs and any other format
    python tests/bench/figures.py rescan                 a second scan over 10,000 unchanged files
    python tests/bench/figures.py scale                  100,000 photos: a digest of 1,000 new ones, a report on all
    python tests/bench/figures.py window                 a search within a minute among 300,000 photos

Every run uses folders of its own and removes them.
"""

import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from dejashot.config.settings import Settings
from dejashot.library.index import TimeIndex
from dejashot.models.capture import key_floor
from dejashot.models.files import FileRef
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.tags import read_tags
from dejashot.reading.operations import model_input
from dejashot.reading.options import worker_options
from dejashot.reading.photo_picture import decode_picture
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportContext, ReportRequest
from homes import Home, environment
from made_library import SPAN_S, make_library
from measured_process import MIB, Measured, measure
from scenes import save_photo, scene
from shots import START_US, reading
from side_by_side.comparison import photos_in

SCAN_TIMEOUT_S = 7200.0
DECODING, SMALL_DECODING, INFERENCE = "decoding for all uses", "decoding at 1/8", "inference"


def print_figure(name: str, value: object) -> None:
    """Print one figure."""
    sys.stdout.write(f"{name:<58} {value}\n")


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Return the seconds of the quickest of some runs."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def home_in(folder: Path) -> Home:
    """Return a home of its own."""
    return Home(folder, environment(folder))


def rates(folder: Path, work: Path) -> tuple[float, float]:
    """Measure first scans of photos of any format; return what reading alone takes beyond starting.

    The result is in seconds on the clock and of processor time.
    """
    report = work / "report.json"

    def scan(name: str, where: Path, *options: str) -> Measured:
        home = home_in(where)
        where.mkdir(exist_ok=True)
        command = home.command("scan", folder, "--format", "json", "--output", report, *options)
        taken = measure(command, home.environment, where, SCAN_TIMEOUT_S)
        count = len(json.loads(report.read_bytes())["photos"])
        print_figure(name, f"{taken.wall_s:.2f} s, {count / taken.wall_s:.1f} photos/s")
        print_figure("    processor time", f"{taken.cpu_s:.2f} s, {1000 * taken.cpu_s / max(count, 1):.0f} ms a photo")
        print_figure("    most memory of all processes together", f"{taken.peak_bytes / MIB:.0f} MiB")
        return taken

    scan("first scan, the whole answer", work / "whole")
    reading = scan("first scan, reading alone", work / "alone", "--interval", "1s")
    again = scan("second scan (mostly starting Python)", work / "alone", "--interval", "1s")
    return reading.wall_s - again.wall_s, reading.cpu_s - again.cpu_s


def ingest(folder: Path, work: Path) -> None:
    """Measure a first scan of JPEGs against decoding and inference alone, on all cores.

    The decoding of today is one for all that a photo's picture is needed for; that at 1/8 would do for the model alone.
    """
    wall_s, cpu_s = rates(folder, work)
    decoder.prepare_decoders(Settings().reading.max_megapixels)
    embedder = Embedder(BUNDLED, load_model(BUNDLED).network, 1)
    files = [path for path in photos_in(folder) if path.suffix.lower() in (".jpg", ".jpeg")]
    _parts(files[:1], embedder)  # slower than any after it
    spent = _parts(files, embedder)
    for name, seconds in spent.items():
        print_figure(f"processor time, one photo: {name}", f"{1000 * seconds / len(files):.2f} ms")
    for decoding in (DECODING, SMALL_DECODING):
        floor_s = spent[decoding] + spent[INFERENCE]
        print_figure(f"reading alone against {decoding} + {INFERENCE}", "")
        print_figure("    on all cores", f"{wall_s * (os.cpu_count() or 1) / floor_s:.2f} x")
        print_figure("    processor time", f"{cpu_s / floor_s:.2f} x")


def _parts(files: Sequence[Path], embedder: Embedder) -> dict[str, float]:
    """Return the seconds of processor time of each part of reading some photos."""
    max_megapixels = Settings().reading.max_megapixels
    spent: dict[str, float] = defaultdict(float)
    for file in files:
        marks = [time.process_time()]
        with file.open("rb", buffering=0) as opened:
            data, _ = decoder.read_bytes(opened, 2**30)
        marks.append(time.process_time())
        image = decoder.open_image(data, file.name, max_megapixels)
        read_tags(data, image)
        marks.append(time.process_time())
        picture = decode_picture(image)
        marks.append(time.process_time())
        embedder.embed_and_map(model_input(picture, embedder))
        marks.append(time.process_time())
        small = decoder.open_image(data, file.name, max_megapixels)
        marks.append(time.process_time())
        decoder.upright_pixels(small, (256, 256))
        marks.append(time.process_time())
        names = ("read and hash", "tags", DECODING, INFERENCE, "open again", SMALL_DECODING)
        for name, start, end in zip(names, marks[:-1], marks[1:], strict=True):
            spent[name] += end - start
    return spent


def rescan(work: Path) -> None:
    """Measure a second scan over 10,000 files that did not change."""
    folder, home = work / "photos", home_in(work)
    one = save_photo(folder / "0.jpg", scene(1, (96, 72))).read_bytes()
    for n in range(1, 10_000):
        (folder / f"{n}.jpg").write_bytes(one + n.to_bytes(4))
    home.configure("[sifting]\ninterval_s = 0.000001\n")
    home.run("scan", folder, timeout_s=SCAN_TIMEOUT_S)
    whole_s = timed(lambda: home.run("scan", folder, "--format", "json"), 3)
    status_s = timed(lambda: home.run("status"), 3)
    print_figure(
        "second scan of 10,000 unchanged files", f"{whole_s:.2f} s, of which {status_s:.2f} s start the command"
    )


def scale(work: Path) -> None:
    """Measure reports over a library of 100,000 photos."""
    store = make_library(work / "library", work / "Pictures", 100_000)
    row = store.vectors.active_model()
    assert row is not None
    context = ReportContext(Settings(), store, row, ReaderPool(worker_options(Settings()), 1), store.journal)
    folders = store.folders.all()
    seq = store.newest_seq()
    for n in range(1000):
        store.photos.add(FileRef(1, f"new{n}.jpg".encode()), reading(10**6 + n, at_s=40_000_000 + 40 * n), 1, START_US)
    now = datetime.now().astimezone()
    new_s = timed(lambda: build_report(context, ReportRequest("new", folders, seq, only_new=True), now, lambda: 0.0), 3)
    all_s = timed(lambda: build_report(context, ReportRequest("all", folders), now, lambda: 0.0))
    print_figure("digest of 1,000 new photos among 100,000", f"{new_s:.2f} s")
    print_figure("report on all 101,000", f"{all_s:.2f} s")
    print_figure("peak memory", f"{psutil.Process().memory_info().rss / MIB:.0f} MiB")
    store.close()


def window(work: Path) -> None:
    """Measure a search within a minute among 300,000 photos."""
    store = make_library(work / "library", work / "Pictures", 300_000)
    model = load_model(BUNDLED)
    index = TimeIndex(work / "index", store, 1, model.fingerprint, 256)
    rng = np.random.default_rng(0)
    query = reading(1).vector
    middles = [START_US + int(s * 1e6) for s in rng.uniform(-SPAN_S, 0, 300)]
    rebuilt_s = timed(lambda: len(index))
    index.save()
    loaded_s = timed(lambda: len(TimeIndex(work / "index", store, 1, model.fingerprint, 256)))
    times = sorted(
        timed(lambda m=m: index.search(query, 10, key_floor(m - 30_000_000), key_floor(m + 30_000_000)))
        for m in middles
    )
    print_figure("index of 300,000 rebuilt from SQLite / loaded", f"{rebuilt_s:.2f} s / {loaded_s:.2f} s")
    print_figure(
        "search within a minute, median / 95th percentile", f"{1000 * times[150]:.2f} ms / {1000 * times[285]:.2f} ms"
    )
    print_figure("search anywhere", f"{1000 * timed(lambda: index.search(query, 10), 5):.1f} ms")
    store.close()


def main() -> None:
    """Run one measurement."""
    name, *rest = sys.argv[1:] or ["help"]
    with tempfile.TemporaryDirectory() as folder:
        match name:
            case "ingest" | "rates" if rest:
                {"ingest": ingest, "rates": rates}[name](Path(rest[0]).resolve(), Path(folder))
            case "rescan" | "scale" | "window":
                {"rescan": rescan, "scale": scale, "window": window}[name](Path(folder))
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main()

"""Measure what Dejashot promises about speed and memory; each figure is a ratio or a count where a clock is involved.

    python tests/bench/figures.py ingest ~/Pictures      photos per second, and where the time goes
    python tests/bench/figures.py rescan                 a second scan over 10,000 unchanged files
    python tests/bench/figures.py scale                  100,000 photos: a digest of 1,000 new ones, a report on all
    python tests/bench/figures.py window                 a search within a minute among 300,000 photos

Every run uses folders of its own and removes them.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from dejashot.config.settings import Settings
from dejashot.library.index import TimeIndex
from dejashot.library.library import Library
from dejashot.models.capture import key_floor
from dejashot.models.files import FileRef
from dejashot.reading.decode import decoder
from dejashot.reading.metadata.tags import read_tags
from dejashot.reading.options import worker_options
from dejashot.reading.pool import ReaderPool
from dejashot.reading.vision.embedder import Embedder
from dejashot.reading.vision.model import BUNDLED, load_model
from dejashot.reports.build import build_report
from dejashot.reports.context import ReportContext, ReportRequest
from homes import Home, environment
from scenes import save_photo, scene
from shots import START_US, reading


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


def ingest(folder: Path, work: Path) -> None:
    """Measure a first scan against decoding and inference alone, on all cores."""
    decoder.prepare_decoders(220)
    embedder = Embedder(BUNDLED, load_model(BUNDLED).network, 1)
    files = [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in (".jpg", ".jpeg")]
    spent = dict.fromkeys(("read and hash", "tags", "decode and resize", "inference"), 0.0)
    for file in [files[0], *files]:
        if file == files[0]:
            spent = dict.fromkeys(spent, 0.0)
        marks = [time.perf_counter()]
        with file.open("rb", buffering=0) as opened:
            data, _ = decoder.read_bytes(opened, 2**30)
        marks.append(time.perf_counter())
        image = decoder.open_image(data, file.name, 220)
        read_tags(data, image)
        marks.append(time.perf_counter())
        prepared = embedder.prepare(decoder.upright_pixels(image, (256, 256)))
        marks.append(time.perf_counter())
        embedder.embed(prepared)
        marks.append(time.perf_counter())
        for name, start, end in zip(spent, marks[:-1], marks[1:], strict=True):
            spent[name] += end - start
    for name, seconds in spent.items():
        print_figure(f"one core, one photo: {name}", f"{1000 * seconds / len(files):.2f} ms")
    home = home_in(work)
    floor_s = (spent["decode and resize"] + spent["inference"]) / (os.cpu_count() or 1)
    began = time.perf_counter()
    body = home.json("scan", folder)
    whole_s = time.perf_counter() - began
    again_s = timed(lambda: home.json("scan", folder))
    shutil.rmtree(work / "state")
    home.configure("[sifting]\ninterval_s = 0.000001\n")
    reading_s = timed(lambda: home.json("scan", folder))
    count = len(body["photos"])
    print_figure("photos", count)
    print_figure(
        "first scan, report and quality measurements included", f"{whole_s:.2f} s, {count / whole_s:.1f} photos/s"
    )
    print_figure("first scan without groups", f"{reading_s:.2f} s, {count / reading_s:.1f} photos/s")
    print_figure("second scan (mostly starting Python)", f"{again_s:.2f} s")
    print_figure("ingest against decode + inference on all cores", f"{(reading_s - again_s) / floor_s:.2f} x")


def rescan(work: Path) -> None:
    """Measure a second scan over 10,000 files that did not change."""
    folder, home = work / "photos", home_in(work)
    one = save_photo(folder / "0.jpg", scene(1, (96, 72))).read_bytes()
    for n in range(1, 10_000):
        (folder / f"{n}.jpg").write_bytes(one + n.to_bytes(4))
    home.configure("[sifting]\ninterval_s = 0.000001\n")
    home.json("scan", folder)
    whole_s = timed(lambda: home.run("scan", folder, "--format", "json"), 3)
    status_s = timed(lambda: home.run("status"), 3)
    print_figure(
        "second scan of 10,000 unchanged files", f"{whole_s:.2f} s, of which {status_s:.2f} s start the command"
    )


def _library(work: Path, count: int, per_burst: int) -> Library:
    library = Library.open(work)
    library.folders.add(work, 1)
    model = load_model(BUNDLED)
    library.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
    with library.batch():
        for n in range(count):
            at_s = (n // per_burst) * 300 + (n % per_burst) * 4
            library.photos.add(FileRef(1, f"{n}.jpg".encode()), reading(n, at_s=at_s), 1, START_US)
    return library


def scale(work: Path) -> None:
    """Measure reports over a library of 100,000 photos."""
    store = _library(work, 100_000, 3)
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
    print_figure("peak memory", f"{psutil.Process().memory_info().rss / 2**20:.0f} MiB")
    store.close()


def window(work: Path) -> None:
    """Measure a search within a minute among 300,000 photos."""
    store = _library(work, 300_000, 3)
    model = load_model(BUNDLED)
    index = TimeIndex(work / "index", store, 1, model.fingerprint, 256)
    rng = np.random.default_rng(0)
    query = reading(1).vector
    middles = [START_US + int(s * 1e6) for s in rng.uniform(0, 30_000_000, 300)]
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
            case "ingest" if rest:
                ingest(Path(rest[0]), Path(folder))
            case "rescan" | "scale" | "window":
                {"rescan": rescan, "scale": scale, "window": window}[name](Path(folder))
            case _:
                sys.exit(__doc__)


if __name__ == "__main__":
    main()

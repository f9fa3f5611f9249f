"""Measure the review pages over a library of 10,000 groups (30,000 photos); prints one JSON object.

    python tests/bench/review.py [GROUPS]

The groups in seconds, the first paint of the first page in Chromium, how long a decision takes (the request, and from
the key press to the repainted card), and the memory of the process that serves. The photos are synthetic readings;
their previews are made of a few samples. Everything lies in a folder of its own, which is removed.
"""

import io
import json
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from albums import Served, pages_over
from browsers import CHROMIUM
from dejashot.library.library import Library
from dejashot.library.previews import keep_preview
from dejashot.models.files import FileRef
from dejashot.reading.vision.model import BUNDLED, load_model
from scenes import scene
from shots import START_US, quality, reading

A_GROUP = 3
COPIES_EVERY = 10  # groups: one of equal files, the clear cases
SAMPLES = 8
DECISIONS = 60


def fill(library: Path, groups: int) -> None:
    """Store readings of groups of three, five minutes apart, and a small picture of each."""
    pictures = []
    for seed in range(SAMPLES):
        out = io.BytesIO()
        scene(seed, (360, 270)).save(out, "JPEG", quality=74)
        pictures.append(out.getvalue())
    store = Library.open(library)
    (library / "photos").mkdir()
    store.folders.add(library / "photos", 1)
    model = load_model(BUNDLED)
    store.vectors.add_model(model.fingerprint, model.model_dump_json(by_alias=True))
    rng = np.random.default_rng(0)
    with store.batch():
        for n in range(groups):
            like = reading(n).vector
            for k in range(A_GROUP):
                near = like + rng.normal(scale=0.01, size=like.shape).astype(np.float32)
                other = k if n % COPIES_EVERY else 0
                one = replace(
                    reading(A_GROUP * n + other, at_s=300 * n + 2 * other, size_bytes=3_000_000 + other),
                    vector=near / np.linalg.norm(near),
                )
                store.photos.add(FileRef(1, f"IMG_{n:05}_{k}.jpg".encode()), one, 1, START_US)
                store.measurements.add_quality(one.content, quality(1 + k / 2))
                if k == 0 or n < 250 or n >= groups - 250:
                    keep_preview(one.content, pictures[n % SAMPLES])
    store.close()


def _serve(library: Path, pipe: Any) -> None:
    with pages_over(library) as served:
        pipe.send(served.port)
        pipe.recv()


@contextmanager
def serving(library: Path) -> Iterator[tuple[Served, psutil.Process]]:
    """Serve the pages in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(library, theirs))
    process.start()
    try:
        yield Served(ours.recv()), psutil.Process(process.pid)
    finally:
        ours.send(None)
        process.join()


def spread(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds."""
    return {
        "p50_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
    }


def paint_ms(page: Any) -> float:
    """Return when something was first painted, in milliseconds since the page was requested."""
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    return round(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def decisions(served: Served) -> dict[str, float]:
    """Decide on shots of the first page, one after the other."""
    text = served.ask("/").text
    cards = re.findall(r'data-group="([0-9a-f]+)"', text)
    shots = re.findall(r'href="/group/([0-9a-f]+)\?shot=([0-9a-f]{64})"', text)
    assert cards
    spent = []
    for n, (group, content) in enumerate((shots * 9)[:DECISIONS]):
        began = time.perf_counter()
        response = served.ask(
            "/decide", {"what": "words", "group": group, "content": content, "word": ("keep", "reject")[n % 2]}
        )
        spent.append(time.perf_counter() - began)
        assert response.status == 200
    return spread(spent)


KEY_TO_PAINT = """async count => {
  const spent = [];
  const press = key => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
  };
  press('ArrowRight');
  for (let n = 0; n < count; n++) {
    const began = performance.now();
    press(n % 2 ? 'k' : 'r');
    await page.waiting;
    await new Promise(done => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      channel.port2.postMessage(0);
    }));
    spent.push((performance.now() - began) / 1000);
  }
  return spent;
}"""


def in_browser(served: Served) -> dict[str, Any]:
    """Measure paints in Chromium: cold (nothing cached), warm (again), other pages, and a key press."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(served.url)
        page.wait_for_load_state("networkidle")
        cold = paint_ms(page)
        page.goto(served.url)
        page.wait_for_load_state("networkidle")
        warm = paint_ms(page)
        page.goto(served.url + "/?order=saving")
        saving = paint_ms(page)
        page.goto(served.url + "/accept")
        cases = paint_ms(page)
        page.goto(served.url + "/timeline")
        timeline = paint_ms(page)
        page.goto(served.url)
        page.wait_for_load_state("networkidle")
        keys = spread(page.evaluate(KEY_TO_PAINT, DECISIONS))
        browser.close()
    paints = {"cold": cold, "warm": warm, "by_saving": saving, "clear_cases": cases, "timeline": timeline}
    return {"first_paint_ms": paints, "key_to_paint": keys}


def main() -> None:
    """Measure everything once."""
    groups = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder + "/cache"
        library = Path(folder) / "library"
        library.mkdir()
        fill(library, groups)
        with serving(library) as (served, process):
            began = time.perf_counter()
            while served.ask("/").status == 503:
                pass
            album_s = time.perf_counter() - began
            memory = process.memory_info().rss
            figures = {
                "groups": groups,
                "photos": A_GROUP * groups,
                "album_s": round(album_s, 2),
                "first_answer_after_ms": round(1000 * min(timed_page(served) for _ in range(5))),
                "decision": decisions(served),
                **in_browser(served),
                "memory_mib": {
                    "album_made": round(memory / 2**20),
                    "at_the_end": round(process.memory_info().rss / 2**20),
                },
            }
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def timed_page(served: Served) -> float:
    """Return the seconds that a request for the first page takes."""
    began = time.perf_counter()
    served.ask("/")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

"""Draw families of views, and store what the part of the network that never trains makes of them.

    python daemon/training/cache_views.py --photos PHOTOS --start siamese.pt --out views --families 5000

Training then draws no picture. A call that was cut short goes on where it stopped. `--start` is a `.pt` file of
train.py, or the `.onnx` file of a shipped network.
"""

import argparse
import hashlib
import json
import time
import warnings
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cached import ARRAYS, chunk_file
from dejashot.reading.vision.session import open_session
from families import KINDS, make
from families.common import SIDE, View
from families.stock import Stock, open_stock
from model import SiameseModel
from start import started_from

MIX = {"ordinary": 0.46, "page": 0.22, "subject": 0.1, "dish": 0.08, "person": 0.07, "object": 0.07}
FAMILIES_A_CHUNK = 48
FAMILIES_A_SEED = 10_000_000
SETTINGS, START_NETWORK = "settings.json", "start.onnx"
IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the views in a folder depend on."""

    seed: int
    mix: dict[str, float]
    start_sha256: str


@dataclass(frozen=True, slots=True)
class Job:
    """Chunks for one process to make."""

    folder: Path
    photos: Path
    cutouts: Path
    settings: Settings
    chunks: tuple[int, ...]
    families: int


class StartNetwork(nn.Module):
    """The network at its start: pixels uint8 [N, 224, 224, 3] to the maps of blocks 4 and 7, vector, and map."""

    def __init__(self, siamese: SiameseModel) -> None:
        super().__init__()
        self.siamese = siamese

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return what is stored of each view, in the order of ARRAYS."""
        fine, middle = self.siamese.front((pixels.permute(0, 3, 1, 2).float() - 127) / 128)
        return fine, middle, *self.siamese.back(middle)


def export_start(start: Path, file: Path) -> None:
    """Write the start network as ONNX."""
    siamese = started_from(start)
    siamese.power = nn.Parameter(siamese.power.detach().round())
    example = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            StartNetwork(siamese).eval(), (example,), str(file), input_names=[IMAGE], output_names=list(ARRAYS),
            opset_version=17, dynamo=False,
        )  # fmt: skip


def families_of(settings: Settings, chunk: int, count: int, stock: Stock) -> list[tuple[str, list[View]]]:
    """Return the families of a chunk with their kinds: the same for the same settings, photos and fonts."""
    shares = np.array([settings.mix.get(kind, 0.0) for kind in KINDS])
    numbers = range(chunk * FAMILIES_A_CHUNK, chunk * FAMILIES_A_CHUNK + count)
    chosen = []
    for number in numbers:
        kind = str(np.random.default_rng((settings.seed, number)).choice(KINDS, p=shares / shares.sum()))
        chosen.append((kind, make(kind, settings.seed * FAMILIES_A_SEED + number, stock)))
    return chosen


def work(job: Job) -> None:
    """Make the chunks of a job."""
    torch.set_num_threads(1)
    stock = open_stock(job.photos, job.cutouts)
    session = open_session(job.folder / START_NETWORK, 1)
    for chunk in job.chunks:
        began = time.process_time()
        count = min(FAMILIES_A_CHUNK, job.families - chunk * FAMILIES_A_CHUNK)
        families = families_of(job.settings, chunk, count, stock)
        drawn = time.process_time()
        seen = [session.run(list(ARRAYS), {IMAGE: v.picture[None]}) for _, family in families for v in family]
        arrays: dict[str, Any] = {
            name: np.concatenate([outputs[n] for outputs in seen]).astype(np.float16) for n, name in enumerate(ARRAYS)
        }
        arrays["family"] = np.repeat(np.arange(count), [len(family) for _, family in families])
        arrays["content"] = np.array([v.content for _, family in families for v in family])
        arrays["kind"] = np.array([KINDS.index(kind) for kind, _ in families])
        file = chunk_file(job.folder, chunk)
        partial = file.with_suffix(".part.npz")
        np.savez(partial, **arrays)
        partial.rename(file)
        each = [1e3 * took / len(seen) for took in (drawn - began, time.process_time() - drawn)]
        print(f"chunk {chunk}: {len(seen)} views, ms a view: {each[0]:.1f} to draw, {each[1]:.1f} to run", flush=True)


def prepare(folder: Path, start: Path, seed: int, mix: dict[str, float]) -> Settings:
    """Return the settings of a folder, which are new or what they were; raise SystemExit when they differ."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(seed, mix, hashlib.sha256(start.read_bytes()).hexdigest())
    known = folder / SETTINGS
    if not known.exists():
        export_start(start, folder / START_NETWORK)
        known.write_text(json.dumps(asdict(settings), indent=2) + "\n")
    elif json.loads(known.read_text()) != asdict(settings):
        raise SystemExit(f"{folder} holds views of another seed, mix or start: name an empty folder")
    return settings


def main() -> None:
    """Make the chunks that are missing, in several processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--families", type=int, default=4000, help="one has about eight views of 140 kB each")
    parser.add_argument("--cutouts", type=Path, default=Path("cutouts.npz"), help="made from the photos if missing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    for kind, share in MIX.items():
        parser.add_argument(f"--{kind}", type=float, default=share, help="share of the families (default %(default)s)")
    a = parser.parse_args()
    open_stock(a.photos, a.cutouts)
    settings = prepare(a.out, a.start, a.seed, {kind: getattr(a, kind) for kind in KINDS})
    chunks = range(-(-a.families // FAMILIES_A_CHUNK))
    missing = [c for c in chunks if not chunk_file(a.out, c).exists()]
    shares = [tuple(missing[n :: a.processes]) for n in range(a.processes)]
    jobs = [Job(a.out, a.photos, a.cutouts, settings, share, a.families) for share in shares if share]
    if jobs:
        with get_context("spawn").Pool(len(jobs)) as pool:
            pool.map(work, jobs, chunksize=1)


if __name__ == "__main__":
    main()

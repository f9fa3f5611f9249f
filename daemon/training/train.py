"""Train the Siamese model, the first stage: contrastive, self-supervised, without a teacher.

The same seed and machine give the same weights.

    python daemon/training/train.py --photos PHOTOS --out siamese.pt

PHOTOS holds one folder of JPEG files a category. Two views of one photo are drawn together, all others in the batch are
pushed away, some of the same category or place.
"""

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from families.stock import PHOTOS_EACH, load, photo_categories
from model import DIMENSIONS, SiameseModel, pretrained
from views import Picture, same_shot, two_places

SIDE = 160  # pixels; the model is used at 224, which costs twice as much to train and gains little
CATEGORIES = 8
PLACES_SHARE = 0.4
TEMPERATURE, SPREAD_WEIGHT = 0.06, 0.3
HEAD_RATE, TRUNK_RATE, WEIGHT_DECAY = 3e-4, 1.5e-4, 1e-4
WARM_UP_STEPS = 30
WHITENING_PHOTOS = 1200


class Batches(Dataset[tuple[Tensor, Tensor]]):
    """Batch n of a seed: views uint8 [V, SIDE, SIDE, 3] and, for each, the number of what it shows."""

    def __init__(self, photos: Path, seed: int, steps: int) -> None:
        self.categories = photo_categories(photos)
        if len(self.categories) < CATEGORIES:
            found = f"{len(self.categories)} folders with {PHOTOS_EACH} photos or more"
            raise SystemExit(f"{photos} holds {found}; {CATEGORIES} are needed")
        self.files = [f for c in self.categories for f in c]
        sizes = np.sqrt([len(c) for c in self.categories])
        self.chances = sizes / sizes.sum()
        self.seed, self.steps = seed, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.seed, step))
        cv2.setNumThreads(1)
        views: list[Picture] = []
        shows: list[int] = []
        for number in rng.choice(len(self.categories), CATEGORIES, replace=False, p=self.chances):
            files = self.categories[number]
            for pick in rng.choice(len(files), PHOTOS_EACH, replace=False):
                photo = load(files[pick])
                if rng.random() < 0.5:
                    photo = np.ascontiguousarray(photo[:, ::-1])
                other = load(self.files[rng.integers(len(self.files))])
                places = two_places(photo, rng) if rng.random() < PLACES_SHARE else None
                for place in places or (photo,):
                    views += same_shot(place, other, SIDE, rng)
                    shows += [len(shows) // 2] * 2
        return torch.from_numpy(np.stack(views)), torch.tensor(shows)


def as_input(pixels: Tensor) -> Tensor:
    """Return pictures uint8 [N, H, W, 3] as the model takes them, float32 [N, 3, H, W]."""
    return ((pixels.permute(0, 3, 1, 2).float() - 127) / 128).contiguous(memory_format=torch.channels_last)


def whiten(model: SiameseModel, files: list[Path], seed: int) -> None:
    """Set the head to the whitened principal components of its input: a start that is far better than random."""
    rng = np.random.default_rng((seed, 1 << 32))
    seen: list[Tensor] = []
    with torch.inference_mode():
        for pick in rng.choice(len(files), min(WHITENING_PHOTOS, len(files)), replace=False):
            photo = cv2.resize(load(files[pick]), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            seen.append(model.pooled(as_input(torch.from_numpy(photo)[None]))[0][0])
    x = torch.stack(seen)
    mean, low = x.mean(0), model.head.in_features - model.top.out_channels
    level = torch.ones_like(mean)
    level[:low], level[low:] = 1 / x[:, :low].norm(dim=1).mean(), 1 / x[:, low:].norm(dim=1).mean()
    _, values, vectors = torch.linalg.svd((x - mean) * level, full_matrices=False)
    vectors = vectors * torch.where(vectors.sum(1, keepdim=True) < 0, -1.0, 1.0)
    weight = (vectors[:DIMENSIONS] / (values[:DIMENSIONS, None] + values[DIMENSIONS // 2])) * level
    weight *= 4 / ((x - mean) @ weight.T).norm(dim=1).mean()
    model.head.weight.data = weight.contiguous().clone()
    model.head.bias.data = (-(weight @ mean)).clone()


def loss_of(vectors: Tensor, shows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the contrastive loss (InfoNCE), the spreading loss (KoLeo), and the mean cosine of pairs."""
    count = len(vectors)
    cosines = vectors @ vectors.T
    itself = torch.eye(count, dtype=torch.bool)
    partner = (shows[:, None] == shows[None]) & ~itself
    logits = (cosines / TEMPERATURE).masked_fill(itself, -1e4)
    contrast = F.cross_entropy(logits, partner.int().argmax(1))
    distance = (2 - 2 * cosines).clamp(min=1e-6).masked_fill(itself | partner, 9.0)
    spread = -distance.min(1).values.sqrt().log().mean()
    return contrast, spread, cosines[partner].mean()


def learning_rate(step: int, steps: int) -> float:
    """Return the share of the full rate: a short warm-up, then half a cosine."""
    return min(1.0, (step + 1) / WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * step / steps))


def train(photos: Path, seed: int, steps: int) -> Iterator[tuple[int, SiameseModel, tuple[float, float, float]]]:
    """Train step by step; yield the step, the model and its losses."""
    torch.manual_seed(seed)
    batches = Batches(photos, seed, steps)
    model = pretrained().to(memory_format=torch.channels_last)
    model.freeze_early()
    whiten(model, batches.files, seed)
    trunk = [p for part in (*model.blocks, model.top) for p in part.parameters() if p.requires_grad]
    head = [*model.head.parameters(), model.power]
    optimizer = torch.optim.AdamW(
        [{"params": head, "lr": HEAD_RATE}, {"params": trunk, "lr": TRUNK_RATE}], weight_decay=WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(step, steps))
    for step, (views, shows) in enumerate(DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4)):
        contrast, spread, cosine = loss_of(model(as_input(views)), shows)
        optimizer.zero_grad()
        (contrast + SPREAD_WEIGHT * spread).backward()
        torch.nn.utils.clip_grad_norm_(trunk + head, 2.0)
        optimizer.step()
        schedule.step()
        yield step, model, (contrast.item(), spread.item(), cosine.item())


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2, help="sums are taken in another order with another number")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    recent: list[tuple[float, float, float]] = []
    began = time.monotonic()
    model = None
    for step, model, losses in train(a.photos, a.seed, a.steps):
        recent = [*recent[-24:], losses]
        if step % 25 == 24:
            contrast, spread, cosine = np.mean(recent, axis=0)
            took = f"{step + 1:5d}  {(time.monotonic() - began) / 60:5.1f} min"
            print(f"{took}  contrast {contrast:.3f}  spread {spread:.3f}  cosine {cosine:.3f}", flush=True)
            torch.save(model.state_dict(), a.out)
    if model is not None:
        torch.save(model.state_dict(), a.out)


if __name__ == "__main__":
    main()

"""Families of views as cache_views.py stores them, and batches of them with pairs to judge."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from families import KINDS

# of each view, float16: maps of blocks 4 and 7, and vector and map of the start network
ARRAYS = ("fine", "middle", "vector", "map")
CONTENTS_APART = 100  # more than a family has contents

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Family:
    """A family's kind, the content of each view, and of each array its part, float16 [views, ...]."""

    kind: str
    contents: Tensor
    arrays: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of views by their numbers in a batch; `same` is 1 for two views of one content, else 0."""

    first: Tensor
    second: Tensor
    same: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Views of several families, float32; `shows` numbers what they show, `pages` is 1 for pages and 0 for others."""

    arrays: dict[str, Tensor]
    shows: Tensor
    pages: Tensor
    pairs: Pairs


def chunk_file(folder: Path, chunk: int) -> Path:
    """Return the file of a chunk."""
    return folder / f"{chunk:05d}.npz"


def chunk_files(folder: Path) -> list[Path]:
    """Return the chunks in a folder in their order; raise FileNotFoundError when there is none."""
    files = sorted(f for f in folder.glob("*.npz") if f.stem.isdigit())
    if not files:
        raise FileNotFoundError(f"{folder} holds no views: run cache_views.py first")
    return files


def load_families(files: Iterable[Path], names: Collection[str]) -> list[Family]:
    """Return the families of some chunks with the named arrays."""
    families = []
    for file in files:
        with np.load(file) as chunk:
            arrays = {name: torch.from_numpy(chunk[name]) for name in names}
            contents, kinds = torch.from_numpy(chunk["content"]), chunk["kind"]
            starts = np.searchsorted(chunk["family"], np.arange(len(kinds) + 1)).tolist()
        for number, kind in enumerate(kinds.tolist()):
            part = slice(starts[number], starts[number + 1])
            families.append(Family(KINDS[kind], contents[part], {n: a[part] for n, a in arrays.items()}))
    return families


def pairs_within(family: Family, negatives: int, rng: Rng) -> list[tuple[int, int, int]]:
    """Return all pairs of one content and some of two, as (first, second, same)."""
    contents = family.contents.tolist()
    every = [(i, j) for j in range(len(contents)) for i in range(j)]
    same = [(i, j, 1) for i, j in every if contents[i] == contents[j]]
    other = [(i, j, 0) for i, j in every if contents[i] != contents[j]]
    chosen = rng.choice(len(other), min(negatives, len(other)), replace=False) if other else []
    return same + [other[n] for n in chosen]


def batch_of(families: list[Family], rng: Rng) -> Batch:
    """Return a batch of families with pairs: those within a family, and a few of two families."""
    pairs: list[tuple[int, int, int]] = []
    shows: list[Tensor] = []
    start = 0
    for number, family in enumerate(families):
        contents = len(set(family.contents.tolist()))
        pairs += [(start + i, start + j, same) for i, j, same in pairs_within(family, contents + 2, rng)]
        shows.append(family.contents + number * CONTENTS_APART)
        start += len(family.contents)
    shown = torch.cat(shows)
    for _ in families:
        i, j = (int(n) for n in rng.integers(len(shown), size=2))
        if shown[i] // CONTENTS_APART != shown[j] // CONTENTS_APART:
            pairs.append((i, j, 0))
    arrays = {n: torch.cat([f.arrays[n] for f in families]).float() for n in families[0].arrays}
    first, second, same = torch.tensor(pairs).T
    pages = torch.cat([torch.full((len(f.contents),), float(f.kind == "page")) for f in families])
    return Batch(arrays, shown, pages, Pairs(first, second, same.float()))


class Batches:
    """Batches of a mix of kinds: batch n of a seed is the same on every call."""

    def __init__(self, families: list[Family], mix: dict[str, float], size: int, seed: int) -> None:
        self.by_kind = {kind: [f for f in families if f.kind == kind] for kind in KINDS}
        self.kinds = [kind for kind in KINDS if self.by_kind[kind] and mix.get(kind, 0) > 0]
        shares = np.array([mix[kind] for kind in self.kinds])
        self.shares, self.size, self.seed = shares / shares.sum(), size, seed

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        kinds = rng.choice(len(self.kinds), self.size, p=self.shares).tolist()
        chosen: list[Family] = []
        for number in sorted(set(kinds)):
            known = self.by_kind[self.kinds[number]]
            count = min(kinds.count(number), len(known))
            chosen += [known[n] for n in rng.choice(len(known), count, replace=False)]
        return batch_of(chosen, rng)

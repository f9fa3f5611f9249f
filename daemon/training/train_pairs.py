"""Train the second stage: the pair head on the start's maps, then the network's later blocks along with it.

    python daemon/training/train_pairs.py --views views --start siamese.pt --out pairs.pt

VIEWS was filled by cache_views.py from the same start. Chunks held out are judged at the end. `--resume` goes on from
what was stored. The same seed and threads give the same weights.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cached import Batch, Batches, Family, Pairs, chunk_files, load_families, pairs_within
from families import KINDS
from model import FROZEN_TO
from pair_head import PairModel
from start import started_from
from train import SPREAD_WEIGHT, learning_rate, loss_of

MIX = {"ordinary": 0.50, "page": 0.17, "subject": 0.11, "dish": 0.08, "person": 0.08, "object": 0.06}
FAMILIES = 8
HEAD_ALONE_RATE, HEAD_ALONE_DECAY = 2e-3, 1e-3
TRUNK_RATE, VECTOR_RATE, HEAD_RATE, DECAY = 1.2e-4, 2.4e-4, 1e-3, 1e-4
PAGE_WEIGHT, PAGE_SCALE = 0.5, 16.0  # vectors are of unit length
LONGEST_STEP = 2.0  # of the gradient
HELD_OUT_CHUNKS, NEGATIVES_JUDGED = 3, 6
STORED_EVERY, SAID_EVERY = 200, 25

Stage = Literal["head", "joint"]
STAGES: tuple[Stage, ...] = ("head", "joint")
NEEDED = {"head": ("fine", "vector", "map"), "joint": ("fine", "middle")}


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of both stages, the seed, and the share of each kind."""

    steps: dict[Stage, int]
    seed: int
    mix: dict[str, float]
    families: int


def seen(model: PairModel, arrays: dict[str, Tensor], stage: Stage) -> tuple[Tensor, Tensor]:
    """Return the vectors [N, 256] and the maps [N, 128, 14, 14] of views."""
    if stage == "head":
        vectors, coarse = arrays["vector"], arrays["map"]
    else:
        middle = arrays["middle"].contiguous(memory_format=torch.channels_last)
        vectors, coarse = model.siamese.back(middle)
    return vectors, model.map_of(coarse.contiguous(), arrays["fine"])


def judged(model: PairModel, arrays: dict[str, Tensor], pairs: Pairs, stage: Stage) -> tuple[Tensor, Tensor, Tensor]:
    """Return the logits and cosines of pairs, and the vectors of all views."""
    vectors, maps = seen(model, arrays, stage)
    cosines = (vectors[pairs.first] * vectors[pairs.second]).sum(1)
    return model.head(maps[pairs.first], maps[pairs.second], cosines), cosines, vectors


def balanced_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """Return the binary cross-entropy, in which both answers weigh the same."""
    share = (1 - answers).sum() / answers.sum().clamp(min=1)
    weight = torch.where(answers > 0, share, torch.ones_like(answers))
    each = F.binary_cross_entropy_with_logits(logits, answers, reduction="none")
    return (each * weight).sum() / weight.sum().clamp(min=1)


def losses(model: PairModel, batch: Batch, stage: Stage) -> dict[str, Tensor]:
    """Return the terms of the loss, weighted."""
    logits, _, vectors = judged(model, batch.arrays, batch.pairs, stage)
    terms = {"pairs": balanced_loss(logits, batch.pairs.same)}
    if stage == "joint":
        pages = balanced_loss(PAGE_SCALE * model.page(vectors)[:, 0], batch.pages)
        contrast, spread, _ = loss_of(vectors, batch.shows)
        terms |= {"contrast": contrast, "spread": SPREAD_WEIGHT * spread, "pages": PAGE_WEIGHT * pages}
    return terms


def optimizer_of(model: PairModel, stage: Stage) -> torch.optim.AdamW:
    """Return the optimizer of a stage, and let nothing else train."""
    model.requires_grad_(requires_grad=False)
    head = [*model.fine.parameters(), *model.head.parameters()]
    groups: list[dict[str, Any]]
    if stage == "head":
        groups = [{"params": head, "lr": HEAD_ALONE_RATE}]
    else:
        siamese = model.siamese
        later: list[nn.Module] = [*siamese.blocks[FROZEN_TO + 1 :], siamese.top]
        groups = [
            {"params": [*head, *model.page.parameters()], "lr": HEAD_RATE},
            {"params": [*siamese.head.parameters(), siamese.power], "lr": VECTOR_RATE},
            {"params": [p for part in later for p in part.parameters()], "lr": TRUNK_RATE},
        ]
    for group in groups:
        for parameter in group["params"]:
            parameter.requires_grad_(requires_grad=True)
    return torch.optim.AdamW(groups, weight_decay=HEAD_ALONE_DECAY if stage == "head" else DECAY)


def run_stage(
    model: PairModel, families: list[Family], plan: Plan, stage: Stage, known: dict[str, Any] | None
) -> Iterator[tuple[int, dict[str, float], dict[str, Any]]]:
    """Train a stage, from its beginning or a stored state; yield steps done, losses and the state to go on from."""
    steps = plan.steps[stage]
    batches = Batches(families, plan.mix, plan.families, plan.seed * len(STAGES) + STAGES.index(stage))
    optimizer = optimizer_of(model, stage)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(step, steps))
    first = 0
    if known is not None:
        first = known["step"]
        optimizer.load_state_dict(known["optimizer"])
        schedule.load_state_dict(known["schedule"])
    trained = [p for group in optimizer.param_groups for p in group["params"]]
    for step in range(first, steps):
        terms = losses(model, batches.batch(step), stage)
        optimizer.zero_grad()
        torch.stack(list(terms.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(trained, LONGEST_STEP)
        optimizer.step()
        schedule.step()
        state = {
            "stage": stage,
            "step": step + 1,
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        }
        yield step + 1, {name: term.item() for name, term in terms.items()}, state


def store(model: PairModel, state: dict[str, Any], file: Path) -> None:
    """Store the weights and where training is; a call cut short leaves the last ones whole."""
    partial = file.with_suffix(".part")
    torch.save({"model": model.state_dict(), **state}, partial)
    partial.replace(file)


def train(model: PairModel, files: list[Path], plan: Plan, out: Path, known: dict[str, Any] | None) -> None:
    """Train both stages, print the losses, and store the weights now and then."""
    for stage in STAGES[STAGES.index(known["stage"]) if known else 0 :]:
        if not plan.steps[stage]:
            continue
        families = load_families(files, NEEDED[stage])
        if stage == "joint":
            model.siamese = model.siamese.to(memory_format=torch.channels_last)
        print(f"{stage}: {len(families)} families, {sum(len(f.contents) for f in families)} views", flush=True)
        recent: list[dict[str, float]] = []
        state, began = {"stage": stage, "step": 0}, time.monotonic()
        resumed = known if known and known["stage"] == stage else None
        for step, terms, state in run_stage(model, families, plan, stage, resumed):
            recent = [*recent[1 - SAID_EVERY :], terms]
            if step % SAID_EVERY == 0:
                means = "  ".join(f"{name} {np.mean([r[name] for r in recent]):.3f}" for name in terms)
                print(f"{step:5d}  {(time.monotonic() - began) / 60:5.1f} min  {means}", flush=True)
            if step % STORED_EVERY == 0:
                store(model, state, out)
        store(model, state, out)


def area_under_curve(
    scores: "np.ndarray[tuple[int], np.dtype[np.float64]]", same: "np.ndarray[tuple[int], Any]"
) -> float:
    """Return the chance that a same pair scores above a different one."""
    ranks = np.empty(len(scores))
    ranks[scores.argsort()] = np.arange(1, len(scores) + 1)
    positives = same.sum()
    return float((ranks[same > 0].sum() - positives * (positives + 1) / 2) / (positives * (len(same) - positives)))


@torch.inference_mode()
def validate(model: PairModel, families: list[Family], stage: Stage) -> None:
    """Print, for each kind, how well logit and cosine tell same from different on families held out."""
    model.eval()
    rng = np.random.default_rng(0)
    found: dict[str, list[Tensor]] = {}
    for family in families:
        first, second, same = torch.tensor(pairs_within(family, NEGATIVES_JUDGED, rng)).T
        arrays = {name: array.float() for name, array in family.arrays.items()}
        logits, cosines, _ = judged(model, arrays, Pairs(first, second, same.float()), stage)
        found.setdefault(family.kind, []).append(torch.stack([logits, cosines, same.float()]))
    for kind in (k for k in KINDS if k in found):
        logits, cosines, same = torch.cat(found[kind], 1).double().numpy()
        right = [((logits > 0) == (same > 0))[same == answer].mean() for answer in (1, 0)]
        areas = f"logit {area_under_curve(logits, same):.3f}, cosine {area_under_curve(cosines, same):.3f}"
        print(f"{kind:9s} {len(same):5d} pairs  AUC: {areas}; same found {right[0]:.3f}, told apart {right[1]:.3f}")


def main() -> None:
    """Train, store and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--views", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--head-steps", type=int, default=1500)
    parser.add_argument("--joint-steps", type=int, default=500)
    parser.add_argument("--families", type=int, default=FAMILIES, help="of a step (default %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="sums are taken in another order with another number")
    parser.add_argument("--held-out", type=int, default=HELD_OUT_CHUNKS, help="chunks (default %(default)s)")
    parser.add_argument("--resume", action="store_true")
    for kind, share in MIX.items():
        parser.add_argument(f"--{kind}", type=float, default=share, help="share of the steps (default %(default)s)")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = PairModel(started_from(a.start))
    known = torch.load(a.out, weights_only=True) if a.resume else None
    if known:
        model.load_state_dict(known["model"])
    files = chunk_files(a.views)
    plan = Plan(
        {"head": a.head_steps, "joint": a.joint_steps}, a.seed, {kind: getattr(a, kind) for kind in KINDS}, a.families
    )
    train(model, files[a.held_out :], plan, a.out, known)
    last: Stage = "joint" if plan.steps["joint"] else "head"
    validate(model, load_families(files[: a.held_out], NEEDED[last]), last)


if __name__ == "__main__":
    main()

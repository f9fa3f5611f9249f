"""Shots of every sort of series, and what a timeline of them is grouped into."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.groups import GroupLimits, group_shots
from dejashot.models.groups import Group
from dejashot.models.photo import Quality
from dejashot.models.shot import Shot
from shots import RULES, quality, shot

BURST, SIMILAR, DUPLICATE = "burst", "similar", "duplicate"


def groups(shots: Sequence[Shot]) -> list[Group]:
    return group_shots(shots, RULES, GroupLimits(120.0, 3600.0, 2.0))


def names(shots: Sequence[Shot]) -> list[tuple[str, tuple[int, ...]]]:
    """Return what each group is, with its members."""
    return [(g.series or str(g.kind), g.members) for g in groups(shots)]


def name(shots: Sequence[Shot]) -> str:
    (found,) = names(shots)
    assert found[1] == tuple(range(len(shots)))
    return found[0]


def exposed(at_s: float, ev: float, level: int | None = None, **changes: Any) -> Shot:
    """Return a shot exposed that many stops above 1/100 s; its picture is as light as that makes it, or of a level."""
    lit = round(min(255.0, 100 * 2 ** (ev / 2.2))) if level is None else level
    return shot(
        at_s, exposure_s=2**ev / 100, iso=100, aperture=8.0, level=lit, path=f"{at_s:08.3f}_{ev}.jpg", **changes
    )


def exposed_in_turn(*evs: float, gap_s: float = 0.5, level: int | None = None) -> list[Shot]:
    return [exposed(gap_s * n, ev, level) for n, ev in enumerate(evs)]


def frames(seed: int, places: Sequence[tuple[float, float]]) -> list[Any]:
    """Return the signatures of frames cut from one wide scene at places in cells (right, down)."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (40, 40))
    wide = np.repeat(np.repeat(coarse, 24, 0), 24, 1)
    for _ in range(2):  # soft edges, as lenses and box filters make them
        wide = (wide + np.roll(wide, 6, 0) + np.roll(wide, 6, 1) + np.roll(wide, (6, 6), (0, 1))) / 4
    made = []
    for right, down in places:
        x, y = 320 + round(8 * right), 320 + round(8 * down)
        cut = wide[y : y + 128, x : x + 128].reshape(16, 8, 16, 8).mean((1, 3))
        made.append(np.clip(cut + rng.normal(0, 1, (16, 16)), 0, 255).astype(np.uint8))
    return made


def swept(seed: int, places: Sequence[tuple[float, float]], gap_s: float = 2.0, **changes: Any) -> list[Shot]:
    return [shot(gap_s * n, signature=s, path=f"{n}.jpg", **changes) for n, s in enumerate(frames(seed, places))]


def timed(times_s: Sequence[float]) -> list[Shot]:
    return [shot(t, path=f"{n:03d}.jpg") for n, t in enumerate(times_s)]


def hand_pressed(period_s: float, count: int, seed: int = 1) -> list[float]:
    return np.cumsum(period_s * np.random.default_rng(seed).normal(1, 0.25, count)).tolist()


def tiles_in_focus(planes: Sequence[float], blur: float = 0.0, noise: float = 0.0, seed: int = 0) -> list[Quality]:
    """Return closer looks at a scene that lies from near (row 0) to far (row 3), focused at planes in rows."""
    rng = np.random.default_rng(seed)
    depth, texture = np.repeat(np.arange(4.0), 4), rng.uniform(0.6, 1.4, 16)
    made = []
    for plane in planes:
        sharp = texture * (0.3 + np.exp(-((depth - plane) ** 2) / 2)) * np.exp(-blur + rng.normal(0, noise, 16))
        made.append(quality(float(sharp.mean()), tiles=tuple(sharp.tolist())))
    return made


def looked_at(shots: Sequence[Shot], looks: Sequence[Quality]) -> Group:
    (found,) = groups(shots)
    (seen,) = refine_kind(shots, found, {s.content: q for s, q in zip(shots, looks, strict=True)})
    return seen


def tripod(count: int, gap_s: float = 1.0, **changes: Any) -> list[Shot]:
    return [shot(gap_s * n, path=f"{n}.jpg", **changes) for n in range(count)]


def page(n: int, level: int, **changes: Any) -> Shot:
    form = {"form": "PNG", "size": (1170, 2532), "model": ""} | changes
    return shot(4 * n, path=f"Screenshot_{n}.png", level=level, **form)

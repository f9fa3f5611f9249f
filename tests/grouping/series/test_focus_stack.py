"""Focus stacks, and retakes that were only focused again."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dejashot.grouping.group_kinds import refine_kind
from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.grouping.series.focus_stack import FOCUS_STACK
from dejashot.models.capture import Certainty
from dejashot.models.groups import Kind
from dejashot.models.shot import Shot
from series_shots import groups, looked_at, tiles_in_focus, tripod
from shots import quality, shot


@pytest.mark.parametrize(
    ("planes", "expected"),
    [
        ((0, 1.5, 3), FOCUS_STACK),
        ((3, 2, 1, 0), FOCUS_STACK),
        (tuple(np.linspace(0, 3, 9)), FOCUS_STACK),
        ((0, 3), ""),  # two can't be told from a second try
        ((1, 1, 1), ""),
        ((0, 0, 3), ""),  # the autofocus tried again
        ((0, 3, 0), ""),
        ((0, 3, 0, 3), ""),
        ((0, 1.5, 3, 0.5), ""),
    ],
)
def test_focus_stacks(planes: tuple[float, ...], expected: str) -> None:
    assert looked_at(tripod(len(planes)), tiles_in_focus(planes, noise=0.02)).series == expected


@pytest.mark.parametrize(
    ("shots", "expected"),
    [
        (tripod(3, exposure_s=0.01), FOCUS_STACK),
        (tripod(3, gap_s=5), FOCUS_STACK),
        (tripod(3, gap_s=30), ""),
        (tripod(3, certainty=Certainty.LOW), ""),
        ([shot(n, path=f"{n}.jpg", exposure_s=0.01 * 1.3**n) for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", exposure_s=0.01 if n else None) for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", model=f"T-{n}") for n in range(3)], ""),
        ([shot(n, path=f"{n}.jpg", level=100 + 10 * n) for n in range(3)], ""),  # held by hand
    ],
)
def test_a_focus_stack_keeps_frame_exposure_and_pace(shots: list[Shot], expected: str) -> None:
    assert looked_at(shots, tiles_in_focus((0, 1.5, 3))).series == expected


def test_a_shot_that_is_blurred_all_over_makes_no_stack() -> None:
    (sharp,) = tiles_in_focus((1.5,))
    (soft,) = tiles_in_focus((1.5,), blur=0.4)
    (softer,) = tiles_in_focus((1.5,), blur=0.9)
    for looks in itertools.permutations((sharp, soft, softer)):
        assert looked_at(tripod(3), looks).kind is Kind.BURST


def test_without_tiles_nothing_is_said_about_focus() -> None:
    assert looked_at(tripod(3), [quality(1.0)] * 3).kind is Kind.BURST
    (found,) = groups(tripod(3))
    assert refine_kind(tripod(3), found, {}) == [found]


@given(st.integers(3, 8), st.integers(0, 10_000), st.floats(0, 0.05))
def test_noise_makes_no_focus_stack(count: int, seed: int, noise: float) -> None:
    assert looked_at(tripod(count), tiles_in_focus([1.5] * count, noise=noise, seed=seed)).kind is Kind.BURST


def test_a_focus_stack_is_kept_whole() -> None:
    shots = tripod(4)
    looks = {s.content: q for s, q in zip(shots, tiles_in_focus((0, 1, 2, 3)), strict=True)}
    (found,) = groups(shots)
    assert suggest_keepers(shots, found, looks).reclaimable_bytes > 0
    (stack,) = refine_kind(shots, found, looks)
    assert (stack.kind, stack.members, stack.pairs) == (Kind.SERIES, found.members, found.pairs)
    assert suggest_keepers(shots, stack, looks).reclaimable_bytes == 0

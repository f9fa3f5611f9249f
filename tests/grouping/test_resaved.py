"""A picture saved again is told from the next shot of the same thing."""

import io
import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from dejashot.grouping.comparison.resaved import MOST_DIFFERENCE, are_recoloured, resaved_difference
from dejashot.models.arrays import Levels
from scenes import blurred, exposed, moved, scene

SEEDS = (0, 3, 4, 5, 6, 8)


def luma(picture: Image.Image) -> Levels:
    small = picture.copy()
    small.thumbnail((768, 768), Image.Resampling.HAMMING)
    return np.asarray(small.convert("L"))


def colours(picture: Image.Image) -> Levels:
    return np.asarray(picture.convert("RGB").resize((16, 16), Image.Resampling.BOX))


def sent(picture: Image.Image, px: int, quality: int, form: str = "JPEG") -> Image.Image:
    reduced = picture.copy()
    reduced.thumbnail((px, px))
    stored = io.BytesIO()
    reduced.save(stored, form, quality=quality)
    return Image.open(stored)


def with_a_bird(picture: Image.Image) -> Image.Image:
    changed = picture.copy()
    changed.paste((20, 20, 20), (500, 200, 530, 215))
    return changed


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("px", "quality", "form"), [(1600, 85, "JPEG"), (1280, 50, "JPEG"), (1600, 60, "WEBP")])
def test_a_picture_saved_again_is_told_as_one(seed: int, px: int, quality: int, form: str) -> None:
    picture = scene(seed, (2048, 1536))
    saved = sent(picture, px, quality, form)
    copy = luma(saved)
    assert not are_recoloured(colours(picture), colours(saved))
    assert resaved_difference(luma(picture), copy) < MOST_DIFFERENCE
    assert resaved_difference(copy, luma(picture)) == pytest.approx(resaved_difference(luma(picture), copy))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: moved(p, 0.004, 0.0),
        lambda p: exposed(p, 0.3),
        lambda p: blurred(p, 6),
        lambda p: p.crop((30, 20, 994, 743)),
        lambda p: p.crop((0, 0, 768, 768)),
        lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        with_a_bird,
    ],
)
def test_another_shot_is_no_picture_saved_again(change: Callable[[Image.Image], Image.Image]) -> None:
    for seed in SEEDS:
        assert resaved_difference(luma(scene(seed)), luma(change(scene(seed)))) >= MOST_DIFFERENCE, seed


@pytest.mark.parametrize("saturation", [0.0, 0.75, 1.25])
def test_a_picture_with_other_colours_is_an_edit(saturation: float) -> None:
    for seed in SEEDS:
        edit = sent(ImageEnhance.Color(scene(seed)).enhance(saturation), 1280, 80)
        assert are_recoloured(colours(scene(seed)), colours(edit)), seed


def test_pictures_that_show_too_little_are_not_told_as_one() -> None:
    empty = np.full((576, 768), 90, np.uint8)
    small = luma(scene(0))[:100, :133]
    assert [resaved_difference(empty, empty), resaved_difference(small, small)] == [math.inf, math.inf]

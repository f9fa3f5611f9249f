"""Sharpness that neither exposure nor noise fools, clipping, and previews without metadata."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejashot.reading.quality import PREVIEW_PX, measure, preview
from scenes import blurred, exposed, save_photo, scene


def noisy(picture: Image.Image, sigma: float) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, sigma, (*picture.size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(picture, dtype=np.float32) + grain, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 7])
def test_the_sharp_frame_wins_whatever_its_exposure(seed: int) -> None:
    sharp, soft = scene(seed), blurred(scene(seed), 2.5)
    assert measure(sharp).sharpness > 1.1 * measure(soft).sharpness
    assert measure(exposed(sharp, -1)).sharpness > measure(soft).sharpness
    assert measure(exposed(sharp, 0.7)).sharpness > measure(soft).sharpness


def test_noise_does_not_pass_for_sharpness() -> None:
    sharp = scene(1)
    assert measure(sharp).sharpness > measure(noisy(blurred(sharp, 2.5), 8)).sharpness


def test_a_reduced_copy_is_not_as_sharp_as_its_original() -> None:
    big = scene(1, (2048, 1536))
    assert measure(big).sharpness > measure(big.resize((400, 300))).sharpness


def test_burnt_out_and_black_areas_are_shares_of_the_picture() -> None:
    picture = Image.new("RGB", (400, 400), (128, 128, 128))
    picture.paste((255, 255, 255), (0, 0, 400, 100))
    picture.paste((0, 0, 0), (0, 300, 400, 350))
    found = measure(picture)
    assert found.clipped_light == pytest.approx(0.25, abs=0.01)
    assert found.clipped_dark == pytest.approx(0.125, abs=0.01)


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (7, 900), (640, 480)])
def test_any_size_can_be_measured_and_previewed(size: tuple[int, int]) -> None:
    picture = scene(2, (640, 480)).resize(size)
    assert np.isfinite(measure(picture).sharpness)
    small = Image.open(io.BytesIO(preview(picture)))
    assert max(small.size) <= PREVIEW_PX


def test_a_preview_carries_no_metadata(tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1), gps=(54.18, 7.88), comment=b"secret comment")
    with Image.open(file) as image:
        made = preview(image.convert("RGB"))
    small = Image.open(io.BytesIO(made))
    assert not small.getexif()
    assert b"secret" not in made
    assert b"Exif" not in made

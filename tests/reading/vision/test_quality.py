"""Sharpness that neither exposure nor noise fools, clipping, and previews without metadata."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dejashot.models.photo import Quality
from dejashot.reading.vision.faces import FoundFace
from dejashot.reading.vision.quality import PREVIEW_PX, at_look_size, coarseness_of, render_preview
from dejashot.reading.vision.quality import measure_quality as measure_look
from scenes import blurred, exposed, save_photo, scene


def measure(picture: Image.Image, *faces: FoundFace) -> Quality:
    return measure_look(at_look_size(picture), faces)


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


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6])
def test_grain_is_measured_and_does_not_sharpen_any_part(seed: int) -> None:
    soft = blurred(scene(seed), 2)
    plain, grainy = measure(soft), measure(noisy(soft, 10))
    assert grainy.noise > plain.noise + 3
    assert max(grainy.tiles) < 1.15 * max(plain.tiles) + 0.3


def test_tiles_tell_which_part_is_sharp() -> None:
    sharp, soft = scene(2), blurred(scene(2), 4)
    picture = soft.copy()
    picture.paste(sharp.crop((512, 384, 1024, 768)), (512, 384))
    part, whole, none = (np.reshape(measure(p).tiles, (4, 4)) for p in (picture, sharp, soft))
    assert part[3, 3] == pytest.approx(whole[3, 3], rel=0.02)
    assert part[0, 0] == pytest.approx(none[0, 0], rel=0.02)
    assert part[0, 0] < 0.6 * whole[0, 0]


def test_gradients_are_across_lines_and_add_up_to_the_sharpness() -> None:
    lines = np.tile(np.where(np.arange(1024) // 16 % 2, 200, 60).astype(np.uint8), (768, 1))
    upright = measure(Image.fromarray(lines).convert("RGB"))
    lying = measure(Image.fromarray(lines[:, :768].T).convert("RGB"))
    assert upright.gradients[0] > 100 * upright.gradients[1]
    assert lying.gradients[1] > 100 * lying.gradients[0]
    assert upright.sharpness**2 == pytest.approx(sum(upright.gradients[:2]))


def test_a_face_has_the_sharpness_of_its_own_place() -> None:
    picture = blurred(scene(2), 4)
    picture.paste(scene(2).crop((0, 0, 512, 384)), (0, 0))
    sharp, soft = FoundFace((0.05, 0.05, 0.4, 0.4), (0.2, 0.3)), FoundFace((0.55, 0.55, 0.4, 0.4), (None, None))
    found = measure(picture, sharp, soft, FoundFace((-0.2, 0.9, 5.0, 0.5), (None, None)))
    assert found.faces[0].sharpness > 1.5 * found.faces[1].sharpness
    assert [face.eyes for face in found.faces[:2]] == [(0.2, 0.3), (None, None)]
    assert np.isfinite(found.faces[2].sharpness)


def test_coarser_jpegs_have_coarser_steps_and_other_formats_none(tmp_path: Path) -> None:
    steps = []
    for quality in (95, 80, 40):
        with Image.open(save_photo(tmp_path / f"{quality}.jpg", scene(1), quality=quality)) as image:
            steps.append(coarseness_of(image))
    assert 1 <= steps[0] < steps[1] < steps[2]
    assert coarseness_of(scene(1)) == 0.0


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
    small = Image.open(io.BytesIO(render_preview(picture)))
    assert max(small.size) <= PREVIEW_PX


def test_a_preview_carries_no_metadata(tmp_path: Path) -> None:
    file = save_photo(tmp_path / "x.jpg", scene(1), gps=(54.18, 7.88), comment=b"secret comment")
    with Image.open(file) as image:
        made = render_preview(image.convert("RGB"))
    small = Image.open(io.BytesIO(made))
    assert not small.getexif()
    assert b"secret" not in made
    assert b"Exif" not in made

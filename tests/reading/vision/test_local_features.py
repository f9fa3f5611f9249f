"""Local features: bounded, inside their picture, the same every time, whatever the picture."""

import numpy as np
import pytest
from PIL import Image

from dejashot.models.features import FEATURES_PX, MAX_OUTLINE, MAX_POINTS
from dejashot.reading.vision.local_features import local_features
from scenes import scene


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 900), (900, 1), (2, 3), (17, 9), (300, 200), (768, 768), (1600, 1200), (900, 2700)]
)
def test_features_keep_their_bounds_at_any_size(size: tuple[int, int]) -> None:
    found = local_features(scene(1, size) if min(size) > 8 else Image.new("RGB", size, "teal"), {})
    height, width = found.luma.shape
    assert max(height, width) <= FEATURES_PX
    assert (width, height) == size or max(height, width) == FEATURES_PX
    assert (found.luma.dtype, found.descriptors.dtype) == (np.uint8, np.uint8)
    assert found.points.dtype == found.outline.dtype == np.float32
    assert found.points.shape == (len(found.descriptors), 2)
    assert len(found.points) <= MAX_POINTS
    assert ((found.points >= 0) & (found.points <= (width, height))).all()
    assert np.abs(found.outline).max() <= MAX_OUTLINE


def test_a_flat_picture_has_no_points_and_no_outline() -> None:
    found = local_features(Image.new("RGB", (640, 480), (90, 90, 90)), {})
    assert (len(found.points), found.descriptors.shape) == (0, (0, 128))
    assert not found.outline.any()


def test_the_same_picture_has_the_same_features() -> None:
    first, second = (local_features(scene(2, (1000, 700)), {}) for _ in range(2))
    for name in ("points", "descriptors", "luma", "outline"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_noise_has_no_more_points_than_a_message_holds() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    assert len(local_features(Image.fromarray(noise).resize((800, 800)), {}).points) == MAX_POINTS


def test_points_lie_where_the_picture_has_corners() -> None:
    picture = Image.new("RGB", (1200, 900), "white")
    picture.paste(scene(4, (300, 200)), (600, 300))
    found = local_features(picture, {})
    assert len(found.points) > 10
    inside = (found.points > np.array([560, 260]) * FEATURES_PX / 1200).all(axis=1)
    inside &= (found.points < np.array([940, 540]) * FEATURES_PX / 1200).all(axis=1)
    assert inside.mean() > 0.95

"""Registration: the same page again, another page of its template, other scenes, dark frames."""

from dataclasses import astuple
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dejashot.grouping.registration import Registration, register
from dejashot.models.features import LocalFeatures
from dejashot.reading.vision.local_features import local_features
from rendered_pages import KINDS, Page, photographed, rendered
from scenes import scene

SEEDS = range(2)


def features(picture: Image.Image) -> LocalFeatures:
    return local_features(picture.convert("RGB"), {})


@lru_cache(maxsize=64)
def photo_of(page: Page, view: int) -> LocalFeatures:
    return features(photographed(rendered(page), view))


def lit(picture: Image.Image, share: float, noise: float = 0.0) -> Image.Image:
    """Return a picture with a share of its light (sRGB, roughly), and noise in levels."""
    levels = np.asarray(picture, np.float32) * share ** (1 / 2.2)
    levels += np.random.default_rng(5).normal(0, noise, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


@st.composite
def any_features(draw: st.DrawFn) -> LocalFeatures:
    """Return local features of any size, as readers may send them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = draw(st.tuples(st.integers(1, 90), st.integers(1, 90)))
    count = draw(st.sampled_from([0, 1, 2, 7, 40]))
    spread = draw(st.sampled_from([(count, 2), (count, 1), (1, 2)]))  # anywhere, on a line, all in one place
    shares = np.broadcast_to(rng.uniform(0, 1, spread), (count, 2))
    points = shares.astype(np.float32) * np.float32([width, height])
    alike = draw(st.booleans())
    known = np.random.default_rng(1) if draw(st.booleans()) else rng  # those of two pictures are partners
    descriptors = known.integers(0, 2 if alike else 256, (count, 128)).astype(np.uint8)
    luma = rng.integers(0, draw(st.sampled_from([1, 2, 255])), (height, width)).astype(np.uint8)
    outline = np.zeros((64, 64), np.float32) if alike else rng.normal(0, 1, (64, 64)).astype(np.float32)
    return LocalFeatures(points, descriptors, luma, outline, np.zeros((16, 16, 3), np.uint8))


@settings(deadline=None)
@given(any_features(), any_features())
def test_registration_is_symmetric_and_within_its_bounds(a: LocalFeatures, b: LocalFeatures) -> None:
    found = register(a, b)
    assert found == register(b, a)
    assert np.isfinite(astuple(found)).all()
    assert 0 <= found.inliers <= found.keypoints == min(len(a.points), len(b.points))
    assert 0 <= found.overlap <= 1
    assert 0 <= found.page_agreement <= 1
    assert 0 <= found.content_agreement <= 1
    assert -1 <= found.tone_free <= 1
    assert found.light_step >= 0


@settings(deadline=None)
@given(any_features())
def test_a_picture_has_its_own_light_and_outline(a: LocalFeatures) -> None:
    found = register(a, a)
    assert found.light_step == 0
    assert found.tone_free == pytest.approx(1) or not a.outline.any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_lies_on_itself(kind: str) -> None:
    page = photo_of(Page(kind, 1, 1), 1)
    found = register(page, page)
    assert found.inliers > 100
    assert (found.overlap, found.page_agreement) == (pytest.approx(1, abs=0.01), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_page_again_agrees(kind: str) -> None:
    for seed in SEEDS:
        page = Page(kind, seed, seed)
        found = register(photo_of(page, seed), photo_of(page, seed + 100))
        assert found.inliers >= 15
        assert found.overlap > 0.6
        assert found.page_agreement >= 0.5, seed


@pytest.mark.parametrize("kind", KINDS)
def test_another_page_of_the_template_does_not_agree(kind: str) -> None:
    for seed in SEEDS:
        a, b = Page(kind, seed, seed), Page(kind, seed, seed + 50)
        found = register(photo_of(a, seed), photo_of(b, seed + 100))
        assert found.page_agreement < 0.45, seed


@pytest.mark.parametrize("kind", ["document", "receipt", "screen"])
def test_one_line_of_other_text_is_another_page(kind: str) -> None:
    printed = rendered(Page(kind, 4, 4))
    width, height = printed.size
    other = printed.copy()
    strip = rendered(Page(kind, 4, 5)).crop((0, height // 2, width, height // 2 + height // 20))
    other.paste(strip, (0, height // 2))
    same, changed = (
        register(features(photographed(printed, 1)), features(photographed(p, 2))) for p in (printed, other)
    )
    assert changed.page_agreement < 0.65 < same.page_agreement


def test_pictures_of_other_scenes_fit_nowhere() -> None:
    found = register(features(scene(1, (800, 600))), features(scene(2, (800, 600))))
    assert found.inliers < 6
    assert found.page_agreement == 0


def test_a_picture_without_points_fits_nowhere() -> None:
    flat, rich = features(Image.new("RGB", (400, 300), "grey")), photo_of(Page("card", 1, 1), 1)
    found = register(flat, rich)
    assert (found.inliers, found.overlap, found.keypoints, found.page_agreement) == (0, 0, 0, 0)
    assert register(flat, flat) == Registration(0, 0.0, 0, 0.0, 0.0, 0.0, 0.0)


def test_overlap_is_what_both_pictures_show() -> None:
    wide = photographed(rendered(Page("card", 2, 2)), 1)
    width, height = wide.size
    half = wide.crop((width // 4, 0, width * 3 // 4, height))
    found = register(features(wide), features(half))
    assert found.inliers >= 15
    assert found.overlap == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("stops", [1, 2])
def test_light_is_counted_in_stops(stops: int) -> None:
    picture = scene(3, (400, 300))
    found = register(features(picture), features(lit(picture, 2.0**-stops)))
    assert found.light_step == pytest.approx(stops, abs=0.25)


def test_outlines_tell_frames_that_are_too_dark_to_show_anything() -> None:
    pages = [scene(seed, (800, 600)) for seed in (1, 2)]
    dark = [features(lit(picture, 1 / 2000, noise=0.3)) for picture in pages]
    assert all(frame.luma.std() < 4 for frame in dark)
    assert register(dark[0], features(pages[0])).tone_free > 0.35
    assert max(register(dark[0], other).tone_free for other in (dark[1], features(pages[1]))) < 0.3


def test_in_a_still_frame_the_content_agrees_where_nothing_was_exchanged() -> None:
    room = scene(3, (960, 720)).convert("RGB")
    exchanged = room.copy()
    exchanged.paste(scene(8, (480, 480)).convert("RGB"), (200, 160))
    same, other = (register(features(room), features(each)) for each in (lit(room, 0.8, 3.0), exchanged))
    assert other.inliers >= 15  # the room around it is still there
    assert other.content_agreement < 0.8 < same.content_agreement

"""What is put on or around a photo, and what is missing of it, does not make it sharper, darker or less noisy."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dejashot.grouping.keepers.reasons import NOTICEABLE_SHARPNESS
from dejashot.grouping.keepers.scores import SUBJECT_TILES
from dejashot.models.photo import Quality
from dejashot.reading.vision.faces import FoundFace
from dejashot.reading.vision.panel_layout import Panel, find_layout
from dejashot.reading.vision.quality import at_look_size, measure_quality
from overlays import BLACK, OVERLAYS, WHITE, captioned, framed, undecoded
from scenes import blurred, scene

SCENES = (1, 5, 13)
AROUND = [
    name for name in OVERLAYS if name.startswith(("frame", "instant", "letterbox", "pillars", "rounded", "screenshot"))
]


def look(picture: Image.Image) -> Quality:
    return measure_quality(at_look_size(picture))


@cache
def plain(seed: int, blur: float = 0.0) -> Quality:
    return look(blurred(scene(seed), blur))


def detail(seen: Quality) -> float:
    return float(np.mean(sorted(seen.tiles)[-SUBJECT_TILES:]))


def texture(seed: int) -> Image.Image:
    """Draw detail of every size, as leaves and stones have it."""
    rng, grey = np.random.default_rng(seed), np.full((768, 1024), 128.0)
    for octave in range(3, 10):
        layer = Image.fromarray(rng.normal(0, 1, (2**octave, 2**octave)).astype(np.float32)).resize(
            (1024, 768), Image.Resampling.BICUBIC
        )
        grey += 30 / (octave - 2) ** 0.5 * np.asarray(layer)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("name", OVERLAYS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_blurred_take_with_an_overlay_is_never_the_sharper_one(name: str, seed: int) -> None:
    picture = texture(seed)
    assert detail(look(OVERLAYS[name](blurred(picture, 1.5)))) < 0.9 * detail(look(picture))


@pytest.mark.parametrize("name", AROUND)
@pytest.mark.parametrize("seed", SCENES)
def test_a_frame_makes_a_picture_neither_sharper_nor_darker_nor_smoother(name: str, seed: int) -> None:
    found, bare = look(OVERLAYS[name](scene(seed))), plain(seed)
    assert detail(found) < (1 + NOTICEABLE_SHARPNESS) * detail(bare)
    assert found.clipped_light == pytest.approx(bare.clipped_light, abs=0.01)
    assert found.clipped_dark == pytest.approx(bare.clipped_dark, abs=0.01)
    assert found.brightness == pytest.approx(bare.brightness, abs=4)
    assert found.noise > 0.1 * bare.noise, "the grain was reduced with the picture, but is there"


@pytest.mark.parametrize("name", [n for n in OVERLAYS if n.startswith(("stamp", "brand", "watermark"))])
@pytest.mark.parametrize("seed", [1, 2])
def test_text_on_a_picture_makes_it_no_sharper(name: str, seed: int) -> None:
    picture = texture(seed)
    assert detail(look(OVERLAYS[name](picture))) == pytest.approx(detail(look(picture)), rel=NOTICEABLE_SHARPNESS)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 7])
def test_in_a_picture_without_overlay_nothing_is_left_out(seed: int) -> None:
    for picture in (scene(seed), blurred(scene(seed), 1.5)):
        levels = np.asarray(at_look_size(picture))
        assert find_layout(levels).scenes == [Panel(0, 768, 0, 1024)]


def test_a_burnt_out_sky_is_no_frame() -> None:
    picture, rng = scene(0), np.random.default_rng(0)
    sky = ImageDraw.Draw(picture)
    for x, y in enumerate(200 + np.cumsum(rng.integers(-2, 3, 1024))):
        sky.line((x, 0, x, int(y)), fill=WHITE)
    assert look(picture).clipped_light > 0.2


def test_the_pictures_of_a_collage_are_separated() -> None:
    picture = scene(5).resize((1024, 1024))
    picture.paste(WHITE, (506, 0, 518, 1024))
    picture.paste(WHITE, (0, 506, 1024, 518))
    found = find_layout(np.asarray(framed(picture, WHITE, 0.02).convert("L")))
    assert len(found.scenes) == 4
    assert not found.missing
    assert max(p.bottom - p.top for p in found.scenes) < 506


def test_a_bar_at_one_end_is_missing_unless_there_is_text_on_it() -> None:
    picture = scene(5)
    picture.paste((128, 128, 128), (0, 500, 1024, 768))
    (lost,) = find_layout(np.asarray(picture.convert("L"))).missing
    assert abs(lost.top - 500) <= 5
    bar = np.asarray(captioned(scene(5), BLACK, WHITE).convert("L"))
    assert not find_layout(bar).missing
    assert find_layout(bar).scenes[0].bottom < 680


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_what_was_not_decoded_makes_a_picture_no_sharper(share: float) -> None:
    for picture in (*map(texture, (1, 2)), *map(scene, SCENES)):
        assert detail(look(undecoded(picture, share))) <= 1.02 * detail(look(picture))


def test_a_face_in_a_frame_is_measured_at_its_own_place() -> None:
    picture = blurred(scene(2), 4)
    picture.paste(scene(2).crop((0, 0, 512, 384)), (0, 0))
    wide = framed(picture, WHITE, 0.2)
    edge, (width, height) = (wide.width - picture.width) / 2, wide.size
    boxes = [
        ((edge + x * 1024) / width, (edge + y * 768) / height, 0.4 * 1024 / width, 0.4 * 768 / height)
        for x, y in ((0.05, 0.05), (0.55, 0.55))
    ]
    sharp, soft = measure_quality(at_look_size(wide), [FoundFace(box, (None, None)) for box in boxes]).faces
    assert sharp.sharpness > 1.5 * soft.sharpness
    assert sharp.box == boxes[0]

"""From pixels to the keeper: frames made worse, and photos taken sharp, defocused and shaken."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dejashot.grouping.keepers.choose import suggest_keepers
from dejashot.models.groups import Group, KeeperSuggestion, Kind, Pair
from dejashot.reading.vision.faces import FaceFinder
from dejashot.reading.vision.quality import at_look_size, measure_quality
from scenes import blurred, exposed, portrait, scene
from shots import shot

FINDER = FaceFinder()
BOX = Image.Resampling.BOX


def choice(*pictures: Image.Image, gap_s: float = 5.0) -> KeeperSuggestion:
    shots = [
        shot(gap_s * n, size=p.size, size_bytes=1000, signature=np.asarray(p.convert("L").resize((16, 16), BOX)))
        for n, p in enumerate(pictures)
    ]
    pairs = tuple(Pair(a, b, 5.0, 0.97, 95.0, True) for a in range(len(shots)) for b in range(a + 1, len(shots)))
    qualities = {
        s.content: measure_quality(at_look_size(p), FINDER.find(p)) for s, p in zip(shots, pictures, strict=True)
    }
    return suggest_keepers(shots, Group(tuple(range(len(shots))), Kind.SIMILAR, "", pairs), qualities)


def grainy(picture: Image.Image) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, 10, (*picture.size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(picture, dtype=np.float32) + grain, 0, 255).astype(np.uint8))


def dragged(picture: Image.Image, pixels: int) -> Image.Image:
    """Return a picture blurred along a diagonal."""
    wide = np.pad(np.asarray(picture, dtype=np.float32), ((pixels, 0), (pixels, 0), (0, 0)), mode="edge")
    steps = [wide[n : n + picture.height, n : n + picture.width] for n in range(pixels)]
    return Image.fromarray(np.mean(steps, axis=0).astype(np.uint8))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6])
def test_the_frame_as_it_was_beats_every_worse_one(seed: int) -> None:
    good = scene(seed, (1280, 960))
    worse = [
        blurred(good, 2),
        dragged(good, 14),
        grainy(good),
        grainy(blurred(good, 3)),
        exposed(blurred(good, 2), 0.5),
        exposed(blurred(good, 2), -1),
    ]
    for bad in worse:
        assert choice(bad, good).keepers == (1,)
    copy = good.resize((640, 480)).filter(ImageFilter.UnsharpMask(1, 40, 2))
    assert choice(copy, good, gap_s=0.0).keepers == (1,)
    assert choice(*worse[:3], good, *worse[3:]).keepers == (3,)


def test_words_for_what_went_wrong() -> None:
    good = scene(2, (1280, 960))
    assert choice(good, blurred(good, 3)).reasons[0][0].endswith("% sharper: the other is out of focus")
    assert choice(good, dragged(good, 24)).reasons[0][0].endswith("% sharper: the other is shaken")


def trio(*openness: float) -> Image.Image:
    picture = Image.new("RGB", (1500, 600))
    for n, eyes in enumerate(openness):
        picture.paste(portrait(eyes, (500, 600)), (500 * n, 0))
    return picture


def test_three_people_with_open_eyes() -> None:
    found = choice(trio(1, 0, 1), blurred(trio(1, 1, 1), 0.4), trio(0, 1, 1))
    assert found.keepers == (1,)
    assert found.reasons[1][0] == "eyes open 3 of 3"


def test_a_sharp_face_beats_a_sharp_wall() -> None:
    wall = scene(2, (1280, 960))
    shown = Image.new("L", wall.size)
    shown.paste(255, (340, 120, 940, 860))
    person = portrait(1.0, wall.size)
    face_sharp = Image.composite(person, blurred(wall, 2.5), shown)
    wall_sharp = Image.composite(blurred(person, 5), wall, shown)
    found = choice(wall_sharp, face_sharp)
    assert found.keepers == (1,)
    assert "% sharper on the face" in found.reasons[1][0]


TRIPLETS = [
    *(
        f"originals/kwentar_samples_{name}"
        for name in ("106_NIKON-D3400-35MM_{}.JPG", "176_HONOR-7X_{}.jpg", "180_HONOR-10_{}.jpg")
    ),
    *("photos/p00{}.jpg " + " ".join(str(first + n) for n in (2, 0, 1)) for first in (65, 68, 71)),
]


@pytest.mark.shared
@pytest.mark.parametrize("triplet", TRIPLETS)
def test_of_a_sharp_a_defocused_and_a_shaken_photo_the_sharp_one_stays(shared: Path, triplet: str) -> None:
    name, *takes = triplet.split()
    pictures = []
    for take in takes or "SFM":
        with Image.open(shared / "data" / name.format(take)) as image:
            pictures.append(image.convert("RGB"))
    found = choice(*pictures)
    assert found.keepers == (0,)
    assert found.confidence == "high"
